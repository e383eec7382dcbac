"""V441: two names that differ in nothing but capitals."""

from collections.abc import Iterator

from dsl.checks.lint import Lint, finding, name_span
from dsl.diagnostics import Context, Finding
from dsl.resolve.whole import Resolved

_NAMED = (
    "detection", "recovery", "orchestration", "adaptation", "automation", "workflow", "maintenance", "alert", "agent", "probe",
    "fact", "event", "derive", "channel", "calendar", "let",
)  # fmt: skip


def _run(resolved: Resolved) -> Iterator[Finding]:
    for kind in _NAMED:
        first: dict[str, str] = {}
        for name in resolved.known.of(kind):
            other = first.setdefault(name.casefold(), name)
            if other != name:
                message = f"the {kind}s `{other}` and `{name}` differ in nothing but capitals"
                context = (Context(name_span(resolved, kind, other), "the other one"),)
                span = name_span(resolved, kind, name)
                yield finding(
                    "V441", message, span, help="one of them is called another way", context=context
                )


def _nothing(rule: object) -> None:
    """Only names and places count, and of those that came, went or moved it is told anyway."""


CHECK = Lint(_run, needs_all=False, sees=_nothing)
