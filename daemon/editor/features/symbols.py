"""The outline of a file, and its declarations by name."""

from __future__ import annotations

from collections.abc import Iterator

from lsprotocol import types

from daemon.editor.names import read_names
from daemon.editor.page import Page, Placed
from daemon.editor.server import Server
from dsl.syntax import Call, Clause, Raw, Text, Word

_KINDS = {
    "let": types.SymbolKind.Constant,
    "fact": types.SymbolKind.Struct,
    "event": types.SymbolKind.Event,
    "derive": types.SymbolKind.Struct,
    "agent": types.SymbolKind.Object,
    "probe": types.SymbolKind.Interface,
    "channel": types.SymbolKind.Interface,
    "workflow": types.SymbolKind.Function,
    "test": types.SymbolKind.Method,
    "use": types.SymbolKind.Module,
    "field": types.SymbolKind.Field,
    "key": types.SymbolKind.Key,
}
_PARTS = ("step", "try", "action", "field", "key")


def register(server: Server) -> None:
    @server.feature(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    def symbols(params: types.DocumentSymbolParams) -> list[types.DocumentSymbol]:
        page = server.page(params.text_document.uri)
        return [symbol for placed in page.blocks for symbol in _of_block(page, placed)]


def _of_block(page: Page, placed: Placed) -> Iterator[types.DocumentSymbol]:
    clause = read_names(placed.block.text).said[0].clause
    if clause.word == "language":
        return
    symbol = _symbol(page, placed.start, clause, placed.start + len(placed.block.text))
    if symbol is not None:
        inner = (_symbol(page, placed.start, one, placed.start + one.end) for one in clause.body or ())
        symbol.children = [one for one in inner if one is not None and one.detail in _PARTS]
        symbol.detail = " ".join(filter(None, (clause.word, _title(clause))))
        yield symbol


def _symbol(page: Page, base: int, clause: Clause, end: int) -> types.DocumentSymbol | None:
    name = _name(clause)
    if not name:
        return None
    first = clause.items[0]
    return types.DocumentSymbol(
        name,
        _KINDS.get(clause.word, types.SymbolKind.Class),
        page.range(base + clause.start, end),
        page.range(base + first.start, base + first.end),
        clause.word,
    )


def _name(clause: Clause) -> str:
    first = clause.items[0] if clause.items else None
    match first:
        case Word() | Call():
            return first.name
        case Text():
            return first.raw
        case Raw():
            return first.text
    return getattr(first, "name", "") or ".".join(map(str, getattr(first, "parts", ())))


def _title(clause: Clause) -> str:
    return next((item.raw for item in clause.items[1:2] if isinstance(item, Text)), "")
