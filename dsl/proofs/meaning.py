"""What a condition is under given facts: the same meaning as the engine's, for the examples that the proofs show.

The engine stands above this room, so its evaluator cannot be asked; a property test holds the two equal. What depends on more than the
facts of one instant (windows, members, events, foresight) is looked up among the values that an example assumes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from operator import add, ge, gt, le, lt, mul, sub, truediv
from typing import Any

from dsl.expressions import (
    And,
    Arithmetic,
    Call,
    Compare,
    Constant,
    Expression,
    Field,
    ListOf,
    MapOf,
    Negative,
    Not,
    Or,
)

Facts = Mapping[str, Any]
Assumed = Mapping[Expression, object]
_NONE: Assumed = {}

_ORDER: Mapping[str, Callable[[Any, Any], bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge}
_CALCULATION: Mapping[str, Callable[[float, float], float]] = {
    "+": add,
    "-": sub,
    "*": mul,
    "/": truediv,
    "mod": lambda a, b: a % b,
}


def value_of(node: Expression, facts: Facts, now: float, assumed: Assumed = _NONE) -> Any:
    """The value under these facts (variable to fields); None is unknown, also where nothing is assumed of what cannot be read off."""
    meaning = _MEANINGS.get(type(node))
    if meaning is not None and node not in assumed:
        return meaning(node, facts, now, assumed)
    return assumed.get(node)


def _field(node: Field, facts: Facts, now: float, assumed: Assumed) -> Any:
    value = facts.get(node.subject)
    for step in node.path:
        if isinstance(value, Mapping):
            value = value.get(step)
        elif isinstance(value, (list, tuple)) and isinstance(step, int) and 0 <= step < len(value):
            value = value[step]
        else:
            return None
    return value


def _call(node: Call, facts: Facts, now: float, assumed: Assumed) -> Any:
    values = [value_of(one, facts, now, assumed) for one in node.arguments]
    if node.function == "now":
        return now
    if node.function == "known":
        return values[0] is not None
    if node.function in ("since", "remaining"):
        instant = number(values[0])
        if instant is None:
            return None
        return now - instant if node.function == "since" else instant - now
    return None


def _not(node: Not, facts: Facts, now: float, assumed: Assumed) -> Any:
    verdict = value_of(node.operand, facts, now, assumed)
    return (not verdict) if isinstance(verdict, bool) else None


def _and(node: And, facts: Facts, now: float, assumed: Assumed) -> Any:
    verdicts = [value_of(one, facts, now, assumed) for one in node.operands]
    if any(verdict is False for verdict in verdicts):
        return False
    return True if all(verdict is True for verdict in verdicts) else None


def _or(node: Or, facts: Facts, now: float, assumed: Assumed) -> Any:
    verdicts = [value_of(one, facts, now, assumed) for one in node.operands]
    if any(verdict is True for verdict in verdicts):
        return True
    return False if all(verdict is False for verdict in verdicts) else None


def _compare(node: Compare, facts: Facts, now: float, assumed: Assumed) -> Any:
    left, right = (value_of(one, facts, now, assumed) for one in (node.left, node.right))
    return compared(node.operator, left, right, node.order)


def compared(operator: str, left: Any, right: Any, order: Sequence[str] | None) -> bool | None:
    if operator == "==":
        return equal(left, right)
    if operator == "!=":
        same = equal(left, right)
        return None if same is None else not same
    if operator == "in":
        return _member(left, right)
    if operator == "contains":
        return _member(right, left)
    if operator == "matches":
        return _matches(left, right)
    if order is not None:
        left, right = (
            order.index(one) if isinstance(one, str) and one in order else None for one in (left, right)
        )
    first, second = number(left), number(right)
    return None if first is None or second is None else _ORDER[operator](first, second)


def number(value: object) -> float | int | None:
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def equal(left: object, right: object) -> bool | None:
    if left is None or right is None:
        return None
    if isinstance(left, bool) is not isinstance(right, bool):
        return False
    return _plain(left) == _plain(right)


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def _member(left: object, right: object) -> bool | None:
    if left is None or right is None:
        return None
    if isinstance(right, (str, Mapping)):
        return left in right if isinstance(left, str) else None
    if not isinstance(right, (list, tuple)):
        return None
    verdicts = [equal(left, element) for element in right]
    if True in verdicts:
        return True
    return None if None in verdicts else False


def _matches(value: object, pattern: object) -> bool | None:
    if not isinstance(value, str) or not isinstance(pattern, str):
        return None
    try:
        return re.compile(pattern, re.ASCII).fullmatch(value) is not None
    except re.error:
        return None


def _arithmetic(node: Arithmetic, facts: Facts, now: float, assumed: Assumed) -> Any:
    first = number(value_of(node.left, facts, now, assumed))
    second = number(value_of(node.right, facts, now, assumed))
    if first is None or second is None:
        return None
    try:
        result = _CALCULATION[node.operator](first, second)
        return result if isfinite(result) else None
    except ArithmeticError:
        return None


def _negative(node: Negative, facts: Facts, now: float, assumed: Assumed) -> Any:
    plain = number(value_of(node.operand, facts, now, assumed))
    return None if plain is None else -plain


def _list(node: ListOf, facts: Facts, now: float, assumed: Assumed) -> Any:
    return [value_of(one, facts, now, assumed) for one in node.elements]


def _map(node: MapOf, facts: Facts, now: float, assumed: Assumed) -> Any:
    return {name: value_of(one, facts, now, assumed) for name, one in node.members}


_MEANINGS: Mapping[type, Callable[[Any, Facts, float, Assumed], Any]] = {
    Constant: lambda node, facts, now, assumed: node.value,
    Field: _field,
    Call: _call,
    Not: _not,
    And: _and,
    Or: _or,
    Compare: _compare,
    Arithmetic: _arithmetic,
    Negative: _negative,
    ListOf: _list,
    MapOf: _map,
}
