"""`automation`: work on a schedule, by hand, or when a rule asks for it."""

from __future__ import annotations

from typing import Literal

from dsl.expressions import MapOf
from dsl.program import Action
from dsl.resolve import constants
from dsl.resolve.called import Called, resolve_called
from dsl.resolve.clauses import Body, read_body
from dsl.resolve.known import Declared
from dsl.resolve.rule import resolve_guard, resolve_head, resolve_state_of, word_of
from dsl.resolve.schedule import resolve_schedule
from dsl.resolve.scope import Scope, binding
from dsl.resolve.settings import is_declared
from dsl.resolve.site import Site
from dsl.resolve.work import SEVERAL, resolve_done, resolve_reserve
from dsl.syntax import Word
from dsl.work import Automation

_NOTHING: tuple[str | None, MapOf] = (None, MapOf(()))


def resolve_automation(site: Site, declared: Declared) -> Automation | None:
    if declared.clause.body is None:  # which was reported
        return None
    body = read_body(site, declared.clause, ("automation",))
    scope = binding(site.known, {})
    head = resolve_head(site, declared, body)
    schedule = resolve_schedule(site, body)
    only_if = resolve_guard(site, scope, body)
    unless = resolve_state_of(site, scope, body, "unless")
    called = _called(site, scope, body)
    actions = _actions(site, scope, body)
    after = _after(site, declared, body)
    reserve = resolve_reserve(site, body)
    deadline = _deadline(site, body)
    if head is None or schedule is False or only_if is False or unless is False or called is False:
        return None
    if actions is None or after is None or reserve is None or deadline is False or not body.sound:
        return None
    workflow, arguments = _NOTHING if called is None else (called.name, called.arguments)
    return Automation(
        head=head,
        schedule=schedule,
        only_if=only_if,
        workflow=workflow,
        arguments=arguments.members,
        actions=actions,
        after=after,
        reserve=reserve,
        strategy=word_of(body, "strategy", "adaptive"),
        overlap=word_of(body, "overlap", "skip"),
        deadline=deadline,
        learning=word_of(body, "learning", "on") == "on",
        type=word_of(body, "type", "task_scheduling"),
        unless=unless,
    )


def _called(site: Site, scope: Scope, body: Body) -> Called | Literal[False] | None:
    """The workflow; None where none is written, False when it was reported."""
    said = body.one("run")
    return (
        None
        if said is None
        else resolve_called(site, scope, said.match.node("called"), ("workflow",)) or False
    )


def _actions(site: Site, scope: Scope, body: Body) -> tuple[Action, ...] | None:
    run, do = body.one("run"), body.one("do")
    if run is not None and do is not None:
        help_ = "run a workflow, or write in braces what is done"
        site.report("V114", "`run` and `do` stand side by side", site.head(do.clause), help=help_)
        return None
    if run is None and do is None and body.sound:
        help_ = "write `run WORKFLOW`, or `do { … }` with what is done"
        site.report("V113", "this automation does nothing", site.head(body.clause), help=help_)
        return None
    return resolve_done(site, scope, body, "do", SEVERAL)


def _after(site: Site, declared: Declared, body: Body) -> tuple[str, ...] | None:
    said = body.one("after")
    nodes = [node for node in said.match.nodes("automations") if isinstance(node, Word)] if said else []
    known = [is_declared(site, node, "automation") for node in nodes]
    if not all(known):
        return None
    for node in nodes:
        if node.name == declared.name:
            site.report("V211", f"`{node.name}` waits for itself", node, help="take it away")
            return None
    return tuple(dict.fromkeys(node.name for node in nodes))


def _deadline(site: Site, body: Body) -> float | Literal[False] | None:
    said = body.one("deadline")
    node = said.match.node("deadline") if said else None
    return None if node is None else constants.duration(site, node) or False
