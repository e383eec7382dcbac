"""V502, V504: rules that work against each other, and recoveries of which nobody said which comes first."""

from collections.abc import Iterator

from dsl.checks.lint import Lint, finding, name_span
from dsl.diagnostics import Context, Finding
from dsl.proofs.acting import Acting, Rules
from dsl.proofs.conflict import Conflict, Rivals, conflicts
from dsl.proofs.wording import in_words
from dsl.resolve.whole import Resolved
from dsl.source import Span


def _run(resolved: Resolved) -> Iterator[Finding]:
    found = conflicts(Rules(resolved.program))
    for conflict in found.shown:
        yield _opposed(resolved, conflict)
    opposed = {frozenset((one.one.key, one.other.key)) for one in found.shown}
    for rivals in found.rivals:
        if frozenset((rivals.one.key, rivals.other.key)) not in opposed:
            yield _equal(resolved, rivals)


def _opposed(resolved: Resolved, conflict: Conflict) -> Finding:
    assert conflict.facts is not None
    one, other = conflict.one, conflict.other
    message = f"`{one.name}` and `{other.name}` can act against each other: {conflict.what}"
    facts = in_words(conflict.facts, conflict.world)
    help_ = f"both act when {facts}; make their conditions exclude each other"
    return finding("V502", message, _place(resolved, other), help=help_, context=_first(resolved, one))


def _equal(resolved: Resolved, rivals: Rivals) -> Finding:
    one, other = rivals.one, rivals.other
    message = f"`{one.name}` and `{other.name}` are both for the fault `{rivals.fault}`, and nothing says which is first"
    help_ = (
        "give the one that is to be tried first `priority high`, or put the steps of both into one recovery"
    )
    return finding("V504", message, _place(resolved, other), help=help_, context=_first(resolved, one))


def _first(resolved: Resolved, rule: Acting) -> tuple[Context, ...]:
    return (Context(_place(resolved, rule), "the other one"),)


def _place(resolved: Resolved, rule: Acting) -> Span:
    return name_span(resolved, rule.kind, rule.name)


CHECK = Lint(_run)
