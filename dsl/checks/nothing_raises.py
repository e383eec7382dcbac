"""V403: a recovery for faults that no detection raises."""

from collections.abc import Iterator

from dsl.checks.lint import Lint, clause_span, finding
from dsl.diagnostics import Finding
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


def _candidates(rule: Recovery, detections: dict[str, Detection]) -> list[Detection]:
    """By name where it has names, so that the work grows with the rules and not with their pairs."""
    return (
        [detections[name] for name in rule.detections if name in detections]
        if rule.detections
        else [*detections.values()]
    )


def covers(rule: Recovery, detection: Detection) -> bool:
    """Whether the recovery may be for faults of this detection."""
    if rule.detections and detection.head.name not in rule.detections:
        return False
    return rule.where is None or can_hold(rule.where, detection)


CHECK = Lint(_run)
