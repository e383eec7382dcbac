"""V211: automations that come after each other in a circle: none of them would ever run by its schedule."""

from collections.abc import Iterator

from dsl.checks.lint import Lint, clause_span, finding
from dsl.circle import around, circles
from dsl.diagnostics import Finding
from dsl.resolve.whole import Resolved


def _run(resolved: Resolved) -> Iterator[Finding]:
    graph = {rule.head.name: set(rule.after) for rule in resolved.program.automations}
    for found in circles(graph)[0]:
        span = clause_span(resolved, "automation", found[0], "after")
        message = f"automations wait for each other in a circle: {around(found, ' after ')}"
        yield finding("V211", message, span, help="one of these has to begin")


CHECK = Lint(_run, needs_all=False)
