"""V405: a hold that is shorter than the interval at which its values are looked at is passed by a single sample."""

from collections.abc import Iterator

from dsl.checks.lint import Lint, clause_span, finding
from dsl.diagnostics import Finding
from dsl.program import Condition, Detection
from dsl.resolve.intervals import names_bound, types_read
from dsl.resolve.whole import Resolved


def _run(resolved: Resolved) -> Iterator[Finding]:
    for detection in resolved.program.detections:
        for word, state in (
            ("when", detection.when),
            ("until", detection.until),
            ("unless", detection.unless),
        ):
            interval = 0.0 if state is None else _interval(resolved, detection, state)
            if state is not None and 0 < state.hold < interval:
                message = f"held for {state.hold:g}s, but looked at every {interval:g}s: one sample passes it"
                span = clause_span(resolved, "detection", detection.head.name, word)
                yield finding(
                    "V405", message, span, help=f"hold it for {interval:g}s or more, or look more often"
                )


def _interval(resolved: Resolved, detection: Detection, state: Condition) -> float:
    return resolved.intervals.longest(types_read(state.expression, names_bound(detection.binding)))


CHECK = Lint(_run, each=True)
