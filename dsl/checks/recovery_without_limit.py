"""V402: a recovery that may act without end is how a small fault becomes a large one."""

from collections.abc import Iterator

from dsl.checks.lint import Lint, finding, name_span
from dsl.diagnostics import Finding
from dsl.resolve.whole import Resolved


def _run(resolved: Resolved) -> Iterator[Finding]:
    for rule in resolved.program.recoveries:
        if not rule.limits:
            subject = _subject(resolved, rule.detections)
            help_ = f"write, for example, `limit 3 per 1h {subject}`"
            span = name_span(resolved, "recovery", rule.head.name)
            yield finding("V402", f"the recovery `{rule.head.name}` has no limit", span, help=help_)


def _subject(resolved: Resolved, detections: tuple[str, ...]) -> str:
    kinds = {resolved.known.subjects[name] for name in detections}
    kind = kinds.pop() if len(kinds) == 1 else None
    return f"by {kind}" if kind else "overall"


CHECK = Lint(_run, needs_all=False, each=True)
