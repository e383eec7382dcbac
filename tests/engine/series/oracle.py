"""What a window means, worked out from all samples at every question: slow and obvious.

It keeps a plain list of [instant, value, until when it was known], writes out every expected sample that was left out, and reads each
function's definition off that list.
"""

from __future__ import annotations

from itertools import pairwise
from math import floor, inf, isinf, sqrt

from dsl.expressions import Window

Entry = list  # instant, value, lost at
TOLERANCE = 1e-6


class Oracle:
    def __init__(self, interval: float) -> None:
        self.interval = interval
        self.entries: list[Entry] = []
        self.zero: float | None = None  # when a counter was born
        self.begun: float | None = None
        self.behind: list[tuple[float, object]] = []

    # --- what is seen

    def hear(self, at: float) -> None:
        self.begun = at if self.begun is None else self.begun

    def born(self, since: float) -> None:
        if not self.entries:
            self.zero = since
            self.hear(since)

    def sampled(self, at: float, value: object) -> None:
        if value is None:
            self.lost(at)
            return
        self.hear(at)
        newest = self.entries[-1][0] if self.entries else self.zero if self.zero is not None else -inf
        if self.interval and at < newest - 3 * self.interval:
            self.straggled(at, value)
        else:
            self.behind = []
            self.put(at, value)

    def put(self, at: float, value: object) -> None:
        if self.zero is not None and at <= self.zero:
            self.zero = None
        for entry in self.entries:
            if entry[0] == at:
                entry[1] = value
                return
        before = [entry for entry in self.entries if entry[0] < at]
        until = before[-1][2] if before and at < before[-1][2] else inf
        self.entries = sorted([*self.entries, [at, value, until]], key=lambda entry: entry[0])

    def straggled(self, at: float, value: object) -> None:
        self.behind = (
            [*self.behind, (at, value)] if not self.behind or at > self.behind[-1][0] else [(at, value)]
        )
        if len(self.behind) == 3:
            began = self.behind[0][0]
            self.entries = [entry for entry in self.entries if entry[0] <= began]
            if self.zero is not None and self.zero > began:
                self.zero = None
            for then, seen in self.behind:
                self.put(then, seen)
            self.behind = []

    def lost(self, at: float) -> None:
        self.hear(at)
        before = [entry for entry in self.entries if entry[0] <= at]
        if before:
            before[-1][2] = min(before[-1][2], at)

    # --- what it means

    def runs(self, end: float) -> list[tuple[float, object, float, float]]:
        """Of each sample no later than `end`: its instant, value, until when it was known, and until when as far as seen by `end`."""
        found = []
        for index, (at, value, until) in enumerate(self.entries):
            if at <= end:
                following = self.entries[index + 1][0] if index + 1 < len(self.entries) else inf
                found.append((at, value, min(until, following), min(until, following, end)))
        return found

    def repeated(self, start: float, end: float) -> list[tuple[float, object]]:
        """The samples in the window, with those that would have come if the source had been as regular as expected."""
        found = []
        for at, value, _, seen in self.runs(end):
            left_out = max(0, floor((seen - at) / self.interval - 0.5))
            found += [(at + step * self.interval, value) for step in range(left_out + 1)]
        inside = [(at, value) for at, value in found if start < at <= end]
        if not inside:
            inside = [(start, value) for at, value, until, _ in self.runs(end) if at <= start < until]
        return inside

    def weighed(self, start: float, end: float) -> list[tuple[float, object, float]]:
        """Values with the middle of the time they held, and its length; or each once."""
        if self.interval:
            return [(at, value, 1.0) for at, value in self.repeated(start, end)]
        parts = [(max(at, start), value, seen) for at, value, _, seen in self.runs(end)]
        return [((begin + seen) / 2, value, seen - begin) for begin, value, seen in parts if seen > begin]

    def known(self, start: float, end: float) -> float:
        return sum(max(0.0, seen - max(at, start)) for at, _, _, seen in self.runs(end))

    def inside(self, start: float, end: float) -> list[tuple[float, object]]:
        return [(at, value) for at, value, _ in self.entries if start < at <= end]

    def at_start(self, start: float, end: float) -> list[tuple[float, object]]:
        return [(at, value) for at, value, until, _ in self.runs(end) if at <= start < until]

    def seen(self, start: float, end: float) -> list[tuple[float, object]]:
        """What was known at the start, and the samples after it."""
        return self.at_start(start, end) + self.inside(start, end)

    def value(self, node: Window, now: float) -> object:
        self.hear(now)
        start, end = now - (node.over + node.ending), now - node.ending
        at_once = ("increase", "changes", "count", "max", "min", "last", "past", "age", "absent")
        if node.function not in at_once and self.known(start, end) < node.over / 2 - TOLERANCE:
            return None
        return getattr(self, node.function)(start, end, node)

    def avg(self, start: float, end: float, node: Window) -> float | None:
        found = self.weighed(start, end)
        weight = sum(share for _, _, share in found)
        return sum(value * share for _, value, share in found) / weight if weight else None

    def min(self, start: float, end: float, node: Window) -> float | None:
        return min(self._standing(start, end), default=None)

    def max(self, start: float, end: float, node: Window) -> float | None:
        return max(self._standing(start, end), default=None)

    def _standing(self, start: float, end: float) -> list[float]:
        if self.interval:
            return [value for _, value in self.repeated(start, end)]
        return [value for _, value in self.seen(start, end)]

    def sum(self, start: float, end: float, node: Window) -> float:
        return sum(value for _, value in self.inside(start, end))

    def count(self, start: float, end: float, node: Window) -> float:
        return sum(value is not False for _, value in self.inside(start, end))

    def counted(self, found: list[tuple[float, object]]) -> float:
        values = [value for _, value in found]
        return sum(after - before if after >= before else after for before, after in pairwise(values))

    def with_zero(
        self, start: float, end: float, found: list[tuple[float, object]]
    ) -> list[tuple[float, object]]:
        if self.zero is not None and start < self.zero <= end:
            return [(self.zero, 0.0), *found]
        return found

    def increase(self, start: float, end: float, node: Window) -> float | None:
        found = self.with_zero(start, end, self.seen(start, end))
        return self.counted(found) if found else None

    def changes(self, start: float, end: float, node: Window) -> float | None:
        values = [value for _, value in self.seen(start, end)]
        if not values:
            return 0.0 if self.with_zero(start, end, []) else None
        return float(sum(first != second for first, second in pairwise(values)))

    def delta(self, start: float, end: float, node: Window) -> float | None:
        found = self.with_zero(start, end, self.seen(start, end))
        return found[-1][1] - found[0][1] if found else None

    def rate(self, start: float, end: float, node: Window) -> float | None:
        if not self.interval:
            runs = [
                (max(at, start), value, seen)
                for at, value, _, seen in self.runs(end)
                if seen > start or at > start
            ]
            found = self.with_zero(start, end, [(at, value) for at, value, _ in runs])
            first, last = (found[0][0], runs[-1][2]) if runs else (0.0, 0.0)
            return self.counted(found) / (last - first) if last > first else None
        found = self.with_zero(start, end, self.repeated(start, end))
        if len(found) < 2:
            return None
        return prometheus_rate(found, start, end)

    def slope(self, start: float, end: float, node: Window) -> float | None:
        found = self.weighed(start, end)
        weight = sum(share for _, _, share in found)
        if not weight:
            return None
        t = sum(at * share for at, _, share in found) / weight
        x = sum(value * share for _, value, share in found) / weight
        within = 0.0 if self.interval else sum(share**3 / 12 for _, _, share in found)
        tt = within + sum((at - t) ** 2 * share for at, _, share in found)
        tx = sum((at - t) * (value - x) * share for at, value, share in found)
        return tx / tt if tt else None

    def stddev(self, start: float, end: float, node: Window) -> float | None:
        found = self.weighed(start, end)
        weight = sum(share for _, _, share in found)
        if not weight:
            return None
        mean = sum(value * share for _, value, share in found) / weight
        return sqrt(sum((value - mean) ** 2 * share for _, value, share in found) / weight)

    def share(self, start: float, end: float, node: Window) -> float | None:
        known = self.known(start, end)
        held = sum(max(0.0, seen - max(at, start)) for at, value, _, seen in self.runs(end) if value is True)
        return held / known if known else None

    def quantile(self, start: float, end: float, node: Window) -> float | None:
        found = sorted((value, share) for _, value, share in self.weighed(start, end))
        if not found:
            return None
        if self.interval:
            values = [value for value, _ in found]
            rank = node.number * (len(values) - 1)
            upper = min(floor(rank) + 1, len(values) - 1)
            return values[floor(rank)] + (values[upper] - values[floor(rank)]) * (rank - floor(rank))
        weight, below = sum(share for _, share in found), 0.0
        for value, share in found:
            below += share
            if below >= node.number * weight - 1e-9:
                return value
        return found[-1][0]

    def last(self, start: float, end: float, node: Window) -> object:
        found = self.seen(start, end)
        return found[-1][1] if found else None

    def past(self, start: float, end: float, node: Window) -> object:
        return next((value for at, value, until, _ in self.runs(end) if at <= end < until), None)

    def age(self, start: float, end: float, node: Window) -> float | None:
        found = [at for at, _, _ in self.entries if at <= end]
        return end - found[-1] if found else None

    def absent(self, start: float, end: float, node: Window) -> bool:
        assert self.begun is not None
        return not self.seen(start, end) and not self.with_zero(start, end, []) and self.begun <= start


