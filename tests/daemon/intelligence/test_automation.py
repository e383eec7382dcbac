"""Automations, orchestration and tasks by call: every promise of the table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from daemon.intelligence import SystemIntelligence
from tests.daemon.intelligence.systems import maintenance, program, site
from tests.daemon.service.daemon import eventually

REPORTED = {
    "total_automations", "active_automations", "average_success_rate", "automation_types", "recent_activities",
    "resource_optimization_count", "task_scheduling_count", "orchestration_count", "timestamp",
}  # fmt: skip


def test_created_stored_and_in_force(tmp_path: Path) -> None:
    database = str(tmp_path / "volexd.db")
    config = {
        **maintenance("/bin/true"),
        "scheduling": {"schedule": "every day at 02:00", "overlap": "queue"},
    }
    with SystemIntelligence(database) as system:
        made = system.create_system_automation("system_maintenance", config)
        assert made["status"] == "active"
    with SystemIntelligence(database) as again:
        assert again.execute_intelligent_orchestration(made["automation_id"])["success"]
        report = again.get_automation_report()
    assert report["total_automations"] == 1
    (row,) = report["automations"]
    assert (row["schedule"], row["next_at"][10:]) == ("every day at 02:00", "T02:00:00.000000Z")


def test_its_actions_run_and_their_effect_is_measured(system: SystemIntelligence, tmp_path: Path) -> None:
    config = {
        **maintenance("/bin/sh", "-c", f"echo it was done; touch {tmp_path}/done"),
        "resource_requirements": {"cpu": 1, "memory": "16MiB", "slots": {"disk": 1}},
    }
    made = system.create_system_automation("system_maintenance", config)
    done = system.execute_intelligent_orchestration(made["automation_id"])
    assert (tmp_path / "done").exists()
    assert (done["success"], done["actions_executed"], done["automation_type"]) == (
        True,
        1,
        "system_maintenance",
    )
    (result,) = done["execution_results"]
    (action,) = result["actions"]
    assert (action["kind"], action["outcome"], action["answer"]["output"].rstrip()) == (
        "exec",
        "succeeded",
        "it was done",
    )
    metrics = done["performance_metrics"]
    assert metrics["success_rate"] == 1.0
    assert 0.0 < metrics["efficiency_score"] <= 1.0
    assert 0.0 < metrics["after"]["memory"] < 1.0
    assert metrics["change"]["memory"] is not None


def test_a_failure_is_a_failure(system: SystemIntelligence) -> None:
    made = system.create_system_automation("system_maintenance", maintenance("/bin/false"))
    done = system.execute_intelligent_orchestration(made["automation_id"])
    assert (done["success"], done["actions_executed"]) == (False, 1)
    assert done["execution_results"][0]["status"] == "failed"
    assert system.get_automation_report()["average_success_rate"] == 0.0


@pytest.mark.parametrize(
    "config",
    [
        maintenance("/bin/true", conditions={"agent_availability": ["nobody"]}),
        maintenance("/bin/true", conditions={"agent_availability": 1}),
        maintenance("/bin/true", conditions={"system_load_threshold": {"below": 0}}),
        maintenance("/bin/true", conditions={"resource_available": {"memory": 1}}),
        {"orchestration_rules": []},
        {"orchestration_rules": [{"type": "task_scheduling", "task_types": ["nothing of this type"]}]},
        {"orchestration_rules": [{"type": "agent_coordination", "target_agents": ["nobody"]}]},
        {"orchestration_rules": [{"type": "workflow_management", "workflow_type": "nothing of this type"}]},
    ],
)
def test_nothing_done_is_no_success(system: SystemIntelligence, config: dict[str, Any]) -> None:
    made = system.create_system_automation("system_maintenance", config)
    done = system.execute_intelligent_orchestration(made["automation_id"])
    assert (done["success"], done["actions_executed"]) == (False, 0)


@pytest.mark.parametrize(
    "conditions",
    [
        {},
        {"system_load_threshold": {"above": 0}, "resource_available": {"cpu": 0, "memory": "0%"}},
        {"resource_available": {"memory": "1%"}},
    ],
)
def test_conditions_that_hold(system: SystemIntelligence, conditions: dict[str, Any]) -> None:
    made = system.create_system_automation(
        "system_maintenance", maintenance("/bin/true", conditions=conditions)
    )
    eventually(
        lambda: system.execute_intelligent_orchestration(made["automation_id"])["success"],
        "the host was sampled",
    )


def test_the_more_urgent_rule_first(system: SystemIntelligence, tmp_path: Path) -> None:
    write = program(tmp_path / "write", f'echo "$1" >> {tmp_path}/log')
    rules = [
        {
            "type": "system_maintenance",
            "maintenance_type": "x",
            "command": [write, priority],
            "priority": priority,
        }
        for priority in ("low", "critical", "medium", "high")
    ]
    made = system.create_system_automation("system_maintenance", {"orchestration_rules": rules})
    assert system.execute_intelligent_orchestration(made["automation_id"])["actions_executed"] == 4
    assert (tmp_path / "log").read_text().split() == ["critical", "high", "medium", "low"]
    assert system.get_automation_report()["total_automations"] == 1


def test_load_is_taken_off_measured_and_taken_back(tmp_path: Path) -> None:
    rules = tmp_path / "often.rules"
    rules.write_text("probe host_often { host; every 100ms }\n", encoding="utf-8")
    relief = {
        "type": "resource_optimization",
        "target_resources": ["cpu", "memory"],
        "strategy": "efficient",
        "conditions": {},
        "measure": {"reduction": "99%", "after": "400ms"},
    }
    with SystemIntelligence(rules=rules) as system:
        system.create_system_automation(
            "system_maintenance", {**maintenance("/bin/true"), "scheduling": "every 1h"}
        )
        config = {"orchestration_rules": [relief], "scheduling": "every 1h"}
        made = system.create_system_automation("resource_optimization", config)
        done = system.execute_intelligent_orchestration(made["automation_id"])
        report = system.get_automation_report()
    (result,) = done["execution_results"]
    assert [action["kind"] for action in result["actions"]] == ["pause", "resume"]
    assert result["measured"]["path"] == "host.cpu"
    assert result["measured"]["kept"] is False
    assert not done["success"]
    assert report["resource_optimization_count"] == 1
    assert report["optimizations"][0]["kept"] is False
    assert report["automation_types"] == {"resource_optimization": 1, "system_maintenance": 1}


def test_agents_are_asked_together_and_their_answers_come_back(tmp_path: Path) -> None:
    with site() as one, site() as other, site() as absent:
        absent.status = 500
        rules = tmp_path / "agents.rules"
        rules.write_text(
            "".join(
                f'agent {name} {{ health http "http://127.0.0.1:{told.port}/health" '
                "{ every 100ms; expect reply.status == 200 } }\n"
                for name, told in (("one", one), ("other", other), ("absent", absent))
            ),
            encoding="utf-8",
        )
        one.body = {"vote": "yes"}
        config = {
            "orchestration_rules": [
                {
                    "type": "agent_coordination",
                    "target_agents": ["one", "other", "absent"],
                    "coordination_type": "collaborative",
                    "conditions": {"agent_availability": ["one", "other"]},
                    "request": {
                        "method": "POST",
                        "path": "/assess/{x}",
                        "body": {"symbol": "{agent.name}", "n": [1, -2.5]},
                    },
                }
            ]
        }
        with SystemIntelligence(rules=rules) as system:
            made = system.create_system_automation("agent_coordination", config)
            assert made["warnings"] == []
            done = eventually(
                lambda: (
                    (d := system.execute_intelligent_orchestration(made["automation_id"]))["success"] and d
                ),
                "both agents are up",
            )
        actions = done["execution_results"][0]["actions"]
        assert sorted((action["target"], action["answer"]["body"]) for action in actions) == [
            ("one", {"vote": "yes"}),
            ("other", {"status": "healthy"}),
        ]
        # What stands in braces is text, and nothing that is read.
        assert one.posts() == [("POST", "/assess/%7Bx%7D", {"symbol": "{agent.name}", "n": [1, -2.5]})]
        assert absent.posts() == []


def test_a_task_is_scheduled_waits_for_others_and_runs(system: SystemIntelligence, tmp_path: Path) -> None:
    first = system.schedule_automated_task(
        {"name": "First of all", "type": "backup", "schedule": "every 1h at minute 5", "priority": "high",
         "command": ["/bin/true"], "resource_requirements": {"cpu": 1}}
    )  # fmt: skip
    assert first["status"] == "scheduled"
    assert first["next_at"] % 3600 == 300
    second = system.schedule_automated_task(
        {"name": "second", "type": "backup", "schedule": "immediate", "dependencies": ["First of all"],
         "command": ["/bin/touch", str(tmp_path / "second")]}
    )  # fmt: skip
    waiting = {task["automation"]: task["status"] for task in system.get_automation_report()["tasks"]}
    assert waiting == {first["task_id"]: "scheduled", second["task_id"]: "queued"}
    assert not (tmp_path / "second").exists()
    config = {
        "orchestration_rules": [
            {"type": "task_scheduling", "task_types": ["backup"], "strategy": "priority_based"}
        ]
    }
    made = system.create_system_automation("task_scheduling", config)
    done = system.execute_intelligent_orchestration(made["automation_id"])
    assert next(action["kind"] for action in done["execution_results"][0]["actions"]) == "run"
    eventually((tmp_path / "second").exists, "the second ran after the first succeeded")
    report = system.get_automation_report()
    assert report["task_scheduling_count"] == 3
    assert report["average_success_rate"] <= 1.0


def test_a_task_of_a_type_is_run_by_the_automations_for_that_type(
    system: SystemIntelligence, tmp_path: Path
) -> None:
    config = {"orchestration_rules": [{"type": "task_scheduling", "task_types": ["late"]}]}
    made = system.create_system_automation("task_scheduling", config)
    assert not system.execute_intelligent_orchestration(made["automation_id"])["success"]
    task = {
        "name": "x",
        "type": "late",
        "schedule": "every day at 02:00",
        "command": ["/bin/touch", str(tmp_path / "x")],
    }
    system.schedule_automated_task(task)
    assert system.execute_intelligent_orchestration(made["automation_id"])["success"]
    eventually((tmp_path / "x").exists, "the task ran")


def test_a_schedule_runs_by_itself(system: SystemIntelligence, tmp_path: Path) -> None:
    config = {**maintenance("/bin/touch", str(tmp_path / "ran")), "scheduling": "every 200ms"}
    system.create_system_automation("system_maintenance", config)
    eventually((tmp_path / "ran").exists, "it ran")


def test_the_report_has_what_was_promised(system: SystemIntelligence) -> None:
    report = system.get_automation_report()
    assert report.keys() >= REPORTED
    assert (report["total_automations"], report["average_success_rate"]) == (0, 0.0)
