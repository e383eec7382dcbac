"""What is counted of faults, and learned of workflows, that are called otherwise: the same, by another name (`was OLD_NAME`)."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from dsl.expressions import Aggregate, Compare, Constant, Expression, Field, Learned
from engine.analysis.rewriting import rebuilt
from engine.derived.plan import Tallied
from engine.renaming import Names

FAULTS = "event fault"


def renamed(meaning: Any, names: Names) -> Any:
    """What a slot stands for, and parts of it; itself where no rule is named in it."""
    if isinstance(meaning, tuple):
        return tuple(renamed(part, names) for part in meaning)
    if isinstance(meaning, Tallied) and meaning.source.type == FAULTS and meaning.where is not None:
        return dataclasses.replace(meaning, where=_named(meaning.where, names))
    if isinstance(meaning, Learned):
        return replace(meaning, step=names.lesson(meaning.step))
    if isinstance(meaning, Aggregate) and meaning.members.type.startswith(FAULTS):
        where = meaning.members.where
        members = replace(meaning.members, where=None if where is None else _named(where, names))
        return replace(meaning, members=members)
    return meaning


def fault_renamed(values: Mapping[str, Any], names: Names) -> dict[str, Any]:
    """What a fault said when it was raised."""
    return {**values, "name": names.of("detection", values["name"])}


def _named(node: Expression, names: Names) -> Expression:
    match node:
        case Compare("==", Field(path=("name",)), Constant(str(name))):
            return replace(node, right=Constant(names.of("detection", name)))
    return rebuilt(node, lambda part: _named(part, names))
