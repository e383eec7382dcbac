"""any(T where C): true if one is; of nothing it is false."""

from __future__ import annotations

from collections.abc import Sequence

from dsl.operators import any_true
from engine.derived.aggregates import Member, count


class Tally(count.Tally):
    def result(self, strangers: int) -> bool | None:  # type: ignore[override]  # the same tally, another reading
        return True if self.sure else None if self.unsure + strangers else False


def slow(members: Sequence[Member]) -> bool | None:
    return any_true([verdict for verdict, _ in members])
