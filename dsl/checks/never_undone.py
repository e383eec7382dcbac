"""V422: an `undo` of a step after which nothing can fail: only a time that ran out leads to it."""

from collections.abc import Iterator

from dsl.checks.lint import Lint, clause_span, finding
from dsl.circle import reached
from dsl.diagnostics import Finding
from dsl.resolve.whole import Resolved
from dsl.work import Step, Workflow


def _run(resolved: Resolved) -> Iterator[Finding]:
    for workflow in resolved.program.workflows:
        last = _last(workflow)
        if last is not None and last.undo:
            span = clause_span(resolved, "workflow", workflow.head.name, "step", last.name, "undo")
            message = f"nothing can fail after `{last.name}`: this is only done where nobody knows what became of it"
            yield finding(
                "V422", message, span, help="`undo` takes back what was done before something else failed"
            )


def _last(workflow: Workflow) -> Step | None:
    """The step that all others come before, if there is one."""
    graph = {step.name: step.after for step in workflow.steps}
    ends = [step for step in workflow.steps if not any(step.name in after for after in graph.values())]
    return ends[0] if len(ends) == 1 and reached(graph, [ends[0].name]) == graph.keys() else None


CHECK = Lint(_run, needs_all=False, each=True)
