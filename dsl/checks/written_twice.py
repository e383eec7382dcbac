"""V426: two rules that are the same but for their names."""

from collections.abc import Hashable, Iterator

from dsl.checks.lint import Lint, finding, name_span
from dsl.diagnostics import Context, Finding
from dsl.program import Detection, Recovery
from dsl.resolve.whole import Resolved
from dsl.work import Adaptation, Orchestration


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
    program = resolved.program
    for rule in (*program.detections, *program.recoveries, *program.orchestrations, *program.adaptations):
        yield from _meanings_of(rule)


def _meanings_of(rule: object) -> Iterator[tuple[str, str, Hashable]]:
    """Kind and name, and what makes a rule act, and what it does; not how grave it is, and not whom it tells. None of what is off."""
    match rule:
        case Detection() if not rule.head.off:
            said = (rule.binding, rule.when, rule.tiers, rule.on, rule.only_if)
            yield "detection", rule.head.name, (*said, rule.unless)
        case Recovery() if not rule.head.off:
            offered = (rule.detections, rule.where, rule.exhausted, rule.only_if, rule.unless)
            yield "recovery", rule.head.name, (*offered, rule.tries)
        case Orchestration() if not rule.head.off:
            when = (rule.binding, rule.when, rule.on, rule.only_if)
            yield "orchestration", rule.head.name, (*when, rule.unless, rule.then)
        case Adaptation() if not rule.head.off:
            yield "adaptation", rule.head.name, (
                rule.workflow, rule.when, rule.on, rule.only_if, rule.then,
            )  # fmt: skip


def _meaning(rule: object) -> Hashable:
    return next((meant[::2] for meant in _meanings_of(rule)), None)


CHECK = Lint(_run, needs_all=False, key=_meaning)
