"""stddev(x over D): the standard deviation of the samples, as Prometheus' stddev_over_time (of all of them, not an estimate)."""

from __future__ import annotations

from math import sqrt

from dsl.expressions import Window
from engine.series.view import View

COLUMNS = ("moments",)
DRIFTS = True


def value(view: View, node: Window) -> float | None:
    weight, _, _, _, _, xx = view.moments()
    return sqrt(xx / weight) if weight else None
