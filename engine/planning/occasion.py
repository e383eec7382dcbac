"""One time that an orchestration acts, and how it is spoken of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dsl.work import Orchestration
from engine.analysis.written import plain
from engine.knowledge.facts import Fact

Bindings = Mapping[str, Any]


class Occasion:
    """One time that a rule acts. `subject` is the fact it is about, if it is about one."""

    __slots__ = (
        "actions", "before", "bindings", "concluded", "id", "key", "measured", "over", "plan", "subject", "taken_back",
    )  # fmt: skip

    def __init__(self, identity: int, plan: Orchestration, subject: Fact | None, bindings: Bindings) -> None:
        self.id = identity
        self.plan = plan
        self.subject = subject
        self.key = subject.key if subject is not None else ""
        self.bindings = bindings
        self.before: float | None = None
        self.measured: dict[str, Any] | None = None
        self.actions = 0
        self.concluded = False
        self.over = False  # its state ended
        self.taken_back = False

    @property
    def holder(self) -> str:
        """By what name it holds pauses: each subject by itself."""
        name = f"orchestration {self.plan.head.name}"
        return f"{name} on {self.key}" if self.plan.binding is not None else name


def budget_of(plan: Orchestration) -> str:
    """By what name its limits are counted; what it would have done in the shadow uses up nothing real."""
    name = f"orchestration {plan.head.name}"
    return f"{name} in the shadow" if plan.head.shadow else name


def why_of(plan: Orchestration) -> str:
    if plan.when is not None:
        return f"{plan.when.text or 'its condition'} is true"
    assert plan.on is not None
    return {
        "fault": "a fault was raised",
        "exhausted": "a recovery gave up",
        "change": "a value changed",
        "event": "an event happened",
    }.get(plan.on.kind, "it is due")


def number_of(value: float | None) -> str:
    return "unknown" if value is None else plain(round(value, 6))
