"""V211: agents that need each other in a circle: no order to start them in, and their faults would hold back each other."""

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

from dsl.checks.lint import Lint, clause_span, finding
from dsl.diagnostics import Finding
from dsl.resolve.whole import Resolved

_SHOWN = 8  # agents of a circle that the message names


def _run(resolved: Resolved) -> Iterator[Finding]:
    needs = {agent.name: set(agent.needs) for agent in resolved.program.agents}
    while circle := _circle(needs):
        first = min(circle)
        at = circle.index(first)
        around = [*circle[at:], *circle[:at], first]
        chain = " needs ".join(around if len(around) <= _SHOWN else [*around[: _SHOWN - 2], "…", first])
        span = clause_span(resolved, "agent", first, "needs")
        yield finding(
            "V211", f"agents need each other in a circle: {chain}", span, help="one of these needs has to go"
        )
        for name in circle:
            needs.pop(name)


def _circle(needs: dict[str, set[str]]) -> list[str]:
    """The agents of one circle, each needing the next; none if there is no circle."""
    try:
        TopologicalSorter({name: needs[name] & needs.keys() for name in sorted(needs)}).prepare()
    except CycleError as error:
        return [str(name) for name in reversed(error.args[1][1:])]
    return []


CHECK = Lint(_run, needs_all=False)
