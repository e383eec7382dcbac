"""V404: a fault that nobody hears of and nothing is done about."""

from collections.abc import Iterator

from dsl.checks.lint import Lint, finding, name_span
from dsl.checks.nothing_raises import covers, meets
from dsl.diagnostics import Finding
from dsl.expressions import Constant
from dsl.program import Recovery
from dsl.resolve.whole import Resolved


def _run(resolved: Resolved) -> Iterator[Finding]:
    named, general = _by_detection(resolved)
    causes = _causes(resolved)
    moments = [rule.on for rule in resolved.program.orchestrations if rule.on and rule.on.kind == "fault"]
    for detection in resolved.program.detections:
        name = detection.head.name
        quiet = detection.head.off or detection.head.shadow or detection.severity == "info" or name in causes
        if (
            quiet
            or detection.notices
            or any(covers(rule, detection) for rule in (*named.get(name, ()), *general))
            or any(meets(moment.names, moment.where, detection) for moment in moments)
        ):
            continue
        help_ = "add `notify CHANNEL`, write a recovery for it, or give it `severity info`"
        span = name_span(resolved, "detection", name)
        yield finding("V404", f"the fault `{name}` has neither a recovery nor a notice", span, help=help_)


def _by_detection(resolved: Resolved) -> tuple[dict[str, list[Recovery]], list[Recovery]]:
    named: dict[str, list[Recovery]] = {}
    for rule in resolved.program.recoveries:
        for name in rule.detections:
            named.setdefault(name, []).append(rule)
    return named, [rule for rule in resolved.program.recoveries if not rule.detections]


def _causes(resolved: Resolved) -> set[object]:
    """Detections that hold back others: that is what they are for."""
    selectors = (cause for detection in resolved.program.detections for cause in detection.inhibited_by)
    return {cause.name.value for cause in selectors if isinstance(cause.name, Constant)}


CHECK = Lint(_run)
