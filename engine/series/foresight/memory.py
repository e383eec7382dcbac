"""The values that one view of a series has shown, and how far a new one is from all of them."""

from __future__ import annotations

from bisect import bisect_left
from math import inf
from typing import Any

ROOM = 64  # values remembered; the one not met for longest gives way
NOVEL = 0.04  # of the range seen: as far from all that is remembered, a value is a new one
UNCONFIRMED = 0.5  # what a value beyond all others counts before its block is full
_PEAKS, _CALM = 0.1, 0.99  # how fast a view gets used to novelty, and forgets that it did, a block


class Memory:
    """Of each block of `step` values the one farthest from the mean counts; `length` such values in a row are one shape.

    A view that shows something new all the time is worth less: its score is divided by what its novelties usually are.
    """

    __slots__ = (
        "_block", "_far", "_filled", "_high", "_length", "_low", "_mean", "_peaks", "_row", "_seen", "_shapes", "_step", "_used", "_weight",
        "fresh",
    )  # fmt: skip

    def __init__(self, step: int, length: int, weight: float) -> None:
        self._step = step
        self._length = length
        self._weight = weight
        self._seen = 0
        self._mean = self._low = self._high = 0.0
        self._block = self._far = 0.0
        self._filled = 0
        self._row: list[float] = []
        self._shapes: list[tuple[float, ...]] = []  # in their order
        self._used: list[int] = []  # when each was met last
        self._peaks = 0.0
        self.fresh: list[tuple[int, tuple[float, ...]]] = []  # what was remembered lately, and when

    def see(self, value: float, forgetting: float, learning: bool) -> float | None:
        """The score of a value, 1 where it is as far from all others as a new one is; None where its block goes on.

        A value beyond all that are remembered does not wait for the end of its block.
        """
        self._follow(value, forgetting, learning)
        far = abs(value - self._mean)
        if not self._filled or far > self._far:
            self._block, self._far = value, far
        self._filled += 1
        if self._filled >= self._step:
            return self._close(learning)
        if learning and far == self._far and self._length == 1 and self._beyond(value):
            return self._score(self._distance((value,))[0]) * UNCONFIRMED
        return None

    def _follow(self, value: float, forgetting: float, learning: bool) -> None:
        """The mean and the range of what was seen; both forget slowly."""
        self._seen += 1
        if self._seen == 1:
            self._mean = self._low = self._high = value
        elif learning:
            self._mean += (value - self._mean) * max(forgetting, 1.0 / self._seen)
            half = forgetting / 2
            self._low = min(value, self._low + (self._mean - self._low) * half)
            self._high = max(value, self._high + (self._mean - self._high) * half)

    def _beyond(self, value: float) -> bool:
        if not self._shapes:
            return False
        if value > self._mean:
            edge = self._shapes[-1][0]
            return value > edge
        edge = self._shapes[0][0]
        return value < edge and abs(value - self._mean) > abs(edge - self._mean)

    def _close(self, learning: bool) -> float | None:
        self._filled = 0
        self._row.append(self._block)
        del self._row[: -self._length]
        if len(self._row) < self._length:
            return None
        shape = tuple(self._row)
        distance, nearest = self._distance(shape)
        score = self._score(distance)
        if learning:
            self._learn(shape, distance, nearest)
        return score

    def _score(self, distance: float) -> float:
        return self._weight * distance / NOVEL / (1 + 0.1 * self._peaks)

    def _distance(self, shape: tuple[float, ...]) -> tuple[float, int]:
        """To the nearest shape, as a part of the range; and which that is, -1 where there is none."""
        if not self._shapes:
            return 0.0, -1
        found, nearest = self._one(shape[0]) if self._length == 1 else self._nearest(shape)
        span = max(self._high, *shape) - min(self._low, *shape)
        return (found / (self._length * span) if span > 0 else 0.0), nearest

    def _one(self, value: float) -> tuple[float, int]:
        at = bisect_left(self._shapes, (value,))
        before = value - self._shapes[at - 1][0] if at else inf
        after = self._shapes[at][0] - value if at < len(self._shapes) else inf
        return (before, at - 1) if before < after else (after, at)

    def _nearest(self, shape: tuple[float, ...]) -> tuple[float, int]:
        begin = bisect_left(self._shapes, shape)
        after = self._along(shape, range(begin, len(self._shapes)), inf)
        before = self._along(shape, range(begin - 1, -1, -1), after[0])
        return before if before[0] < after[0] else after

    def _along(self, shape: tuple[float, ...], indexes: range, bound: float) -> tuple[float, int]:
        """The nearest in one direction, in which the first values go away from that of the shape."""
        found, nearest = bound, -1
        for index in indexes:
            other = self._shapes[index]
            if abs(other[0] - shape[0]) >= found:
                break
            apart = sum(abs(one - two) for one, two in zip(shape, other, strict=True))
            if apart < found:
                found, nearest = apart, index
        return found, nearest

    def _learn(self, shape: tuple[float, ...], distance: float, nearest: int) -> None:
        if nearest < 0 or distance > NOVEL:
            if len(self._shapes) >= ROOM:
                self._drop(self._used.index(min(self._used)))
            self._remember(shape)
            self.fresh = [*self.fresh[-7:], (self._seen, shape)]
        else:
            self._used[nearest] = self._seen
        if distance > NOVEL:
            self._peaks += (distance / NOVEL - self._peaks) * _PEAKS
        else:
            self._peaks *= _CALM

    def _remember(self, shape: tuple[float, ...]) -> None:
        at = bisect_left(self._shapes, shape)
        self._shapes.insert(at, shape)
        self._used.insert(at, self._seen)

    def _drop(self, index: int) -> None:
        del self._shapes[index]
        del self._used[index]

    def unlearn(self, samples: int) -> None:
        """Forgets what it remembered within so many samples, and the block that goes on."""
        for when, shape in self.fresh:
            at = bisect_left(self._shapes, shape)
            if (
                when > self._seen - samples
                and at < len(self._shapes)
                and self._shapes[at] == shape
                and len(self._shapes) > 1
            ):
                self._drop(at)
        self.fresh = []
        self._filled = 0
        self._row = []

    def dump(self) -> dict[str, Any]:
        return {name.strip("_"): getattr(self, name) for name in self.__slots__}

    def load(self, data: dict[str, Any]) -> None:
        for name in self.__slots__:
            setattr(self, name, data[name.strip("_")])
        self._shapes = [tuple(shape) for shape in self._shapes]
        self.fresh = [(when, tuple(shape)) for when, shape in self.fresh]
