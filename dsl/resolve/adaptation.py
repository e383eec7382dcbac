"""`adaptation`: how running work changes."""

from __future__ import annotations

from collections.abc import Mapping

from dsl.program import Condition
from dsl.resolve.adjustment import read_changes, resolve_adjustments
from dsl.resolve.clauses import Body, read_body
from dsl.resolve.intervals import subjects_read
from dsl.resolve.known import Declared
from dsl.resolve.rule import resolve_head, resolve_state
from dsl.resolve.run_scope import STEP, readable, run_scope
from dsl.resolve.settings import is_declared
from dsl.resolve.site import Site
from dsl.resolve.target import Target, target_of
from dsl.syntax import Word
from dsl.work import Adaptation, Workflow


def resolve_adaptation(
    site: Site, declared: Declared, workflows: Mapping[str, Workflow]
) -> Adaptation | None:
    body = read_body(site, declared.clause, ("adaptation",))
    head = resolve_head(site, declared, body)
    target = _target(site, body, workflows)
    if target is None:  # nobody knows which steps there are
        read_changes(site, body)
        return None
    when = _when(site, body, target)
    about_a_step = when is None or "step" in subjects_read(when.expression)
    then = resolve_adjustments(site, target, body, about_a_step=about_a_step)
    if head is None or when is None or then is None or not body.sound:
        return None
    return Adaptation(head, target.workflow, when, then)


def _target(site: Site, body: Body, workflows: Mapping[str, Workflow]) -> Target | None:
    """None where the workflow was reported, here or where it stands."""
    said = body.one("of")
    node = said.match.node("workflow") if said else None
    if said is None or (isinstance(node, Word) and not is_declared(site, node, "workflow")):
        return None
    if isinstance(node, Word):
        found = workflows.get(node.name)
        return None if found is None else target_of(site.known, node.name, (found,))
    if len(workflows) < len(site.known.of("workflow")):
        return None
    return target_of(site.known, None, tuple(workflows.values()))


def _when(site: Site, body: Body, target: Target) -> Condition | None:
    said = body.one("when")
    if said is None:
        return None
    scope = run_scope(site.known, (), readable(target.steps)).with_variable("step", STEP)
    return resolve_state(site, scope, said)
