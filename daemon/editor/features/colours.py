"""Semantic tokens: words, which name is a type, a rule, a constant; texts, numbers and comments for editors that have no grammar."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator

from lsprotocol import types

from daemon.editor.coloured import OPERATORS
from daemon.editor.meaning import target_of, type_named
from daemon.editor.names import Name, read_names
from daemon.editor.page import Page, Placed
from daemon.editor.server import Server
from dsl.resolve.known import Known
from dsl.structure import TOKENS, blank_texts, without_comments

_TYPES = (
    *("keyword", "type", "class", "variable", "property", "function", "method"),
    *("comment", "string", "number", "operator"),
)
Token = tuple[int, int, str, int]  # from, to, what, and with which modifiers
_PLAIN = {"number": "number", "operator": "keyword"}
_PLAIN_TOKEN = re.compile(
    rf"(?P<number>(?<![\w.])\d[\w.%:]*)|\b(?P<operator>{'|'.join(OPERATORS)})\b(?![.:(])"
)
_OF_KIND = {
    "type": "type",
    "let": "variable",
    "field": "property",
    "function": "function",
    "own action": "method",
}
_DECLARATION = 1


def register(server: Server) -> None:
    @server.feature(
        types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL,
        types.SemanticTokensLegend(list(_TYPES), ["declaration"]),
    )
    async def tokens(params: types.SemanticTokensParams) -> types.SemanticTokens:
        page = server.page(params.text_document.uri)
        known = (await server.snapshot(page.uri)).known
        return types.SemanticTokens(_encoded(page, known, 0, len(page.text)))

    @server.feature(
        types.TEXT_DOCUMENT_SEMANTIC_TOKENS_RANGE,
        types.SemanticTokensLegend(list(_TYPES), ["declaration"]),
    )
    async def some(params: types.SemanticTokensRangeParams) -> types.SemanticTokens:
        page = server.page(params.text_document.uri)
        known = (await server.snapshot(page.uri)).known
        start, end = page.offset(params.range.start), page.offset(params.range.end)
        return types.SemanticTokens(_encoded(page, known, start, end))


def _encoded(page: Page, known: Known, first: int, last: int) -> list[int]:
    """The tokens between two offsets, each as five numbers, relative to the one before."""
    data: list[int] = []
    line = column = 0
    for start, end, kind, modifiers in _tokens(page, known, first, last):
        where = page.position(start)
        length = page.position(end).character - where.character
        data += [
            where.line - line,
            where.character - (column if where.line == line else 0),
            length,
            _TYPES.index(kind),
            modifiers,
        ]
        line, column = where.line, where.character
    return data


def _tokens(page: Page, known: Known, first: int, last: int) -> Iterator[Token]:
    """Of whole declarations: those that the two offsets touch."""
    blocks = [one for one in page.blocks if one.start <= last and one.start + len(one.block.text) >= first]
    if blocks:
        first = min(first, blocks[0].start)
        last = max(last, blocks[-1].start + len(blocks[-1].block.text))
    names = sorted(_names(blocks, known))
    outside = blank_texts(without_comments(page.text))
    plain = [
        (*match.span(), _PLAIN[match.lastgroup or ""], 0)
        for match in _PLAIN_TOKEN.finditer(outside, first, last)
    ]
    taken = {start for start, *_ in names}
    written = [piece for match in TOKENS.finditer(page.text, first, last) for piece in _pieces(match, names)]
    yield from sorted([*names, *written, *(one for one in plain if one[0] not in taken)])


def _names(blocks: Iterable[Placed], known: Known) -> Iterator[Token]:
    for placed in blocks:
        reading = read_names(placed.block.text)
        found = {
            (said.clause.start, said.clause.word_end): ("keyword", 0) for said in reading.said if said.word
        }
        for name in reading.names:
            kind = _kind(name, known)
            if kind:
                found.setdefault((name.start, name.end), (kind, _DECLARATION if name.declares else 0))
        for (start, end), (kind, modifiers) in found.items():
            yield placed.start + start, placed.start + end, kind, modifiers


def _pieces(match: re.Match[str], names: list[Token]) -> Iterator[Token]:
    """A comment, or a text without the names between its braces."""
    if match[0][0] == "#":
        yield (*match.span(), "comment", 0)
    elif match[0][0] in "\"'":
        start = match.start()
        for at, end, *_ in names[bisect_left(names, (start,)) : bisect_left(names, (match.end(),))]:
            yield start, at, "string", 0
            start = end
        yield start, match.end(), "string", 0


def _kind(name: Name, known: Known) -> str:
    if name.kind == "value":
        target = target_of(name, known)
        if target is not None:
            return _OF_KIND[target.kind]
        return "type" if type_named(name.name, known) else ""
    return _OF_KIND.get(name.kind, "class")
