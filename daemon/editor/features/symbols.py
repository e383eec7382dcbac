"""The outline of a file, and its declarations by name."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lsprotocol import types

from daemon.editor.names import read_names
from daemon.editor.page import Page, Placed
from daemon.editor.rule_sets import Snapshot
from daemon.editor.server import Server
from dsl.resolve.declarations import span_of
from dsl.resolve.known import Declared
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

    @server.feature(types.WORKSPACE_SYMBOL)
    def everywhere(params: types.WorkspaceSymbolParams) -> list[types.WorkspaceSymbol]:
        """Declarations of all rules that are open, whose names hold the letters that were asked for, in their order."""
        asked = re.compile(".*".join(map(re.escape, params.query.lower())))
        snapshots = [rules.snapshot for rules in server.sets.values() if rules.snapshot is not None]
        return [
            _found(server, snapshot, name, declared)
            for snapshot in snapshots
            for by_name in snapshot.known.declared.values()
            for name, declared in by_name.items()
            if asked.search(name.lower()) and declared.block.source in snapshot.sources
        ]


def _found(server: Server, snapshot: Snapshot, name: str, declared: Declared) -> types.WorkspaceSymbol:
    page = server.page_named(snapshot, declared.block.source)
    location = types.Location(page.uri, page.range_of(span_of(declared.block, declared.clause)))
    return types.WorkspaceSymbol(
        location, name, _KINDS.get(declared.kind, types.SymbolKind.Class), container_name=declared.kind
    )


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
