"""absent(x over D): whether nothing was known at any instant of the window; never unknown.

A series that has been followed for less than the window has not been absent for it.
"""

from __future__ import annotations

from dsl.expressions import Window
from engine.series.view import View

COLUMNS = ()
AT_ONCE = "exact"
ANY_VALUE = True


def value(view: View, node: Window) -> bool:
    begun = view.samples.begun
    return view.empty and begun is not None and begun <= view.start
