"""share(C over D): for which part of the time that is known C held; a value holds until the next sample, or until it is lost."""

from __future__ import annotations

from dsl.expressions import Window
from engine.series.view import View

COLUMNS = ("held",)
DRIFTS = True
ANY_VALUE = True


def value(view: View, node: Window) -> float | None:
    known = view.known_seconds()
    if known <= 0:
        return None
    values = view.samples.values
    held: float = view.sum_of("held")
    if view.head >= 0 and values[view.head] is True:
        held += view.head_seconds()
    if view.last >= view.first and values[view.last] is True:
        held += view.tail_seconds()
    return min(1.0, held / known)
