"""min(x where C): the least; of nothing it is unknown."""

from __future__ import annotations

from collections.abc import Sequence

from engine.derived.aggregates import Member
from engine.derived.aggregates._known import known
from engine.derived.aggregates._sorted import Sorted


class Tally(Sorted):
    def value(self) -> float | None:
        return self.in_order[0] if self.in_order else None


def slow(members: Sequence[Member]) -> float | None:
    found = known(members)
    return min(found) if found else None
