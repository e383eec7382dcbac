"""Which names an expression can read: the things that are bound where it stands, and the types of their fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec
from msgspec.structs import replace

from dsl import types
from dsl.program import EventType
from dsl.resolve.known import Known, Readable, Thing
from dsl.vocabulary.facts import SINGLE


class Scope(msgspec.Struct, frozen=True):
    """`items`: names that nothing else explains are members of this variable (an item of a reply). `secrets` may be used.

    `unclear`: what is bound could not be read, which was reported; so nothing is said about names that are not. `facts`: other facts
    than the bound ones, their history and events can be asked for. `workflow`: the one whose steps are meant.
    """

    variables: Mapping[str, Readable] = msgspec.field(default_factory=dict)
    items: str = ""
    secrets: bool = False
    unclear: bool = False
    facts: bool = False
    workflow: str | None = None

    def with_variable(self, name: str, what: Readable) -> Scope:
        return replace(self, variables={**self.variables, name: what})


EMPTY = Scope()


def thing_named(known: Known, type_name: str) -> Thing:
    found = known.things.get(type_name)
    if found is None:
        fact = known.types[type_name]
        fields = {one.name: types.named(one.type) for one in (*fact.keys, *fact.fields)}
        found = known.things[type_name] = Thing(fact.name, fields)
    return found


def binding(known: Known, bound: Mapping[str, str]) -> Scope:
    """The single things, and variables with the names of their types."""
    variables: dict[str, Readable] = {name: thing_named(known, name) for name in sorted(SINGLE)}
    variables.update({name: thing_named(known, kind) for name, kind in bound.items() if kind in known.types})
    return Scope(variables, facts=True)


def event_thing(event: EventType) -> Thing:
    return Thing(event.name, {one.name: types.named(one.type) for one in event.fields})


def reply(fields: Mapping[str, str]) -> Scope:
    """What an `expect` sees."""
    return Scope({"reply": Thing("reply", {name: types.named(kind) for name, kind in fields.items()})})


def parameters(known: Known, given: Iterable[tuple[str, str]]) -> Scope:
    """Inside an agent's own action: the agent, and the parameters."""
    scope = binding(known, {"agent": "agent"})
    for name, kind in given:
        scope = scope.with_variable(name, types.named(kind))
    return scope
