"""V442: two faults as grave as each other are told in the same words."""

from collections.abc import Hashable, Iterator

from dsl.checks.lint import Lint, clause_span, finding
from dsl.diagnostics import Context, Finding
from dsl.program import Detection
from dsl.resolve.whole import Resolved


def _run(resolved: Resolved) -> Iterator[Finding]:
    first: dict[Hashable, str] = {}
    for detection in resolved.program.detections:
        told = _told(detection)
        if told is None:
            continue
        name = detection.head.name
        other = first.setdefault(told, name)
        if other != name:
            message = (
                f"`{name}` and `{other}` are told in the same words: nobody can tell which of them it is"
            )
            context = (Context(clause_span(resolved, "detection", other, "message"), "the same here"),)
            span = clause_span(resolved, "detection", name, "message")
            yield finding("V442", message, span, help="say in each what it is about", context=context)


def _told(rule: object) -> Hashable:
    """Its words, and how grave it is; None where it says none of its own."""
    if not isinstance(rule, Detection) or rule.message is None or rule.head.off:
        return None
    return rule.message, rule.severity


CHECK = Lint(_run, needs_all=False, key=_told)
