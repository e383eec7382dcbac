"""V407: a constant that nothing uses is mostly one that was misspelt somewhere."""

from collections.abc import Iterator

from dsl.checks.lint import Lint, finding, name_span
from dsl.diagnostics import Finding
from dsl.resolve.whole import Resolved


def _run(resolved: Resolved) -> Iterator[Finding]:
    for name in resolved.known.of("let"):
        if name not in resolved.known.constants.used:
            span = name_span(resolved, "let", name)
            yield finding("V407", f"nothing uses the constant `{name}`", span, help="use it, or take it out")


CHECK = Lint(_run)
