"""V408: `order learned` is accepted; until steps are learned they are tried as written."""

from collections.abc import Iterator

from dsl.checks.lint import Lint, clause_span, finding
from dsl.diagnostics import Finding
from dsl.resolve.whole import Resolved


def _run(resolved: Resolved) -> Iterator[Finding]:
    for rule in resolved.program.recoveries:
        if rule.order == "learned":
            span = clause_span(resolved, "recovery", rule.head.name, "order")
            yield finding("V408", "this version tries the steps in the order in which they are written", span)


CHECK = Lint(_run, needs_all=False, each=True)
