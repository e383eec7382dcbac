"""V439: an adaptation whose condition is true of no step of its workflow."""

from collections.abc import Iterator

from dsl.checks.lint import Lint, clause_span, finding
from dsl.diagnostics import Finding
from dsl.expressions import Compare, Constant, Expression, Field, nodes_of
from dsl.proofs.conditions import STEP_TYPE
from dsl.proofs.decide import Wanted, never
from dsl.proofs.world import World
from dsl.resolve.whole import Resolved
from dsl.work import Adaptation, Step, Workflow

_WORLD = World({"step": STEP_TYPE})


def _run(resolved: Resolved) -> Iterator[Finding]:
    workflows = {workflow.head.name: workflow for workflow in resolved.program.workflows}
    for rule in resolved.program.adaptations:
        workflow = workflows.get(rule.workflow or "")
        if (
            workflow is None
            or not _about_steps(rule)
            or never(((rule.when.expression, Wanted.TRUE),), _WORLD)
        ):
            continue
        if not any(_may_be(rule.when.expression, step) for step in _steps(resolved, workflow)):
            message = f"no step of the workflow `{workflow.head.name}` is one of which this can be true"
            names = ", ".join(step.name for step in workflow.steps)
            span = clause_span(resolved, "adaptation", rule.head.name, "when")
            yield finding("V439", message, span, help=f"its steps: {names}")


def _about_steps(rule: Adaptation) -> bool:
    return any(isinstance(node, Field) and node.subject == "step" for node in nodes_of(rule.when.expression))


def _steps(resolved: Resolved, workflow: Workflow) -> Iterator[Step]:
    """Its own, and those that adaptations put in or put in their place."""
    yield from workflow.steps
    for rule in resolved.program.adaptations:
        if rule.workflow in (None, workflow.head.name):
            yield from (change.new for change in rule.then if change.new is not None)


def _may_be(condition: Expression, step: Step) -> bool:
    said = (("name", step.name), ("kind", step.action.kind), ("optional", step.optional))
    known = [
        (Compare("==", Field("step", (name,)), Constant(value)), Wanted.TRUE) for name, value in said if value
    ]
    return not never(((condition, Wanted.TRUE), *known), _WORLD)


CHECK = Lint(_run)
