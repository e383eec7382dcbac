"""sum(x where C): of nothing it is 0."""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum

from engine.derived.aggregates import Member
from engine.derived.aggregates._exact import ExactSum
from engine.derived.aggregates._known import Numbers, known


class Tally(Numbers):
    def __init__(self) -> None:
        super().__init__()
        self._sum = ExactSum()

    def enter(self, value: float) -> None:
        self._sum.add(value)

    def leave(self, value: float) -> None:
        self._sum.add(-value)

    def value(self) -> float | None:
        return self._sum.value()


def slow(members: Sequence[Member]) -> float | None:
    found = known(members)
    return None if found is None else fsum(found)
