"""V438: a workflow that nothing runs, in a set in which work is run."""

from collections.abc import Hashable, Iterator
from typing import Any

from dsl.checks.lint import Lint, finding, name_span
from dsl.diagnostics import Finding
from dsl.expressions import Constant
from dsl.program import Action, Recovery, RunWork
from dsl.resolve.whole import Resolved
from dsl.work import Automation, Orchestration, Workflow


def _run(resolved: Resolved) -> Iterator[Finding]:
    program = resolved.program
    if not (program.automations or program.orchestrations):
        return  # workflows for others to run
    run: set[str | None] = {rule.workflow for rule in program.automations}
    run |= {_named(action) for action in _actions(resolved) if action.kind == "run"}
    run |= {step.what.name for test in program.tests for step in test.steps if isinstance(step.what, RunWork)}
    for workflow in program.workflows:
        name = workflow.head.name
        if name not in run and not workflow.head.off:
            help_ = f"write an automation that runs it; `volexd run {name}` does so by hand"
            span = name_span(resolved, "workflow", name)
            yield finding("V438", f"nothing runs the workflow `{name}`", span, help=help_)


def _named(action: Action) -> str | None:
    name = dict(action.arguments).get("name")
    return str(name.value) if isinstance(name, Constant) else None


def _actions(resolved: Resolved) -> Iterator[Action]:
    program = resolved.program
    for orchestration in program.orchestrations:
        yield from (*orchestration.then, *orchestration.afterwards)
    for automation in program.automations:
        yield from automation.actions
    for recovery in program.recoveries:
        for attempt in recovery.tries:
            yield from attempt.actions
        yield from recovery.otherwise
    for workflow in program.workflows:
        for step in workflow.steps:
            yield step.action


def _runs(rule: Any) -> Hashable:
    """What it runs, and of a workflow whether it is off."""
    match rule:
        case Recovery():
            return tuple(step.actions for step in rule.tries), rule.otherwise
        case Orchestration():
            return rule.then, rule.afterwards
        case Automation():
            return rule.workflow, rule.actions
        case Workflow():
            return rule.head.off, tuple(step.action for step in rule.steps)
    return None


CHECK = Lint(_run, sees=_runs)
