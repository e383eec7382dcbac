"""Makes the tree while the parser runs. The methods carry the names of the grammar's rules and terminals; the automaton calls them."""

# The names of terminals are the grammar's, in capitals.
# ruff: noqa: N802

from __future__ import annotations

from typing import NamedTuple

import msgspec

from dsl.literals import path_parts
from dsl.syntax import (
    And,
    Call,
    Chain,
    Clause,
    Comma,
    Compare,
    Equals,
    Flag,
    List,
    Map,
    Named,
    Negative,
    Node,
    Not,
    Number,
    Operator,
    Or,
    Path,
    Percent,
    Quantity,
    Raw,
    Text,
    TimeOfDay,
    Word,
)


class _Body(NamedTuple):
    clauses: tuple[Clause, ...]
    end: int


class _Colon(NamedTuple):
    """`severity:` as the head of a clause, or the name of a named value."""

    start: int
    end: int
    name: str


class Sign(NamedTuple):
    """A token of which only the place matters: a bracket, the name of a call with its parenthesis."""

    start: int
    end: int
    text: str


class Builder:
    # --- terminals: what was written, and from where to where ---

    def WORD(self, text: str, start: int, end: int) -> Word:
        return Word(start, end, text)

    def PATH(self, text: str, start: int, end: int) -> Path:
        return Path(start, end, path_parts(text))

    def TEXT(self, text: str, start: int, end: int) -> Text:
        return Text(start, end, text[1:-1])

    def RAW(self, text: str, start: int, end: int) -> Raw:
        return Raw(start, end, text[1:-1])

    def NUMBER(self, text: str, start: int, end: int) -> Number:
        return Number(start, end, float(text))

    def QUANTITY(self, text: str, start: int, end: int) -> Quantity:
        return Quantity(start, end, text)

    def PERCENT(self, text: str, start: int, end: int) -> Percent:
        return Percent(start, end, float(text[:-1]) / 100)

    def TIME(self, text: str, start: int, end: int) -> TimeOfDay:
        return TimeOfDay(start, end, text)

    def FLAG(self, text: str, start: int, end: int) -> Flag:
        return Flag(start, end, text == "true")

    def NAME_IS(self, text: str, start: int, end: int) -> _Colon:
        name = text[:-1].rstrip(" \t")
        return _Colon(start, start + len(name), name)

    def COMMA(self, text: str, start: int, end: int) -> Comma:
        return Comma(start, end)

    def EQUALS(self, text: str, start: int, end: int) -> Equals:
        return Equals(start, end)

    def ADD(self, text: str, start: int, end: int) -> Operator:
        return Operator(start, end, " ".join(text.split()))

    MULTIPLY = COMPARE = ADD

    # --- expressions ---

    def or_(self, operands: list[Node]) -> Or:
        return Or(operands[0].start, operands[-1].end, tuple(operands))

    def and_(self, operands: list[Node]) -> And:
        return And(operands[0].start, operands[-1].end, tuple(operands))

    def not_(self, children: list[Sign | Node]) -> Node:
        first, operand = children[0], children[-1]
        assert isinstance(first, Sign)
        assert isinstance(operand, Node)
        if len(children) % 2:  # an even number of `not`
            return operand
        return Not(first.start, operand.end, operand)

    def comparison(self, children: list[Node]) -> Compare:
        left, operator, right = children
        assert isinstance(operator, Operator)
        return Compare(left.start, right.end, left, operator, right)

    def chain(self, children: list[Node]) -> Chain:
        pairs = zip(children[1::2], children[2::2], strict=True)
        rest = tuple((operator, operand) for operator, operand in pairs if isinstance(operator, Operator))
        return Chain(children[0].start, children[-1].end, children[0], rest)

    def negative(self, children: list[Sign | Node]) -> Negative:
        sign, operand = children
        assert isinstance(sign, Sign)
        assert isinstance(operand, Node)
        return Negative(sign.start, operand.end, operand)

    def group(self, children: list[Sign | Node]) -> Node:
        opening, inner, closing = children
        assert isinstance(opening, Sign)
        assert isinstance(inner, Node)
        assert isinstance(closing, Sign)
        return msgspec.structs.replace(inner, start=opening.start, end=closing.end)

    def argument(self, items: list[Node]) -> tuple[Node, ...]:
        return tuple(items)

    def call(self, children: list[Sign | Comma | tuple[Node, ...]]) -> Call:
        opening, closing = children[0], children[-1]
        assert isinstance(opening, Sign)
        assert isinstance(closing, Sign)
        arguments = tuple(child for child in children[1:-1] if not isinstance(child, (Comma, Sign)))
        return Call(opening.start, closing.end, opening.text[:-1], arguments)

    def list_(self, children: list[Sign | Node]) -> List:
        opening, closing = children[0], children[-1]
        assert isinstance(opening, Sign)
        assert isinstance(closing, Sign)
        elements = tuple(c for c in children if isinstance(c, Node) and not isinstance(c, Comma))
        return List(opening.start, closing.end, elements)

    def named(self, children: list[_Colon | Node]) -> Named:
        colon, value = children
        assert isinstance(colon, _Colon)
        assert isinstance(value, Node)
        return Named(colon.start, value.end, colon.name.strip('"'), value, colon.end)

    def map_(self, children: list[Sign | Node]) -> Map:
        opening, closing = children[0], children[-1]
        assert isinstance(opening, Sign)
        assert isinstance(closing, Sign)
        members = tuple(child for child in children if isinstance(child, Named))
        return Map(opening.start, closing.end, members)

    # --- clauses ---

    def body(self, children: list[Sign | Clause]) -> _Body:
        closing = children[-1]
        assert isinstance(closing, Sign)
        return _Body(tuple(child for child in children if isinstance(child, Clause)), closing.end)

    def clause(self, children: list[Word | _Colon | Node | _Body]) -> Clause:
        head, last = children[0], children[-1]
        assert isinstance(head, (Word, _Colon))
        body = last if isinstance(last, _Body) else None
        items = tuple(child for child in children[1:] if isinstance(child, Node))
        end = body.end if body else items[-1].end if items else head.end
        return Clause(
            head.start, end, head.name, items, body.clauses if body else None, isinstance(head, _Colon)
        )

    def block(self, clauses: list[Clause]) -> Clause:
        return clauses[0]
