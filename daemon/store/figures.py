"""Pieces of SQL that views and reports share: counts, means, rates."""

from __future__ import annotations

from daemon.store.database import Dialect


def count(condition: str) -> str:
    return f"sum(CASE WHEN {condition} THEN 1 ELSE 0 END)"


def seconds_between(dialect: Dialect, earlier: str, later: str) -> str:
    return f"{dialect.seconds(later)} - {dialect.seconds(earlier)}"


def mean_between(dialect: Dialect, earlier: str, later: str, where: str = "") -> str:
    difference = seconds_between(dialect, earlier, later)
    chosen = f"CASE WHEN {where} THEN {difference} END" if where else difference
    return dialect.rounded(f"avg({chosen})")


def share(dialect: Dialect, part: str, whole: str) -> str:
    """Between 0 and 1; NULL of nothing. Both are conditions on rows."""
    return dialect.rounded(f"{count(part)} * 1.0 / nullif({count(whole)}, 0)")
