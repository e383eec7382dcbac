"""V404: a fault that nobody hears of and nothing is done about."""

from collections.abc import Collection, Iterator

from dsl.checks.lint import Lint, finding, name_span
from dsl.checks.nothing_raises import covers, meets
from dsl.diagnostics import Finding
from dsl.expressions import Constant, Expression
from dsl.program import Detection, Recovery
from dsl.resolve.whole import Resolved


def _run(resolved: Resolved) -> Iterator[Finding]:
    named, general = _by_detection(resolved)
    causes = _causes(resolved)
    told = [*_told(resolved)]
    for detection in resolved.program.detections:
        name = detection.head.name
        quiet = detection.head.off or detection.head.shadow or _is_note(detection) or name in causes
        if (
            quiet
            or detection.notices
            or any(covers(rule, detection) for rule in (*named.get(name, ()), *general))
            or any(meets(names, where, detection) for names, where in told)
        ):
            continue
        help_ = "add `notify CHANNEL`, write a recovery for it, or give it `severity info`"
        span = name_span(resolved, "detection", name)
        yield finding("V404", f"the fault `{name}` has neither a recovery nor a notice", span, help=help_)


def _told(resolved: Resolved) -> Iterator[tuple[Collection[str], Expression | None]]:
    """The faults that alerts tell of, and those that other rules wait for."""
    program = resolved.program
    for alert in program.alerts:
        if not alert.head.off:
            yield alert.detections, alert.where
    moments = [rule.on for rule in program.orchestrations]
    moments += [rule.on for rule in program.detections]
    moments += [rule.on for rule in program.adaptations]
    yield from ((one.names, one.where) for one in moments if one is not None and one.kind == "fault")


def _is_note(detection: Detection) -> bool:
    return all(tier.severity == "info" for tier in detection.tiers) and detection.severity == "info"


def _by_detection(resolved: Resolved) -> tuple[dict[str, list[Recovery]], list[Recovery]]:
    named: dict[str, list[Recovery]] = {}
    for rule in resolved.program.recoveries:
        for name in rule.detections:
            named.setdefault(name, []).append(rule)
    return named, [rule for rule in resolved.program.recoveries if not rule.detections and not rule.exhausted]


def _causes(resolved: Resolved) -> set[object]:
    """Detections that hold back others: that is what they are for."""
    selectors = (cause for detection in resolved.program.detections for cause in detection.inhibited_by)
    return {cause.name.value for cause in selectors if isinstance(cause.name, Constant)}


CHECK = Lint(_run)
