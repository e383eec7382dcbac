"""The same expression with some of its parts replaced."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from msgspec.structs import replace

from dsl.expressions import (
    Aggregate,
    And,
    Arithmetic,
    Call,
    Compare,
    Expression,
    Field,
    Foresight,
    ListOf,
    MapOf,
    Negative,
    Not,
    Occurrences,
    Or,
    Template,
    Window,
)

Again = Callable[[Expression], Expression]


def rewritten(node: Expression, change: Callable[[Field], Expression]) -> Expression:
    """The same tree with every field as `change` gives it back."""
    if isinstance(node, Field):
        return change(node)
    return rebuilt(node, lambda part: rewritten(part, change))


def rebuilt(node: Expression, again: Again) -> Expression:
    """The same node with each of its parts as `again` gives it back."""
    build = _BUILDERS.get(type(node))
    return node if build is None else build(node, again)


def _aggregate(node: Aggregate, again: Again) -> Aggregate:
    members = replace(node.members, where=_maybe(node.members.where, again))
    return Aggregate(node.function, members, _maybe(node.value, again))


def _maybe(node: Expression | None, again: Again) -> Expression | None:
    return None if node is None else again(node)


_BUILDERS: Mapping[type, Callable[[Any, Again], Expression]] = {
    Call: lambda node, again: Call(node.function, tuple(map(again, node.arguments))),
    Not: lambda node, again: Not(again(node.operand)),
    Negative: lambda node, again: Negative(again(node.operand)),
    And: lambda node, again: And(tuple(map(again, node.operands))),
    Or: lambda node, again: Or(tuple(map(again, node.operands))),
    Compare: lambda node, again: Compare(node.operator, again(node.left), again(node.right), node.order),
    Arithmetic: lambda node, again: Arithmetic(node.operator, again(node.left), again(node.right)),
    Template: lambda node, again: Template(
        tuple(part if isinstance(part, str) else again(part) for part in node.parts), node.formats
    ),
    ListOf: lambda node, again: ListOf(tuple(map(again, node.elements))),
    MapOf: lambda node, again: MapOf(tuple((name, again(value)) for name, value in node.members)),
    Aggregate: _aggregate,
    Window: lambda node, again: replace(node, value=again(node.value)),
    Occurrences: lambda node, again: replace(
        node, where=_maybe(node.where, again), value=_maybe(node.value, again)
    ),
    Foresight: lambda node, again: replace(node, value=again(node.value)),
}
