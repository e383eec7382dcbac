"""quantile(q, x over D): of numbers over time as Prometheus' quantile_over_time, of a histogram as its histogram_quantile of the rate.

A histogram is a map from the upper bounds of its buckets ("0.1", "+Inf") to how many observations were no greater. Without a bucket
+Inf, without observations in the window, or with less than two buckets, the quantile is unknown.
"""

from __future__ import annotations

from collections.abc import Mapping

from dsl.expressions import Window
from engine.analysis.buckets import bound_of, of_buckets
from engine.series.functions.rate import extrapolated
from engine.series.ordered import Ordered
from engine.series.view import View

COLUMNS = ("pairs", "weight", "rises")
DRIFTS = True
ANY_VALUE = True


def value(view: View, node: Window) -> float | None:
    part = node.number
    if view.empty or part is None or not 0.0 <= part <= 1.0:
        return None
    if isinstance(view.samples.values[view.current], Mapping):
        return of_buckets(part, observed(view))
    orders = view.samples.orders
    ordered = orders.get((node.over, node.ending))
    if ordered is None:
        ordered = orders[node.over, node.ending] = Ordered(view.samples)
    return ordered.quantile(view, part)


def observed(view: View) -> list[tuple[float, float]]:
    """The buckets' upper bounds and how much they rose, in their order."""
    begin, entry = view.first_known()
    end = view.last_known()
    first = view.samples.values[entry]
    if end <= begin or not isinstance(first, Mapping):
        return []
    rises = view.sum_of("rises", entry)
    count = view.sampled_count()
    found: dict[float, float] = {}
    for text, rise in rises.items():
        bound = bound_of(text)
        if bound is not None:
            if view.samples.interval:
                rise = extrapolated(view, begin, end, count, first.get(text, 0.0), rise)
            found[bound] = found.get(bound, 0.0) + rise
    return sorted(found.items())