def prometheus_rate(found: list[tuple[float, object]], start: float, end: float) -> float:
    """extrapolatedRate of Prometheus 3 (promql/functions.go), for a counter, a second."""
    rise = 0.0
    for (_, before), (_, after) in pairwise(found):
        rise += after - before if after >= before else after
    sampled = found[-1][0] - found[0][0]
    mean = sampled / (len(found) - 1)
    to_start, to_end = found[0][0] - start, end - found[-1][0]
    if to_start >= mean * 1.1:
        to_start = mean / 2
    if rise > 0 and found[0][1] >= 0:
        to_start = min(to_start, sampled * found[0][1] / rise)
    if to_end >= mean * 1.1:
        to_end = mean / 2
    return rise * ((sampled + to_start + to_end) / sampled) / (end - start)


def histogram_quantile(part: float, buckets: list[tuple[float, float]]) -> float | None:
    """bucketQuantile of Prometheus (promql/quantile.go), of buckets in the order of their bounds that do not fall."""
    if len(buckets) < 2 or not isinf(buckets[-1][0]) or not buckets[-1][1]:
        return None
    rank = part * buckets[-1][1]
    index = 0
    while index < len(buckets) - 1 and buckets[index][1] < rank:
        index += 1
    if index == len(buckets) - 1:
        return buckets[-2][0]
    if index == 0 and buckets[0][0] <= 0:
        return buckets[0][0]
    low, below = buckets[index - 1] if index else (0.0, 0.0)
    high, count = buckets[index]
    return low + (high - low) * ((rank - below) / (count - below)) if count > below else high
