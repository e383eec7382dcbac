"""count(x over D): how many samples there were; of a window that is only partly known it is a lower bound."""

from __future__ import annotations

from dsl.expressions import Window
from engine.series.view import View

COLUMNS = ("count",)
AT_ONCE = "least"
ANY_VALUE = True


def value(view: View, node: Window) -> float:
    total: float = view.sum_of("count") + (view.samples.counts[view.last] if view.tail_counts() else 0)
    return total
