"""An automation in force, and one run of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dsl.parts import PRIORITIES
from dsl.work import Automation
from engine.alarms import Alarm
from engine.planning.performing import Performance
from engine.planning.workflows.state import WorkflowRun


class AutomationRun:
    """`status`: queued (behind another run, a dependency or a pause), waiting (for resources), running, or how it ended."""

    __slots__ = (
        "actions", "asked", "because", "cause", "deadline", "due_at", "ending", "id", "known", "performance", "reason", "started_at",
        "status", "workflow_run",
    )  # fmt: skip

    def __init__(self, identity: int, known: Known, cause: str, due_at: float, because: str) -> None:
        self.id = identity
        self.known = known
        self.cause = cause
        self.due_at = due_at
        self.because = because
        self.status = "queued"
        self.reason = ""
        self.asked = False  # it stands in the queue for resources
        self.ending = ""  # why it is being cancelled
        self.started_at: float | None = None
        self.deadline: Alarm | None = None
        self.workflow_run: WorkflowRun | None = None
        self.performance: Performance | None = None
        self.actions = 0


class Known:
    """`live` are its runs that have not ended: the first is the one that counts, the others stand behind it."""

    __slots__ = (
        "alarm",
        "created_at",
        "id",
        "last_run_at",
        "last_success_at",
        "live",
        "next_at",
        "paused",
        "plan",
    )

    def __init__(self, plan: Automation) -> None:
        self.plan = plan
        self.id = 0  # 0: not told to the store yet
        self.created_at = 0.0
        self.next_at: float | None = None
        self.alarm: Alarm | None = None
        self.live: list[AutomationRun] = []
        self.last_run_at = float("-inf")
        self.last_success_at = float("-inf")
        self.paused = False

    @property
    def name(self) -> str:
        return self.plan.head.name

    @property
    def running(self) -> bool:
        return any(run.status == "running" for run in self.live)

    def rank(self) -> int:
        return PRIORITIES.index(self.plan.head.priority)

    def call_off(self) -> None:
        if self.alarm is not None:
            self.alarm.call_off()
            self.alarm = None

    def values(self) -> Mapping[str, Any]:
        """What rules read of it as `automation`."""
        return {
            "name": self.name,
            "type": self.plan.type,
            "status": "paused" if self.paused else "active",
            "priority": self.plan.head.priority,
            "paused": self.paused,
            "running": self.running,
        }
