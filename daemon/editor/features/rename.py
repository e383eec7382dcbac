"""Another name for a declaration, wherever it is named: in its file and in all others of the rule set."""

from __future__ import annotations

import re
from pathlib import Path

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from daemon.editor.meaning import Target, declaration, type_named
from daemon.editor.references import Place, name_at, places, target_at
from daemon.editor.rule_sets import Snapshot, place_of
from daemon.editor.server import Server

_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_RESERVED = frozenset({"and", "or", "not", "in", "contains", "matches", "true", "false"})


class CannotRename(JsonRpcException):
    """The message is shown to whoever asked."""

    CODE = -32803  # RequestFailed
    MESSAGE = "this cannot be renamed"


def register(server: Server) -> None:
    @server.feature(types.TEXT_DOCUMENT_PREPARE_RENAME)
    async def prepare(params: types.PrepareRenameParams) -> types.PrepareRenamePlaceholder | None:
        page, offset, placed = server.at(params)
        snapshot = await server.newest(page.uri)
        name = name_at(placed, offset)
        target = target_at(placed, offset, snapshot.known)
        if name is None or target is None or placed is None:
            return None
        _declared_here(snapshot, target)
        where = page.range(placed.start + name.start, placed.start + name.end)
        return types.PrepareRenamePlaceholder(where, name.name)

    @server.feature(types.TEXT_DOCUMENT_RENAME, types.RenameOptions(prepare_provider=True))
    async def rename(params: types.RenameParams) -> types.WorkspaceEdit | None:
        page, offset, placed = server.at(params)
        snapshot = await server.newest(page.uri)
        target = target_at(placed, offset, snapshot.known)
        if target is None:
            return None
        _declared_here(snapshot, target)
        _free(snapshot, target, params.new_name)
        return _edit(list(places(server, snapshot, target)), params.new_name)


def _declared_here(snapshot: Snapshot, target: Target) -> None:
    """Raises CannotRename for what the standard rules, or files that only root may write, declare."""
    if target.kind == "own action":
        return
    declared = declaration(target, snapshot.known)
    if declared is None:
        raise CannotRename(f"`{target.name}` is declared nowhere in these rules")
    if declared.block.source not in snapshot.given and not _beside(snapshot, declared.block.source):
        raise CannotRename(
            f"`{target.name}` is declared in {declared.block.source}, which is not of these rules"
        )


def _beside(snapshot: Snapshot, name: str) -> bool:
    """Whether a file that is used lies below the directory of the rules."""
    return any(place_of(name).is_relative_to(Path(given).parent) for given in snapshot.given)


def _free(snapshot: Snapshot, target: Target, name: str) -> None:
    if not _NAME.fullmatch(name) or name in _RESERVED:
        raise CannotRename(
            f"`{name}` is no name: letters, digits and _ make one, and it begins with no digit"
        )
    taken = declaration(Target(target.kind, name), snapshot.known)
    if taken is not None:
        raise CannotRename(f"{taken.block.source} declares `{name}` already")
    if target.kind == "type" and type_named(name, snapshot.known) is not None:
        raise CannotRename(f"the fact type `{name}` is always there")


def _edit(found: list[Place], name: str) -> types.WorkspaceEdit:
    changes: dict[str, list[types.TextEdit]] = {}
    for page, start, end, _ in found:
        changes.setdefault(page.uri, []).append(types.TextEdit(page.range(start, end), name))
    return types.WorkspaceEdit(changes)
