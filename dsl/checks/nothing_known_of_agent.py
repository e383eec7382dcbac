"""V436: an agent of which nothing says whether it works."""

from collections.abc import Iterator

from dsl.checks.lint import Lint, finding, name_span
from dsl.diagnostics import Finding
from dsl.resolve.whole import Resolved


def _run(resolved: Resolved) -> Iterator[Finding]:
    for agent in resolved.program.agents:
        if agent.unit is None and agent.health is None and agent.ready is None:
            message = f"nothing says how `{agent.name}` runs, and nothing how its health is seen: its status is always unknown"
            help_ = 'write, for example, `health http "http://127.0.0.1:8080/health"`, or `health tcp "127.0.0.1:8080"`'
            yield finding("V436", message, name_span(resolved, "agent", agent.name), help=help_)


CHECK = Lint(_run)
