"""Where a declaration is named, in all files of the rule set."""

from __future__ import annotations

from lsprotocol import types

from daemon.editor.references import places, target_at
from daemon.editor.server import Server


def register(server: Server) -> None:
    @server.feature(types.TEXT_DOCUMENT_REFERENCES)
    async def references(params: types.ReferenceParams) -> list[types.Location]:
        page, offset, placed = server.at(params)
        snapshot = await server.newest(page.uri)
        target = target_at(placed, offset, snapshot.known)
        if target is None:
            return []
        return [
            types.Location(there.uri, there.range(start, end))
            for there, start, end, found in places(server, snapshot, target)
            if params.context.include_declaration or not found.declares
        ]

    @server.feature(types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT)
    async def highlight(params: types.DocumentHighlightParams) -> list[types.DocumentHighlight]:
        page, offset, placed = server.at(params)
        snapshot = await server.snapshot(page.uri)
        target = target_at(placed, offset, snapshot.known)
        if target is None:
            return []
        return [
            types.DocumentHighlight(there.range(start, end))
            for there, start, end, _ in places(server, snapshot, target)
            if there.uri == page.uri
        ]
