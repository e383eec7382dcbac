"""min(x over D): the least of the samples; of a window that is only partly known it is an upper bound."""

from __future__ import annotations

from math import inf

from dsl.expressions import Window
from engine.series.columns import number
from engine.series.view import View

COLUMNS = ("least",)
AT_ONCE = "most"


def value(view: View, node: Window) -> float | None:
    least: float = view.sum_of("least")
    values = view.samples.values
    edges = (view.last if view.tail_counts() else -1, view.head if view.head_weight() else -1)
    least = min([least, *(values[index] for index in edges if index >= 0 and number(values[index]))])
    return least if least < inf else None
