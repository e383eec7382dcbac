"""V429: `until` can be true while `when` is: the fault would end while its symptom is there."""

from collections.abc import Iterator

from dsl.checks.lint import Lint, clause_span, finding
from dsl.diagnostics import Finding
from dsl.expressions import Constant
from dsl.proofs.conditions import given_by
from dsl.proofs.decide import Wanted
from dsl.proofs.example import example
from dsl.proofs.wording import in_words
from dsl.proofs.world import World
from dsl.resolve.whole import Resolved
from dsl.vocabulary.facts import SINGLE


def _run(resolved: Resolved) -> Iterator[Finding]:
    types = resolved.program.fact_types
    single = {name: types[name] for name in SINGLE if name in types}
    for detection in resolved.program.detections:
        when, until, binding = detection.when.expression, detection.until, detection.binding
        if until is None or detection.on is not None or when == Constant(True):
            continue
        bound = {binding.name: types[binding.type]} if binding and binding.type in types else {}
        world = World({**single, **bound})
        goals = (*given_by(binding), (when, Wanted.TRUE), (until.expression, Wanted.TRUE))
        found = example(goals, world)
        if found is not None and found.certain:
            message = f"this `until` can be true while `when` is, for example when {in_words(found, world)}"
            span = clause_span(resolved, "detection", detection.head.name, "until")
            yield finding(
                "V429",
                message,
                span,
                help="a fault ends when its symptom has gone: write `until` so that it excludes `when`",
            )


CHECK = Lint(_run, each=True)
