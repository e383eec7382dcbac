"""avg(x where C): of nothing it is unknown."""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum

from engine.derived.aggregates import Member, sum_
from engine.derived.aggregates._known import known


class Tally(sum_.Tally):
    def value(self) -> float | None:
        total = super().value()
        return total / self.known if total is not None and self.known else None


def slow(members: Sequence[Member]) -> float | None:
    found = known(members)
    return fsum(found) / len(found) if found else None
