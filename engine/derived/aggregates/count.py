"""count(T where C): how many there are; where of some it is unknown, at least and at most so many (meaning 5)."""

from __future__ import annotations

from collections.abc import Sequence

from engine.derived.aggregates import Bounds, Member


class Tally:
    def __init__(self) -> None:
        self.sure = self.unsure = 0

    def add(self, verdict: bool | None, value: object) -> None:
        if verdict is True:
            self.sure += 1
        else:
            self.unsure += 1

    def remove(self, verdict: bool | None, value: object) -> None:
        if verdict is True:
            self.sure -= 1
        else:
            self.unsure -= 1

    def result(self, strangers: int) -> Bounds:
        return Bounds(float(self.sure), float(self.sure + self.unsure + strangers))


def slow(members: Sequence[Member]) -> Bounds:
    sure = sum(verdict is True for verdict, _ in members)
    return Bounds(float(sure), float(sure + sum(verdict is None for verdict, _ in members)))
