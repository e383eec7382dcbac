"""Semantic tokens: which name is a type, which a rule, which a constant. Words, texts and numbers are the grammar's to colour."""

from __future__ import annotations

from collections.abc import Iterator

from lsprotocol import types

from daemon.editor.meaning import target_of, type_named
from daemon.editor.names import Name, read_names
from daemon.editor.page import Page
from daemon.editor.server import Server
from dsl.resolve.known import Known

_TYPES = ("keyword", "type", "class", "variable", "property", "function", "method")
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
        return types.SemanticTokens(_encoded(page, known))


def _encoded(page: Page, known: Known) -> list[int]:
    """Each token as five numbers, relative to the one before."""
    data: list[int] = []
    line = column = 0
    for start, end, kind, modifiers in _tokens(page, known):
        where = page.position(start)
        length = page.position(end).character - where.character
        data += [
            where.line - line,
            where.character - (column if where.line == line else 0),
            length,
            kind,
            modifiers,
        ]
        line, column = where.line, where.character
    return data


def _tokens(page: Page, known: Known) -> Iterator[tuple[int, int, int, int]]:
    for placed in page.blocks:
        reading = read_names(placed.block.text)
        found = {
            (said.clause.start, said.clause.word_end): ("keyword", 0) for said in reading.said if said.word
        }
        for name in reading.names:
            kind = _kind(name, known)
            if kind:
                found.setdefault((name.start, name.end), (kind, _DECLARATION if name.declares else 0))
        for (start, end), (kind, modifiers) in sorted(found.items()):
            yield placed.start + start, placed.start + end, _TYPES.index(kind), modifiers


def _kind(name: Name, known: Known) -> str:
    if name.kind == "value":
        target = target_of(name, known)
        if target is not None:
            return _OF_KIND[target.kind]
        return "type" if type_named(name.name, known) else ""
    return _OF_KIND.get(name.kind, "class")
