"""What conditions have in common that differ in their constants only. Each shape is compiled, and thought about, once.

The constants are lifted out in the order in which they are written, so `agent.name == "api" and agent.cpu > 0.9` is a shape and
`("api", 0.9)`. What cannot be compiled (a text, a list, a map) is lifted out whole, as if it were a constant.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from dsl.expressions import (
    Aggregate,
    And,
    Arithmetic,
    Call,
    Compare,
    Constant,
    Expression,
    Field,
    Negative,
    Not,
    Or,
    nodes_of,
)

_shapes: dict[tuple[str, object], Shape] = {}  # pure, so one for the process


class Shape:
    """`example` is one condition of it, about `subject`. `fields` are in the order in which they are written.

    `looks`: it looks at other facts whenever it is asked. `calls`: it calls functions, so time alone may turn it.
    """

    __slots__ = ("calls", "code", "example", "fields", "looks", "subject")

    def __init__(self, example: Expression, subject: str, code: Callable[[Shape], Any]) -> None:
        nodes = nodes_of(example)
        self.example = example
        self.subject = subject
        self.fields = [node for node in nodes if type(node) is Field]
        self.looks = any(type(node) is Aggregate for node in nodes)
        self.calls = any(type(node) is Call for node in nodes)
        self.code = code(self)


def shape_of(
    expression: Expression, subject: str, code: Callable[[Shape], Any]
) -> tuple[Shape, tuple[Any, ...]]:
    """The shape, and what was lifted out of it. `code` makes what a new one is tested with."""
    found: list[Expression] = []
    key = (subject, _lift(expression, found))
    shape = _shapes.get(key)
    if shape is None:
        shape = _shapes[key] = Shape(expression, subject, code)
    return shape, tuple([node.value if type(node) is Constant else node for node in found])


def lifted(expression: Expression) -> list[Expression]:
    """The nodes that are lifted out, in their order."""
    found: list[Expression] = []
    _lift(expression, found)
    return found


def _lift(node: Expression, found: list[Expression]) -> object:
    """What is left when constants are lifted out: equal for two expressions if they have one shape."""
    kind = type(node)
    if kind is Field:
        return node
    if kind is Constant:
        found.append(node)
        return node.value.__class__  # type: ignore[union-attr]
    lift = _PARTS.get(kind)
    if lift is not None:
        return lift(node, found)
    found.append(node)
    return (kind, *[part if type(part) is Field else type(part) for part in nodes_of(node)])


def _lift_compare(node: Compare, found: list[Expression]) -> object:
    left, right = node.left, node.right
    if type(left) is Field and type(right) is Constant:  # most conditions are no more than that
        found.append(right)
        return (node.operator, left, right.value.__class__, node.order)
    return (node.operator, _lift(left, found), _lift(right, found), node.order)


_PARTS: Mapping[type, Callable[[Any, list[Expression]], object]] = {
    Compare: _lift_compare,
    And: lambda node, found: (And, *[_lift(part, found) for part in node.operands]),
    Or: lambda node, found: (Or, *[_lift(part, found) for part in node.operands]),
    Not: lambda node, found: (Not, _lift(node.operand, found)),
    Negative: lambda node, found: (Negative, _lift(node.operand, found)),
    Arithmetic: lambda node, found: (
        Arithmetic, node.operator, _lift(node.left, found), _lift(node.right, found)
    ),
    Call: lambda node, found: (Call, node.function, *[_lift(part, found) for part in node.arguments]),
}  # fmt: skip
