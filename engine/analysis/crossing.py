"""When a condition may change although no fact does: `since(x) > 60s` becomes true by time alone.

Values that follow time mostly do so in straight lines, so the instant at which a comparison turns is found from its two sides at two
instants. Where they are not straight (a product of two spans, a remainder), it is looked at again every second.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from dsl.expressions import Arithmetic, Call, Compare, Expression, Negative, children_of, nodes_of
from dsl.operators import calculated
from engine.analysis.evaluate import evaluate
from engine.functions import BY_NAME

_JUST_AFTER = 1e-3  # seconds; a strict comparison turns after the instant of equality
_FARTHEST = 10 * 365 * 86400.0
_REACH = (
    2.0**14
)  # seconds between the two instants: far apart, or the rounding of today's instants bends the line
_POLL = 1.0


class Turning(NamedTuple):
    """A comparison that time alone may turn."""

    comparison: Compare
    straight: bool


def turnings(nodes: Sequence[Expression]) -> list[Turning]:
    """Those among the nodes of a condition."""
    if not any(type(node) is Call for node in nodes):
        return []
    return [
        Turning(node, _straight(node.left) and _straight(node.right))
        for node in nodes
        if isinstance(node, Compare) and _follows_time(node)
    ]


def next_crossing(found: Iterable[Turning], bindings: Mapping[str, Any], now: float) -> float | None:
    """The next instant after `now` at which one of these turns; None if none does."""
    crossings = [crossing for turning in found if (crossing := _crossing(turning, bindings, now)) is not None]
    return min((instant for instant in crossings if now < instant < now + _FARTHEST), default=None)


def _crossing(turning: Turning, bindings: Mapping[str, Any], now: float) -> float | None:
    if not turning.straight:
        return now + _POLL
    here = _distance(turning.comparison, bindings, now)
    there = _distance(turning.comparison, bindings, now + _REACH)
    if here is None or there is None or here == there:
        return None
    return now - here / (there - here) * _REACH + _JUST_AFTER


def _distance(node: Compare, bindings: Mapping[str, Any], now: float) -> float | None:
    return calculated("-", evaluate(node.left, bindings, now), evaluate(node.right, bindings, now))


def _follows_time(node: Expression) -> bool:
    return any(isinstance(part, Call) and BY_NAME[part.function].follows_time for part in nodes_of(node))


def _straight(node: Expression) -> bool:
    if not _follows_time(node):
        return True
    match node:
        case Arithmetic(operator="+" | "-") | Negative():
            return all(_straight(part) for part in children_of(node))
        case Arithmetic(operator="*"):
            sides = (node.left, node.right)
            return all(_straight(side) for side in sides) and not all(_follows_time(side) for side in sides)
        case Arithmetic(operator="/"):
            return _straight(node.left) and not _follows_time(node.right)
        case Call():
            return BY_NAME[node.function].follows_time and not any(_follows_time(a) for a in node.arguments)
    return False
