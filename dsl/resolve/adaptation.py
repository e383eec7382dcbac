"""`adaptation`: how running work changes."""

from __future__ import annotations

from collections.abc import Mapping

from dsl.expressions import Constant, Expression
from dsl.program import Condition, Recovery
from dsl.resolve.adjustment import read_changes, resolve_adjustments
from dsl.resolve.clauses import Body, read_body
from dsl.resolve.intervals import subjects_read
from dsl.resolve.known import Declared
from dsl.resolve.moment import Found, resolve_moment
from dsl.resolve.possible import Detections
from dsl.resolve.rule import resolve_block, resolve_guard, resolve_head, resolve_state_of
from dsl.resolve.run_scope import STEP, readable, run_scope
from dsl.resolve.scope import Scope
from dsl.resolve.settings import is_declared
from dsl.resolve.site import Site
from dsl.resolve.target import Target, target_of
from dsl.syntax import Word
from dsl.work import Adaptation, Workflow

_ALWAYS = Condition(Constant(True))


def resolve_adaptation(
    site: Site,
    declared: Declared,
    workflows: Mapping[str, Workflow],
    detections: Detections,
    recoveries: Mapping[str, Recovery],
) -> Adaptation | None:
    body = read_body(site, declared.clause, ("adaptation",))
    head = resolve_head(site, declared, body)
    target = _target(site, body, workflows)
    if target is None:  # nobody knows which steps there are
        read_changes(site, body)
        return None
    moment = resolve_moment(site, _scope(site, target), body, detections, recoveries)
    when = resolve_state_of(site, moment.scope, body, "when")
    only_if = resolve_guard(site, moment.scope, body)
    unless = resolve_block(site, moment.lasting, body)
    about_a_step = (
        when is False or only_if is False or not body.sound or _is_about_a_step(moment, when, only_if)
    )
    then = resolve_adjustments(site, target, body, about_a_step=about_a_step)
    begins = _one_beginning(site, body, moment)
    if head is None or when is False or only_if is False or unless is False or then is None:
        return None
    if not begins or not moment.sound or not body.sound:
        return None
    return Adaptation(head, target.workflow, when or _ALWAYS, then, moment.moment, only_if, unless)


def _one_beginning(site: Site, body: Body, moment: Found) -> bool:
    when = body.one("when")
    if when is not None and moment.said is not None:
        message = f"`when` and `{moment.said.word.name}` stand side by side"
        help_ = "a state has `when`, a moment has `on` or a schedule: one of them has to go"
        site.report("V114", message, site.head(moment.said.clause), help=help_)
    elif when is None and moment.said is None and body.sound:
        help_ = "write, for example: when steps.prices.duration > 10s"
        site.report("V113", "`when` is missing in this adaptation", site.head(body.clause), help=help_)
    else:
        return True
    return False


def _is_about_a_step(moment: Found, when: Condition | None, only_if: Expression | None) -> bool:
    """Whether each step in turn is meant, so that changes need not name one."""
    read = [one for one in (when.expression if when else None, only_if) if one is not None]
    path = moment.moment.path if moment.moment else ()
    return path[:1] == ("step",) or any("step" in subjects_read(one) for one in read)


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


def _scope(site: Site, target: Target) -> Scope:
    return run_scope(site.known, (), readable(target.steps), target.workflow).with_variable("step", STEP)
