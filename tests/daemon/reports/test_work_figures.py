"""The figures of the automation and the workflow report are what a person would count in the rows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.reports.automation import automation_report
from daemon.reports.workflow import workflow_report
from daemon.store.query import Reader, view
from daemon.store.rows import Row
from daemon.store.store import Store
from tests.daemon.reports.work import Run, automation_rows, runs, type_of, workflow_rows
from tests.daemon.store.samples import TEN
from tests.daemon.store.stories import agree, mean

AUTOMATION_KEYS = [
    "total_automations", "active_automations", "average_success_rate", "automation_types", "recent_activities",
    "resource_optimization_count", "task_scheduling_count", "orchestration_count", "timestamp",
]  # fmt: skip
WORKFLOW_KEYS = [
    "total_workflows", "active_workflows", "average_success_rate", "workflow_types", "recent_activities",
    "total_learning_insights", "optimization_count", "monitoring_count", "learning_count", "timestamp",
]  # fmt: skip


def decided(told: Sequence[Run]) -> list[Run]:
    return [run for run in told if run.status in ("succeeded", "failed")]


def rate(told: Sequence[Run]) -> float | None:
    return mean([float(run.status == "succeeded") for run in decided(told)])


def efficiency(told: Sequence[Run]) -> float | None:
    whole = sum(run.waited + run.took for run in decided(told))
    useful = sum(run.took for run in told if run.status == "succeeded")
    return useful / whole if whole > 0 else rate(told)


def of_automation(name: str, told: Sequence[Run]) -> dict[str, object]:
    return {
        "name": name,
        "type": type_of(name),
        "runs": len(told),
        "succeeded": sum(run.status == "succeeded" for run in told),
        "failed": sum(run.status == "failed" for run in told),
        "undecided": sum(run.status in ("cancelled", "skipped", "interrupted") for run in told),
        "success_rate": rate(told),
        "actions": sum(run.actions for run in told),
        "mean_s": mean([run.took for run in decided(told)]),
        "waited_s": mean([run.waited for run in decided(told)]),
        "efficiency": efficiency(told),
        "optimizations": sum(run.kept is not None for run in told),
        "optimizations_kept": sum(run.kept is True for run in told),
    }


def of_workflow(name: str, told: Sequence[Run]) -> dict[str, object]:
    ended = [run for run in told if run.status != "running"]
    return {
        "name": name,
        "steps": 1,
        "runs": len(told),
        "running": len(told) - len(ended),
        "succeeded": sum(run.status == "succeeded" for run in told),
        "failed": sum(run.status == "failed" for run in told),
        "success_rate": rate(told),
        "mean_s": mean([run.took for run in decided(told)]),
        "critical_path_s": mean([run.waited for run in decided(told)]),
        "adaptations": sum(run.applied for run in told),
        "adaptations_refused": sum(run.refused for run in told),
        "adaptation_rate": mean([float(run.applied > 0) for run in ended]),
    }


def assert_rows(found: list[dict[str, object]], wanted: list[dict[str, object]]) -> None:
    assert [row["name"] for row in found] == [row["name"] for row in wanted]
    for row, target in zip(found, wanted, strict=True):
        wrong = {name: (row[name], target[name]) for name in target if not agree(row[name], target[name])}
        assert wrong == {}


def by_name(told: Sequence[Run]) -> dict[str, list[Run]]:
    return {name: [run for run in told if run.name == name] for name in "abc"}


def sql(reader: Reader, query: str) -> object:
    """One figure, written by hand over the rows."""
    return reader.rows(query)[0]["figure"]


@settings(deadline=None, max_examples=40)
@given(runs, st.integers(0, 12))
def test_automation_figures_are_what_the_rows_say(told: list[Run], skipped: int) -> None:
    with Store.open(":memory:") as store:
        store.writer.submit(automation_rows(told)).result()
        with closing(store.reader()) as reader:
            assert_rows(
                view(reader, "automation_report"), [of_automation(*one) for one in by_name(told).items()]
            )
            report = automation_report(reader, at=TEN)
            assert report["total_automations"] == sql(
                reader, "SELECT count(*) AS figure FROM automation WHERE status <> 'off'"
            )
            assert report["orchestration_count"] == sql(
                reader, "SELECT count(*) AS figure FROM automation_run WHERE actions > 0"
            )
            later = [run for number, run in enumerate(told) if number + run.waited >= skipped]
            part = automation_report(reader, TEN + skipped, at=TEN)
    assert (report["average_success_rate"], part["average_success_rate"]) == (
        rate(told) or 0.0,
        rate(later) or 0.0,
    )
    assert report["active_automations"] == 1
    assert report["automation_types"] == {"resource_optimization": 1, "task_scheduling": 1}
    assert_rows(part["automations"], [of_automation(*one) for one in by_name(later).items()])  # type: ignore[arg-type]
    assert_promised(report, AUTOMATION_KEYS)


@settings(deadline=None, max_examples=40)
@given(runs, st.integers(0, 12))
def test_workflow_figures_are_what_the_rows_say(told: list[Run], skipped: int) -> None:
    with Store.open(":memory:") as store:
        store.writer.submit(workflow_rows(told)).result()
        with closing(store.reader()) as reader:
            assert_rows(view(reader, "workflow_report"), [of_workflow(*one) for one in by_name(told).items()])
            report = workflow_report(reader, TEN + skipped, at=TEN)
    later = told[skipped:]
    ended = [run for run in later if run.status != "running"]
    assert_rows(report["workflows"], [of_workflow(*one) for one in by_name(later).items()])  # type: ignore[arg-type]
    assert report["average_success_rate"] == (rate(later) or 0.0)
    assert report["adaptation_rate"] == (mean([float(run.applied > 0) for run in ended]) or 0.0)
    assert (report["total_workflows"], report["active_workflows"]) == (3, 2)
    assert report["monitoring_count"] == len(ended)
    assert_promised(report, WORKFLOW_KEYS)


def assert_promised(report: dict[str, object], keys: list[str]) -> None:
    assert set(keys) <= report.keys()
    assert json.loads(json.dumps(report, allow_nan=False)) == report
    for name, value in report.items():
        if name.endswith("_rate"):
            assert isinstance(value, float)
            assert 0.0 <= value <= 1.0


def test_what_one_call_made_is_one_automation() -> None:
    rows = [Row("rule_set", 1, {"digest": "", "loaded_at": TEN, "rules": 3, "files": 2})]
    for number, (name, file) in enumerate({"x_1": "call:x", "x_2": "call:x", "y": "a.rules"}.items(), 1):
        rows.append(Row("automation", number, {"name": name, "type": "task_scheduling", "status": "active"}))
        rows.append(Row("rule", number, {"rule_set_id": 1, "kind": "automation", "name": name, "file": file}))
    with Store.open(":memory:") as store:
        store.writer.submit(rows).result()
        with store.reader() as reader:
            report = automation_report(reader)
    assert (report["total_automations"], report["active_automations"], report["task_scheduling_count"]) == (
        2,
        2,
        3,
    )


@pytest.mark.parametrize(
    ("runs_of_step", "rate", "took", "whole", "kinds"),
    [
        (2, 0.0, 9.0, 10.0, []),
        (3, 0.5, 1.0, 10.0, ["retry"]),
        (3, 1.0, 9.0, 10.0, ["split"]),
        (3, None, None, None, []),
    ],
)
def test_suggestions_have_their_numbers(
    runs_of_step: int, rate: float | None, took: float | None, whole: float | None, kinds: list[str]
) -> None:
    from daemon.reports.suggestions import suggestions

    workflow = {"name": "w", "succeeded": 3, "mean_s": whole, "critical_path_s": whole}
    step = {"workflow": "w", "step": "s", "runs": runs_of_step, "success_rate": rate, "mean_s": took}
    found = suggestions([workflow], [step, step | {"step": "other", "runs": 0}])
    assert [one["kind"] for one in found] == kinds
    assert all(one["numbers"] for one in found)


def test_runs_that_wait_for_resources_are_told() -> None:
    from daemon.reports.suggestions import suggestions

    (found,) = suggestions([{"name": "w", "succeeded": 3, "mean_s": 10.0, "critical_path_s": 4.0}], [])
    assert (found["kind"], found["numbers"]) == ("resources", {"mean_s": 10.0, "critical_path_s": 4.0})
