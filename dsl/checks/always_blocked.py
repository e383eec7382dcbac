"""V440: an `unless` that is true whenever the rule would act: it never acts."""

from collections.abc import Iterator

from dsl.checks.lint import Lint, clause_span, finding
from dsl.diagnostics import Finding
from dsl.expressions import Constant
from dsl.parts import Binding, Condition
from dsl.proofs.conditions import given_by
from dsl.proofs.decide import Wanted, never
from dsl.proofs.world import World
from dsl.resolve.whole import Resolved
from dsl.vocabulary.facts import SINGLE


def _run(resolved: Resolved) -> Iterator[Finding]:
    rules: list[tuple[str, str, Binding | None, Condition | None, Condition | None]] = [
        *(("detection", rule.head.name, rule.binding, rule.when, rule.unless) for rule in resolved.program.detections),
        *(("orchestration", rule.head.name, rule.binding, rule.when, rule.unless) for rule in resolved.program.orchestrations),
        *(("adaptation", rule.head.name, None, rule.when, rule.unless) for rule in resolved.program.adaptations),
    ]  # fmt: skip
    for kind, name, binding, when, unless in rules:
        if when is None or unless is None or when.expression == Constant(True):
            continue
        world = _world(resolved, binding)
        state = (*given_by(binding), (when.expression, Wanted.TRUE))
        if never((*state, (unless.expression, Wanted.NOT_TRUE)), world) and not never(state, world):
            message = "this `unless` is true whenever `when` is: nothing ever comes of the rule"
            span = clause_span(resolved, kind, name, "unless")
            yield finding(
                "V440",
                message,
                span,
                help="`unless` names what keeps the rule from acting though `when` is true",
            )


def _world(resolved: Resolved, binding: Binding | None) -> World:
    types = resolved.program.fact_types
    found = {name: types[name] for name in SINGLE if name in types}
    if binding is not None and binding.type in types:
        found[binding.name] = types[binding.type]
    return World(found)


CHECK = Lint(_run, each=True)
