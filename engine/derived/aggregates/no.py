"""no(T where C): true if none is; of nothing it is true."""

from __future__ import annotations

from collections.abc import Sequence

from dsl.operators import any_true, opposite
from engine.derived.aggregates import Member, count


class Tally(count.Tally):
    def result(self, strangers: int) -> bool | None:  # type: ignore[override]  # the same tally, another reading
        return False if self.sure else None if self.unsure + strangers else True


def slow(members: Sequence[Member]) -> bool | None:
    return opposite(any_true([verdict for verdict, _ in members]))
