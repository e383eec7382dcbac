"""V442: two faults as grave as each other are told in the same words."""

from collections.abc import Iterator

from dsl.checks.lint import Lint, clause_span, finding
from dsl.diagnostics import Context, Finding
from dsl.expressions import Expression
from dsl.resolve.whole import Resolved


def _run(resolved: Resolved) -> Iterator[Finding]:
    first: dict[tuple[Expression, str], str] = {}
    for detection in resolved.program.detections:
        if detection.message is None or detection.head.off:
            continue
        name = detection.head.name
        other = first.setdefault((detection.message, detection.severity), name)
        if other != name:
            message = (
                f"`{name}` and `{other}` are told in the same words: nobody can tell which of them it is"
            )
            context = (Context(clause_span(resolved, "detection", other, "message"), "the same here"),)
            span = clause_span(resolved, "detection", name, "message")
            yield finding("V442", message, span, help="say in each what it is about", context=context)


CHECK = Lint(_run, needs_all=False)
