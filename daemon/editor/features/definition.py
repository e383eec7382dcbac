"""Where a name is declared, and where a field is."""

from __future__ import annotations

from lsprotocol import types

from daemon.editor.meaning import aliases, declared_type
from daemon.editor.names import Name, read_names
from daemon.editor.page import Placed
from daemon.editor.references import declaring, name_at, target_at
from daemon.editor.rule_sets import Snapshot
from daemon.editor.server import Server


def register(server: Server) -> None:
    @server.feature(types.TEXT_DOCUMENT_DEFINITION)
    async def definition(params: types.DefinitionParams) -> list[types.Location]:
        page, offset, placed = server.at(params)
        snapshot = await server.newest(page.uri)
        field = _field_at(placed, offset)
        if placed is not None and field is not None:
            return _of_field(server, snapshot, placed, field)
        step = name_at(placed, offset)
        if placed is not None and step is not None and step.kind == "step":
            return _of_step(server, snapshot, placed, step)
        target = target_at(placed, offset, snapshot.known)
        found = declaring(server, snapshot, target) if target else ()
        return [types.Location(there.uri, there.range(start, end)) for there, start, end, _ in found]


def _field_at(placed: Placed | None, offset: int) -> Name | None:
    names = read_names(placed.block.text).names if placed else ()
    at = offset - (placed.start if placed else 0)
    return next((one for one in names if one.kind == "field" and one.start <= at <= one.end), None)


def _of_field(server: Server, snapshot: Snapshot, placed: Placed, field: Name) -> list[types.Location]:
    """Of a type that the rules declare; what is built in has no place."""
    path = field.name.split(".")
    owner = aliases(placed.block.text, snapshot.known).get(path[0], path[0])
    declared = declared_type(owner, snapshot.known) if len(path) == 2 else None
    if declared is None:
        return []
    page = server.page_named(snapshot, declared.block.source)
    return [
        types.Location(page.uri, page.range(one.start + name.start, one.start + name.end))
        for one in page.blocks
        if one.block.text == declared.block.text
        for name in read_names(one.block.text).names
        if name.kind == "field" and name.declares and name.name == path[1]
    ]


def _of_step(server: Server, snapshot: Snapshot, placed: Placed, step: Name) -> list[types.Location]:
    """In its own workflow, or in one that is named beside it."""
    named = {name.name for name in read_names(placed.block.text).names if name.kind == "workflow"}
    found = [declared for name, declared in snapshot.known.of("workflow").items() if name in named]
    return [
        types.Location(page.uri, page.range(one.start + name.start, one.start + name.end))
        for page in {
            declared.block.source: server.page_named(snapshot, declared.block.source) for declared in found
        }.values()
        for one in page.blocks
        if one.block.word == "workflow" and any(one.block.text == declared.block.text for declared in found)
        for name in read_names(one.block.text).names
        if name.kind == "step" and name.declares and name.name == step.name
    ]
