"""When a condition may change although no fact does: `since(x) > 60s` becomes true by time alone.

Values that follow time do so in straight lines, so the instant at which a comparison turns is found from its two sides now and a
second later. Where they are not straight (a product of two), the instant is a first guess and is looked at again then.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dsl.expressions import Compare, Expression
from engine.analysis.compile import nodes_of
from engine.analysis.evaluate import evaluate
from engine.analysis.values import number

_JUST_AFTER = 1e-3  # seconds; a strict comparison turns after the instant of equality
_FARTHEST = 10 * 365 * 86400.0


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
    here, later = _distance(node, bindings, now), _distance(node, bindings, now + 1.0)
    if here is None or later is None or here == later:
        return None
    return now - here / (later - here) + _JUST_AFTER


def _distance(node: Compare, bindings: Mapping[str, Any], now: float) -> float | None:
    left = number(evaluate(node.left, bindings, now))
    right = number(evaluate(node.right, bindings, now))
    return None if left is None or right is None else left - right
