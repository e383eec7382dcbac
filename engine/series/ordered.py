"""The values of a window in their order, kept up to date as it moves on: what quantiles are read from."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import deque
from itertools import accumulate

from engine.series.columns import Pairs
from engine.series.samples import Samples
from engine.series.view import View


class Ordered:
    """Holds the closed entries of a window, each with its weight; those at its edges are put in for the moment of a question."""

    def __init__(self, samples: Samples) -> None:
        self._samples = samples
        self._pairs: list[tuple[float, float]] = []
        self._held: deque[Pairs] = (
            deque()
        )  # what each of those entries put in; the samples may have forgotten it
        self._begin = 0  # serial numbers of the entries held: [begin, end)
        self._end = 0
        self._uneven = 0  # pairs that do not weigh 1
        samples.changing.append(self._retract)

    def quantile(self, view: View, part: float) -> float | None:
        """The value below which that part of the weight lies, between two neighbours in proportion, as Prometheus does it."""
        self._move(view)
        edges = view.numbers()
        for pair in edges:
            self._add(pair)
        found = self._at(part) if self._pairs else None
        self._remove_all(edges)
        return found

    def _at(self, part: float) -> float:
        if self._samples.interval:
            return self._between(part)
        sums = list(accumulate(weight for _, weight in self._pairs))
        return self._pairs[min(bisect_left(sums, part * sums[-1]), len(sums) - 1)][0]

    def _between(self, part: float) -> float:
        total = sum(weight for _, weight in self._pairs) if self._uneven else len(self._pairs)
        rank = part * (total - 1)
        lower = int(rank)
        low, high = self._number(lower), self._number(min(lower + 1, total - 1))
        return low + (high - low) * (rank - lower)

    def _number(self, position: float) -> float:
        """The value at a position, when each is written as often as it weighs."""
        if not self._uneven:
            return self._pairs[int(position)][0]
        sums = list(accumulate(weight for _, weight in self._pairs))
        return self._pairs[min(bisect_left(sums, position + 0.5), len(sums) - 1)][0]

    # --- moving ---------------------------------------------------------------------------------------------------------

    def _move(self, view: View) -> None:
        serial = self._samples.serial
        begin, end = serial(view.first), max(serial(view.first), serial(view.last))
        if begin < self._begin or begin >= self._end:
            self._pairs, self._uneven, self._begin, self._end = [], 0, begin, begin
            self._held.clear()
        while self._begin < begin:
            self._begin += 1
            self._remove_all(self._held.popleft())
        self._retract(end)
        entries = self._samples.trees["pairs"].levels[0]
        while self._end < end:
            self._held.append(entries[self._end - self._samples.dropped])
            for pair in self._held[-1]:
                self._add(pair)
            self._end += 1

    def _retract(self, serial: int) -> None:
        """Lets go of the entries from `serial` on, which are about to change."""
        while self._end > max(serial, self._begin):
            self._end -= 1
            self._remove_all(self._held.pop())

    def _remove_all(self, pairs: Pairs) -> None:
        for pair in pairs:
            self._remove(pair)

    def _add(self, pair: tuple[float, float]) -> None:
        insort(self._pairs, pair)
        self._uneven += pair[1] != 1.0

    def _remove(self, pair: tuple[float, float]) -> None:
        del self._pairs[bisect_left(self._pairs, pair)]
        self._uneven -= pair[1] != 1.0
