"""V408: `order learned` where no two steps may change places."""

from collections.abc import Iterator

from dsl.checks.lint import Lint, clause_span, finding
from dsl.diagnostics import Finding
from dsl.program import Recovery
from dsl.resolve.whole import Resolved
from dsl.risk import Risks


def _run(resolved: Resolved) -> Iterator[Finding]:
    learned = [rule for rule in resolved.program.recoveries if rule.order == "learned"]
    risks = Risks(resolved.program.agents if learned else ())
    for rule in learned:
        if all(len(part) == 1 for part in risks.swappable(rule)):
            span = clause_span(resolved, "recovery", rule.head.name, "order")
            message = "there is nothing to learn: no two steps of it may change places"
            yield finding("V408", message, span, help=_why(rule, risks))


def _why(rule: Recovery, risks: Risks) -> str:
    if len(rule.tries) == 1:
        return "it has only one step; leave out `order learned`, or write what else may be tried"
    classes = ", ".join(f"`{step.name}` is {risks.of(step.actions)}" for step in rule.tries)
    return f"only neighbours of one class of risk change places, and {classes}; leave out `order learned`"


CHECK = Lint(_run, needs_all=False, each=True)
