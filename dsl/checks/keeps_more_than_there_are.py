"""V445: `keep at least N agent`, of which there are no more: nothing may ever be touched."""

from collections.abc import Iterator

from dsl.checks.lint import Lint, clause_span, finding
from dsl.diagnostics import Finding
from dsl.resolve.whole import Resolved


def _run(resolved: Resolved) -> Iterator[Finding]:
    count = len(resolved.program.agents)
    if not count:
        return  # rules for others to use
    for recovery in resolved.program.recoveries:
        for keep in recovery.keeps:
            if keep.type == "agent" and keep.least >= count:
                message = f"at least {keep.least} agents are kept, and there are {count}: none of them may ever be touched"
                span = clause_span(resolved, "recovery", recovery.head.name, "keep")
                yield finding("V445", message, span, help=f"keep {max(count - 1, 0)} at most")


CHECK = Lint(_run, each=True)
