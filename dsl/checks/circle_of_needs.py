"""V211: agents that need each other in a circle: no order to start them in, and their faults would hold back each other."""

from collections.abc import Iterator

from dsl.checks.lint import Lint, clause_span, finding
from dsl.circle import around, circles
from dsl.diagnostics import Finding
from dsl.resolve.whole import Resolved


def _run(resolved: Resolved) -> Iterator[Finding]:
    needs = {agent.name: set(agent.needs) for agent in resolved.program.agents}
    for found in circles(needs)[0]:
        span = clause_span(resolved, "agent", found[0], "needs")
        chain = around(found, " needs ")
        yield finding(
            "V211", f"agents need each other in a circle: {chain}", span, help="one of these needs has to go"
        )


CHECK = Lint(_run, needs_all=False)
