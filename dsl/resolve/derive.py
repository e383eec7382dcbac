"""`derive`: a type of fact that is computed from others."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec.structs import replace

from dsl import types
from dsl.expressions import Expression
from dsl.program import Binding, Derive, FactField, FactType
from dsl.resolve.binding import resolve_binding
from dsl.resolve.clauses import Body, Said, read_body
from dsl.resolve.expression import infer
from dsl.resolve.fields import written_type
from dsl.resolve.known import Declared, Known, Thing
from dsl.resolve.rule import resolve_head
from dsl.resolve.scope import Scope, binding
from dsl.resolve.site import Site
from dsl.resolve.typed import fits
from dsl.syntax import Named, Node, Path, Text, Word
from dsl.types import Type

_INTERPOLATED = re.compile(r"\{([^{}]*)\}")
_NAME = re.compile(r"[A-Za-z_]\w*")


def resolve_derive(site: Site, declared: Declared) -> Derive | None:
    """The rule; its type of fact is entered into what is known."""
    body = read_body(site, declared.clause, ("derive",))
    head = resolve_head(site, declared, body)
    bound = resolve_binding(site, binding(site.known, {}), body, ("derive",))
    found = [_field(site, bound.scope, part) for part in body.all("field")]
    whole = [one for one in found if one is not None]
    if head is None or len(whole) != len(found) or not bound.sound or not body.sound:
        return None
    about = bound.binding or Binding("host", "host")
    keys = keys_of(site.known, about)
    if not _all_different(site, body, keys):
        return None
    given = tuple(FactField(name, types.text_of(kind), kind.choices) for name, _, kind in whole)
    site.known.types[declared.name] = FactType(declared.name, head.title, keys, given)
    named = {key.name: types.named(key.type) for key in keys} | {name: kind for name, _, kind in whole}
    site.known.things[declared.name] = Thing(declared.name, named)
    return Derive(head, about, tuple((name, value) for name, value, _ in whole))


def _field(site: Site, scope: Scope, said: Said) -> tuple[str, Expression, Type] | None:
    """Name, value and type; None when it was reported."""
    node, value = said.match.node("field"), said.match.node("value")
    typed = None if value is None else infer(site, scope, value)
    if isinstance(node, Word):
        return None if typed is None else (node.name, typed.expression, typed.type)
    kind = written_type(site, node, said.match) if isinstance(node, Named) else None
    if kind is None or typed is None or value is None or not fits(site, value, typed, kind):
        return None
    assert isinstance(node, Named)
    return node.name, typed.expression, kind


# --- by what its facts are told apart ---------------------------------------------------------------------------------


def keys_of(known: Known, about: Binding) -> tuple[FactField, ...]:
    """The keys of what it is about; those that a join has in common once. A name that two of them have is made longer."""
    first = known.types[about.type]
    if about.by:
        kinds = {field.name: field.type for field in (*first.keys, *first.fields)}
        return tuple(FactField(path.rpartition(".")[2], kinds.get(path, "any")) for path in about.by)
    found = {key.name: key for key in first.keys}
    for kind, variable in about.joined:
        for key in known.types[kind].keys:
            if key.name not in found:
                found[key.name] = key
            elif key.name not in about.matching:
                name = f"{variable}_{key.name}"
                found[name] = replace(key, name=name)
    return tuple(found.values())


def _all_different(site: Site, body: Body, keys: tuple[FactField, ...]) -> bool:
    seen = {key.name: "is a key of what it is about" for key in keys}
    for node in (said.match.node("field") for said in body.all("field")):
        name = node.name if isinstance(node, (Word, Named)) else ""
        if node is not None and name in seen:
            where = (node.start, node.start + len(name))
            site.report("V207", f"`{name}` {seen[name]}", where, help="give the field another name")
            return False
        seen[name] = "is declared twice"
    return True


# --- what it is computed from -----------------------------------------------------------------------------------------


def names_read(declared: Declared) -> set[str]:
    """Names that it may read, types of facts among them. Nothing is reported here."""
    clauses = declared.clause.body or ()
    return {name for clause in clauses for name in _names(clause.items[clause.word == "field" :])}


def _names(value: object) -> Iterator[str]:
    match value:
        case tuple():
            for one in value:
                yield from _names(one)
        case Word(name=name):
            yield name
        case Path(parts=parts):
            yield str(parts[0])
        case Text(raw=raw):
            for piece in _INTERPOLATED.findall(raw):
                yield from _NAME.findall(piece)
        case Node():
            for name in value.__struct_fields__:
                yield from _names(getattr(value, name))
