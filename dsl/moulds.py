"""Blocks that differ in names, numbers and texts alone have trees that differ in these and in places alone: the second of a kind is parsed
to make a mould, and those that follow are cast.

A block's shape is everything in it but the names, numbers and texts: of these it holds the kind, which is so narrow that one piece can
stand for the other wherever the grammar takes it. (`in` and `true` are no names, `7` and `7.5` are of two kinds since only one can stand
in the path `items[7]`.) Casting costs a quarter of parsing.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Mapping
from itertools import accumulate
from typing import Any

import msgspec

from dsl import automaton
from dsl.automaton import Seen
from dsl.builder import Builder
from dsl.syntax import (
    Call,
    Clause,
    Flag,
    Named,
    Node,
    Number,
    Path,
    Percent,
    Quantity,
    Raw,
    Text,
    TimeOfDay,
    Word,
)

_PIECE = re.compile(r"""("[^"\n]*"|'[^'\n]*'|[A-Za-z_][A-Za-z0-9_]*|[0-9][\w.%:]*)""")
_KINDS = {
    "integer": re.compile(r"[0-9]+"),
    "decimal": re.compile(r"[0-9]+\.[0-9]+"),
    "quantity": re.compile(r"([0-9]+(\.[0-9]+)?[A-Za-z]+)+"),
    "percent": re.compile(r"[0-9]+(\.[0-9]+)?%"),
    "time": re.compile(r"[0-9][0-9]:[0-9][0-9](:[0-9][0-9])?"),
    '"': re.compile(r'"[^"\n]*"'),
    "'": re.compile(r"'[^'\n]*'"),
    "name": re.compile(r"[A-Za-z_][A-Za-z0-9_]*"),
}
_NO_NAMES = frozenset({"and", "or", "not", "in", "contains", "matches", "mod", "true", "false"})
_MOST_SHAPES = 2000
_MOST_PIECES = 50_000

Shape = tuple[str, ...]
Ends = list[int]  # where each piece, and what stands before it, ends
Make = Callable[[str, Ends], Any]


class _Kinds(dict[str, str]):
    """Piece to kind. What is of none stands for itself."""

    def __missing__(self, piece: str) -> str:
        if len(self) >= _MOST_PIECES:
            self.clear()
        of = (name for name, pattern in _KINDS.items() if pattern.fullmatch(piece))
        kind = self[piece] = piece if piece in _NO_NAMES else next(of, piece)
        return kind


class Moulds:
    """Those that were made so far, by shape; False: one block of that shape was seen; None: it has no mould."""

    def __init__(self) -> None:
        self._kinds = _Kinds()
        self._made: dict[Shape, Make | bool | None] = {}

    def tree(self, text: str) -> Clause | None:
        """The tree of a block, as `automaton.parse` gives it; None where it does not parse."""
        if "\\" in text:  # behind one, a quote may be no end of a text
            return _parsed(text)
        pieces = _PIECE.split(text)
        ends = list(accumulate(map(len, pieces)))
        pieces[1::2] = map(self._kinds.__getitem__, pieces[1::2])
        shape = tuple(pieces)
        make = self._made.get(shape, True)
        if callable(make):
            clause: Clause = make(text, ends)
            return clause
        if make is None:
            return _parsed(text)
        return self._first(shape, text) if make else self._second(shape, text, ends)

    def _first(self, shape: Shape, text: str) -> Clause | None:
        if len(self._made) >= _MOST_SHAPES:
            self._made.clear()
        self._made[shape] = False
        return _parsed(text)

    def _second(self, shape: Shape, text: str, ends: Ends) -> Clause | None:
        clause, seen = automaton.parse_seeing(text, "block")
        if not isinstance(clause, Clause):
            self._made[shape] = None
            return None
        make = _Mould(text, ends, seen).of(clause)
        self._made[shape] = make if make is not None and make(text, ends) == clause else None
        return clause


def _parsed(text: str) -> Clause | None:
    tree = automaton.parse(text, "block")
    assert tree is None or isinstance(tree, Clause)
    return tree


# --- making a mould ---------------------------------------------------------------------------------------------------

_LITERALS = {
    "WORD": Word, "PATH": Path, "TEXT": Text, "RAW": Raw, "NUMBER": Number, "QUANTITY": Quantity,
    "PERCENT": Percent, "TIME": TimeOfDay, "FLAG": Flag,
}  # fmt: skip
_NAMING = ("WORD", "NAME_IS", "CALL")
_BUILDER = Builder()


