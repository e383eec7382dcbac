"""`any all no count distinct sum avg min max` over the members of a type, of a group, or of a list that is bound."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from dsl.expressions import Aggregate, Members
from dsl.resolve.calls.asked import Asked, roots
from dsl.resolve.clauses import unknown
from dsl.resolve.known import Group, Listed, Thing
from dsl.resolve.scope import Scope, thing_named
from dsl.resolve.typed import Typed, deepest
from dsl.syntax import Word
from dsl.types import FLAG, HISTOGRAM, Type
from dsl.vocabulary.facts import SINGLE


class _Range(msgspec.Struct, frozen=True):
    """What is ranged over: `members` without their condition, and what one of them is."""

    members: Members
    thing: Thing


def resolve(asked: Asked) -> Typed | None:
    if asked.match.node("type") is not None:
        return _of_type(asked)
    return _of_value(asked)


# --- any(T where C) ---------------------------------------------------------------------------------------------------


def _of_type(asked: Asked) -> Typed | None:
    node = asked.match.node("type")
    found = _range(asked, node.name, asked.match.word("name")) if isinstance(node, Word) else None
    if found is None or not isinstance(node, Word):
        return None
    inner = asked.scope.with_variable(found.members.name, found.thing)
    where, satisfy = asked.condition(inner, "where"), asked.condition(inner, "satisfy")
    if asked.lacks("where", where) or asked.lacks("satisfy", satisfy):
        return None
    return _aggregate(asked, found, where, satisfy, asked.result(FLAG))


def _range(asked: Asked, name: str, called: str | None) -> _Range | None:
    """The members that the name stands for, each called so; None when it was reported."""
    what, known = asked.scope.variables.get(name), asked.site.known
    if isinstance(what, Group):
        return _Range(Members(what.type, called or name, of_group=True), Thing(what.type, what.fields))
    if isinstance(what, Listed):
        return _Range(Members(name, called or name), what.thing)
    if name in known.types:
        return _Range(Members(name, called or name), thing_named(known, name))
    _report_no_members(asked, name, what)
    return None


def _report_no_members(asked: Asked, name: str, what: object) -> None:
    site = asked.site
    node = asked.match.node("type")
    if node is None or name in site.known.unclear or name in site.known.lost or asked.scope.unclear:
        return
    if isinstance(what, Thing):
        message = f"`{name}` is one {what.type}, and has no members"
        site.report("V206", message, node, help=f"all of them are `{what.type}`")
    elif name in site.known.of("event"):
        message = f"`{name}` is an event: it happens, and has no members"
        site.report("V206", message, node, help=f"write `count(event {name} over 5m)`")
    else:
        unknown(site, "V206", f"there is no fact type `{name}`", name, node, list(site.known.types))


# --- sum(T.f where C) -------------------------------------------------------------------------------------------------


def _of_value(asked: Asked) -> Typed | None:
    node = asked.match.node("value")
    if node is None:
        return None
    names = _ranged(asked.scope, asked, roots(node))
    found = _range(asked, names[0], None) if len(names) == 1 else None
    if found is None:
        _report_range(asked, names)
        return None
    inner = asked.scope.with_variable(found.members.name, found.thing)
    value = asked.value(inner)
    where = asked.condition(inner, "where")
    if value is None or asked.lacks("where", where):
        return None
    return _aggregate(asked, found, where, value, asked.result(value.type))


def _ranged(scope: Scope, asked: Asked, names: list[str]) -> list[str]:
    """Of the names in a value those that may stand for the members: a group or a list, else a type that is not bound, else one that is."""
    bound = [name for name in names if isinstance(scope.variables.get(name), (Group, Listed))]
    kinds = [name for name in names if name in asked.site.known.types and name not in SINGLE]
    unbound = [name for name in kinds if name not in scope.variables]
    return bound or unbound or kinds


def _report_range(asked: Asked, names: list[str]) -> None:
    site, node, name = asked.site, asked.match.node("value"), asked.form.name
    assert node is not None
    if len(names) > 1:
        message = f"`{name}` ranges over the members of one type, and this reads {' and '.join(names)}"
        site.report("V209", message, node, help="take the others out, or bind one of them with `for each`")
        return
    before = len(site.findings)
    typed = asked.infer(site, asked.scope, node)
    if typed is None or len(site.findings) > before:
        return
    written = site.text(node.start, node.end)
    help_ = f"over time: `{name}({written} over 5m)`; over members: `{name}(TYPE.FIELD)`"
    site.report("V212", f"`{name}({written})` ranges neither over members nor over time", node, help=help_)


def _aggregate(asked: Asked, found: _Range, where: Typed | None, value: Typed | None, kind: Type) -> Typed:
    members = replace(found.members, where=where.expression if where else None)
    of_histograms = value is not None and value.type == HISTOGRAM
    function = "sum_of_histograms" if of_histograms else asked.form.name
    node = Aggregate(function, members, value.expression if value else None)
    return Typed(node, kind, deepest([one for one in (where, value) if one]) + 1)
