"""changes(x over D): how often the value was seen to become another; a lower bound where the window is only partly known.

The change from the value that was known at the window's start counts, unlike in Prometheus.
"""

from __future__ import annotations

from dsl.expressions import Window
from engine.series.view import View

COLUMNS = ("changes",)
AT_ONCE = "least"
ANY_VALUE = True


def value(view: View, node: Window) -> float | None:
    if view.empty:
        return None
    changes: float = view.sum_of("changes", view.head if view.head >= 0 else None)
    return changes
