"""Random but sensible rows of automations and workflows."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

from daemon.store.rows import Row
from tests.daemon.store.samples import TEN

TYPES = ("resource_optimization", "task_scheduling", "agent_coordination")
ENDED = ("succeeded", "failed", "cancelled", "skipped", "interrupted")


@dataclass(frozen=True)
class Run:
    """Whole milliseconds of waiting and working."""

    name: str
    status: str
    waited: float
    took: float
    actions: int
    kept: bool | None
    applied: int
    refused: int


_milliseconds = st.integers(0, 10_000_000).map(lambda number: number / 1000)
runs = st.lists(
    st.builds(
        Run,
        st.sampled_from(["a", "b", "c"]),
        st.sampled_from((*ENDED, "succeeded", "running")),
        _milliseconds,
        _milliseconds,
        st.integers(0, 3),
        st.sampled_from([None, None, True, False]),
        st.integers(0, 2),
        st.integers(0, 2),
    ),
    max_size=12,
)


def type_of(name: str) -> str:
    return TYPES["abc".index(name)]


def automation_rows(told: list[Run]) -> list[Row]:
    """`a` and `b` are in force, `b` is paused; `c` was."""
    states = {"a": "active", "b": "paused", "c": "off"}
    rows = [
        Row("automation", number, {"name": name, "type": type_of(name), "status": status, "priority": "high"})
        for number, (name, status) in enumerate(states.items(), 1)
    ]
    for number, run in enumerate(told):
        due = TEN + number
        ended = None if run.status == "running" else due + run.waited + run.took
        measured = (
            None if run.kept is None else {"path": "host.cpu", "before": 0.9, "after": 0.5, "kept": run.kept}
        )
        values = {
            "automation": run.name, "type": type_of(run.name), "cause": "schedule", "status": run.status, "due_at": due,
            "started_at": due + run.waited, "ended_at": ended, "actions": run.actions, "measured": measured,
        }  # fmt: skip
        rows.append(Row("automation_run", 100 + number, values))
    return rows


def workflow_rows(told: list[Run]) -> list[Row]:
    """Workflows `a`, `b`, `c`; each run has one step `only` that went as the run did."""
    rows = [
        Row("workflow", n, {"name": name, "type": "workflow_management", "steps": 1, "learning": True})
        for n, name in enumerate("abc", 1)
    ]
    rows += [Row("rule_set", 1, {"digest": "", "loaded_at": TEN, "rules": 2, "files": 1})]
    rows += [
        Row("rule", n, {"rule_set_id": 1, "kind": "workflow", "name": name}) for n, name in enumerate("ab", 1)
    ]
    for number, run in enumerate(told):
        identity, started = 1000 + 100 * number, TEN + number
        ended = None if run.status == "running" else started + run.took
        values = {"status": run.status, "started_at": started, "ended_at": ended}
        rows.append(
            Row("workflow_run", identity, {"workflow": run.name, "critical_path_s": run.waited, **values})
        )
        step = {"run_id": identity, "step": "only", "attempt": 1, "duration_s": run.took}
        rows.append(Row("step_run", identity + 1, {**step, **values}))
        outcomes = ["applied"] * run.applied + ["refused"] * run.refused
        rows += [
            Row(
                "adaptation",
                identity + 2 + n,
                {"run_id": identity, "rule": "r", "outcome": outcome, "at": started},
            )
            for n, outcome in enumerate(outcomes)
        ]
    return rows
