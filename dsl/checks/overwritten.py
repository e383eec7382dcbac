"""V451: a rule sets what a probe reports: the next sample takes it back."""

from collections.abc import Iterator

from dsl.checks.lint import Lint, clause_span, finding
from dsl.diagnostics import Finding
from dsl.expressions import Constant, MapOf
from dsl.program import Action
from dsl.resolve.whole import Resolved


def _run(resolved: Resolved) -> Iterator[Finding]:
    brought = {probe.into: probe.name for probe in resolved.program.probes if probe.into}
    for kind, name, words, action in _sets(resolved):
        given = dict(action.arguments)
        what, values = given.get("type"), given.get("values")
        probe = brought.get(str(what.value)) if isinstance(what, Constant) else None
        if probe is not None and isinstance(what, Constant) and isinstance(values, MapOf):
            field = values.members[0][0] if values.members else ""
            message = (
                f"`{what.value}.{field}` is what the probe `{probe}` reports: its next sample takes this back"
            )
            help_ = "set a fact that no probe brings, and read it in the conditions"
            yield finding("V451", message, clause_span(resolved, kind, name, *words, "set"), help=help_)


def _sets(resolved: Resolved) -> Iterator[tuple[str, str, tuple[str, ...], Action]]:
    program = resolved.program
    for recovery in program.recoveries:
        for step in recovery.tries:
            for action in step.actions:
                if action.kind == "set":
                    yield "recovery", recovery.head.name, ("try", step.name), action
    for orchestration in program.orchestrations:
        for word, actions in (("then", orchestration.then), ("afterwards", orchestration.afterwards)):
            for action in actions:
                if action.kind == "set":
                    yield "orchestration", orchestration.head.name, (word,), action


CHECK = Lint(_run, needs_all=False, each=True)
