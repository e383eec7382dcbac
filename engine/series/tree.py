"""Summaries of stretches: any range of a row of items is summed up in logarithmic time.

Level 0 holds the summaries of the items; an entry of level k sums up 2^k items, and is there as soon as all of them are. So an item
costs one merge on average, and a sum is always added up in pairs: nothing is ever taken away from it, so no error can build up.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Merge = Callable[[Any, Any], Any]


class Tree:
    """`folds` False keeps the items alone."""

    __slots__ = ("_folds", "_merge", "levels")

    def __init__(self, merge: Merge, folds: bool = True) -> None:
        self._merge = merge
        self._folds = folds
        self.levels: list[list[Any]] = [[]]

    def __len__(self) -> int:
        return len(self.levels[0])

    def append(self, item: object) -> None:
        level = self.levels[0]
        level.append(item)
        if self._folds and not len(level) & 1:
            self._complete(0)

    def _complete(self, height: int) -> None:
        """Sums up pairs of a level whose length became even, and then of the ones above."""
        merge = self._merge
        while not len(self.levels[height]) & 1:
            level = self.levels[height]
            height += 1
            if height == len(self.levels):
                self.levels.append([])
            self.levels[height].append(merge(level[-2], level[-1]))

    def cut(self, length: int) -> None:
        """Forgets all from the item at `length` on."""
        for level in self.levels:
            del level[length:]
            length >>= 1

    def rebuild(self, items: list[Any]) -> None:
        self.levels = [items]
        while self._folds and len(items) > 1:
            items = [self._merge(items[i], items[i + 1]) for i in range(0, len(items) - 1, 2)]
            self.levels.append(items)

    def fold(self, begin: int, end: int, start: Any) -> Any:
        """`start` merged with the items of [begin, end), in their order."""
        merge, left, right, height = self._merge, start, [], 0
        while begin < end:
            level = self.levels[height]
            if begin & 1:
                left = merge(left, level[begin])
                begin += 1
            if end & 1:
                end -= 1
                right.append(level[end])
            begin >>= 1
            end >>= 1
            height += 1
        for item in reversed(right):
            left = merge(left, item)
        return left
