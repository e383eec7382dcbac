"""V403: a rule for faults that no detection raises."""

from collections.abc import Collection, Hashable, Iterator
from typing import Any

import msgspec

from dsl.checks.lint import Lint, clause_span, finding
from dsl.diagnostics import Finding
from dsl.expressions import Expression
from dsl.parts import Moment, RuleHead
from dsl.program import Detection, Recovery
from dsl.resolve.possible import Detections, can_hold
from dsl.resolve.whole import Resolved
from dsl.work import Orchestration


class Waiting(msgspec.Struct, frozen=True):
    """A rule that is for faults: those of the detections named (none: of any) for which `where` holds."""

    kind: str
    head: RuleHead
    names: Collection[str]
    where: Expression | None

    def is_for(self, detection: Detection) -> bool:
        """Whether it may be for faults of this detection."""
        if self.names and detection.head.name not in self.names:
            return False
        return self.where is None or can_hold(self.where, detection)


def _run(resolved: Resolved) -> Iterator[Finding]:
    detections = Detections([one for one in resolved.program.detections if not one.head.off])
    for rule in waiting(resolved):
        if not rule.head.off and not _is_for_any(rule, detections):
            message = f"nothing raises a fault that `{rule.head.name}` is for"
            span = clause_span(resolved, rule.kind, rule.head.name, "on")
            yield finding(
                "V403", message, span, help=f"write a detection for it, or take the {rule.kind} out"
            )


def waiting(resolved: Resolved) -> Iterator[Waiting]:
    """All that are for faults, less those that take them over from others."""
    program = resolved.program
    for recovery in program.recoveries:
        if not recovery.exhausted:
            yield Waiting("recovery", recovery.head, recovery.detections, recovery.where)
    for alert in program.alerts:
        yield Waiting("alert", alert.head, alert.detections, alert.where)
    for kind, head, moment in _moments(resolved):
        if moment is not None and moment.kind == "fault":
            yield Waiting(kind, head, moment.names, moment.where)


def _moments(resolved: Resolved) -> Iterator[tuple[str, RuleHead, Moment | None]]:
    program = resolved.program
    yield from (("orchestration", rule.head, rule.on) for rule in program.orchestrations)
    yield from (("detection", rule.head, rule.on) for rule in program.detections)
    yield from (("adaptation", rule.head, rule.on) for rule in program.adaptations)


def _is_for_any(rule: Waiting, detections: Detections) -> bool:
    if not rule.names:
        return any(True for _ in detections.of(detections.meant(rule.where)))
    there = [detections.by_name[name] for name in rule.names if name in detections.by_name]
    return any(rule.is_for(one) for one in there)


def seen(rule: Any) -> Hashable:
    """What counts for who raises a fault, who is for it, and who hears of it."""
    match rule:
        case Detection():
            told = bool(rule.notices), rule.inhibited_by
            graveness = rule.severity, tuple(tier.severity for tier in rule.tiers)
            return rule.head.off, rule.head.shadow, rule.category, graveness, told, rule.on
        case Recovery():
            return rule.head.off, rule.detections, rule.where, rule.exhausted
        case Orchestration():
            return rule.head.off, rule.on
    return None


CHECK = Lint(_run, sees=seen)
