"""slope(x over D): the change a second by the line of least squares through the samples, as Prometheus' deriv."""

from __future__ import annotations

from dsl.expressions import Window
from engine.series.view import View

COLUMNS = ("moments",)
DRIFTS = True


def value(view: View, node: Window) -> float | None:
    _, _, _, tt, tx, _ = view.moments()
    return tx / tt if tt > 0 else None
