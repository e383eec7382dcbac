"""V449, V450: a pause that no rule lifts, and a resume of what the rule never paused. A rule lifts its own pauses, and no others."""

from collections.abc import Iterable, Iterator

from dsl.checks.lint import Lint, clause_span, finding
from dsl.diagnostics import Finding
from dsl.program import Action
from dsl.resolve.whole import Resolved


def _run(resolved: Resolved) -> Iterator[Finding]:
    for orchestration in resolved.program.orchestrations:
        done = (("then", orchestration.then), ("afterwards", orchestration.afterwards))
        yield from _of(resolved, "orchestration", orchestration.head.name, done)
    for automation in resolved.program.automations:
        yield from _of(resolved, "automation", automation.head.name, (("do", automation.actions),))


def _of(
    resolved: Resolved, kind: str, name: str, done: tuple[tuple[str, tuple[Action, ...]], ...]
) -> Iterator[Finding]:
    actions = [action for _, several in done for action in several]
    paused, resumed = _kinds(actions, "pause"), _kinds(actions, "resume")
    for word, several in done:
        for what in sorted(_kinds(several, "pause") - resumed):
            message = f"no rule lifts this pause of {what}s: only a person can"
            help_ = f"write `afterwards {{ resume {what} }}`: a pause is lifted by the rule that made it"
            yield finding("V449", message, clause_span(resolved, kind, name, word, "pause"), help=help_)
        for what in sorted(_kinds(several, "resume") - paused):
            message = f"this resumes nothing: `{name}` never pauses {what}s, and lifts no other rule's pauses"
            help_ = "write it into the rule that pauses them"
            yield finding("V450", message, clause_span(resolved, kind, name, word, "resume"), help=help_)


def _kinds(actions: Iterable[Action], verb: str) -> set[str]:
    return {action.target.kind for action in actions if action.kind == verb and action.target is not None}


CHECK = Lint(_run, each=True)
