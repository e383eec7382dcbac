"""The tree: what stands where, before anybody asks what it means.

Every node knows its place as offsets into the text of its block, so a tree is the same wherever in a file its block stands.
Nodes are msgspec structs: a set of rules has hundreds of thousands, and these take a fifth of the time to make and none of the
garbage collector's.
"""

from __future__ import annotations

from typing import Any

import msgspec


class Node(msgspec.Struct, frozen=True, gc=False):
    """`start` and `end` are offsets into the block's text; the end is exclusive."""

    start: int
    end: int


# --- single values ------------------------------------------------------------------------------------------------


class Word(Node, frozen=True, gc=False):
    name: str


class Path(Node, frozen=True, gc=False):
    """`agent.labels.tier`, `body.items[0].id`, `f["odd key"]`: at least two parts."""

    parts: tuple[str | int, ...]


class Text(Node, frozen=True, gc=False):
    """A text in double quotes. `raw` is what stands between them, with its escapes and {expressions} untouched."""

    raw: str


class Raw(Node, frozen=True, gc=False):
    """A text in single quotes, taken as it stands."""

    text: str


class Number(Node, frozen=True, gc=False):
    value: float


class Quantity(Node, frozen=True, gc=False):
    """A number with units, `1h30m`; the units are not known yet."""

    text: str


class Percent(Node, frozen=True, gc=False):
    """`value` is the fraction: 5% is 0.05."""

    value: float


class TimeOfDay(Node, frozen=True, gc=False):
    text: str


class Flag(Node, frozen=True, gc=False):
    value: bool


# --- what is made of others -----------------------------------------------------------------------------------------


class Call(Node, frozen=True, gc=False):
    """`rate(x over 5m)`: every argument is a run of items."""

    name: str
    arguments: tuple[tuple[Node, ...], ...]


class List(Node, frozen=True, gc=False):
    elements: tuple[Node, ...]


class Named(Node, frozen=True, gc=False):
    """`status: "up"`. The name runs from `start` to `name_end`."""

    name: str
    value: Node
    name_end: int


class Map(Node, frozen=True, gc=False):
    members: tuple[Named, ...]


class Operator(Node, frozen=True, gc=False):
    """A sign or word between two operands, kept for its place: `+`, `not in`."""

    text: str


class Chain(Node, frozen=True, gc=False):
    """Operands joined by `+ -`, or by `* / mod`, to be taken from left to right."""

    first: Node
    rest: tuple[tuple[Operator, Node], ...]


class Compare(Node, frozen=True, gc=False):
    left: Node
    operator: Operator
    right: Node


class Negative(Node, frozen=True, gc=False):
    operand: Node


class Not(Node, frozen=True, gc=False):
    operand: Node


class And(Node, frozen=True, gc=False):
    operands: tuple[Node, ...]


class Or(Node, frozen=True, gc=False):
    operands: tuple[Node, ...]


# --- clauses ----------------------------------------------------------------------------------------------------------


class Comma(Node, frozen=True, gc=False):
    """Stands among a clause's items where it was written."""


class Equals(Node, frozen=True, gc=False):
    """`=`, among the items too."""


class Clause(Node, frozen=True, gc=False):
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
    changes: dict[str, Any] = {name: _moved(name, getattr(node, name), by) for name in node.__struct_fields__}
    return msgspec.structs.replace(node, **changes)


def _moved(name: str, value: object, by: int) -> object:
    if isinstance(value, Node):
        return moved(value, by)
    if isinstance(value, tuple):
        return tuple(_moved("", one, by) for one in value)
    return value + by if name in _PLACES and isinstance(value, int) else value
