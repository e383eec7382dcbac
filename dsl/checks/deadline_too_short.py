"""V452: a deadline that ends the run before one of its steps could run out of time."""

from collections.abc import Iterator

from dsl.checks.lint import Lint, clause_span, finding
from dsl.diagnostics import Finding
from dsl.proofs.wording import seconds
from dsl.resolve.whole import Resolved
from dsl.work import Workflow

_SAID = "timeout"


def _run(resolved: Resolved) -> Iterator[Finding]:
    workflows = {workflow.head.name: workflow for workflow in resolved.program.workflows}
    for automation in resolved.program.automations:
        workflow = workflows.get(automation.workflow or "")
        if automation.deadline is None or workflow is None:
            continue
        for step in workflow.steps:
            if step.timeout > automation.deadline and _is_written(resolved, workflow, step.name):
                message = (
                    f"the deadline of {seconds(automation.deadline)} is over before the {seconds(step.timeout)} that "
                    f"the step `{step.name}` may take"
                )
                span = clause_span(resolved, "automation", automation.head.name, "deadline")
                yield finding("V452", message, span, help="give the run more time, or the step less")


def _is_written(resolved: Resolved, workflow: Workflow, step: str) -> bool:
    """Whether the step says its timeout itself."""
    span = clause_span(resolved, "workflow", workflow.head.name, "step", step, _SAID)
    return span != clause_span(resolved, "workflow", workflow.head.name, "step", step)


CHECK = Lint(_run, needs_all=False, each=True)
