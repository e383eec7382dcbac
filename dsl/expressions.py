"""Resolved expressions: what a condition means once its names and units are settled.

They carry no spans and no types, so two conditions that mean the same are equal and hash alike: holds and learned values follow
this meaning across a reload. Values are plain: number, percent (5% is 0.05), duration (seconds), size (bytes) and time (seconds since
1970 UTC) are floats; text is str; a flag is bool; a list is a tuple. Unknown is None everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Constant:
    value: object  # float | str | bool | tuple | None


@dataclass(frozen=True, slots=True)
class Field:
    """A value read from what a rule binds: `agent.labels.tier` is Field("agent", ("labels", "tier")).

    `subject` is a bound variable ("agent", "fault", "reply", a parameter of an action); `path` may be empty (a parameter itself).
    """

    subject: str
    path: tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A built-in function of the engine's vocabulary: `since(stream.last_update)`."""

    function: str
    arguments: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Not:
    operand: Expression


@dataclass(frozen=True, slots=True)
class And:
    operands: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Or:
    operands: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Compare:
    operator: str  # == != < <= > >= in contains matches
    left: Expression
    right: Expression
    order: tuple[str, ...] | None = None  # the closed set whose written order `<` follows


@dataclass(frozen=True, slots=True)
class Arithmetic:
    operator: str  # + - * / mod
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Negative:
    operand: Expression


@dataclass(frozen=True, slots=True)
class Template:
    """An interpolated text: literal pieces and expressions in turn. `formats` says how each expression's type is written out."""

    parts: tuple[str | Expression, ...]
    formats: tuple[str, ...] = ()  # one for each expression: number percent duration size time text


@dataclass(frozen=True, slots=True)
class ListOf:
    elements: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class MapOf:
    members: tuple[tuple[str, Expression], ...]


Expression = (
    Constant | Field | Call | Not | And | Or | Compare | Arithmetic | Negative | Template | ListOf | MapOf
)


def nodes_of(expression: Expression) -> list[Expression]:
    """The expression and everything in it, in the order in which it is written."""
    found = []
    waiting = [expression]
    while waiting:
        node = waiting.pop()
        found.append(node)
        waiting += children_of(node)[::-1]
    return found


def children_of(node: Expression) -> tuple[Expression, ...]:
    """Its parts, in the order in which they are written."""
    children = _CHILDREN.get(type(node))
    return () if children is None else children(node)


_CHILDREN: Mapping[type, Callable[[Any], tuple[Expression, ...]]] = {
    Call: lambda node: node.arguments,
    Not: lambda node: (node.operand,),
    Negative: lambda node: (node.operand,),
    And: lambda node: node.operands,
    Or: lambda node: node.operands,
    Compare: lambda node: (node.left, node.right),
    Arithmetic: lambda node: (node.left, node.right),
    Template: lambda node: tuple(part for part in node.parts if not isinstance(part, str)),
    ListOf: lambda node: node.elements,
    MapOf: lambda node: tuple(member for _, member in node.members),
}
