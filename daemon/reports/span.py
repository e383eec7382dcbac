"""Which part of the past a report is about."""

from __future__ import annotations

import time
from collections.abc import Mapping

from daemon.reports.text import instant
from daemon.store.instants import as_text as instant_text

EARLIEST = "0001-01-01T00:00:00.000000Z"


def begin_of(since: float | None) -> str:
    """The text of an instant that every row of the part comes after."""
    return EARLIEST if since is None else instant_text(since)


def stamps(since: float | None, at: float | None) -> dict[str, object]:
    """`since` and `timestamp` of a report; `at` is when it is made, by default now."""
    return {
        "since": None if since is None else begin_of(since),
        "timestamp": instant_text(time.time() if at is None else at),
    }


def in_words(report: Mapping[str, object]) -> str:
    begin = "from the beginning" if report["since"] is None else f"since {instant(report['since'])}"
    return f"{begin} until {instant(report['timestamp'])} UTC"
