"""rate(x over D) of a histogram: how much each of its buckets counts a second; a histogram again, which members can be summed up to."""

from __future__ import annotations

from dsl.expressions import Window
from engine.series.functions.quantile import observed
from engine.series.view import View

COLUMNS = ("weight", "rises")
DRIFTS = True
ANY_VALUE = True


def value(view: View, node: Window) -> dict[str, float] | None:
    if view.empty:
        return None
    begin, _ = view.first_known()
    seconds = (view.end - view.start) if view.samples.interval else (view.last_known() - begin)
    return {repr(bound): rise / seconds for bound, rise in observed(view)} or None
