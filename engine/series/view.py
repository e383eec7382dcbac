"""One window at one instant: which entries lie in it, and what they sum up to."""

from __future__ import annotations

from math import floor
from typing import Any

from engine.series.columns import Moments, full_weight, merged_moments, number, run, weight_of
from engine.series.samples import Samples


class View:
    """The samples later than `start` and no later than `end`, and the value that was known at `start`.

    `first` and `last` are the entries whose samples lie in it (`first > last`: none does); `head` is the entry whose value was known at
    `start`, or -1. All but `last` are closed: what follows them has come by `end`.
    """

    __slots__ = ("_known", "end", "first", "head", "last", "samples", "start")

    def __init__(self, samples: Samples, start: float, end: float) -> None:
        self.samples = samples
        self.start = start
        self.end = end
        self._known = -1.0
        before = samples.before(start)
        self.first = before + 1
        self.last = samples.before(end)
        self.head = before if before >= 0 and samples.end(before) > start else -1

    @property
    def empty(self) -> bool:
        """Nothing was known in it at any instant."""
        return self.first > self.last and self.head < 0

    @property
    def current(self) -> int:
        """The entry that it ends with, or -1."""
        return self.last if self.first <= self.last else self.head

    def sum_of(self, column: str, begin: int | None = None) -> Any:
        """Of the closed entries in it, from `begin` (else `first`) on."""
        begin = self.first if begin is None else begin
        zero = self.samples.columns[column].zero
        return self.samples.trees[column].fold(begin, self.last, zero) if begin < self.last else zero

    def _until(self, index: int) -> float:
        return min(self.samples.end(index), self.end)

    # --- how much of it is known --------------------------------------------------------------------------------------

    def known_seconds(self) -> float:
        if self._known < 0:
            self._known = self.sum_of("known") + self.head_seconds() + self.tail_seconds()
        return self._known

    def head_seconds(self) -> float:
        """How long the value that was known at its start went on."""
        return self._until(self.head) - self.start if self.head >= 0 else 0.0

    def tail_seconds(self) -> float:
        """How long the value of its last sample has been known."""
        if self.first > self.last:
            return 0.0
        return max(0.0, self._until(self.last) - self.samples.ats[self.last])

    # --- the values in it, and their weights --------------------------------------------------------------------------

    def head_weight(self) -> float:
        samples, head = self.samples, self.head
        if head < 0 or not samples.counts[head]:
            return 0.0
        begin = max(self.start, samples.lasts[head])
        weight = weight_of(samples, head, begin, self._until(head))
        # A value that stands through a window shorter than the interval counts once.
        return weight if weight or self.first <= self.last else 1.0

    def tail_weight(self) -> float:
        samples, last = self.samples, self.last
        if self.first > last or not samples.counts[last]:
            return 0.0
        if samples.end(last) <= self.end:
            return full_weight(samples, last)
        weight = weight_of(samples, last, samples.lasts[last], self.end)
        return weight + samples.counts[last] if samples.interval else weight

    def tail_counts(self) -> bool:
        """Whether there is a last sample in it."""
        return self.first <= self.last and self.samples.counts[self.last] > 0

    def moments(self) -> Moments:
        """Of values and instants, see `columns.run`."""
        samples, head, last = self.samples, self.head, self.last
        found: Moments = self.sum_of("moments")
        if self.tail_counts():
            tail = run(samples, last, samples.lasts[last], self._until(last), True)
            found = merged_moments(found, tail)
        if self.head_weight():
            begin = max(self.start, samples.lasts[head])
            found = merged_moments(run(samples, head, begin, self._until(head), False), found)
        return found

    def numbers(self) -> tuple[tuple[float, float], ...]:
        """The values of head and tail, the entries that are not closed or not wholly in it, with their weights."""
        values = self.samples.values
        edges = ((self.head, self.head_weight()), (self.last, self.tail_weight()))
        return tuple((values[index], weight) for index, weight in edges if weight and number(values[index]))

    # --- the instants between which it knows something ------------------------------------------------------------------

    def first_known(self) -> tuple[float, int]:
        """The instant of the first sample that counts in it, repetitions included, and its entry."""
        samples, head = self.samples, self.head
        if head >= 0 and self.head_weight():
            if not samples.interval:
                return self.start, head
            steps = floor((self.start - samples.lasts[head]) / samples.interval) + 1
            return samples.lasts[head] + steps * samples.interval, head
        return samples.ats[self.first], self.first

    def sampled_count(self) -> float:
        """How many samples count in it, repetitions and the zero that a counter was born with included."""
        born = self.first <= self.last and not self.samples.counts[self.first]
        count: float = self.sum_of("weight") + self.head_weight() + self.tail_weight() + born
        return count

    def last_known(self) -> float:
        """The instant of the last sample that counts in it, repetitions included."""
        samples, index = self.samples, self.current
        until = self._until(index)
        if not samples.interval:
            return until
        return samples.lasts[index] + samples.repeats(index, until) * samples.interval
