"""distinct(x where C): how many different values there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from engine.analysis.written import written
from engine.derived.aggregates import Member
from engine.derived.aggregates._known import Numbers


class Tally(Numbers):
    def __init__(self) -> None:
        super().__init__()
        self._seen: Counter[tuple[str, str]] = Counter()

    def taken(self, value: Any) -> Any:
        return _told_apart(value)

    def enter(self, value: tuple[str, str]) -> None:
        self._seen[value] += 1

    def leave(self, value: tuple[str, str]) -> None:
        self._seen[value] -= 1
        if not self._seen[value]:
            del self._seen[value]

    def value(self) -> float:
        return float(len(self._seen))


def _told_apart(value: Any) -> tuple[str, str] | None:
    """A text and a number that are written alike are two values; 1 and 1.0 are one."""
    if value is None:
        return None
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return "number", repr(float(value))
    return "flag" if isinstance(value, bool) else "text", written(value)


def slow(members: Sequence[Member]) -> float | None:
    meant = [(verdict, _told_apart(value)) for verdict, value in members if verdict is not False]
    found = [value for verdict, value in meant if verdict is True and value is not None]
    return float(len(set(found))) if 2 * len(found) >= len(meant) else None