class _NoMouldError(Exception):
    """Something begins or ends within a piece."""


class _Mould:
    """Turns the nodes of a tree into functions that make the like of them from another text of the same shape."""

    def __init__(self, text: str, ends: Ends, seen: list[Seen]) -> None:
        self._text = text
        self._ends = ends
        self._tokens = [one for one in seen if one.name in _LITERALS or one.name in _NAMING]
        self._starts = [one.start for one in self._tokens]

    def of(self, clause: Clause) -> Make | None:
        try:
            return self._node(clause)
        except _NoMouldError:
            return None

    def _place(self, offset: int) -> tuple[int, int]:
        """The piece at whose end an offset is, or behind it by so much."""
        index = bisect_left(self._ends, offset)
        if self._ends[index] == offset:
            return index, 0
        if index % 2 or not index:
            raise _NoMouldError
        return index - 1, offset - self._ends[index - 1]

    def _node(self, node: Node) -> Make:
        token = self._token(node)
        if token is not None and isinstance(node, _LITERALS.get(token.name, ())):
            return self._literal(node, token)
        named = {"word", "name"} if isinstance(node, (Clause, Call, Named)) else set()
        fields = [
            self._name(str(value), token) if name in named and token is not None else self._value(name, value)
            for name, value in _said(node).items()
        ]
        return _composite(type(node), self._place(node.start), self._place(node.end), fields)

    def _token(self, node: Node) -> Seen | None:
        """The first of a node that is a literal or a name; signs before it are parentheses."""
        index = bisect_left(self._starts, node.start)
        return self._tokens[index] if index < len(self._tokens) else None

    def _literal(self, node: Node, token: Seen) -> Make:
        build = getattr(_BUILDER, token.name)
        make = _leaf(build, self._place(token.start), self._place(token.end))
        if (token.start, token.end) == (node.start, node.end):
            return make
        return _in_parentheses(make, self._place(node.start), self._place(node.end))

    def _name(self, name: str, token: Seen) -> Make:
        """What a clause, a call or a value is called; of `"odd key": 1` what stands between the quotes."""
        quote = int(self._text[token.start] == '"' and not name.startswith('"'))
        (first, more), (last, further) = (
            self._place(token.start),
            self._place(token.start + len(name) + 2 * quote),
        )
        return lambda text, ends: text[ends[first] + more + quote : ends[last] + further - quote]

    def _value(self, name: str, value: object) -> Make:
        if isinstance(value, Node):
            return self._node(value)
        if isinstance(value, tuple):
            return _together([self._value("", one) for one in value])
        if name == "name_end" and isinstance(value, int):
            index, more = self._place(value)
            return lambda text, ends: ends[index] + more
        return lambda text, ends: value


def _said(node: Node) -> Mapping[str, object]:
    """The fields behind the places, without those at the end that are as they are where nothing is said."""
    names = list(node.__struct_fields__[2:])
    defaults = dict(zip(reversed(names), reversed(node.__struct_defaults__), strict=False))
    while names and names[-1] in defaults and getattr(node, names[-1]) == defaults[names[-1]]:
        names.pop()
    return {name: getattr(node, name) for name in names}


def _leaf(build: Callable[[str, int, int], Any], start: tuple[int, int], end: tuple[int, int]) -> Make:
    (first, more), (last, further) = start, end

    def make(text: str, ends: Ends) -> Any:
        begin, stop = ends[first] + more, ends[last] + further
        return build(text[begin:stop], begin, stop)

    return make


def _in_parentheses(inner: Make, start: tuple[int, int], end: tuple[int, int]) -> Make:
    (first, more), (last, further) = start, end

    def make(text: str, ends: Ends) -> Any:
        return msgspec.structs.replace(inner(text, ends), start=ends[first] + more, end=ends[last] + further)

    return make


def _composite(kind: type[Node], start: tuple[int, int], end: tuple[int, int], fields: list[Make]) -> Make:
    (first, more), (last, further) = start, end

    def make(text: str, ends: Ends) -> Any:
        return kind(ends[first] + more, ends[last] + further, *[one(text, ends) for one in fields])

    return make


def _together(makes: list[Make]) -> Make:
    return lambda text, ends: tuple([make(text, ends) for make in makes])
