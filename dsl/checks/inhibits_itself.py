"""V446: a fault that is held back by itself."""

from collections.abc import Iterator

from dsl.checks.lint import Lint, clause_span, finding
from dsl.diagnostics import Finding
from dsl.expressions import Constant
from dsl.resolve.whole import Resolved


def _run(resolved: Resolved) -> Iterator[Finding]:
    for detection in resolved.program.detections:
        name = detection.head.name
        for cause in detection.inhibited_by:
            if cause.name == Constant(name) and cause.where is None:
                message = f"`{name}` holds back its own notices and recoveries"
                span = clause_span(resolved, "detection", name, "inhibited")
                yield finding("V446", message, span, help="name the fault that is its cause")


CHECK = Lint(_run, needs_all=False, each=True)
