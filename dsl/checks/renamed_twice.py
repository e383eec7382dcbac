"""V207: two rules that say `was` of one name: only one of them can go on under what stands there."""

from collections.abc import Iterator
from typing import Any

from dsl.checks.lint import Lint, clause_span, finding
from dsl.diagnostics import Context, Finding
from dsl.parts import RuleHead
from dsl.resolve.whole import Resolved

_RULES = {
    "detection": "detections", "recovery": "recoveries", "orchestration": "orchestrations", "adaptation": "adaptations",
    "automation": "automations", "workflow": "workflows", "maintenance": "maintenances", "alert": "alerts", "derive": "derives",
}  # fmt: skip


def _run(resolved: Resolved) -> Iterator[Finding]:
    for kind, rules in _RULES.items():
        there = resolved.known.of(kind)  # of a name that stands still is told where the rule is read
        heads = [rule.head for rule in getattr(resolved.program, rules)]
        heads = [head for head in heads if head.was and head.was not in there]
        heads.sort(key=lambda head: (head.place.file, head.place.line))
        first: dict[str, str] = {}
        for head in heads:
            other = first.setdefault(head.was, head.name)
            if other != head.name:
                message = f"the {kind} `{other}` was `{head.was}`, too"
                context = (Context(clause_span(resolved, kind, other, "was"), "the other one"),)
                span = clause_span(resolved, kind, head.name, "was")
                help_ = "only one of them goes on under that name: take it away from the other"
                yield finding("V207", message, span, help=help_, context=context)


def _said(rule: Any) -> str:
    """Tests have no former name."""
    head: RuleHead | None = getattr(rule, "head", None)
    return "" if head is None else head.was


CHECK = Lint(_run, needs_all=False, sees=_said)
