"""delta(x over D): the value at the window's end less the value at its start; nothing is extrapolated, unlike Prometheus' delta.

Where the value at the start was unknown, the first sample in the window stands for it.
"""

from __future__ import annotations

from dsl.expressions import Window
from engine.series.columns import number
from engine.series.view import View

COLUMNS = ()


def value(view: View, node: Window) -> float | None:
    if view.empty:
        return None
    values = view.samples.values
    before, after = values[view.head if view.head >= 0 else view.first], values[view.current]
    return after - before if number(before) and number(after) else None
