"""rate(x over D): how much a counter counts a second, as Prometheus' rate.

The rise between the first and the last sample is extrapolated to the edges of the window, when they lie within 1.1 mean intervals of
the samples, else by half an interval, and never to before the counter was 0. A counter whose interval is unknown (set by a webhook)
holds its value between the samples, so nothing is extrapolated: its rise divided by the time for which it is known.
"""

from __future__ import annotations

from dsl.expressions import Window
from engine.series.columns import number
from engine.series.view import View

COLUMNS = ("rise", "weight")
DRIFTS = True


def value(view: View, node: Window) -> float | None:
    if view.empty:
        return None
    begin, entry = view.first_known()
    end = view.last_known()
    first = view.samples.values[entry]
    if end <= begin or not number(first):
        return None
    rise: float = view.sum_of("rise", entry)
    if not view.samples.interval:
        return rise / (end - begin)
    count = view.sampled_count()
    return extrapolated(view, begin, end, count, first, rise) / (view.end - view.start)


def extrapolated(view: View, begin: float, end: float, count: float, first: float, rise: float) -> float:
    """A rise seen between two instants in `count` samples, over the whole window."""
    mean = (end - begin) / (count - 1)
    ahead = _reach(begin - view.start, mean)
    if rise > 0 and first >= 0:
        ahead = min(ahead, (end - begin) * first / rise)
    return rise * (1 + (ahead + _reach(view.end - end, mean)) / (end - begin))


def _reach(gap: float, mean: float) -> float:
    return gap if gap < mean * 1.1 else mean / 2
