"""V453: a tier of severity that a graver one always overtakes."""

from collections.abc import Iterator

from dsl.checks.lint import Lint, clause_span, finding
from dsl.diagnostics import Finding
from dsl.proofs.conditions import given_by
from dsl.proofs.decide import Wanted, never
from dsl.proofs.world import World
from dsl.resolve.whole import Resolved
from dsl.vocabulary.facts import SINGLE


def _run(resolved: Resolved) -> Iterator[Finding]:
    types = resolved.program.fact_types
    single = {name: types[name] for name in SINGLE if name in types}
    for detection in resolved.program.detections:
        binding = detection.binding
        bound = {binding.name: types[binding.type]} if binding and binding.type in types else {}
        world = World({**single, **bound})
        for at, mild in enumerate(detection.tiers):
            for grave in detection.tiers[at + 1 :]:
                goals = ((mild.when.expression, Wanted.TRUE), (grave.when.expression, Wanted.NOT_TRUE))
                if grave.when.hold <= mild.when.hold and never((*given_by(binding), *goals), world):
                    message = f"`severity {mild.severity}` never counts: whenever it is true, `{grave.severity}` is as well"
                    span = clause_span(resolved, "detection", detection.head.name, "severity")
                    yield finding(
                        "V453", message, span, help="the graver tier asks for more than the milder one"
                    )
                    break


CHECK = Lint(_run, each=True)
