"""V444: a test that passes whatever the rules do."""

from collections.abc import Iterator

from dsl.checks.lint import Lint, finding, name_span
from dsl.diagnostics import Finding
from dsl.resolve.whole import Resolved


def _run(resolved: Resolved) -> Iterator[Finding]:
    for test in resolved.program.tests:
        if not any(type(step.what).__name__.startswith("Expect") for step in test.steps):
            message = "this test expects nothing: it passes whatever the rules do"
            help_ = "write what has to be true at which time: `at 1m expect fault …`"
            yield finding("V444", message, name_span(resolved, "test", test.name), help=help_)


CHECK = Lint(_run, needs_all=False)
