"""The story of the mission on real processes: automation, intelligent workflows, self-healing, and all of it together.

A swarm of two small services runs under `SystemIntelligence`; what the calls say is held against the processes, the files that programs
wrote, and the rows of the database.
"""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from daemon.cli import main
from daemon.intelligence import SystemIntelligence
from tests.daemon.intelligence.systems import program
from tests.daemon.service.daemon import eventually, free_port

THING = Path(__file__).parent / "daemon" / "service" / "thing.py"

AGENT = """\
agent {name} {{
    unit   process [{python}, "-S", {thing}, "{port}"]
    health http "http://127.0.0.1:{port}/state" {{
        every   200ms
        timeout 2s
        expect  reply.status == 200 and reply.body.state == "fine"
    }}
    starts within 20s
    labels tier: "trading"
}}
"""
DOWN = {
    "name": "agent down", "category": "agent", "severity": "critical", "subject": "agent", "field": "status",
    "operator": "==", "value": "down", "hold": "200ms", "until": {"operator": "==", "value": "up"},
}  # fmt: skip
REVIVE = {
    "name": "revive", "faults": ["agent down"], "limit": {"attempts": 100, "per": "1h"},
    "steps": [
        {"name": "reconnect", "actions": "say that all is well", "verify": "300ms"},
        {"name": "restart", "actions": [{"type": "restart"}], "verify": "30s"},
    ],
}  # fmt: skip
PROCEDURES = {"say that all is well": [{"type": "exec", "command": ["/bin/true"]}]}


