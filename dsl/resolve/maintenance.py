"""`maintenance`: windows in which what they cover is left alone."""

from __future__ import annotations

from typing import Literal

from dsl.expressions import Constant
from dsl.program import Selector
from dsl.resolve.clauses import Body, read_body, unknown
from dsl.resolve.known import Declared
from dsl.resolve.rule import resolve_guard, resolve_head, resolve_state_of
from dsl.resolve.schedule import resolve_lasting, resolve_schedule
from dsl.resolve.scope import Scope, binding
from dsl.resolve.selector import resolve_selector
from dsl.resolve.site import Site
from dsl.resolve.work import resolve_done
from dsl.syntax import Word
from dsl.work import Maintenance


def resolve_maintenance(site: Site, declared: Declared) -> Maintenance | None:
    if declared.clause.body is None:  # which was reported
        return None
    body = read_body(site, declared.clause, ("maintenance",))
    scope = binding(site.known, {})
    head = resolve_head(site, declared, body)
    schedule = resolve_schedule(site, body)
    lasting = resolve_lasting(site, body, schedule) if schedule else None
    covers = _covers(site, scope, body)
    only_if = resolve_guard(site, scope, body)
    unless = resolve_state_of(site, scope, body, "unless")
    actions = resolve_done(site, scope, body, "do")
    if schedule is None and body.sound:
        help_ = "write, for example, `every day at 03:00 lasting 30m`"
        site.report("V113", "this maintenance does not say when", site.head(declared.clause), help=help_)
    elif not body.has("covers") and not body.has("do") and body.sound:
        help_ = "write what it `covers`, or `do { … }` with what is done"
        site.report("V113", "this maintenance does nothing", site.head(declared.clause), help=help_)
        return None
    if (
        head is None
        or not schedule
        or lasting is None
        or covers is False
        or actions is None
        or only_if is False
        or unless is False
        or not body.sound
    ):
        return None
    return Maintenance(head, schedule, lasting, covers, actions, only_if, unless)


def _covers(site: Site, scope: Scope, body: Body) -> Selector | Literal[False] | None:
    """None where nothing is written, False when it was reported."""
    said = body.one("covers")
    part = said.match.part("members") if said else None
    kind = part.node("kind") if part else None
    if part is None or not isinstance(kind, Word):
        return None
    if kind.name not in site.known.types:
        if kind.name not in site.known.unclear:
            unknown(
                site, "V206", f"there is no fact type `{kind.name}`", kind.name, kind, list(site.known.types)
            )
        return False
    found = resolve_selector(site, scope, part, kind=kind.name, bound=False)
    if found is None or found.name is not None or found.where is not None:
        return found or False
    return Selector(found.kind, None, Constant(True))
