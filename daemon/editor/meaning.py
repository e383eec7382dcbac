"""What a name means in the rules around it: which declaration, which type, which field."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from daemon.editor.names import TYPES, Name
from dsl import types
from dsl.program import EventType, FactField, FactType
from dsl.resolve.known import Declared, Known
from dsl.types import Type

_ALIAS = re.compile(r"\b([A-Za-z_]\w*)[ \t]+as[ \t]+([A-Za-z_]\w*)\b")


@dataclass(frozen=True, slots=True)
class Target:
    """A declaration by the kind of its name (see `names.Name`) and its name."""

    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Field:
    """`owner` is the fact or event type. `path` is what stands behind it: `labels.tier`."""

    owner: FactType | EventType
    path: tuple[str, ...]
    field: FactField


def target_of(name: Name, known: Known) -> Target | None:
    """None for what is declared nowhere in the rules: what is built in, words, parameters."""
    if name.kind == "value":
        if name.name in known.of("let"):
            return Target("let", name.name)
        return Target("type", name.name) if declared_type(name.name, known) else None
    if name.kind == "":
        kind = next((kind for kind, by_name in known.declared.items() if name.name in by_name), None)
        return None if kind is None else Target("type" if kind in TYPES else kind, name.name)
    if name.kind in ("field", "function", "step"):
        return None
    if name.kind == "own action" and name.name not in known.own_actions:
        return None  # a word of the language
    return Target(name.kind, name.name)


def declaration(target: Target, known: Known) -> Declared | None:
    if target.kind == "type":
        return declared_type(target.name, known)
    return known.of(target.kind).get(target.name)


def declared_type(name: str, known: Known) -> Declared | None:
    return next((found for kind in TYPES if (found := known.of(kind).get(name)) is not None), None)


def type_named(name: str, known: Known) -> FactType | EventType | None:
    return known.types.get(name) or known.events.get(name)


def aliases(text: str, known: Known) -> dict[str, str]:
    """`for each stream as s`: s to stream. Of a block's text; one that is given twice means the last."""
    return {alias: name for name, alias in _ALIAS.findall(text) if type_named(name, known) is not None}


def field_of(path: tuple[str, ...], known: Known, also: Mapping[str, str]) -> Field | None:
    """The field that a path leads to, `also` being other names of types."""
    if len(path) < 2:
        return None
    owner = type_named(also.get(path[0], path[0]), known)
    found = None if owner is None else next((one for one in fields(owner) if one.name == path[1]), None)
    if owner is None or found is None or (len(path) > 2 and found.type not in ("map", "any", "list")):
        return None
    return Field(owner, path[1:], found)


def fields(owner: FactType | EventType) -> tuple[FactField, ...]:
    return (*owner.keys, *owner.fields) if isinstance(owner, FactType) else tuple(owner.fields)


def type_of(field: FactField) -> Type:
    try:
        return types.named(field.type)
    except KeyError:
        return types.ANY
