"""V409: a label that no agent has is never equal to anything."""

from collections.abc import Iterator

from dsl.checks.lint import Lint, finding
from dsl.diagnostics import Finding
from dsl.resolve.whole import Resolved
from dsl.suggest import did_you_mean


def _run(resolved: Resolved) -> Iterator[Finding]:
    if not resolved.known.of("agent"):  # rules for others to use
        return
    for name, span in resolved.known.labels_read:
        if name not in resolved.known.labels:
            help_ = did_you_mean(name, resolved.known.labels) or "agents say `labels NAME: VALUE`"
            yield finding("V409", f"no agent has a label `{name}`", span, help=help_)


CHECK = Lint(_run)
