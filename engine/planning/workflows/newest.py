"""What rules read of a workflow's newest runs: how many succeeded, how many were changed while they ran, which step was slow."""

from __future__ import annotations

from collections import deque
from typing import Any, NamedTuple

from engine.knowledge.learned import Learned
from engine.planning.workflows.state import StepRun, WorkflowRun

_KEPT = 20  # runs: enough that one failure is no trend, few enough that what was mended is seen soon
_DECIDED = frozenset({"succeeded", "failed"})
_WORKED = frozenset({"succeeded", "failed", "undone"})

NOTHING: dict[str, Any] = {
    "runs": 0,
    "success_rate": None,
    "adaptation_rate": None,
    "slowest_step": None,
    "step_time": None,
    "step_time_usual": None,
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
            **self._slowest(run),
        }

    def values(self, workflow: str) -> dict[str, Any]:
        return self._values.get(workflow, NOTHING)

    def forget(self, workflow: str) -> None:
        self._runs.pop(workflow, None)
        self._values.pop(workflow, None)

    def _slowest(self, run: WorkflowRun) -> dict[str, Any]:
        """The step that took most, measured by what it takes as a rule; by its time alone where nothing was learned."""
        worked = [
            step for step in run.steps.values() if step.status in _WORKED and step.started_at is not None
        ]
        if not worked:
            return {"slowest_step": None, "step_time": None, "step_time_usual": None}
        step = max(worked, key=lambda one: (self._excess(run, one), _took(one)))
        return {
            "slowest_step": step.name,
            "step_time": _took(step),
            "step_time_usual": self._usual(run, step),
        }

    def _excess(self, run: WorkflowRun, step: StepRun) -> float:
        usual = self._usual(run, step)
        return _took(step) / usual if usual else 0.0

    def _usual(self, run: WorkflowRun, step: StepRun) -> float | None:
        return self._learned.usual(run.lesson(step.name)) if run.learning else None


def _took(step: StepRun) -> float:
    return step.duration(0.0) or 0.0  # it has ended: no clock is looked at


def _part(part: int, whole: int) -> float | None:
    return part / whole if whole else None
