"""max(x over D): the greatest of the samples; of a window that is only partly known it is a lower bound."""

from __future__ import annotations

from math import inf

from dsl.expressions import Window
from engine.series.columns import number
from engine.series.view import View

COLUMNS = ("most",)
AT_ONCE = "least"


def value(view: View, node: Window) -> float | None:
    most: float = view.sum_of("most")
    values = view.samples.values
    edges = (view.last if view.tail_counts() else -1, view.head if view.head_weight() else -1)
    most = max([most, *(values[index] for index in edges if index >= 0 and number(values[index]))])
    return most if most > -inf else None
