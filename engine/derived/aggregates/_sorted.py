"""The known numbers in order, for the least and the greatest of them."""

from __future__ import annotations

from bisect import bisect_left, insort

from engine.derived.aggregates._known import Numbers


class Sorted(Numbers):
    def __init__(self) -> None:
        super().__init__()
        self.in_order: list[float] = []

    def enter(self, value: float) -> None:
        insort(self.in_order, value)

    def leave(self, value: float) -> None:
        del self.in_order[bisect_left(self.in_order, value)]
