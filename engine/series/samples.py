"""The samples of one value in the order of their instants, and what the functions sum up of them.

An entry is one sample, or, once there are more than `MOST`, several neighbours: sums, counts and extremes of it stay exact, only where
a window begins inside an entry it is taken or left as a whole, which moves that end by at most a hundredth of the window's length.

A value is known from its sample until the next one, or until it is lost. Known but not sampled anew, it counts as if it had been
sampled at the expected interval (`repeats`); of a series whose interval is unknown every second of knowledge weighs the same.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable
from functools import reduce
from math import inf
from typing import Any, NamedTuple

from engine.series.tree import Merge, Tree

MOST = 4096  # entries, then neighbours are merged
FINENESS = 100  # an entry spans at most this part of its age
SPARE = 64  # entries that may be dead before the lists are moved up
LATE = 64  # entries among which a late sample finds its place


class Column(NamedTuple):
    """What is summed up of a closed entry: `of(samples, index)`; `zero` is the summary of none.

    `folds` False: it is only kept beside the entry, for those who walk over them.
    """

    name: str
    of: Callable[[Samples, int], Any]
    merge: Merge
    zero: Any
    folds: bool = True


class Samples:
    """`changing` are told the number of the first entry that is about to change (see `serial`)."""

    def __init__(self, columns: Iterable[Column], interval: float, most: int = MOST) -> None:
        self.interval = interval
        self.columns = {column.name: column for column in columns}
        self.trees = {name: Tree(column.merge, column.folds) for name, column in self.columns.items()}
        self.ats: list[float] = []  # of the first sample of an entry
        self.lasts: list[float] = []  # of its last
        self.values: list[Any] = []  # of its last
        self.untils: list[float] = []  # when the value was lost; infinite when it was not
        self.counts: list[int] = []  # samples in it; 0 for the zero that a counter was born with
        self.dropped = 0  # entries before the first that is still here
        self.begun: float | None = None  # the first instant that the series heard of
        self.changing: list[Callable[[int], None]] = []
        self.orders: dict[tuple[float, float], Any] = {}  # by (over, ending): engine.series.ordered
        self._most = max(most, 5 * LATE)  # the newest of them are never merged

    def __len__(self) -> int:
        return len(self.ats)

    def serial(self, index: int) -> int:
        """A number that an entry keeps while older ones are forgotten."""
        return self.dropped + index

    def before(self, at: float) -> int:
        """The last entry that began at or before `at`, or -1."""
        return bisect_right(self.ats, at) - 1

    def end(self, index: int) -> float:
        """Until when the value of an entry was known."""
        until = self.untils[index]
        index += 1
        if index < len(self.ats) and self.ats[index] < until:
            return self.ats[index]
        return until

    def repeats(self, index: int, until: float) -> int:
        """How many expected samples were left out between an entry's last one and `until`; early and late ones are no gap."""
        if not self.interval or until <= self.lasts[index]:
            return 0
        return max(0, int((until - self.lasts[index]) / self.interval - 0.5))

    # --- changes ------------------------------------------------------------------------------------------------------

    def put(self, at: float, value: object, count: int = 1) -> bool:
        """A sample, in its place; at the instant of another one it takes that one's place.

        One that is older than the newest `LATE` entries is ignored: False.
        """
        if self.ats and at <= self.ats[0] and not self.counts[0]:
            self._restore(self._cut(0)[1:])  # there was a sample before: the counter was not born then
        index = self.before(at)
        if index < len(self.ats) - LATE:
            return False
        if index >= 0 and at == self.ats[index]:
            (_, _, until, _), *rest = self._cut(index)
            self._restore([(at, value, until, count), *rest])
            return True
        # When the loss of the value before it was told already, and came after it, it is lost then, too.
        until = self.untils[index] if index >= 0 and at < self.untils[index] else inf
        if index == len(self.ats) - 1:
            self._append(at, value, until, count)
            if len(self.ats) > self._most:
                self._thin()
        else:
            self._restore([(at, value, until, count), *self._cut(index + 1)])
        return True

    def lose(self, at: float) -> None:
        """From `at` on the value was unknown, until the sample after it."""
        index = self.before(at)
        if index >= max(0, len(self.ats) - LATE) and at < self.untils[index]:
            (first, value, _, count), *rest = self._cut(index)
            self._restore([(first, value, at, count), *rest])

    def forget_before(self, at: float) -> None:
        """Forgets the entries before the one that held at `at`; now and then only, so that it costs nothing."""
        dead = self.before(at)
        if dead > SPARE and dead * 2 > len(self.ats):
            for row in self._rows():
                del row[:dead]
            for tree in self.trees.values():
                tree.rebuild(tree.levels[0][dead:])
            self.dropped += dead

    def forget_after(self, at: float) -> None:
        """Forgets what was recorded for instants after `at`."""
        index = self.before(at)
        if index + 1 < len(self.ats):
            kept = self._cut(max(0, index))[:1]
            if index >= 0:
                self._restore(kept)

    def _rows(self) -> tuple[list[Any], ...]:
        return self.ats, self.lasts, self.values, self.untils, self.counts

    def _append(self, at: float, value: object, until: float, count: int) -> None:
        self.ats.append(at)
        self.lasts.append(at)
        self.values.append(value)
        self.untils.append(until)
        self.counts.append(count)
        closed = len(self.ats) - 2
        if closed >= 0:
            for name, tree in self.trees.items():
                tree.append(self.columns[name].of(self, closed))

    def _cut(self, index: int) -> list[tuple[float, Any, float, int]]:
        """Takes away the entries from `index` on, which are to be put back; the one before them is open again.

        Among the newest `LATE` each entry is one sample. An older one stands for its last sample from here on.
        """
        for tell in self.changing:
            tell(self.serial(max(0, index - 1)))
        rows = zip(
            self.lasts[index:], self.values[index:], self.untils[index:], self.counts[index:], strict=True
        )
        rest = [(at, value, until, min(count, 1)) for at, value, until, count in rows]
        for row in self._rows():
            del row[index:]
        for tree in self.trees.values():
            tree.cut(max(0, index - 1))
        return rest

    def _restore(self, rest: Iterable[tuple[float, Any, float, int]]) -> None:
        for entry in rest:
            self._append(*entry)

    def _thin(self) -> None:
        """Merges neighbours, coarser the older they are, until half of the room is free."""
        fineness = float(FINENESS)
        while len(self.ats) > self._most // 2:
            groups = list(self._groups(fineness))
            self._merge(groups)
            fineness /= 2

    def _groups(self, fineness: float) -> Iterable[tuple[int, int]]:
        """Ranges [begin, end) of entries that become one."""
        newest, begin = self.lasts[-1], 0
        for index in range(1, len(self.ats)):
            span = self.lasts[index] - self.ats[begin]
            if index >= len(self.ats) - 2 * LATE or span * fineness > newest - self.lasts[index]:
                yield begin, index
                begin = index
        yield begin, len(self.ats)

    def _merge(self, groups: list[tuple[int, int]]) -> None:
        for tell in self.changing:
            tell(self.serial(0))
        for name, tree in self.trees.items():
            merge, items = self.columns[name].merge, tree.levels[0]
            tree.rebuild([reduce(merge, items[begin:end]) for begin, end in groups if begin < len(items)])
        self.ats = [self.ats[begin] for begin, _ in groups]
        for row in (self.lasts, self.values, self.untils):
            row[:] = [row[end - 1] for _, end in groups]
        self.counts = [sum(self.counts[begin:end]) for begin, end in groups]

    # --- what survives a restart ------------------------------------------------------------------------------------------

    def dump(self) -> list[list[Any]]:
        """Of each entry its last value, instants, and, when it is several samples, its summaries; plain JSON."""
        return [
            [at, last, value, None if until == inf else until, count, self._summaries(index, count)]
            for index, (at, last, value, until, count) in enumerate(zip(*self._rows(), strict=True))
        ]

    def _summaries(self, index: int, count: int) -> dict[str, Any]:
        return {name: tree.levels[0][index] for name, tree in self.trees.items()} if count > 1 else {}

    def load(self, entries: Iterable[list[Any]]) -> None:
        """Takes up what `dump` gave, in place of what is here."""
        rows = list(entries)
        self._cut(0)
        for row, column in zip(self._rows(), zip(*(entry[:5] for entry in rows), strict=True), strict=False):
            row[:] = column
        self.untils = [inf if entry[3] is None else entry[3] for entry in rows]
        for name, tree in self.trees.items():
            tree.rebuild([self._taken_up(name, index, rows[index][5]) for index in range(len(rows) - 1)])

    def _taken_up(self, name: str, index: int, summaries: dict[str, Any]) -> object:
        summary = summaries.get(name)
        of = self.columns[name].of
        return of(self, index) if summary is None else _frozen(summary)


def _frozen(summary: object) -> object:
    """JSON knows no tuples."""
    return tuple(_frozen(part) for part in summary) if isinstance(summary, list) else summary