class Swarm:
    """Two services under one `SystemIntelligence`, in a directory of their own."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.ports = {"prices": free_port(), "orders": free_port()}
        self.healing = ""
        self.database = directory / "volexd.db"
        self.rules = directory / "rules"
        self.rules.mkdir()
        python, thing = json.dumps(sys.executable), json.dumps(str(THING))
        text = "probe host_often { host; every 100ms }\n" + "".join(
            AGENT.format(name=name, port=port, python=python, thing=thing)
            for name, port in self.ports.items()
        )
        (self.rules / "swarm.rules").write_text(text, encoding="utf-8")
        self.system = self.start()

    def start(self) -> SystemIntelligence:
        return SystemIntelligence(str(self.database), self.rules)

    def state(self) -> dict[str, Any]:
        """What a look at the machine says; the first healing system is made for it."""
        healing = self.healing or self.heal({})
        found: dict[str, Any] = self.system.detect_system_faults(healing)["system_state"]
        return found

    def heal(self, config: dict[str, Any]) -> str:
        self.healing = str(self.system.initialize_system_self_healing(config)["healing_id"])
        return self.healing

    def faults(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.system.detect_system_faults(self.healing)["detected_faults"]
        return found

    def all_up(self) -> dict[str, int]:
        """Waits until both run well; their processes."""
        eventually(lambda: self.state()["agents_up"] == 2, "both services are up")
        found: dict[str, int] = self.state()["agent_processes"]
        return found

    def make_ill(self, name: str) -> None:
        """It goes on answering with status 200, and says in the body that it is ill."""
        urllib.request.urlopen(
            urllib.request.Request(f"http://127.0.0.1:{self.ports[name]}/", method="POST"), timeout=20
        ).close()

    def sql(self, query: str) -> list[dict[str, Any]]:
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(query)]


@pytest.fixture
def swarm(tmp_path: Path) -> Iterator[Swarm]:
    made = Swarm(tmp_path)
    yield made
    made.system.close()


def step(name: str, *command: Any, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": "exec", "command": list(command), **more}


# --- section 2: advanced automation ----------------------------------------------------------------------------------


def test_automation_1_five_kinds_of_orchestration(swarm: Swarm) -> None:
    """Tasks by priority, agents with their answers, workflows, maintenance, and relief that is measured."""
    system, write = swarm.system, program(swarm.directory / "write", f'echo "$1" >> {swarm.directory}/log')
    swarm.all_up()
    for name, priority in (("tidy", "low"), ("trade", "critical")):
        task = {
            "name": name,
            "type": "trading",
            "schedule": "every day at 02:00",
            "priority": priority,
            "command": [write, name],
        }
        assert system.schedule_automated_task(task)["status"] == "scheduled"
    workflow = {"name": "rebalance", "type": "portfolio", "steps": [step("weigh", write, "weigh")]}
    system.create_intelligent_workflow(workflow)
    relief = {"type": "resource_optimization", "target_resources": ["cpu"], "strategy": "efficient", "conditions": {},
              "measure": {"reduction": "100%", "after": "400ms"}}  # fmt: skip
    rules = [
        {"type": "task_scheduling", "task_types": ["trading"], "strategy": "priority_based", "priority": "critical"},
        {"type": "agent_coordination", "target_agents": ["prices", "orders"], "coordination_type": "collaborative",
         "request": {"path": "/state"}, "conditions": {"agent_availability": ["prices", "orders"]}},
        {"type": "workflow_management", "workflow_type": "portfolio", "strategy": "adaptive"},
        {"type": "system_maintenance", "maintenance_type": "log rotation", "command": [write, "rotated"]},
    ]  # fmt: skip
    made = system.create_system_automation(
        "agent_coordination", {"name": "whole day", "orchestration_rules": rules}
    )
    done = system.execute_intelligent_orchestration(made["automation_id"])
    assert done["success"], done["execution_results"]
    tasks, agents, _, _ = done["execution_results"]
    assert [action["kind"] for action in tasks["actions"]] == ["run", "run"]
    assert {action["target"]: action["answer"]["body"]["state"] for action in agents["actions"]} == {
        "prices": "fine", "orders": "fine",
    }  # fmt: skip
    log = swarm.directory / "log"
    eventually(lambda: len(log.read_text().split()) == 4, "all of them wrote")
    assert set(log.read_text().split()) == {"trade", "tidy", "weigh", "rotated"}
    first = swarm.sql(
        "SELECT automation FROM automation_run WHERE automation IN ('trade', 'tidy') ORDER BY id"
    )
    assert [row["automation"] for row in first] == ["trade", "tidy"]
    optimized = system.create_system_automation(
        "resource_optimization", {"orchestration_rules": [relief], "scheduling": "every 1h"}
    )
    measured = system.execute_intelligent_orchestration(optimized["automation_id"])["execution_results"][0]
    assert measured["measured"]["kept"] is False  # nothing takes all load off, so it is taken back
    assert {action["kind"] for action in measured["actions"]} == {"pause", "resume"}
    assert swarm.state()["automations_paused"] == []


def test_automation_2_tasks_contend_for_resources_and_wait_for_each_other(swarm: Swarm) -> None:
    """Two that need the one slot never run at the same time; the third comes after both."""
    system, directory = swarm.system, swarm.directory
    alone = program(
        directory / "alone",
        f"mkdir {directory}/slot || {{ touch {directory}/collision; exit 1; }}\nsleep 0.2\nrmdir {directory}/slot\necho $1 >> {directory}/log",
    )
    for name in ("one", "two"):
        system.schedule_automated_task(
            {"name": name, "type": "export", "schedule": "immediate", "command": [alone, name],
             "resource_requirements": {"cpu": 0.1, "memory": "1MiB", "slots": {"database": 1}}}
        )  # fmt: skip
    last = {"name": "three", "type": "export", "schedule": "immediate", "dependencies": ["one", "two"]}
    system.schedule_automated_task({**last, "command": [alone, "three"], "deadline": "1h", "overlap": "skip"})
    eventually(
        lambda: (log := directory / "log").exists() and len(log.read_text().split()) == 3, "all three ran"
    )
    assert (directory / "log").read_text().split()[-1] == "three"
    assert not (directory / "collision").exists()
    tasks = {task["name"]: task["status"] for task in system.get_automation_report()["tasks"]}
    assert tasks == {"one": "succeeded", "two": "succeeded", "three": "succeeded"}


def test_automation_3_conditions_decide_and_nothing_done_is_no_success(swarm: Swarm) -> None:
    system = swarm.system
    swarm.all_up()

    def acts(conditions: dict[str, Any]) -> bool:
        rule = {
            "type": "system_maintenance",
            "maintenance_type": "x",
            "command": ["/bin/true"],
            "conditions": conditions,
        }
        made = system.create_system_automation("system_maintenance", {"orchestration_rules": [rule]})
        done = system.execute_intelligent_orchestration(made["automation_id"])
        assert done["success"] == (done["actions_executed"] == 1)
        return bool(done["success"])

    assert acts({})
    assert acts({"agent_availability": ["prices", "orders"]})
    assert acts(
        {
            "agent_availability": "100%",
            "system_load_threshold": {"above": 0},
            "resource_available": {"memory": 0},
        }
    )
    assert not acts({"agent_availability": 3})
    assert not acts({"agent_availability": ["prices", "nobody"]})
    assert not acts({"system_load_threshold": {"below": 0}})
    assert not acts({"resource_available": {"memory": "100%"}})


def test_automation_4_metrics_are_those_of_the_rows(swarm: Swarm) -> None:
    system = swarm.system
    for command in ("/bin/true", "/bin/false"):
        rule = {"type": "system_maintenance", "maintenance_type": "x", "command": [command]}
        made = system.create_system_automation("system_maintenance", {"orchestration_rules": [rule]})
        for _ in range(2):
            done = system.execute_intelligent_orchestration(made["automation_id"])
            assert 0.0 <= done["performance_metrics"]["efficiency_score"] <= 1.0
    report = system.get_automation_report()
    (by_hand,) = swarm.sql(
        "SELECT avg(status = 'succeeded') AS rate, sum(actions) AS actions, count(DISTINCT automation) AS automations"
        " FROM automation_run WHERE status IN ('succeeded', 'failed')"
    )
    assert (
        (report["average_success_rate"], report["actions"])
        == (by_hand["rate"], by_hand["actions"])
        == (0.5, 4)
    )
    assert (report["total_automations"], report["orchestration_count"]) == (by_hand["automations"], 4)
    for row in report["automations"]:
        assert row["efficiency"] is None or 0.0 <= row["efficiency"] <= 1.0


# --- section 3: intelligent workflows ---------------------------------------------------------------------------------


def test_workflow_1_steps_run_together_are_tried_again_and_undone(swarm: Swarm) -> None:
    system, directory = swarm.system, swarm.directory
    meet = program(
        directory / "meet",
        f"touch {directory}/$1; while [ ! -e {directory}/$2 ]; do sleep 0.01; done; echo $1",
    )
    flaky = program(
        directory / "flaky", f"[ -e {directory}/tried ] || {{ touch {directory}/tried; exit 1; }}"
    )
    undo = {"type": "exec", "command": ["/bin/touch", str(directory / "undone")]}
    steps = [
        step("left", meet, "l", "r", timeout="30s"),
        step("right", meet, "r", "l", timeout="30s", undo=undo),
        step("join", flaky, dependencies=["left", "right"], retries=2, backoff="20ms"),
        step(
            "tell",
            "/bin/echo",
            {"context": "symbol"},
            dependencies=["join"],
            resource_requirements={"cpu": 0.1},
        ),
    ]
    good = system.create_intelligent_workflow({"name": "good", "type": "trading", "steps": steps})[
        "workflow_id"
    ]
    done = system.execute_intelligent_workflow(good, {"symbol": "BTC-USD"})
    by_name = {one["name"]: one for one in done["execution_result"]["steps"]}
    assert done["success"]
    assert (by_name["join"]["attempt"], by_name["tell"]["output"].strip()) == (2, "BTC-USD")
    bad_steps = [*steps[:2], step("fail", "/bin/false", dependencies=["left", "right"])]
    bad = system.create_intelligent_workflow({"name": "bad", "steps": bad_steps})["workflow_id"]
    failed = system.execute_intelligent_workflow(bad, {})
    assert not failed["success"]
    assert {one["name"]: one["status"] for one in failed["execution_result"]["steps"]}["right"] == "undone"
    assert (directory / "undone").exists()
    with pytest.raises(ValueError, match="circle"):
        system.create_intelligent_workflow(
            {
                "name": "circle",
                "steps": [step("a", "x", dependencies=["b"]), step("b", "x", dependencies=["a"])],
            }
        )


def test_workflow_2_a_run_is_adapted_and_each_change_is_a_row(swarm: Swarm) -> None:
    system = swarm.system
    swarm.all_up()
    config = {
        "name": "adapt",
        "steps": [
            step("first", "/bin/sleep", "0.2"),
            step("luxury", "/bin/true", dependencies=["first"], optional=True),
            step("broken", "/bin/false", dependencies=["first"]),
            step("last", "/bin/true", dependencies=["broken", "luxury"]),
        ],
        "adaptation_rules": [
            {"type": "step_skipping", "step": "luxury", "reason": "the host is busy", "when": {"system_load_threshold": 0}},
            {"type": "on_failure", "step": "broken", "action": "replace", "replacement": {"type": "exec", "command": ["/bin/echo", "instead"]}},
            {"type": "step_addition", "step": step("check", "/bin/true"), "position": {"after": ["broken"], "before": ["last"]}},
            {"type": "step_optimization", "step": "last", "strategy": "efficiency"},
            {"type": "step_reordering", "by": "topology"},
        ],
        "optimization_strategy": "adaptive",
    }  # fmt: skip
    workflow = system.create_intelligent_workflow(config)["workflow_id"]
    done = system.execute_intelligent_workflow(workflow, {})
    execution = done["execution_result"]
    statuses = {one["name"]: one["status"] for one in execution["steps"]}
    assert done["success"], execution
    assert (statuses["luxury"], statuses["broken"], statuses["check"]) == (
        "skipped",
        "succeeded",
        "succeeded",
    )
    rows = swarm.sql("SELECT * FROM adaptation WHERE outcome = 'applied'")
    assert execution["adaptations_applied"] == len(rows) == 5
    (added,) = [row for row in rows if row["kind"] == "add"]
    assert "check" not in json.loads(added["graph_before"])
    assert json.loads(added["graph_after"])["check"] == ["broken"]
    (skipped,) = [row for row in rows if row["kind"] == "skip"]
    assert "the host is busy" in skipped["reason"]


def test_workflow_3_what_was_seen_is_learned_watched_and_suggested(swarm: Swarm) -> None:
    system = swarm.system
    steps = [
        step("slow", "/bin/sleep", "0.1"),
        step("quick", "/bin/true"),
        step("doubtful", "/bin/false", optional=True),
    ]
    config = {"name": "watched", "steps": steps, "monitoring": {"step_time": "50ms"}}
    workflow = system.create_intelligent_workflow(config)["workflow_id"]
    for _ in range(3):
        done = system.execute_intelligent_workflow(workflow, {})
    assert {alert["step"] for alert in done["monitoring_result"]["alerts"]} >= {"slow"}
    suggested = {(one["step"], one["kind"]) for one in done["optimization_result"]["suggestions"]}
    assert suggested >= {("slow", "split"), ("doubtful", "retry")}
    learned = {one["name"]: one for one in done["learning_result"]["insights"]}
    assert learned["watched/slow"]["runs"] == 3
    assert learned["watched/slow"]["duration_mean_s"] >= 0.1
    report = system.get_intelligent_workflow_report()
    (by_hand,) = swarm.sql("SELECT avg(status = 'succeeded') AS rate, count(*) AS runs FROM workflow_run")
    assert (report["average_success_rate"], report["monitoring_count"]) == (by_hand["rate"], by_hand["runs"])
    assert (report["total_learning_insights"], report["learning_count"]) == (3, 9)


# --- section 4: self-healing --------------------------------------------------------------------------------------------


def test_healing_1_faults_of_four_categories_are_detected(swarm: Swarm) -> None:
    closed = free_port()
    swarm.heal(
        {
            "fault_patterns": [DOWN],
            "detection_rules": [
                {"name": "latency", "category": "performance", "severity": "info", "subject": "agent", "field": "latency",
                 "operator": ">", "value": "0s", "only": {"name": "orders"}},
            ],
            "monitoring_rules": [{"type": "tcp", "name": "port", "address": f"127.0.0.1:{closed}", "every": "200ms"}],
            "alert_thresholds": {"memory": 0},
        }
    )  # fmt: skip
    os.kill(swarm.all_up()["prices"], signal.SIGSTOP)
    wanted = {"agent", "performance", "communication", "resource"}
    eventually(lambda: {fault["category"] for fault in swarm.faults()} == wanted, "a fault of each category")
    for fault in swarm.faults():
        assert fault["severity"] in ("info", "warning", "error", "critical")
        assert fault["subject"]
        assert fault["evidence"]
    assert {fault["subject"] for fault in swarm.faults() if fault["category"] == "agent"} == {"prices"}


def test_healing_2_recovery_is_verified_by_the_symptom(swarm: Swarm) -> None:
    """A step that exits 0 and changes nothing is a failure; the next one helps, and only that counts."""
    swarm.heal(
        {"detection_rules": [DOWN], "recovery_strategies": [REVIVE], "recovery_procedures": PROCEDURES}
    )
    for kill in (True, False):
        before = swarm.all_up()["orders"]
        if kill:
            os.kill(before, signal.SIGKILL)
        else:
            swarm.make_ill("orders")
        (fault,) = eventually(swarm.faults, "it is seen")
        done = swarm.system.execute_automatic_recovery(swarm.healing, [fault])
        assert (done["faults_processed"], done["overall_success"]) == (1, True)
        attempts = [(one["step"], one["outcome"]) for one in done["recovery_results"][0]["attempts"]]
        assert attempts == [("reconnect", "failed"), ("restart", "succeeded")]
        assert swarm.all_up()["orders"] != before


def test_healing_3_what_cannot_be_healed_is_given_up_and_escalated(swarm: Swarm) -> None:
    told = swarm.directory / "told"
    swarm.heal(
        {
            "detection_rules": [DOWN],
            "recovery_strategies": [{**REVIVE, "steps": REVIVE["steps"][:1], "otherwise": "tell"}],  # type: ignore[index]
            "recovery_procedures": {**PROCEDURES, "tell": [{"type": "exec", "command": ["/bin/touch", str(told)]}]},
            "resilience_strategies": [
                {"type": "fallback", "name": "last", "recoveries": ["revive"],
                 "actions": [{"type": "exec", "command": ["/bin/touch", str(swarm.directory / "fallback")]}]},
                {"type": "load_shedding", "name": "shed", "resource": "cpu", "above": "99%", "hold": "1h"},
            ],
        }
    )  # fmt: skip
    os.kill(swarm.all_up()["prices"], signal.SIGSTOP)
    (fault,) = eventually(swarm.faults, "it is seen")
    done = swarm.system.execute_automatic_recovery(swarm.healing, [fault])
    assert (done["successful_recoveries"], done["overall_success"]) == (0, False)
    assert done["recovery_results"][0]["recoveries"][0]["outcome"] == "exhausted"
    eventually(told.exists, "somebody is told")
    eventually((swarm.directory / "fallback").exists, "the fallback is carried out")
    assert swarm.system.execute_automatic_recovery(swarm.healing, [])["overall_success"] is False


def test_healing_4_the_report_counts_per_fault_and_every_fault_is_explained(swarm: Swarm) -> None:
    swarm.heal(
        {"detection_rules": [DOWN], "recovery_strategies": [REVIVE], "recovery_procedures": PROCEDURES}
    )
    for name in ("prices", "orders"):
        os.kill(swarm.all_up()[name], signal.SIGKILL)
        (fault,) = eventually(swarm.faults, "it is seen")
        assert swarm.system.execute_automatic_recovery(swarm.healing, [fault["id"]])["overall_success"]
    swarm.all_up()
    report = swarm.system.get_system_self_healing_report()
    assert (report["total_faults_detected"], report["average_recovery_success_rate"]) == (2, 1.0)
    (by_hand,) = swarm.sql(
        "SELECT avg((julianday(closed_at) - julianday(raised_at)) * 86400) AS mttr FROM fault WHERE outcome = 'cleared'"
    )
    assert report["mttr_s"] == pytest.approx(by_hand["mttr"], abs=0.002)
    assert report["mttd_s"] >= 0.2  # what the detection waits for
    lines = " ".join(
        row["line"] for row in swarm.sql(f"SELECT line FROM why WHERE subject_id = {fault['id']}")
    )
    assert "agent.status" in lines
    assert "restart" in lines


# --- section 5: across all ----------------------------------------------------------------------------------------------


def test_across_all_three_pillars_survive_a_restart_and_a_change_of_rules(
    swarm: Swarm, capsys: pytest.CaptureFixture[str]
) -> None:
    system, marks = swarm.system, swarm.directory
    swarm.heal(
        {"detection_rules": [DOWN], "recovery_strategies": [REVIVE], "recovery_procedures": PROCEDURES}
    )
    workflow = system.create_intelligent_workflow(
        {"name": "w", "type": "nightly", "steps": [step("a", "/bin/true")]}
    )
    rule = {"type": "workflow_management", "workflow_type": "nightly"}
    automation = system.create_system_automation("workflow_management", {"orchestration_rules": [rule]})
    assert system.execute_intelligent_orchestration(automation["automation_id"])["success"]
    before = swarm.all_up()
    (swarm.rules / "more.rules").write_text(
        f'automation mark {{ immediate; do {{ exec ["/bin/touch", "{marks}/mark"] }} }}\n', encoding="utf-8"
    )
    eventually((marks / "mark").exists, "an edited rule is in force while everything runs")
    assert swarm.all_up() == before
    system.close()
    swarm.system = again = swarm.start()
    swarm.all_up()
    assert again.execute_intelligent_workflow(workflow["workflow_id"], {})["success"]
    assert again.execute_intelligent_orchestration(automation["automation_id"])["success"]
    os.kill(swarm.all_up()["prices"], signal.SIGKILL)
    (fault,) = eventually(swarm.faults, "it is seen")
    assert again.execute_automatic_recovery(swarm.healing, [fault])["overall_success"]
    reports = {
        "automation": again.get_automation_report(),
        "workflow": again.get_intelligent_workflow_report(),
        "healing": again.get_system_self_healing_report(),
    }
    again.close()
    for name, rate in (
        ("automation", "average_success_rate"),
        ("workflow", "average_success_rate"),
        ("healing", "average_recovery_success_rate"),
    ):
        assert main(["report", name, "--format", "json", "--db", str(swarm.database)]) == 0
        assert json.loads(capsys.readouterr().out)[rate] == reports[name][rate] == 1.0
    assert swarm.sql("SELECT name FROM automation_report WHERE runs > 0")
    assert swarm.sql("SELECT name FROM workflow_report WHERE success_rate = 1.0")
    assert swarm.sql("SELECT rule FROM healing_report WHERE success_rate = 1.0")
