"""An expression with some of its fields replaced: what changes with time only becomes a value that is known to follow time."""

from __future__ import annotations

from collections.abc import Callable

from dsl.expressions import (
    And,
    Arithmetic,
    Call,
    Compare,
    Expression,
    Field,
    ListOf,
    MapOf,
    Negative,
    Not,
    Or,
    Template,
)


def rewritten(node: Expression, replace: Callable[[Field], Expression]) -> Expression:
    """The same tree with every field as `replace` gives it back."""

    def again(child: Expression) -> Expression:
        return rewritten(child, replace)

    match node:
        case Field():
            return replace(node)
        case Call():
            return Call(node.function, tuple(map(again, node.arguments)))
        case Not():
            return Not(again(node.operand))
        case Negative():
            return Negative(again(node.operand))
        case And():
            return And(tuple(map(again, node.operands)))
        case Or():
            return Or(tuple(map(again, node.operands)))
        case Compare():
            return Compare(node.operator, again(node.left), again(node.right), node.order)
        case Arithmetic():
            return Arithmetic(node.operator, again(node.left), again(node.right))
        case Template():
            parts = tuple(part if isinstance(part, str) else again(part) for part in node.parts)
            return Template(parts, node.formats)
        case ListOf():
            return ListOf(tuple(map(again, node.elements)))
        case MapOf():
            return MapOf(tuple((name, again(value)) for name, value in node.members))
    return node
