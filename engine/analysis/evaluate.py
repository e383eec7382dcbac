"""The meaning of an expression, read off its tree. Slow and obvious: compiled predicates are held against it, and fall back on it.

`evaluate` is also what the daemon uses where speed is no matter: the `expect` of a check, the arguments of an action.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from math import inf
from typing import Any

from dsl import operators
from dsl.expressions import (
    Aggregate,
    And,
    Arithmetic,
    Call,
    Compare,
    Constant,
    During,
    Expression,
    Field,
    Foresight,
    Learned,
    ListOf,
    MapOf,
    Negative,
    Not,
    Occurrences,
    Or,
    Template,
    Window,
)
from engine.analysis.written import written
from engine.derived.aggregates import BY_NAME as AGGREGATES
from engine.derived.aggregates import Bounds
from engine.derived.bounds import FLIPPED, compared
from engine.functions import BY_NAME

Bindings = Mapping[str, Any]
MEMBERS = "#members"  # bound to a function from a fact type to the values of its facts, where members can be looked at


def evaluate(expression: Expression, bindings: Bindings, now: float) -> Any:
    """The value under these bindings (subject to its fields) at this instant; None is unknown."""
    return _MEANINGS[type(expression)](expression, bindings, now)


def _field(node: Field, bindings: Bindings, now: float) -> object:
    return operators.walk(bindings.get(node.subject), node.path)


def _call(node: Call, bindings: Bindings, now: float) -> object:
    function = BY_NAME[node.function]
    arguments = [evaluate(argument, bindings, now) for argument in node.arguments]
    if None in arguments and not function.takes_unknown:
        return None
    try:
        return function.evaluate(now, *arguments)
    except (TypeError, ValueError, ArithmeticError):
        return None


def _and(node: And, bindings: Bindings, now: float) -> object:
    return operators.all_true([evaluate(operand, bindings, now) for operand in node.operands])


def _or(node: Or, bindings: Bindings, now: float) -> object:
    return operators.any_true([evaluate(operand, bindings, now) for operand in node.operands])


def aggregated(node: Aggregate, bindings: Bindings, now: float) -> Any:
    """An aggregate, found by looking at every member; a count as its `Bounds`."""
    members = node.members
    those = _members(members.type, bindings)
    if those is None:
        return Bounds(0.0, inf) if node.function == "count" else None
    found = [_member(node, {**bindings, members.name: values}, now) for values in those]
    return AGGREGATES[node.function].slow(found)


def _members(kind: str, bindings: Bindings) -> Iterable[Any] | None:
    """The facts of a type, or the elements of a list that is bound (`answers`); None where they cannot be looked at."""
    listed, look = bindings.get(kind), bindings.get(MEMBERS)
    if isinstance(listed, list):
        return listed
    found: Iterable[Any] | None = None if look is None else look(kind)
    return found


def _member(node: Aggregate, bindings: Bindings, now: float) -> tuple[bool | None, Any]:
    where = node.members.where
    verdict = True if where is None else evaluate(where, bindings, now)
    value = None if node.value is None else evaluate(node.value, bindings, now)
    return (verdict if isinstance(verdict, bool) else None), value


def _aggregate(node: Aggregate, bindings: Bindings, now: float) -> object:
    found = aggregated(node, bindings, now)
    if isinstance(found, Bounds):
        return found.least if found.least == found.most else None
    return found


def _compare(node: Compare, bindings: Bindings, now: float) -> object:
    for counted, other, operator in (
        (node.left, node.right, node.operator),
        (node.right, node.left, FLIPPED.get(node.operator, "")),
    ):
        if isinstance(counted, Aggregate) and counted.function == "count" and node.operator in FLIPPED:
            least, most = aggregated(counted, bindings, now)
            return compared(operator, least, most, evaluate(other, bindings, now))
    left, right = evaluate(node.left, bindings, now), evaluate(node.right, bindings, now)
    return operators.compared(node.operator, left, right, node.order)


def _arithmetic(node: Arithmetic, bindings: Bindings, now: float) -> object:
    left, right = evaluate(node.left, bindings, now), evaluate(node.right, bindings, now)
    return operators.calculated(node.operator, left, right)


def _template(node: Template, bindings: Bindings, now: float) -> str:
    formats = iter(node.formats or ("",) * len(node.parts))
    return "".join(
        part if isinstance(part, str) else written(evaluate(part, bindings, now), next(formats, ""))
        for part in node.parts
    )


_MEANINGS: Mapping[type, Callable[[Any, Bindings, float], object]] = {
    Constant: lambda node, bindings, now: node.value,
    Field: _field,
    Call: _call,
    Not: lambda node, bindings, now: operators.opposite(evaluate(node.operand, bindings, now)),
    And: _and,
    Or: _or,
    Compare: _compare,
    Arithmetic: _arithmetic,
    Negative: lambda node, bindings, now: operators.negated(evaluate(node.operand, bindings, now)),
    Template: _template,
    ListOf: lambda node, bindings, now: [evaluate(e, bindings, now) for e in node.elements],
    MapOf: lambda node, bindings, now: {name: evaluate(e, bindings, now) for name, e in node.members},
    Aggregate: _aggregate,
    # What was over time is kept by the derivation, and stands in a slot where a condition reads it; here nothing is known of it.
    Window: lambda node, bindings, now: None,
    Foresight: lambda node, bindings, now: None,
    Occurrences: lambda node, bindings, now: None,
    During: lambda node, bindings, now: None,
    Learned: lambda node, bindings, now: None,
}
