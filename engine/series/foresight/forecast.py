"""forecast(x after H over D) and time_until(x >= limit over D), from the line that is fitted now and then (`trend`)."""

from __future__ import annotations

from math import inf

from dsl.expressions import Foresight
from engine.series.foresight.trend import BLOCKS, Line, blocks, crossing, line_through
from engine.series.view import View

_ANEW = 4  # times in the length of a block the line is fitted anew: fitting is dear, and little changes in between


class Trend:
    """The line of one window."""

    __slots__ = ("_at", "_line", "over")

    def __init__(self, over: float) -> None:
        self.over = over
        self._at = -inf
        self._line: Line | None = None

    @property
    def patience(self) -> float:
        """Seconds for which a line is good."""
        return self.over / (BLOCKS * _ANEW)

    def line(self, view: View) -> Line | None:
        now = view.end
        if not self._at <= now < self._at + self.patience:
            self._at = now
            self._line = line_through(blocks(view))
        return self._line

    def value(self, view: View, node: Foresight) -> float | None:
        newest = view.samples.values[view.current] if view.current >= 0 else None
        if not isinstance(newest, float | int) or view.samples.end(view.current) <= view.end:
            return None
        line = self.line(view)
        if node.function == "forecast":
            return None if line is None else _steady(line).value(view.end + node.after)
        if node.threshold is None:
            return None
        if _crossed(newest, node.operator, node.threshold):
            return 0.0
        return None if line is None else crossing(line, node.operator, node.threshold, view.end, node.over)


def _steady(line: Line) -> Line:
    """A slope that may as well be none is taken for none."""
    if line.least <= 0 <= line.most:
        return line._replace(slope=0.0)
    return line


def _crossed(value: float, operator: str, threshold: float) -> bool:
    if operator in (">", ">="):
        return value > threshold or (operator == ">=" and value == threshold)
    return value < threshold or (operator == "<=" and value == threshold)
