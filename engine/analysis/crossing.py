"""When a condition may change although no fact does: `since(x) > 60s` becomes true by time alone.

Values that follow time mostly do so in straight lines, so the instant at which a comparison turns is found from its two sides at two
instants. Where they are not straight (a product of two, a remainder), it is looked at again every second.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dsl.expressions import Compare, Expression
from engine.analysis.compile import nodes_of
from engine.analysis.evaluate import evaluate
from engine.analysis.values import calculated

_JUST_AFTER = 1e-3  # seconds; a strict comparison turns after the instant of equality
_FARTHEST = 10 * 365 * 86400.0
_REACH = (
    2.0**14
)  # seconds between the two instants: far apart, or the rounding of today's instants bends the line
_POLL = 1.0
_STRAIGHT = 1e-6  # seconds; what rounding does to a straight line stays below it


def next_crossing(expression: Expression, bindings: Mapping[str, Any], now: float) -> float | None:
    """The next instant after `now` at which one of its comparisons turns by itself; None if none does."""
    instants = [
        crossing
        for node in nodes_of(expression)
        if isinstance(node, Compare)
        and (crossing := _turn(node, bindings, now)) is not None
        and now < crossing < now + _FARTHEST
    ]
    return min(instants, default=None)


def _turn(node: Compare, bindings: Mapping[str, Any], now: float) -> float | None:
    here, middle, there = (_distance(node, bindings, now + reach) for reach in (0.0, _REACH / 2, _REACH))
    if here is None or middle is None or there is None:
        return None
    if abs((there - middle) - (middle - here)) > _STRAIGHT * max(1.0, abs(there - here)):
        return now + _POLL
    if there == here:
        return None
    return now - here / (there - here) * _REACH + _JUST_AFTER


def _distance(node: Compare, bindings: Mapping[str, Any], now: float) -> float | None:
    return calculated("-", evaluate(node.left, bindings, now), evaluate(node.right, bindings, now))
