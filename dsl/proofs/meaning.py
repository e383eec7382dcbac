"""What a condition is under given facts: the same meaning as the engine's, for the examples that the proofs show.

The engine stands above this room, so its evaluator cannot be asked; a property test holds the two equal. What depends on more than the
facts of one instant (windows, members, events, foresight) is looked up among the values that an example assumes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from dsl import operators
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


def value_of(node: Expression, facts: Facts, now: float, assumed: Assumed = _NONE) -> Any:
    """The value under these facts (variable to fields); None is unknown, also where nothing is assumed of what cannot be read off."""
    meaning = _MEANINGS.get(type(node))
    if meaning is not None and node not in assumed:
        return meaning(node, facts, now, assumed)
    return assumed.get(node)


def _field(node: Field, facts: Facts, now: float, assumed: Assumed) -> Any:
    return operators.walk(facts.get(node.subject), node.path)


def _call(node: Call, facts: Facts, now: float, assumed: Assumed) -> Any:
    values = [value_of(one, facts, now, assumed) for one in node.arguments]
    if node.function == "now":
        return now
    if node.function == "known":
        return values[0] is not None
    if node.function in ("since", "remaining"):
        instant = operators.number(values[0])
        if instant is None:
            return None
        return now - instant if node.function == "since" else instant - now
    return None


def _not(node: Not, facts: Facts, now: float, assumed: Assumed) -> Any:
    return operators.opposite(value_of(node.operand, facts, now, assumed))


def _and(node: And, facts: Facts, now: float, assumed: Assumed) -> Any:
    return operators.all_true([value_of(one, facts, now, assumed) for one in node.operands])


def _or(node: Or, facts: Facts, now: float, assumed: Assumed) -> Any:
    return operators.any_true([value_of(one, facts, now, assumed) for one in node.operands])


def _compare(node: Compare, facts: Facts, now: float, assumed: Assumed) -> Any:
    left, right = (value_of(one, facts, now, assumed) for one in (node.left, node.right))
    return operators.compared(node.operator, left, right, node.order)


def _arithmetic(node: Arithmetic, facts: Facts, now: float, assumed: Assumed) -> Any:
    left, right = (value_of(one, facts, now, assumed) for one in (node.left, node.right))
    return operators.calculated(node.operator, left, right)


def _negative(node: Negative, facts: Facts, now: float, assumed: Assumed) -> Any:
    return operators.negated(value_of(node.operand, facts, now, assumed))


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
