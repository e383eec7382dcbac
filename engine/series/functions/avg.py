"""avg(x over D): the mean of the samples, as Prometheus' avg_over_time.

How a value counts that was known but not sampled anew: `engine/series/samples`.
"""

from __future__ import annotations

from dsl.expressions import Window
from engine.series.view import View

COLUMNS = ("weight", "weighted")
DRIFTS = True


def value(view: View, node: Window) -> float | None:
    weight, weighted = view.sum_of("weight"), view.sum_of("weighted")
    for number, share in view.numbers():
        weight += share
        weighted += number * share
    return weighted / weight if weight else None
