"""The rules of a program as productions: what follows from a fault, from an attempt that failed, from a recovery that gave up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dsl.program import PRIORITIES, Detection, Program, Recovery
from dsl.routing import Alert
from dsl.work import Adaptation, Orchestration
from engine.chaining import Production, Token


def productions_of(program: Program) -> list[Production]:
    """In the order in which they fire."""
    recoveries = [recovery for recovery in program.recoveries if not recovery.head.off]
    detections = [detection for detection in program.detections if not detection.head.off]
    candidates = _Candidates(recoveries)
    return [
        *(production for detection in detections for production in _of_detection(detection, candidates)),
        *(production for recovery in recoveries for production in _after_others(recovery)),
        *(production for recovery in recoveries for production in of_recovery(recovery)),
        *(production for rule in _by_priority(program) for production in _on_moment(rule, "on", program)),
        *(production for rule in program.alerts for production in _of_alert(rule, program)),
        *(production for rule in program.adaptations for production in _on_moment(rule, "adapt", program)),
        *(production for rule in detections if rule.on for production in _on_moment(rule, "detect", program)),
    ]


def _by_priority(program: Program) -> list[Orchestration]:
    rules = [rule for rule in program.orchestrations if not rule.head.off]
    return sorted(rules, key=lambda rule: -PRIORITIES.index(rule.head.priority))


def _of_alert(rule: Alert, program: Program) -> Iterator[Production]:
    if not rule.head.off:
        for detection in rule.detections or [each.head.name for each in program.detections]:
            yield Production(Token("fault", detection), "route", rule.head.name)


def _on_moment(
    rule: Orchestration | Adaptation | Detection, verb: str, program: Program
) -> Iterator[Production]:
    """What waits for a fault, or for a recovery that has nothing left to try."""
    name, moment = rule.head.name, rule.on
    if moment is None or rule.head.off:
        return
    if moment.kind == "fault":
        for detection in moment.names or [each.head.name for each in program.detections]:
            yield Production(Token("fault", detection), f"{verb}_fault", name)
    elif moment.kind == "exhausted":
        for recovery in moment.names or [each.head.name for each in program.recoveries]:
            yield Production(Token("exhausted", recovery), f"{verb}_exhausted", name)


class _Candidates:
    """Recoveries by the detections that they name, so that a rule costs the same among many as among few."""

    def __init__(self, recoveries: Sequence[Recovery]) -> None:
        self._selecting = [recovery for recovery in recoveries if not recovery.detections]
        self._naming: dict[str, list[Recovery]] = {}
        for recovery in recoveries:
            for name in dict.fromkeys(recovery.detections):
                self._naming.setdefault(name, []).append(recovery)

    def of(self, detection: str) -> Sequence[Recovery]:
        """Those that may own its faults, and perhaps others."""
        return [*self._naming.get(detection, ()), *self._selecting]


def _of_detection(detection: Detection, candidates: _Candidates) -> Iterator[Production]:
    name = detection.head.name
    raised = Token("fault", name)
    for index in range(len(detection.notices)):
        yield Production(raised, "notify", str(index))
    found = owners(name, candidates.of(name))
    for recovery in found:
        yield Production(raised, "offer", recovery.head.name)
    if found:
        yield Production(raised, "next_owner")


def owners(detection: str, recoveries: Sequence[Recovery]) -> list[Recovery]:
    """Who may recover its faults: named before selected, then by priority, then as written (meaning 17)."""
    candidates = [recovery for recovery in recoveries if is_for(detection, recovery)]
    if len(candidates) < 2:  # as most have it
        return candidates
    return sorted(
        candidates, key=lambda r: (detection not in r.detections, -PRIORITIES.index(r.head.priority))
    )


def is_for(detection: str, recovery: Recovery) -> bool:
    """Whether it may own faults of this detection, as far as names say."""
    return detection in recovery.detections or (recovery.where is not None and not recovery.detections)


def _after_others(recovery: Recovery) -> Iterator[Production]:
    """What one recovery gave up, another may take over."""
    for name in recovery.exhausted:
        yield Production(Token("exhausted", name), "offer_after", recovery.head.name)


def of_recovery(recovery: Recovery) -> Iterator[Production]:
    name = recovery.head.name
    for place in range(len(recovery.tries)):
        failed = Token("outcome", name, f"failed:{place}")
        if place + 1 < len(recovery.tries):
            yield Production(failed, "next_step", str(place + 1))
        else:
            yield Production(failed, "give_up")
    exhausted = Token("exhausted", name)
    yield Production(exhausted, "otherwise")
    yield Production(exhausted, "next_owner")
