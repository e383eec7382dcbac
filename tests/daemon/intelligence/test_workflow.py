"""Workflows by call: every promise of the table."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from daemon.intelligence import SystemIntelligence
from tests.daemon.intelligence.systems import program, site

REPORTED = {
    "total_workflows", "active_workflows", "average_success_rate", "workflow_types", "recent_activities",
    "total_learning_insights", "optimization_count", "monitoring_count", "learning_count", "timestamp",
}  # fmt: skip


def run(name: str, *command: Any, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": "exec", "command": list(command), **more}


def made(system: SystemIntelligence, *steps: dict[str, Any], **config: Any) -> str:
    return str(
        system.create_intelligent_workflow({"name": "Try it", "steps": list(steps), **config})["workflow_id"]
    )


def statuses(done: dict[str, Any]) -> dict[str, str]:
    return {step["name"]: step["status"] for step in done["execution_result"]["steps"]}


def test_steps_run_with_their_outputs_and_the_context(system: SystemIntelligence) -> None:
    with site() as told:
        workflow = made(
            system,
            run("first", "/bin/echo", {"context": "symbol"}, 'a "quoted" {thing}\n'),
            {"name": "second", "type": "http", "url": f"http://127.0.0.1:{told.port}/x", "method": "post",
             "body": {"symbol": {"context": "symbol"}, "deep": {"list": [1, True, "{x}"]}}, "dependencies": ["first"]},
            type="trading", description="A trial", conditions={}, learning_enabled=True,
        )  # fmt: skip
        done = system.execute_intelligent_workflow(workflow, {"symbol": "BTC {USD}"})
        assert told.posts() == [("POST", "/x", {"symbol": "BTC {USD}", "deep": {"list": [1, True, "{x}"]}})]
    assert done["success"]
    first, second = done["execution_result"]["steps"]
    assert first["output"].rstrip() == 'BTC {USD} a "quoted" {thing}'
    assert second["output"] == {"status": "healthy"}
    assert first["duration_s"] > 0
    assert done["execution_result"]["adaptations_applied"] == 0
    assert done["learning_result"]["total"] == 2
    assert done["monitoring_result"]["alerts"] == []


def test_steps_run_at_the_same_time_where_the_graph_allows(
    system: SystemIntelligence, tmp_path: Path
) -> None:
    """Each waits until the other has begun: one after the other they would never end."""
    meet = program(
        tmp_path / "meet", f"touch {tmp_path}/$1; while [ ! -e {tmp_path}/$2 ]; do sleep 0.01; done"
    )
    workflow = made(system, run("one", meet, "a", "b", timeout=20), run("two", meet, "b", "a", timeout=20))
    assert system.execute_intelligent_workflow(workflow, {})["success"]


def test_a_step_that_fails_fails_the_run_and_what_was_done_is_undone(
    system: SystemIntelligence, tmp_path: Path
) -> None:
    undo = {"type": "exec", "command": ["/bin/touch", str(tmp_path / "undone")]}
    workflow = made(
        system,
        run("done", "/bin/true", undo=undo),
        run("fails", "/bin/false", dependencies=["done"]),
        run("never", "/bin/touch", str(tmp_path / "never"), dependencies=["fails"]),
    )
    done = system.execute_intelligent_workflow(workflow, {})
    assert not done["success"]
    assert "fails" in done["execution_result"]["reason"]
    assert statuses(done) == {"done": "undone", "fails": "failed", "never": "cancelled"}
    assert (tmp_path / "undone").exists()
    assert not (tmp_path / "never").exists()
    assert [alert["type"] for alert in done["monitoring_result"]["alerts"]] == ["success_rate"]
    report = system.get_intelligent_workflow_report()
    assert (report["average_success_rate"], report["monitoring_count"]) == (0.0, 1)


def test_retries_timeouts_and_optional_steps(system: SystemIntelligence, tmp_path: Path) -> None:
    second_time = program(
        tmp_path / "second_time", f"[ -e {tmp_path}/first ] || {{ touch {tmp_path}/first; exit 1; }}"
    )
    workflow = made(
        system,
        run("again", second_time, retries=2, backoff=0.05),
        run("slow", "/bin/sleep", "60", timeout="200ms", optional=True),
    )
    done = system.execute_intelligent_workflow(workflow, {})
    assert done["success"]
    again, slow = done["execution_result"]["steps"]
    assert (again["status"], again["attempt"]) == ("succeeded", 2)
    assert slow["status"] == "failed"


@pytest.mark.parametrize(
    ("rule", "wanted"),
    [
        ({"type": "step_skipping", "step": "extra", "reason": "not now"}, {"extra": "skipped"}),
        ({"type": "step_addition", "step": run("added", "/bin/true"), "position": "end"}, {"added": "succeeded"}),
        (
            {"type": "step_addition", "step": run("between", "/bin/true"),
             "position": {"after": ["first"], "before": ["last"]}},
            {"between": "succeeded"},
        ),
        ({"type": "step_reordering", "by": "priority"}, {}),
        ({"type": "step_optimization", "step": "last", "strategy": "reliability"}, {}),
        ({"type": "step_optimization", "step": "last", "timeout": 5, "priority": "high"}, {}),
        (
            {"type": "on_failure", "step": "extra", "action": "replace",
             "replacement": {"type": "exec", "command": ["/bin/true"]}},
            {"extra": "succeeded"},
        ),
        ({"type": "on_failure", "step": "extra", "action": "skip"}, {"extra": "skipped"}),
        ({"type": "on_failure", "action": "retry"}, {"extra": "failed"}),
    ],
)  # fmt: skip
def test_a_run_is_adapted_while_it_runs(
    system: SystemIntelligence, rule: dict[str, Any], wanted: dict[str, str]
) -> None:
    workflow = made(
        system,
        run("first", "/bin/true"),
        run("extra", "/bin/false", dependencies=["first"], optional=True),
        run("last", "/bin/true", dependencies=["first"]),
        adaptation_rules=[rule],
    )
    done = system.execute_intelligent_workflow(workflow, {})
    execution = done["execution_result"]
    assert done["success"]
    assert execution["adaptations_applied"] == len(execution["adaptations"]) > 0
    assert wanted.items() <= statuses(done).items()
    assert [alert["type"] for alert in done["monitoring_result"]["alerts"]] == ["adaptation_rate"]


def test_an_adaptation_whose_condition_does_not_hold_is_none(system: SystemIntelligence) -> None:
    rule = {"type": "step_skipping", "step": "one", "when": {"run_duration": "1h"}}
    workflow = made(system, run("one", "/bin/true", optional=True), adaptation_rules=[rule])
    assert system.execute_intelligent_workflow(workflow, {})["execution_result"]["adaptations_applied"] == 0


def test_limits_of_monitoring_are_configurable(system: SystemIntelligence) -> None:
    workflow = made(
        system,
        run("one", "/bin/true"),
        adaptation_rules=[{"type": "step_reordering", "by": "cost"}],
        monitoring={"adaptation_rate": 1, "step_time": "1ms"},
    )
    (alert,) = system.execute_intelligent_workflow(workflow, {})["monitoring_result"]["alerts"]
    assert (alert["type"], alert["step"], alert["limit"]) == ("step_time", "one", 0.001)


def test_what_takes_far_longer_than_usual_raises_an_alert(system: SystemIntelligence, tmp_path: Path) -> None:
    slow = tmp_path / "slow"
    often = f'import os, time; time.sleep(1.5 if os.path.exists("{slow}") else 0)'
    workflow = made(system, run("a", sys.executable, "-c", often))
    for _ in range(5):
        assert system.execute_intelligent_workflow(workflow, {})["monitoring_result"]["alerts"] == []
    slow.touch()
    (alert,) = system.execute_intelligent_workflow(workflow, {})["monitoring_result"]["alerts"]
    assert (alert["type"], alert["step"]) == ("step_time", "a")
    assert alert["value"] > alert["limit"] > 0


def test_alerts_are_raised_whoever_runs_it_and_cleared(system: SystemIntelligence, tmp_path: Path) -> None:
    good = tmp_path / "good"
    workflow = made(system, run("a", "/bin/test", "-e", str(good)), monitoring={"success_rate": "40%"})
    watched = system.initialize_system_self_healing({})["healing_id"]
    for expected in ([], [], [f"{workflow}_failing"]):
        assert not system.execute_intelligent_workflow(workflow, {})["success"]
        faults = system.detect_system_faults(watched)["detected_faults"]
        assert [fault["fault"] for fault in faults] == expected
    good.touch()
    for _ in range(3):
        system.execute_intelligent_workflow(workflow, {})
    assert system.detect_system_faults(watched)["detected_faults"] == []
    report = system.get_system_self_healing_report()
    assert [(one["rule"], one["cleared"]) for one in report["rules"]] == [(f"{workflow}_failing", 1)]


def test_what_was_learned_is_shown_with_its_numbers_and_can_be_switched_off(
    system: SystemIntelligence,
) -> None:
    learns, does_not = (
        made(system, run("a", "/bin/true")),
        made(system, run("a", "/bin/true"), learning_enabled=False),
    )
    for _ in range(3):
        learned = system.execute_intelligent_workflow(learns, {})["learning_result"]
    (insight,) = learned["insights"]
    assert (insight["name"], insight["runs"], insight["success_rate"]) == (f"{learns}/a", 3, 1.0)
    assert "3 of 3 succeeded" in insight["insight"]
    nothing = system.execute_intelligent_workflow(does_not, {})["learning_result"]
    assert (nothing["enabled"], nothing["insights"]) == (False, [])
    report = system.get_intelligent_workflow_report()
    assert (report["total_learning_insights"], report["learning_count"]) == (1, 3)


def test_suggestions_have_numbers(system: SystemIntelligence) -> None:
    workflow = made(
        system,
        run("slow", "/bin/sleep", "0.1"),
        run("quick", "/bin/true"),
        run("bad", "/bin/false", optional=True),
    )
    for _ in range(3):
        done = system.execute_intelligent_workflow(workflow, {})
    found = {(one["step"], one["kind"]): one["numbers"] for one in done["optimization_result"]["suggestions"]}
    assert found["bad", "retry"] == {"success_rate": 0.0, "runs": 3}
    assert found["slow", "split"]["mean_s"] >= 0.1


def test_conditions_keep_a_workflow_from_running(system: SystemIntelligence) -> None:
    workflow = made(system, run("a", "/bin/true"), conditions={"agent_availability": ["nobody"]})
    done = system.execute_intelligent_workflow(workflow, {})
    assert (done["success"], done["execution_result"]["steps"]) == (False, [])
    assert "conditions" in done["execution_result"]["reason"]


def test_a_workflow_of_a_file_is_run_with_its_parameters(tmp_path: Path) -> None:
    rules = tmp_path / "say.rules"
    rules.write_text(
        'workflow say(word: text) { step echo { exec ["/bin/echo", word] } }\n', encoding="utf-8"
    )
    with SystemIntelligence(rules=str(rules)) as system:
        done = system.execute_intelligent_workflow("say", {"word": "hello"})
        with pytest.raises(ValueError, match=r"context.word: it is missing; the workflow takes word"):
            system.execute_intelligent_workflow("say", {})
    assert done["execution_result"]["steps"][0]["output"].rstrip() == "hello"


def test_the_workflows_of_a_type_are_run_by_an_automation(system: SystemIntelligence, tmp_path: Path) -> None:
    made(system, run("a", "/bin/touch", str(tmp_path / "ran")), type="nightly")
    config = {
        "orchestration_rules": [
            {"type": "workflow_management", "workflow_type": "nightly", "strategy": "adaptive"}
        ]
    }
    automation = system.create_system_automation("workflow_management", config)
    done = system.execute_intelligent_orchestration(automation["automation_id"])
    assert (done["success"], done["actions_executed"]) == (True, 1)
    assert (tmp_path / "ran").exists()


def test_the_report_has_what_was_promised(system: SystemIntelligence) -> None:
    report = system.get_intelligent_workflow_report()
    assert report.keys() >= REPORTED
    assert (report["total_workflows"], report["average_success_rate"]) == (0, 0.0)
