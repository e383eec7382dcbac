"""Self-healing by call: every promise of the table, on real processes."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from daemon.intelligence import SystemIntelligence
from tests.daemon.intelligence.systems import site
from tests.daemon.service.daemon import eventually, free_port

THING = Path(__file__).parents[1] / "service" / "thing.py"
REPORTED = {
    "total_healing_systems", "average_recovery_success_rate", "total_faults_detected", "total_recoveries_attempted",
    "recent_activities", "fault_detection_count", "recovery_manager_count", "health_monitor_count",
    "preventive_maintenance_count", "system_resilience_count", "timestamp",
}  # fmt: skip
DOWN = {
    "name": "Agent is down", "category": "agent", "severity": "critical", "subject": "agent", "field": "status",
    "operator": "==", "value": "down", "hold": "200ms", "until": {"operator": "==", "value": "up"},
}  # fmt: skip
RESTART = {
    "name": "Start it again", "faults": ["Agent is down"], "limit": {"attempts": 50, "per": "1h"},
    "steps": [{"name": "restart", "actions": [{"type": "restart"}], "verify": "30s"}],
}  # fmt: skip


def agent(port: int) -> str:
    python, thing = (json.dumps(path, ensure_ascii=False) for path in (sys.executable, str(THING)))
    return (
        f'agent thing {{\n    unit process [{python}, "-S", {thing}, "{port}"]\n'
        f'    health http "http://127.0.0.1:{port}/state" {{ every 200ms; timeout 2s; expect reply.status == 200 }}\n'
        "    starts within 20s\n}\n"
    )


@pytest.fixture
def healed(tmp_path: Path) -> Iterator[SystemIntelligence]:
    """With one agent that runs."""
    rules = tmp_path / "thing.rules"
    rules.write_text(agent(free_port()), encoding="utf-8")
    with SystemIntelligence(str(tmp_path / "volexd.db"), rules) as system:
        yield system


def pid(system: SystemIntelligence, healing_id: str) -> int:
    """Of the agent, once it is up."""
    eventually(lambda: state(system, healing_id)["agents"].get("thing") == "up", "the agent is up")
    return int(state(system, healing_id)["agent_processes"]["thing"])


def state(system: SystemIntelligence, healing_id: str) -> dict[str, Any]:
    found: dict[str, Any] = system.detect_system_faults(healing_id)["system_state"]
    return found


def faults(system: SystemIntelligence, healing_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = system.detect_system_faults(healing_id)["detected_faults"]
    return found


def test_a_fault_is_detected_recovered_and_verified(healed: SystemIntelligence) -> None:
    made = healed.initialize_system_self_healing(
        {"detection_rules": [DOWN], "recovery_strategies": [RESTART]}
    )
    assert made["status"] == "active"
    healing = made["healing_id"]
    before = pid(healed, healing)
    assert faults(healed, healing) == []
    os.kill(before, signal.SIGSTOP)
    (fault,) = eventually(lambda: faults(healed, healing), "the agent hangs, and that is seen")
    assert (fault["category"], fault["subject"], fault["severity"]) == ("agent", "thing", "critical")
    assert fault["evidence"] == {"agent.status": "down"}
    done = healed.execute_automatic_recovery(healing, [fault])
    assert (done["faults_processed"], done["successful_recoveries"], done["overall_success"]) == (1, 1, True)
    (result,) = done["recovery_results"]
    assert [(one["step"], one["outcome"]) for one in result["attempts"]] == [("restart", "succeeded")]
    assert pid(healed, healing) != before
    assert faults(healed, healing) == []
    report = healed.get_system_self_healing_report()
    assert report["average_recovery_success_rate"] == 1.0
    assert (report["total_faults_detected"], report["total_recoveries_attempted"]) == (1, 1)


def test_what_does_not_make_the_symptom_go_is_no_recovery(healed: SystemIntelligence) -> None:
    nothing = {
        **RESTART,
        "steps": [{"name": "nothing", "actions": "say so", "verify": "400ms"}],
        "otherwise": [{"type": "log", "text": "it needs you"}],
    }
    made = healed.initialize_system_self_healing(
        {
            "detection_rules": [DOWN],
            "recovery_strategies": [nothing],
            "recovery_procedures": {"say so": [{"type": "exec", "command": ["/bin/true"]}]},
        }
    )
    healing = made["healing_id"]
    os.kill(pid(healed, healing), signal.SIGSTOP)
    (fault,) = eventually(lambda: faults(healed, healing), "the agent hangs, and that is seen")
    done = healed.execute_automatic_recovery(healing, [fault["id"]])
    assert (done["successful_recoveries"], done["overall_success"]) == (0, False)
    (result,) = done["recovery_results"]
    assert (result["outcome"], result["attempts"][0]["outcome"]) == ("open", "failed")
    assert healed.get_system_self_healing_report()["average_recovery_success_rate"] == 0.0


def test_a_fault_that_nobody_recovers_is_no_success(system: SystemIntelligence) -> None:
    healing = system.initialize_system_self_healing({"alert_thresholds": {"memory": 0.0}})["healing_id"]
    (fault,) = eventually(lambda: faults(system, healing), "memory is in use")
    assert (fault["category"], fault["subject_type"]) == ("resource", "host")
    assert fault["evidence"]["host.memory"] > 0
    done = system.execute_automatic_recovery(healing, [fault])
    assert (done["overall_success"], done["recovery_results"][0]["reason"]) == (
        False,
        "no recovery is for it",
    )


def test_of_no_faults_there_is_no_success(system: SystemIntelligence) -> None:
    healing = system.initialize_system_self_healing({})["healing_id"]
    done = system.execute_automatic_recovery(healing, [])
    assert (done["faults_processed"], done["overall_success"]) == (0, False)


def test_what_is_monitored_is_seen_to_fail_and_to_come_back(system: SystemIntelligence) -> None:
    with site() as told:
        rule = {
            "type": "http",
            "name": "front door",
            "url": f"http://127.0.0.1:{told.port}/",
            "every": "100ms",
            "timeout": "10s",
        }
        healing = system.initialize_system_self_healing({"monitoring_rules": [rule]})["healing_id"]
        told.status = 503
        (fault,) = eventually(lambda: faults(system, healing), "it is seen to fail")
        assert (fault["category"], "503" in fault["message"]) == ("communication", True)
        told.status = 200
        eventually(lambda: not faults(system, healing), "it is seen to come back")


def test_everything_a_configuration_can_say(system: SystemIntelligence) -> None:
    config = {
        "name": "All of it",
        "fault_patterns": [{**DOWN, "only": {"labels.tier": "trading"}, "message": "{not read}"}],
        "detection_rules": [
            {"name": "slow", "category": "performance", "subject": "agent", "field": "latency", "operator": ">", "value": "2s"},
            {"name": "lonely", "category": "agent", "subject": "swarm", "field": "available", "operator": "<", "value": "50%"},
        ],
        "recovery_strategies": [
            {**RESTART, "cooldown": 5, "otherwise": "call", "priority": "high"},
            {"name": "room", "category": "resource", "steps": [{"name": "1", "actions": "call"}]},
        ],
        "recovery_procedures": {"call": [{"type": "http", "url": "http://127.0.0.1:1/x", "body": {"a": 1}, "timeout": 2}]},
        "monitoring_rules": [
            {"type": "tcp", "name": "db", "address": "127.0.0.1:5432", "every": "1h"},
            {"type": "exec", "name": "check", "command": ["/bin/true"], "every": "1h", "severity": "warning"},
        ],
        "maintenance_schedules": [
            {"name": "nightly", "schedule": "every day at 03:00", "lasting": "30m", "covers": ["api"], "actions": "vacuum"}
        ],
        "maintenance_procedures": {"vacuum": [{"type": "exec", "command": ["/bin/true"]}]},
        "resilience_strategies": [
            {"type": "load_shedding", "name": "shed", "resource": "cpu", "above": "95%", "hold": "10m"},
            {"type": "fallback", "name": "last", "recoveries": ["Start it again"], "actions": "call"},
        ],
        "alert_thresholds": {"cpu": 0.99, "memory": "99%", "swap": 1, "disk": 1.0, "inodes": "100%"},
    }  # fmt: skip
    made = system.initialize_system_self_healing(config)
    assert made["healing_id"] == "all_of_it"
    report = system.get_system_self_healing_report()
    counts = (
        "total_healing_systems",
        "recovery_manager_count",
        "preventive_maintenance_count",
        "system_resilience_count",
    )
    assert [report[name] for name in counts] == [1, 2, 1, 2]
    assert report["fault_detection_count"] == 3 + 2 + 5


def test_the_report_has_what_was_promised(system: SystemIntelligence) -> None:
    report = system.get_system_self_healing_report()
    assert report.keys() >= REPORTED
    assert (report["total_healing_systems"], report["average_recovery_success_rate"]) == (0, 0.0)
