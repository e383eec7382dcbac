"""V435: a channel over which nobody is ever told anything."""

from collections.abc import Hashable, Iterator
from typing import Any

from dsl.checks.lint import Lint, finding, name_span
from dsl.diagnostics import Finding
from dsl.expressions import Constant
from dsl.program import Action, Detection, Recovery
from dsl.resolve.whole import Resolved
from dsl.work import Automation, Orchestration, Workflow

_TELLING = ("detection", "recovery", "orchestration", "automation", "alert")


def _run(resolved: Resolved) -> Iterator[Finding]:
    if not any(resolved.known.of(kind) for kind in _TELLING):
        return  # channels for others to use
    used = _used(resolved)
    for channel in resolved.program.channels:
        if channel.name not in used:
            message = f"nothing is ever told over the channel `{channel.name}`"
            help_ = f"write `notify {channel.name}` where somebody has to know, or take it out"
            yield finding("V435", message, name_span(resolved, "channel", channel.name), help=help_)


def _used(resolved: Resolved) -> set[str]:
    program = resolved.program
    found = {notice.channel for detection in program.detections for notice in detection.notices}
    for alert in program.alerts:
        found |= {step.channel for step in alert.steps} | set(alert.cleared)
    told = (dict(action.arguments).get("channel") for action in _actions(resolved) if action.kind == "notify")
    return found | {str(channel.value) for channel in told if isinstance(channel, Constant)}


def _actions(resolved: Resolved) -> Iterator[Action]:
    program = resolved.program
    for recovery in program.recoveries:
        yield from recovery.otherwise
        for step in recovery.tries:
            yield from (*step.actions, *step.undo)
    for orchestration in program.orchestrations:
        yield from (*orchestration.then, *orchestration.afterwards)
    for automation in program.automations:
        yield from automation.actions
    for window in program.maintenances:
        yield from window.actions
    for agent in program.agents:
        for own in agent.actions:
            yield from own.actions
    for workflow in program.workflows:
        for part in workflow.steps:
            yield from (part.action, *part.undo)


def _tells(rule: Any) -> Hashable:
    """Whom it tells, and by which actions."""
    match rule:
        case Detection():
            return frozenset(notice.channel for notice in rule.notices)
        case Recovery():
            return tuple((step.actions, step.undo) for step in rule.tries), rule.otherwise
        case Orchestration():
            return rule.then, rule.afterwards
        case Automation():
            return rule.actions
        case Workflow():
            return tuple((step.action, step.undo) for step in rule.steps)
    return None


CHECK = Lint(_run, sees=_tells)
