"""count(x over D): how many samples there were; count(C over D): of how many C was true.

Of a window that is only partly known it is a lower bound.
"""

from __future__ import annotations

from dsl.expressions import Window
from engine.series.view import View

COLUMNS = ("count",)
AT_ONCE = "least"
ANY_VALUE = True


def value(view: View, node: Window) -> float:
    newest = view.tail_counts() and view.samples.values[view.last] is not False
    total: float = view.sum_of("count") + (view.samples.counts[view.last] if newest else 0)
    return total
