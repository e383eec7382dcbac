"""What stands in slots when rules are called otherwise (`was OLD_NAME`): faults that are counted, what was learned, what is derived."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from dsl.expressions import Aggregate, Compare, Constant, Expression, Field, Learned
from engine.analysis.rewriting import rebuilt
from engine.derived.plan import Followed, Held, Reader, Scanned, Tallied
from engine.renaming import Names

FAULTS = "event fault"


def renamed(meaning: Any, names: Names) -> Any:
    """What a slot stands for, and parts of it; itself where no rule is named in it."""
    if isinstance(meaning, tuple) and meaning and isinstance(meaning[0], str):  # its first word is no name
        return (meaning[0], *(_part(part, names) for part in meaning[1:]))
    if isinstance(meaning, tuple):
        return tuple(renamed(part, names) for part in meaning)
    if isinstance(meaning, Reader):
        owner = None if meaning.owner is None else names.type(meaning.owner)
        return dataclasses.replace(meaning, owner=owner, tallied=renamed(meaning.tallied, names))
    if isinstance(meaning, Scanned):
        return dataclasses.replace(
            meaning, owner=names.type(meaning.owner), node=renamed(meaning.node, names)
        )
    if isinstance(meaning, (Held, Followed)):
        return dataclasses.replace(meaning, type=names.type(meaning.type))
    if isinstance(meaning, Tallied) and meaning.source.type == FAULTS and meaning.where is not None:
        return dataclasses.replace(meaning, where=_named(meaning.where, names))
    if isinstance(meaning, Tallied):
        source = dataclasses.replace(meaning.source, type=names.type(meaning.source.type))
        return dataclasses.replace(meaning, source=source)
    if isinstance(meaning, Learned):
        return replace(meaning, step=names.lesson(meaning.step))
    if isinstance(meaning, Aggregate) and meaning.members.type.startswith(FAULTS):
        where = meaning.members.where
        members = replace(meaning.members, where=None if where is None else _named(where, names))
        return replace(meaning, members=members)
    if isinstance(meaning, Aggregate):
        return replace(meaning, members=replace(meaning.members, type=names.type(meaning.members.type)))
    return names.about(meaning)


def _part(part: Any, names: Names) -> Any:
    return names.type(part) if isinstance(part, str) else renamed(part, names)


def fault_renamed(values: Mapping[str, Any], names: Names) -> dict[str, Any]:
    """What a fault said when it was raised."""
    return {**values, "name": names.of("detection", values["name"])}


def _named(node: Expression, names: Names) -> Expression:
    match node:
        case Compare("==", Field(path=("name",)), Constant(str(name))):
            return replace(node, right=Constant(names.of("detection", name)))
    return rebuilt(node, lambda part: _named(part, names))
