"""increase(x over D): what a counter was seen to count within the window; a lower bound where it is only partly known.

It begins with the value that was known at the window's start, so the increases of adjoining windows add up and whole counts stay
whole. Prometheus instead extrapolates what lies between the first and the last sample: three restarts become 3.05. Who wants that
figure writes `rate(x over D) * D`. A counter that became less was reset and began at 0; one that was not there when its source was
asked before began at 0, too.
"""

from __future__ import annotations

from dsl.expressions import Window
from engine.series.view import View

COLUMNS = ("rise",)
AT_ONCE = "least"


def value(view: View, node: Window) -> float | None:
    if view.empty:
        return None
    rise: float = view.sum_of("rise", view.head if view.head >= 0 else None)
    return rise
