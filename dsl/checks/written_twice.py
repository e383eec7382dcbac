"""V426: two rules that are the same but for their names."""

from collections.abc import Hashable, Iterator

from dsl.checks.lint import Lint, finding, name_span
from dsl.diagnostics import Context, Finding
from dsl.resolve.whole import Resolved


def _run(resolved: Resolved) -> Iterator[Finding]:
    first: dict[Hashable, str] = {}
    for kind, name, meaning in _meanings(resolved):
        other = first.setdefault((kind, meaning), name)
        if other != name:
            context = (Context(name_span(resolved, kind, other), "this one"),)
            message = f"the {kind} `{name}` says the same as `{other}`"
            span = name_span(resolved, kind, name)
            yield finding("V426", message, span, help="one of them has to go", context=context)


def _meanings(resolved: Resolved) -> Iterator[tuple[str, str, Hashable]]:
    """What makes a rule act, and what it does; not how grave it is, and not whom it tells."""
    program = resolved.program
    for detection in program.detections:
        if not detection.head.off:
            said = (detection.binding, detection.when, detection.tiers, detection.on, detection.only_if)
            yield "detection", detection.head.name, (*said, detection.unless)
    for recovery in program.recoveries:
        if not recovery.head.off:
            offered = (
                recovery.detections,
                recovery.where,
                recovery.exhausted,
                recovery.only_if,
                recovery.unless,
            )
            yield "recovery", recovery.head.name, (*offered, recovery.tries)
    for orchestration in program.orchestrations:
        if not orchestration.head.off:
            when = (orchestration.binding, orchestration.when, orchestration.on, orchestration.only_if)
            yield "orchestration", orchestration.head.name, (*when, orchestration.unless, orchestration.then)
    for adaptation in program.adaptations:
        if not adaptation.head.off:
            yield "adaptation", adaptation.head.name, (
                adaptation.workflow, adaptation.when, adaptation.on, adaptation.only_if, adaptation.then,
            )  # fmt: skip


CHECK = Lint(_run, needs_all=False)
