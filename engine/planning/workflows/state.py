"""One run of a workflow and its steps: where they are, and what rules read of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from dsl.parts import PRIORITIES
from dsl.work import Step, Workflow
from engine.alarms import Alarm
from engine.planning.resources import Resources
from engine.planning.workflows import graph

TERMINAL = frozenset({"succeeded", "failed", "skipped", "cancelled", "undone", "interrupted"})
NOT_BEGUN = frozenset({"waiting", "ready"})


class StepRun:
    """`plan` may be replaced by an adaptation before it begins, or after it failed. `started_at`: of its first attempt."""

    __slots__ = (
        "action", "alarm", "answers", "attempt", "attempt_at", "ended_at", "error", "id", "name", "number", "output",
        "plan", "priority", "retries", "running", "started_at", "status", "timed_out", "timeout", "unsure",
    )  # fmt: skip

    def __init__(self, identity: int, plan: Step, timeout: float) -> None:
        self.id = identity
        self.name = plan.name
        self.status = "waiting"
        self.attempt = 0
        self.started_at: float | None = None
        self.attempt_at = 0.0
        self.ended_at: float | None = None
        self.number = 0.0  # counts ends: undoing goes backwards
        self.output: Any = None
        self.error = ""
        self.action: int | None = None
        self.answers: list[dict[str, Any]] = []
        self.running: dict[int, str | None] = {}  # actions under way, by the member they are for
        self.alarm: Alarm | None = None
        self.timed_out = False
        self.unsure = False  # nobody knows what became of it: undone like what succeeded
        self.take(plan, timeout)

    def take(self, plan: Step, timeout: float) -> None:
        self.plan = plan
        self.timeout = timeout
        self.retries = plan.retry.count
        self.priority = plan.priority

    @property
    def done(self) -> bool:
        """Whether what comes after it may begin."""
        return self.status in ("succeeded", "skipped") or (self.status == "failed" and self.plan.optional)

    def duration(self, now: float) -> float | None:
        if self.started_at is None:
            return None
        return (now if self.ended_at is None else self.ended_at) - self.started_at

    def call_off(self) -> None:
        if self.alarm is not None:
            self.alarm.call_off()
            self.alarm = None

    def values(self, now: float) -> dict[str, Any]:
        """What rules read of it as `step` and `steps.NAME`. Texts and durations that are not there yet are unknown."""
        return {
            "name": self.name,
            "kind": self.plan.action.kind,
            "status": self.status,
            "duration": self.duration(now),
            "attempt": self.attempt,
            "error": self.error or None,
            "output": self.output,
            "priority": self.priority,
            "optional": self.plan.optional,
        }


class Ending(NamedTuple):
    """How a run is about to end, once what is under way did."""

    status: str  # failed cancelled interrupted
    reason: str


class Order(NamedTuple):
    """What a run is asked for: the parts of its automation that concern it."""

    arguments: Mapping[str, Any]
    priority: str = "medium"
    strategy: str = "adaptive"
    learning: bool = True
    automation_run: int | None = None
    pool: Resources | None = None  # what its automation holds for it; None: it contends with all the others


class WorkflowRun:
    """`ended` is told once. It ends under the text under which it began, but for what adaptations made of it."""

    __slots__ = (
        "actions", "adaptations", "adapted", "arguments", "ended", "ended_at", "ending", "followers", "graph", "id", "learning",
        "order", "order_by", "places", "plan", "pool", "reshaped", "started_at", "status", "steps", "touched", "undoing",
        "unfinished", "unplaced",
    )  # fmt: skip

    def __init__(
        self, identity: int, plan: Workflow, order: Order, pool: Resources, started_at: float,
        ended: Callable[[WorkflowRun], None],
    ) -> None:  # fmt: skip
        self.id = identity
        self.plan = plan
        self.order = order
        self.arguments = order.arguments
        self.pool = pool
        self.started_at = started_at
        self.ended_at: float | None = None
        self.ended = ended
        self.status = "running"
        self.learning = plan.learning and order.learning
        self.order_by = "priority" if order.strategy == "reliable" else "cost"
        self.graph: graph.Graph = {step.name: step.after for step in plan.steps}  # less what is skipped
        self.steps: dict[str, StepRun] = {}
        self.ending: Ending | None = None
        self.undoing: list[StepRun] | None = None
        self.touched: dict[str, None] = {}  # steps whose state changed, to be judged
        self.reshaped = True  # the graph changed: every waiting step is looked at
        self.followers: Mapping[
            str, list[str]
        ] = {}  # what comes directly after each step, while not reshaped
        self.unplaced = True  # the order changed: every place is found anew
        self.places: dict[str, tuple[float, ...]] = {}
        self.unfinished = 0
        self.actions = 0
        self.adaptations = 0
        self.adapted: set[tuple[str, str]] = set()  # rule and step: once for each

    def lesson(self, step: str) -> str:
        """The name under which its durations are learned."""
        return f"{self.plan.head.name}/{step}"

    def rank(self) -> int:
        return PRIORITIES.index(self.order.priority)

    def values(self, now: float) -> dict[str, Any]:
        """What rules read of it as `run`."""
        return {
            "id": self.id,
            "workflow": self.plan.head.name,
            "status": self.status if self.ending is None else self.ending.status,
            "duration": (self.ended_at or now) - self.started_at,
            "priority": self.order.priority,
            "adaptations": self.adaptations,
        }

    def bindings(self, singles: Mapping[str, Any], now: float) -> dict[str, Any]:
        return {**singles, **self.arguments, "steps": StepsView(self, now), "run": self.values(now)}


class StepsView(Mapping[str, Any]):
    """`steps`: what is asked for is made, not a thousand dictionaries for each question."""

    def __init__(self, run: WorkflowRun, now: float) -> None:
        self._run = run
        self._now = now

    def __getitem__(self, name: str) -> dict[str, Any]:
        return self._run.steps[name].values(self._now)

    def __iter__(self) -> Iterator[str]:
        return iter(self._run.steps)

    def __len__(self) -> int:
        return len(self._run.steps)
