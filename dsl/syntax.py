"""The tree: what stands where, before anybody asks what it means.

Every node knows its place as offsets into the text of its block, so a tree is the same wherever in a file its block stands.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Node:
    """`start` and `end` are offsets into the block's text; the end is exclusive."""

    start: int
    end: int


# --- single values ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Word(Node):
    name: str


@dataclass(frozen=True, slots=True)
class Path(Node):
    """`agent.labels.tier`, `body.items[0].id`, `f["odd key"]`: at least two parts."""

    parts: tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Text(Node):
    """A text in double quotes. `raw` is what stands between them, with its escapes and {expressions} untouched."""

    raw: str


@dataclass(frozen=True, slots=True)
class Raw(Node):
    """A text in single quotes, taken as it stands."""

    text: str


@dataclass(frozen=True, slots=True)
class Number(Node):
    value: float


@dataclass(frozen=True, slots=True)
class Quantity(Node):
    """A number with units, `1h30m`; the units are not known yet."""

    text: str


@dataclass(frozen=True, slots=True)
class Percent(Node):
    """`value` is the fraction: 5% is 0.05."""

    value: float


@dataclass(frozen=True, slots=True)
class TimeOfDay(Node):
    text: str


@dataclass(frozen=True, slots=True)
class Flag(Node):
    value: bool


# --- what is made of others -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Call(Node):
    """`rate(x over 5m)`: every argument is a run of items."""

    name: str
    arguments: tuple[tuple[Node, ...], ...]


@dataclass(frozen=True, slots=True)
class List(Node):
    elements: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Named(Node):
    """`status: "up"`. The name runs from `start` to `name_end`."""

    name: str
    value: Node
    name_end: int


@dataclass(frozen=True, slots=True)
class Map(Node):
    members: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class Operator(Node):
    """A sign or word between two operands, kept for its place: `+`, `not in`."""

    text: str


@dataclass(frozen=True, slots=True)
class Chain(Node):
    """Operands joined by `+ -`, or by `* / mod`, to be taken from left to right."""

    first: Node
    rest: tuple[tuple[Operator, Node], ...]


@dataclass(frozen=True, slots=True)
class Compare(Node):
    left: Node
    operator: Operator
    right: Node


@dataclass(frozen=True, slots=True)
class Negative(Node):
    operand: Node


@dataclass(frozen=True, slots=True)
class Not(Node):
    operand: Node


@dataclass(frozen=True, slots=True)
class And(Node):
    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or(Node):
    operands: tuple[Node, ...]


# --- clauses ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Comma(Node):
    """Stands among a clause's items where it was written."""


@dataclass(frozen=True, slots=True)
class Equals(Node):
    """`=`, among the items too."""


@dataclass(frozen=True, slots=True)
class Clause(Node):
    """A word, its values, and perhaps a body in braces.

    `colon`: the word was written `word:`, a mistake that is told apart. `broken`: something in its line could not be read; what is
    left is its word and its body, and nothing may be concluded from what is missing. `incomplete`: the same of a line in its braces of
    which nothing is left.
    """

    word: str
    items: tuple[Node, ...]
    body: tuple[Clause, ...] | None
    colon: bool = False
    broken: bool = False
    incomplete: bool = False

    @property
    def word_end(self) -> int:
        return self.start + len(self.word)

    @property
    def line_end(self) -> int:
        """Where the clause's own line ends, before its body."""
        return self.items[-1].end if self.items else self.word_end + self.colon


# --- moving -----------------------------------------------------------------------------------------------------------

_PLACES = ("start", "end", "name_end")


def moved(node: Node, by: int) -> Node:
    """The same tree, so many characters further on."""
    changes: dict[str, Any] = {
        one.name: _moved(one.name, getattr(node, one.name), by) for one in fields(node)
    }
    return replace(node, **changes)


def _moved(name: str, value: object, by: int) -> object:
    if isinstance(value, Node):
        return moved(value, by)
    if isinstance(value, tuple):
        return tuple(_moved("", one, by) for one in value)
    return value + by if name in _PLACES and isinstance(value, int) else value
