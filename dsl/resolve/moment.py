"""The moments in which an orchestration acts: `on …`, or a schedule."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from dsl.expressions import Constant
from dsl.parts import Moment
from dsl.program import Detection, Recovery
from dsl.resolve import raised
from dsl.resolve.clauses import Body, Said
from dsl.resolve.expression import infer
from dsl.resolve.reading import path as read_path
from dsl.resolve.schedule import resolve_schedule
from dsl.resolve.scope import Scope
from dsl.resolve.settings import is_declared
from dsl.resolve.site import Site
from dsl.resolve.typed import Typed, fits
from dsl.syntax import Node, Path, Word


@dataclass(frozen=True, slots=True)
class Found:
    """`said` is the clause, None where there is none. `brings_its_subject`: what is bound comes from a fault.

    Not `sound`: something was wrong and reported.
    """

    said: Said | None
    moment: Moment | None
    scope: Scope
    sound: bool = True
    brings_its_subject: bool = False


def resolve_moment(
    site: Site, scope: Scope, body: Body, detections: Collection[Detection], recoveries: Collection[Recovery]
) -> Found:
    on = body.one("on")
    if on is None:
        return _scheduled(site, scope, body)
    schedule = resolve_schedule(site, body)
    if schedule is False:
        return Found(on, None, scope, sound=False)
    if schedule is not None:
        twice = next(one for one in body.said if one.word.name in ("every", "cron"))
        site.report(
            "V114",
            "`on` and a schedule stand side by side",
            site.head(twice.clause),
            help="one of them has to go",
        )
        return Found(on, None, scope, sound=False)
    if on.match.has("fault"):
        return _fault(site, on, detections)
    if on.match.has("exhausted"):
        return _exhausted(site, scope, on, detections, recoveries)
    return _change(site, scope, on)


def _scheduled(site: Site, scope: Scope, body: Body) -> Found:
    schedule = resolve_schedule(site, body)
    said = next((one for one in body.said if one.word.name in ("every", "cron")), None)
    moment = Moment("schedule", schedule=schedule) if schedule else None
    return Found(said, moment, scope, sound=schedule is not False)


def _fault(site: Site, on: Said, detections: Collection[Detection]) -> Found:
    names, where = raised.names(site, on), raised.condition_over_fault(site, on)
    scope = raised.scope(site, names or (), where or None, detections)
    if names is None or where is False:
        return Found(on, None, raised.unclear(scope), sound=False, brings_its_subject=True)
    return Found(on, Moment("fault", names, where), scope, brings_its_subject=True)


def _exhausted(
    site: Site, scope: Scope, on: Said, detections: Collection[Detection], recoveries: Collection[Recovery]
) -> Found:
    nodes = [node for node in on.match.nodes("recoveries") if isinstance(node, Word)]
    known = [is_declared(site, node, "recovery") for node in nodes]
    names = tuple(dict.fromkeys(node.name for node in nodes))
    meant = [rule for rule in recoveries if rule.head.name in names]
    if not all(known) or len(meant) < len(names):  # one of them was reported
        return Found(on, None, raised.unclear(scope), sound=False, brings_its_subject=True)
    scope = raised.scope_of_recoveries(site, meant, detections)
    return Found(on, Moment("exhausted", names), scope, brings_its_subject=True)


# --- changes ----------------------------------------------------------------------------------------------------------


def _change(site: Site, scope: Scope, on: Said) -> Found:
    node = on.match.node("path")
    read = _path(site, scope, node)
    before = None if read is None else _value(site, scope, on.match.node("before"), read)
    after = None if read is None else _value(site, scope, on.match.node("after"), read)
    if not isinstance(node, Path) or before is None or after is None:
        return Found(on, None, scope, sound=False)
    path = tuple(str(part) for part in node.parts)
    return Found(on, Moment("change", path=path, before=before.value, after=after.value), scope)


def _path(site: Site, scope: Scope, node: Node | None) -> Typed | None:
    if isinstance(node, Path):
        return read_path(site, scope, node)
    if isinstance(node, Word):
        help_ = "write, for example, `on fault NAME` or `on change of agent.status`"
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
