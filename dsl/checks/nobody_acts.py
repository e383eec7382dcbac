"""V404: a fault that nobody hears of and nothing is done about."""

from collections.abc import Callable, Iterable, Iterator

from dsl.checks.lint import Lint, finding, name_span
from dsl.checks.nothing_raises import Waiting, seen, waiting
from dsl.diagnostics import Finding
from dsl.expressions import Constant
from dsl.program import Detection
from dsl.resolve.possible import Detections, Kind, kind_of
from dsl.resolve.whole import Resolved


def _run(resolved: Resolved) -> Iterator[Finding]:
    named, general = _by_detection(resolved)
    is_for_some = _of_any(resolved, general)
    causes = _causes(resolved)
    for detection in resolved.program.detections:
        name = detection.head.name
        quiet = detection.head.off or detection.head.shadow or _is_note(detection) or name in causes
        if (
            quiet
            or detection.notices
            or any(rule.is_for(detection) for rule in named.get(name, ()))
            or is_for_some(detection)
        ):
            continue
        help_ = "add `notify CHANNEL`, write a recovery for it, or give it `severity info`"
        span = name_span(resolved, "detection", name)
        yield finding("V404", f"the fault `{name}` has neither a recovery nor a notice", span, help=help_)


def _is_note(detection: Detection) -> bool:
    return all(tier.severity == "info" for tier in detection.tiers) and detection.severity == "info"


def _by_detection(resolved: Resolved) -> tuple[dict[str, list[Waiting]], list[Waiting]]:
    """Rules that are for faults of detections by name, and those that name none."""
    named: dict[str, list[Waiting]] = {}
    general: list[Waiting] = []
    for rule in waiting(resolved):
        for name in rule.names:
            named.setdefault(name, []).append(rule)
        if not rule.names:
            general.append(rule)
    return named, general


def _of_any(resolved: Resolved, general: Iterable[Waiting]) -> Callable[[Detection], bool]:
    """Whether one of these rules is for the faults of a detection. They are asked what they mean once, and not of each detection."""
    detections = Detections(resolved.program.detections)
    names: set[str] = set()
    but: dict[Kind, frozenset[str]] = {}  # of a kind those that none of them means
    for meant in (detections.meant(rule.where) for rule in general):
        names |= meant.names
        but.update({kind: but.get(kind, meant.but) & meant.but for kind in meant.kinds})
    return lambda one: one.head.name in names or one.head.name not in but.get(kind_of(one), {one.head.name})


def _causes(resolved: Resolved) -> set[object]:
    """Detections that hold back others: that is what they are for."""
    selectors = (cause for detection in resolved.program.detections for cause in detection.inhibited_by)
    return {cause.name.value for cause in selectors if isinstance(cause.name, Constant)}


CHECK = Lint(_run, sees=seen)
