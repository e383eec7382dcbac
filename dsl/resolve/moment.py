"""Moments: `on …`, or a schedule. What a rule of any kind waits for as an instant, and what can be read in it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Literal

import msgspec
from msgspec.structs import replace

from dsl.expressions import Constant, Expression
from dsl.parts import Happening, Moment
from dsl.program import Recovery
from dsl.resolve import constants, raised
from dsl.resolve.clauses import Body, Said
from dsl.resolve.event import event_type
from dsl.resolve.expression import condition, infer
from dsl.resolve.possible import Detections
from dsl.resolve.reading import path as read_path
from dsl.resolve.schedule import resolve_schedule
from dsl.resolve.scope import Scope, event_thing
from dsl.resolve.settings import is_declared
from dsl.resolve.site import Site
from dsl.resolve.typed import Typed, fits
from dsl.syntax import Node, Path, Word

_SCHEDULES = ("every", "cron")


class Found(msgspec.Struct, frozen=True):
    """`said` is the clause, None where there is none. `scope` is what can be read in that moment, `lasting` what can be read afterwards
    too: what happened has passed. `brings_its_subject`: what is bound comes from a fault.

    Not `sound`: something was wrong and reported.
    """

    said: Said | None
    moment: Moment | None
    scope: Scope
    lasting: Scope
    sound: bool = True
    brings_its_subject: bool = False


def resolve_moment(
    site: Site,
    scope: Scope,
    body: Body,
    detections: Detections,
    recoveries: Mapping[str, Recovery],
) -> Found:
    """`detections` and `recoveries` are those that can raise the faults that are waited for, or give them up."""
    on = body.one("on")
    if on is None:
        return _scheduled(site, scope, body)
    schedule = resolve_schedule(site, body)
    if schedule is False:
        return Found(on, None, scope, scope, sound=False)
    if schedule is not None:
        twice = next(one for one in body.said if one.word.name in _SCHEDULES)
        message, help_ = "`on` and a schedule stand side by side", "one of them has to go"
        site.report("V114", message, site.head(twice.clause), help=help_)
        return Found(on, None, scope, scope, sound=False)
    if on.match.has("fault"):
        return _fault(site, scope, on, detections)
    if on.match.has("exhausted"):
        return _exhausted(site, scope, on, detections, recoveries)
    if on.match.has("event"):
        return _event(site, scope, on)
    return _change(site, scope, on)


def _scheduled(site: Site, scope: Scope, body: Body) -> Found:
    schedule = resolve_schedule(site, body)
    said = next((one for one in body.said if one.word.name in _SCHEDULES), None)
    moment = Moment("schedule", schedule=schedule) if schedule else None
    return Found(said, moment, scope, scope, sound=schedule is not False)


def one_subject(site: Site, body: Body, found: Found) -> bool:
    """What a rule is about is said once: by `for each`, or by the fault that it waits for."""
    said = body.one("for")
    if said is None or not found.brings_its_subject:
        return True
    message = "`for each` has no place beside a fault: it is about the fault's own subject"
    site.report("V201", message, site.head(said.clause), help="take it away")
    return False


# --- faults -----------------------------------------------------------------------------------------------------------


def _fault(site: Site, scope: Scope, on: Said, detections: Detections) -> Found:
    names, where = raised.names(site, on), raised.condition_over_fault(site, on)
    bound = raised.scope(site, names or (), where or None, detections)
    if names is None or where is False:
        return _of_fault(on, None, scope, raised.unclear(bound))
    return _of_fault(on, Moment("fault", names, where), scope, bound)


def _exhausted(
    site: Site, scope: Scope, on: Said, detections: Detections, recoveries: Mapping[str, Recovery]
) -> Found:
    names = exhausted(site, on)
    bound = None if names is None else raised.scope_of_recoveries(site, names, recoveries, detections)
    if names is None or bound is None:  # one of them was reported
        return _of_fault(on, None, scope, raised.unclear(scope))
    return _of_fault(on, Moment("exhausted", names), scope, bound)


def exhausted(site: Site, on: Said) -> tuple[str, ...] | None:
    """The recoveries behind `exhausted`; None when one of them was reported."""
    nodes = [node for node in on.match.nodes("recoveries") if isinstance(node, Word)]
    known = [is_declared(site, node, "recovery") for node in nodes]
    return tuple(dict.fromkeys(node.name for node in nodes)) if all(known) else None


def _of_fault(on: Said, moment: Moment | None, scope: Scope, bound: Scope) -> Found:
    """What can be read anyway, and what a fault brings: itself, its recovery, and what it is about."""
    merged = replace(bound, variables={**scope.variables, **bound.variables})
    lasting = {name: what for name, what in merged.variables.items() if name not in raised.PASSING}
    sound = moment is not None
    return Found(on, moment, merged, replace(merged, variables=lasting), sound, brings_its_subject=True)


# --- events -----------------------------------------------------------------------------------------------------------


def _event(site: Site, scope: Scope, on: Said) -> Found:
    first = _happening(site, scope, on, "first", scope.variables)
    if first is None:
        return Found(on, None, raised.unclear(scope), scope, sound=False)
    inner = scope.with_variable(first.name, event_thing(site.known.events[first.type]))
    if on.match.node("then") is None:
        return Found(on, Moment("event", first=first), inner, scope)
    then = _happening(site, inner, on, "then", scope.variables)
    within = on.match.node("within")
    seconds = None if within is None else constants.duration(site, within)
    if then is None or seconds is None or not _all_different(site, on, first, then):
        return Found(on, None, raised.unclear(inner), scope, sound=False)
    followed = not on.match.has("not")
    if followed:
        inner = inner.with_variable(then.name, event_thing(site.known.events[then.type]))
    moment = Moment("event", first=first, then=then, followed=followed, within=seconds)
    return Found(on, moment, inner, scope)


def _happening(site: Site, scope: Scope, on: Said, label: str, taken: Collection[str]) -> Happening | None:
    """`event deploy as d where d.agent == "api"`; None when it was reported."""
    kind = event_type(site, on.match.node(label))
    if kind is None:
        return None
    name = on.match.word(f"{label}_name") or kind.name
    if name in taken:
        node = on.match.node(f"{label}_name") or on.match.node(label) or site.head(on.clause)
        message = f"`{name}` is something else here"
        site.report("V207", message, node, help="give the event another name: `as NAME`")
        return None
    where = _where(site, scope.with_variable(name, event_thing(kind)), on, label)
    return None if where is False else Happening(kind.name, name, where)


def _where(site: Site, scope: Scope, on: Said, label: str) -> Expression | Literal[False] | None:
    node = on.match.node(f"{label}_where")
    return None if node is None else condition(site, scope, node) or False


def _all_different(site: Site, on: Said, first: Happening, then: Happening) -> bool:
    if first.name != then.name:
        return True
    node = on.match.node("then_name") or on.match.node("then") or site.head(on.clause)
    message = f"both events are called `{then.name}`"
    site.report("V207", message, node, help=f"give one of them another name: `event {then.type} as NAME`")
    return False


# --- changes ----------------------------------------------------------------------------------------------------------


def _change(site: Site, scope: Scope, on: Said) -> Found:
    node = on.match.node("path")
    read = _path(site, scope, node)
    before = None if read is None else _value(site, scope, on.match.node("before"), read)
    after = None if read is None else _value(site, scope, on.match.node("after"), read)
    if not isinstance(node, Path) or before is None or after is None:
        return Found(on, None, scope, scope, sound=False)
    path = tuple(str(part) for part in node.parts)
    return Found(on, Moment("change", path=path, before=before.value, after=after.value), scope, scope)


def _path(site: Site, scope: Scope, node: Node | None) -> Typed | None:
    if isinstance(node, Path):
        return read_path(site, scope, node)
    if isinstance(node, Word):
        help_ = "write, for example, `on fault NAME`, `on event NAME` or `on change of agent.status`"
        site.report("V111", f"`{node.name}` is no moment", node, help=help_)
    return None


def _value(site: Site, scope: Scope, node: Node | None, read: Typed) -> Constant | None:
    """A value that the field may have, unknown where none is written; None when it was reported."""
    if node is None:
        return Constant(None)
    typed = infer(site, scope, node)
    if typed is None or not fits(site, node, typed, read.type):
        return None
    if not isinstance(typed.expression, Constant):
        site.report("V306", "this has to be known when the rules are loaded", node)
        return None
    return typed.expression
