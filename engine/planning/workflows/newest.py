"""What rules read of a workflow's newest runs: how many succeeded, how many were changed while they ran, which step was slow."""

from __future__ import annotations

from collections import deque
from typing import Any, NamedTuple

from engine.knowledge.learned import Learned
from engine.planning.workflows.state import StepRun, WorkflowRun
from engine.renaming import Names

_KEPT = 20  # runs: enough that one failure is no trend, few enough that what was mended is seen soon
_NOTICED = 1.0  # seconds
_DECIDED = frozenset({"succeeded", "failed"})
_WORKED = frozenset({"succeeded", "failed", "undone"})

NOTHING: dict[str, Any] = {
    "runs": 0,
    "success_rate": None,
    "adaptation_rate": None,
    "slowest_step": None,
    "step_time": None,
    "slowed_step": None,
    "slowdown": None,
}


class _Ended(NamedTuple):
    status: str
    adapted: bool


class Newest:
    """Of the runs since volexd began; before the first one ended, the rates and times are unknown."""

    def __init__(self, learned: Learned) -> None:
        self._learned = learned
        self._runs: dict[str, deque[_Ended]] = {}
        self._values: dict[str, dict[str, Any]] = {}

    def ended(self, run: WorkflowRun) -> None:
        name = run.plan.head.name
        runs = self._runs.setdefault(name, deque(maxlen=_KEPT))
        runs.append(_Ended(run.status, run.adaptations > 0))
        decided = [one for one in runs if one.status in _DECIDED]
        self._values[name] = {
            "runs": len(runs),
            "success_rate": _part(sum(one.status == "succeeded" for one in decided), len(decided)),
            "adaptation_rate": _part(sum(one.adapted for one in runs), len(runs)),
            **self._times(run),
        }

    def values(self, workflow: str) -> dict[str, Any]:
        return self._values.get(workflow, NOTHING)

    def rename(self, names: Names) -> None:
        self._runs = {names.of("workflow", name): runs for name, runs in self._runs.items()}
        self._values = {names.of("workflow", name): values for name, values in self._values.items()}

    def forget(self, workflow: str) -> None:
        self._runs.pop(workflow, None)
        self._values.pop(workflow, None)

    def _times(self, run: WorkflowRun) -> dict[str, Any]:
        """The step that took longest; and the one furthest beyond what it takes as a rule, where that is known."""
        worked = [
            step for step in run.steps.values() if step.status in _WORKED and step.started_at is not None
        ]
        longest = max(worked, key=_took, default=None)
        beyond = [(factor, step.name) for step in worked if (factor := self._slowdown(run, step)) is not None]
        factor, slowed = max(beyond, default=(None, None))
        return {
            "slowest_step": longest and longest.name,
            "step_time": longest and _took(longest),
            "slowed_step": slowed,
            "slowdown": factor,
        }

    def _slowdown(self, run: WorkflowRun, step: StepRun) -> float | None:
        usual = self._learned.usual(run.lesson(step.name)) if run.learning else None
        return slowdown(_took(step), usual)


def slowdown(took: float, usual: float | None) -> float | None:
    """How many times as long as usual; of the time that a machine may take to breathe nothing is made."""
    return None if not usual else round(took / usual, 2) if took > _NOTICED else 1.0


def _took(step: StepRun) -> float:
    return step.duration(0.0) or 0.0  # it has ended: no clock is looked at


def _part(part: int, whole: int) -> float | None:
    return part / whole if whole else None
