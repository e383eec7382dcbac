"""V403: a rule for faults that no detection raises."""

from collections.abc import Collection, Iterator

from dsl.checks.lint import Lint, clause_span, finding
from dsl.diagnostics import Finding
from dsl.expressions import Expression
from dsl.program import Detection, Recovery
from dsl.resolve.possible import can_hold
from dsl.resolve.whole import Resolved


def _run(resolved: Resolved) -> Iterator[Finding]:
    detections = {one.head.name: one for one in resolved.program.detections if not one.head.off}
    for rule in resolved.program.recoveries:
        if not rule.head.off and not any(covers(rule, one) for one in _candidates(rule, detections)):
            message = f"nothing raises a fault that `{rule.head.name}` is for"
            span = clause_span(resolved, "recovery", rule.head.name, "on")
            yield finding("V403", message, span, help="write a detection for it, or take the recovery out")
    for kind, name, names, where in _others(resolved):
        if not any(meets(names, where, one) for one in detections.values()):
            message = f"nothing raises a fault that `{name}` is for"
            span = clause_span(resolved, kind, name, "on")
            yield finding("V403", message, span, help=f"write a detection for it, or take the {kind} out")


def _others(resolved: Resolved) -> Iterator[tuple[str, str, Collection[str], Expression | None]]:
    """Kind, name, and the faults that they are for, of rules that wait for faults."""
    program = resolved.program
    waiting = (
        ("orchestration", program.orchestrations),
        ("detection", program.detections),
        ("adaptation", program.adaptations),
    )
    for kind, rules in waiting:
        for rule in rules:
            if rule.on is not None and rule.on.kind == "fault" and not rule.head.off:
                yield kind, rule.head.name, rule.on.names, rule.on.where
    for alert in program.alerts:
        if not alert.head.off:
            yield "alert", alert.head.name, alert.detections, alert.where


def _candidates(rule: Recovery, detections: dict[str, Detection]) -> list[Detection]:
    """By name where it has names, so that the work grows with the rules and not with their pairs."""
    return (
        [detections[name] for name in rule.detections if name in detections]
        if rule.detections
        else [*detections.values()]
    )


def covers(rule: Recovery, detection: Detection) -> bool:
    """Whether the recovery may be for faults of this detection, taken over from another one or not."""
    return bool(rule.exhausted) or meets(rule.detections, rule.where, detection)


def meets(names: Collection[str], where: Expression | None, detection: Detection) -> bool:
    """Whether `on fault NAMES where C` may mean faults of this detection."""
    if names and detection.head.name not in names:
        return False
    return where is None or can_hold(where, detection)


CHECK = Lint(_run)
