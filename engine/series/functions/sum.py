"""sum(x over D): of the samples themselves, as Prometheus' sum_over_time; of none it is 0."""

from __future__ import annotations

from dsl.expressions import Window
from engine.series.columns import number
from engine.series.view import View

COLUMNS = ("sum",)


def value(view: View, node: Window) -> float:
    newest = view.samples.values[view.last] if view.tail_counts() else 0.0
    total: float = view.sum_of("sum") + (newest if number(newest) else 0.0)
    return total
