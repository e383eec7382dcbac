"""all(T where F satisfy C): true if C is true of each of which F is; of nothing it is true."""

from __future__ import annotations

from collections.abc import Sequence

from dsl.operators import all_true, any_true, opposite
from engine.derived.aggregates import Member


class Tally:
    def __init__(self) -> None:
        self.against = self.unsure = 0

    def add(self, verdict: bool | None, value: object) -> None:
        self._count(verdict, value, 1)

    def remove(self, verdict: bool | None, value: object) -> None:
        self._count(verdict, value, -1)

    def _count(self, verdict: bool | None, value: object, by: int) -> None:
        outcome = _implied(verdict, value)
        if outcome is False:
            self.against += by
        elif outcome is None:
            self.unsure += by

    def result(self, strangers: int) -> bool | None:
        return False if self.against else None if self.unsure + strangers else True


def matters(value: object) -> bool:
    """One that satisfies C is never against it."""
    return value is not True


def _implied(verdict: bool | None, value: object) -> bool | None:
    """Kleene's "not a member, or C"."""
    return any_true([opposite(verdict), value if isinstance(value, bool) else None])


def slow(members: Sequence[Member]) -> bool | None:
    return all_true([_implied(verdict, value) for verdict, value in members])
