"""age(x): how long ago the newest sample was taken, whether or not it still stands."""

from __future__ import annotations

from dsl.expressions import Window
from engine.series.view import View

COLUMNS = ()
AT_ONCE = "exact"
DRIFTS = True
ANY_VALUE = True


def value(view: View, node: Window) -> float | None:
    return view.end - view.samples.lasts[view.last] if view.last >= 0 else None
