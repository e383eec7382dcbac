"""past(x, D): the value that was known that long ago."""

from __future__ import annotations

from dsl.expressions import Window
from engine.series.view import View

COLUMNS = ()
AT_ONCE = "exact"
ANY_VALUE = True


def value(view: View, node: Window) -> object:
    return view.samples.values[view.head] if view.head >= 0 else None
