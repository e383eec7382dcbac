"""Where a declaration is named, in all files of a rule set."""

from __future__ import annotations

from collections.abc import Iterator

from daemon.editor.meaning import Target, declaration, target_of
from daemon.editor.names import Name, read_names
from daemon.editor.page import Page, Placed
from daemon.editor.rule_sets import Snapshot
from daemon.editor.server import Server
from dsl.resolve.known import Known

Place = tuple[Page, int, int, Name]  # a page, and the offsets in it between which the name stands


def name_at(placed: Placed | None, offset: int) -> Name | None:
    """The name in which the cursor stands, or directly behind which."""
    if placed is None:
        return None
    names = [
        name
        for name in read_names(placed.block.text).names
        if name.start <= offset - placed.start <= name.end and name.kind not in ("function", "field")
    ]
    return names[-1] if names else None


def target_at(placed: Placed | None, offset: int, known: Known) -> Target | None:
    """The declaration that is named where the cursor stands."""
    name = name_at(placed, offset)
    return None if name is None else target_of(name, known)


def places(server: Server, snapshot: Snapshot, target: Target) -> Iterator[Place]:
    """Its declaration too. Only declarations that hold the letters of the name are read."""
    for source_name in sorted(snapshot.sources):
        page = server.page_named(snapshot, source_name)
        if target.name not in page.text:
            continue
        for placed in page.blocks:
            if target.name in placed.block.text:
                yield from _in_block(page, placed, target, snapshot.known)


def declaring(server: Server, snapshot: Snapshot, target: Target) -> Iterator[Place]:
    """Where it is declared: once, an agent's own action perhaps more often."""
    declared = declaration(target, snapshot.known)
    names = [declared.block.source] if declared else sorted(snapshot.sources)
    for source_name in names:
        page = server.page_named(snapshot, source_name)
        for placed in page.blocks:
            if target.name in placed.block.text:
                found = _in_block(page, placed, target, snapshot.known)
                yield from (place for place in found if place[3].declares)


def _in_block(page: Page, placed: Placed, target: Target, known: Known) -> Iterator[Place]:
    for name in read_names(placed.block.text).names:
        if name.name == target.name and target_of(name, known) == target:
            yield page, placed.start + name.start, placed.start + name.end, name
