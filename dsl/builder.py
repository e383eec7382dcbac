"""Makes the tree while the parser runs. The methods carry the names of the grammar's rules and terminals; lark calls them."""

# The names of terminals are the grammar's, in capitals.
# ruff: noqa: N802

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from lark import Token

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


def _start(token: Token) -> int:
    return token.start_pos or 0


def _end(token: Token) -> int:
    return token.end_pos or 0


class Builder:
    # --- terminals ---

    def WORD(self, token: Token) -> Word:
        return Word(_start(token), _end(token), str(token))

    def PATH(self, token: Token) -> Path:
        return Path(_start(token), _end(token), path_parts(str(token)))

    def TEXT(self, token: Token) -> Text:
        return Text(_start(token), _end(token), token[1:-1])

    def RAW(self, token: Token) -> Raw:
        return Raw(_start(token), _end(token), token[1:-1])

    def NUMBER(self, token: Token) -> Number:
        return Number(_start(token), _end(token), float(token))

    def QUANTITY(self, token: Token) -> Quantity:
        return Quantity(_start(token), _end(token), str(token))

    def PERCENT(self, token: Token) -> Percent:
        return Percent(_start(token), _end(token), float(token[:-1]) / 100)

    def TIME(self, token: Token) -> TimeOfDay:
        return TimeOfDay(_start(token), _end(token), str(token))

    def FLAG(self, token: Token) -> Flag:
        return Flag(_start(token), _end(token), token == "true")

    def NAME_IS(self, token: Token) -> _Colon:
        name = token[:-1].rstrip(" \t")
        return _Colon(_start(token), _start(token) + len(name), name)

    def COMMA(self, token: Token) -> Comma:
        return Comma(_start(token), _end(token))

    def EQUALS(self, token: Token) -> Equals:
        return Equals(_start(token), _end(token))

    def _operator(self, token: Token) -> Operator:
        return Operator(_start(token), _end(token), " ".join(token.split()))

    ADD = MULTIPLY = COMPARE = _operator

    # --- expressions ---

    def or_(self, operands: list[Node]) -> Or:
        return Or(operands[0].start, operands[-1].end, tuple(operands))

    def and_(self, operands: list[Node]) -> And:
        return And(operands[0].start, operands[-1].end, tuple(operands))

    def not_(self, children: list[Token | Node]) -> Node:
        first, operand = children[0], children[-1]
        assert isinstance(first, Token)
        assert isinstance(operand, Node)
        if len(children) % 2:  # an even number of `not`
            return operand
        return Not(_start(first), operand.end, operand)

    def comparison(self, children: list[Node]) -> Compare:
        left, operator, right = children
        assert isinstance(operator, Operator)
        return Compare(left.start, right.end, left, operator, right)

    def chain(self, children: list[Node]) -> Chain:
        pairs = zip(children[1::2], children[2::2], strict=True)
        rest = tuple((operator, operand) for operator, operand in pairs if isinstance(operator, Operator))
        return Chain(children[0].start, children[-1].end, children[0], rest)

    def negative(self, children: list[Token | Node]) -> Negative:
        sign, operand = children
        assert isinstance(sign, Token)
        assert isinstance(operand, Node)
        return Negative(_start(sign), operand.end, operand)

    def group(self, children: list[Token | Node]) -> Node:
        opening, inner, closing = children
        assert isinstance(opening, Token)
        assert isinstance(inner, Node)
        assert isinstance(closing, Token)
        return replace(inner, start=_start(opening), end=_end(closing))

    def argument(self, items: list[Node]) -> tuple[Node, ...]:
        return tuple(items)

    def call(self, children: list[Token | Comma | tuple[Node, ...]]) -> Call:
        opening, closing = children[0], children[-1]
        assert isinstance(opening, Token)
        assert isinstance(closing, Token)
        arguments = tuple(child for child in children[1:-1] if not isinstance(child, (Comma, Token)))
        return Call(_start(opening), _end(closing), opening[:-1], arguments)

    def list_(self, children: list[Token | Node]) -> List:
        opening, closing = children[0], children[-1]
        assert isinstance(opening, Token)
        assert isinstance(closing, Token)
        elements = tuple(c for c in children if isinstance(c, Node) and not isinstance(c, Comma))
        return List(_start(opening), _end(closing), elements)

    def named(self, children: list[_Colon | Node]) -> Named:
        colon, value = children
        assert isinstance(colon, _Colon)
        assert isinstance(value, Node)
        return Named(colon.start, value.end, colon.name.strip('"'), value, colon.end)

    def map_(self, children: list[Token | Node]) -> Map:
        opening, closing = children[0], children[-1]
        assert isinstance(opening, Token)
        assert isinstance(closing, Token)
        members = tuple(child for child in children if isinstance(child, Named))
        return Map(_start(opening), _end(closing), members)

    # --- clauses ---

    def body(self, children: list[Token | Clause]) -> _Body:
        closing = children[-1]
        assert isinstance(closing, Token)
        return _Body(tuple(child for child in children if isinstance(child, Clause)), _end(closing))

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
