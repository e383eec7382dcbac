"""Instants: seconds since 1970 UTC as a float in the program, fixed-width ISO-8601 text in the database.

The text has one width, so it sorts as time does, and reads well: `2026-11-22T10:28:08.123456Z`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache


@lru_cache(maxsize=1024)
def is_instant(column: str) -> bool:
    """Every column that holds an instant is named `at`, `…_at`, `from` or `until`, and no other column is."""
    return column in ("at", "from", "until") or column.endswith("_at")


@lru_cache(maxsize=1024)  # what happens in one instant is written in several rows
def as_text(seconds: float) -> str:
    """ValueError or OverflowError if it is no instant between the years 1 and 9999."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def as_seconds(text: str) -> float:
    """ValueError if the text is no ISO-8601 instant."""
    return datetime.fromisoformat(text).timestamp()
