"""The outline of a block: its clauses with every token as it was written and every comment. Where lines break is the writer's choice,
and may be changed here by `dsl.format.breaking`."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import msgspec

from dsl.automaton import Seen
from dsl.format.gaps import NOTHING, Gap, joined, read_gap

OPENING = frozenset({"CALL", "LPAR", "LSQB", "LBRACE"})
CLOSING = frozenset({"RPAR", "RSQB", "RBRACE"})
JOINING = frozenset({"AND", "OR"})
_VALUE_FOLLOWS = frozenset({"NAME_IS", "COMPARE", "EQUALS"})
_COMPOUNDS = {"for": "each", "only": "if", "inhibited": "by", "catch": "up", "at": "*"}
_SPACED = frozenset({"COMPARE"})


class Piece(msgspec.Struct):
    """One token of a clause's values. `gap` is what stands before it; `depth` how many brackets are open before it."""

    kind: str
    text: str
    gap: Gap
    depth: int = 0


class Body(msgspec.Struct):
    """What stands in braces. `inline`: on one line. `closing` is the gap before the closing brace."""

    clauses: list[Clause]
    closing: Gap
    inline: bool


class Clause(msgspec.Struct):
    """`gap` is what stands before it; `head` its word, and what is read with it."""

    gap: Gap
    head: str
    values: list[Piece] = msgspec.field(default_factory=list)
    body: Body | None = None


class Outline(msgspec.Struct, frozen=True):
    """A whole block. `behind` is the comment after its last token, `below` are those on lines of their own that follow: a `;` may stand
    behind them."""

    clause: Clause
    behind: str
    below: tuple[str, ...]


class _Token(msgspec.Struct):
    kind: str
    text: str
    gap: Gap
    ends: bool  # an end of a line or a `;` stands before it, where the grammar may see one


def outline(text: str, tokens: Sequence[Seen]) -> Outline:
    """`tokens` are those of the grammar, of a text that parses."""
    found, last = _with_gaps(text, tokens)
    clause, _ = _clause(found, 0)
    return Outline(clause, last.behind, last.above)


def _with_gaps(text: str, tokens: Sequence[Seen]) -> tuple[list[_Token], Gap]:
    found: list[_Token] = []
    end, ends = 0, False
    for token in tokens:
        if token.name == "_END":
            ends = True
            continue
        written = _written(token.name, text[token.start : token.end])
        found.append(_Token(token.name, written, read_gap(text[end : token.start]), ends))
        end, ends = token.end, False
    return found, read_gap(text[end:])


def _written(name: str, token: str) -> str:
    """The token as it is written in canonical form."""
    if name == "NAME_IS":
        return token[:-1].rstrip(" \t") + ":"
    return " ".join(token.split()) if name in _SPACED else token


def _clause(tokens: Sequence[_Token], at: int) -> tuple[Clause, int]:
    """The clause whose word stands at `at`, and where the next token stands."""
    head = tokens[at]
    clause = Clause(head.gap, head.text)
    at += 1
    depth = 0
    while at < len(tokens):
        token, before = tokens[at], tokens[at - 1]
        if depth == 0 and _is_over(token, before):
            break
        if depth == 0 and token.kind == "LBRACE" and (before is head or before.kind not in _VALUE_FOLLOWS):
            clause.body, at = _body(tokens, at + 1)
            break
        depth -= token.kind in CLOSING
        clause.values.append(Piece(token.kind, token.text, token.gap, depth))
        depth += token.kind in OPENING
        at += 1
    clause.values = _without_last_commas(_operators_first(clause.values))
    _compound(clause)
    return clause, at


def _compound(clause: Clause) -> None:
    """`for each`, and `at 10s` of a test, are read as one word."""
    meant = _COMPOUNDS.get(clause.head)
    if meant is None or not clause.values:
        return
    first = clause.values[0]
    if first.kind in OPENING or any(piece.gap.breaks for piece in clause.values[:2]):
        return
    if meant in ("*", first.text):
        clause.head = f"{clause.head} {first.text}"
        del clause.values[0]


def _is_over(token: _Token, before: _Token) -> bool:
    return token.kind == "RBRACE" or (token.ends and before.kind != "COMMA" and before.kind not in JOINING)


def _body(tokens: Sequence[_Token], at: int) -> tuple[Body, int]:
    clauses: list[Clause] = []
    while tokens[at].kind != "RBRACE":
        clause, at = _clause(tokens, at)
        clauses.append(clause)
    closing = tokens[at].gap
    inline = not closing.breaks and all(_is_on_one_line(clause) for clause in clauses)
    return Body(clauses, closing, inline), at + 1


def _is_on_one_line(clause: Clause) -> bool:
    return not clause.gap.breaks and is_unbroken(clause)


def is_unbroken(clause: Clause) -> bool:
    """Whether it stands on one line, all of it."""
    return not any(piece.gap.breaks for piece in clause.values) and (
        clause.body is None or clause.body.inline
    )


def _operators_first(pieces: list[Piece]) -> list[Piece]:
    """`a and ⏎ b` becomes `a ⏎ and b`."""
    for piece, after in pairwise(pieces):
        if piece.kind in JOINING and after.gap.breaks:
            piece.gap, after.gap = joined(piece.gap, after.gap), NOTHING
    return pieces


def _without_last_commas(pieces: list[Piece]) -> list[Piece]:
    """A comma before a closing bracket goes, unless the bracket stands on a line of its own."""
    kept: list[Piece] = []
    for piece in pieces:
        if piece.kind in CLOSING and kept and kept[-1].kind == "COMMA" and not piece.gap.breaks:
            comma = kept.pop()
            piece.gap = joined(comma.gap, piece.gap)
        kept.append(piece)
    return kept
