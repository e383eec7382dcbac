"""Wrong input is told with its key, its value, and what is allowed."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from daemon.intelligence import InvalidCall, SystemIntelligence
from tests.daemon.intelligence.systems import MAINTENANCE, maintenance

Ask = Callable[[SystemIntelligence], Any]
STEP = {"name": "a", "type": "exec", "command": ["/bin/true"]}
TASK = {"name": "t", "type": "x", "schedule": "immediate"}
DETECTION = {
    "name": "d",
    "category": "agent",
    "subject": "agent",
    "field": "status",
    "operator": "==",
    "value": "down",
}


def automation(**config: Any) -> Ask:
    return lambda system: system.create_system_automation(
        "system_maintenance", {**maintenance("/bin/true"), **config}
    )


def rule(**values: Any) -> Ask:
    return automation(orchestration_rules=[{**MAINTENANCE, "command": ["/bin/true"], **values}])


def task(**values: Any) -> Ask:
    return lambda system: system.schedule_automated_task({**TASK, **values})


def workflow(*steps: dict[str, Any], **values: Any) -> Ask:
    return lambda system: system.create_intelligent_workflow(
        {"name": "w", "steps": list(steps) or [STEP], **values}
    )


def healing(**values: Any) -> Ask:
    return lambda system: system.initialize_system_self_healing(values)


WRONG: list[tuple[Ask, str]] = [
    (lambda s: s.create_system_automation("optimisation", {}), "automation_type: 'optimisation' is none of resource_opt"),
    (lambda s: s.create_system_automation("task_scheduling", []), "config: [] is not an object"),  # type: ignore[arg-type]
    (lambda s: s.create_system_automation("task_scheduling", {}), "config.orchestration_rules: it is missing"),
    (automation(schedulin="every 1h"), "config.schedulin: there is no such key; did you mean scheduling?"),
    (automation(scheduling="every banana"), "config.scheduling.schedule: `banana` is not known here"),
    (automation(scheduling="hourly"), "config.scheduling.schedule: 'hourly' is no schedule; write \"immediate\""),
    (automation(scheduling="cron 5 * * *"), "config.scheduling.schedule: a cron expression has five fields"),
    (automation(scheduling='every 1h } automation evil { do { exec ["/bin/true"] }'), "config.scheduling.schedule: 'every"),
    (automation(scheduling={"schedule": "every 1h", "timezone": "Europe/Londn"}), "config.scheduling.timezone: there is no"),
    (automation(scheduling={"overlap": "skipp"}), "'skipp' is none of skip, queue, replace; did you mean skip?"),
    (automation(resource_requirements={"cpu": 1e4}), "config.resource_requirements: "),
    (automation(resource_requirements={"memory": "lots"}), "config.resource_requirements.memory: 'lots' is not a size"),
    (automation(resource_requirements={"slots": {"gpu": 0}}), "config.resource_requirements.slots.gpu: 0 is not"),
    (rule(type="maintenance"), "config.orchestration_rules[0].type: 'maintenance' is none of"),
    (rule(priority="urgent"), "config.orchestration_rules[0].priority: 'urgent' is none of low, medium, high, critical"),
    (rule(command=[]), "config.orchestration_rules[0].command: [] is not a program with its arguments"),
    (rule(command=[1]), "config.orchestration_rules[0].command[0]: 1 is no program"),
    (rule(command=["/bin/echo", "a\0b"]), "config.orchestration_rules[0].command[1]: the character '\\x00' cannot stand"),
    (rule(conditions={"system_load_threshold": 80}), "config.orchestration_rules[0].conditions.system_load_threshold: 80"),
    (rule(target_resources=["cpu"]), "config.orchestration_rules[0].target_resources: there is no such key"),
    (
        automation(orchestration_rules=[{"type": "resource_optimization", "target_resources": ["disk"]}]),
        "config.orchestration_rules[0].target_resources: without a command, one of cpu, memory, swap",
    ),
    (lambda s: s.execute_intelligent_orchestration("nope"), "automation_id: 'nope' is none of none yet"),
    (lambda s: s.execute_intelligent_orchestration(7), "automation_id: 7 is none of none yet"),  # type: ignore[arg-type]
    (task(priority="hihg"), "task_config.priority: 'hihg' is none of low, medium, high, critical; did you mean high?"),
    (task(dependencies=["other"]), "task_config.dependencies[0]: 'other' is none of none yet"),
    (task(schedule=""), "task_config.schedule: '' is not a schedule"),
    (task(command=["/bin/true"], url="http://127.0.0.1/"), "task_config.url: a task has a command or a url"),
    (task(url="file:///etc/passwd"), "task_config.url: 'file:///etc/passwd' is not an address: http://"),
    (workflow({**STEP, "type": "approve"}), "workflow_config.steps[0].type: 'approve' is known, and this version does not"),
    (workflow({**STEP, "type": "shell"}), "workflow_config.steps[0].type: 'shell' is none of exec, http"),
    (workflow(STEP, STEP), "workflow_config.steps[1].name: 'a' is the name of another step already"),
    (workflow({**STEP, "dependencies": ["b"]}), "workflow_config.steps[0].dependencies[0]: 'b' is none of a"),
    (
        workflow({**STEP, "dependencies": ["b"]}, {**STEP, "name": "b", "dependencies": ["a"]}),
        "workflow_config.steps[0].dependencies: steps wait for each other in a circle",
    ),
    (workflow(adaptation_rules=[{"type": "step_skipping", "step": "x"}]), "adaptation_rules[0].step: 'x' is none of a"),
    (workflow(adaptation_rules=[{"type": "step_skipping", "step": "a"}]), "workflow_config.adaptation_rules[0]: "),
    (workflow(adaptation_rules=[{"type": "step_optimization", "step": "a"}]), "it changes nothing"),
    (workflow(adaptation_rules=[{"type": "on_failure", "action": "replace"}]), "replace needs a replacement"),
    (workflow(optimization_strategy="fast"), "optimization_strategy: 'fast' is none of efficient, reliable, adaptive"),
    (lambda s: s.execute_intelligent_workflow("nope", {}), "workflow_id: 'nope' is none of none yet"),
    (healing(detection_rules=[{**DETECTION, "category": "agnt"}]), "category: 'agnt' is none of agent, resource"),
    (healing(detection_rules=[{**DETECTION, "severity": "bad"}]), "severity: 'bad' is none of info, warning, error, critical"),
    (healing(detection_rules=[{**DETECTION, "field": "statsu"}]), "healing_config.detection_rules[0].value: agent has no"),
    (healing(detection_rules=[{**DETECTION, "value": "donw"}]), "healing_config.detection_rules[0].value: "),
    (healing(detection_rules=[{**DETECTION, "subject": "galaxy"}]), "healing_config.detection_rules[0].subject: there is no"),
    (healing(detection_rules=[DETECTION, DETECTION]), "detection_rules[1].name: 'd' is the name of another one already"),
    (
        healing(recovery_strategies=[{"name": "r", "faults": ["x"], "steps": [{"name": "s", "actions": [{"type": "restart"}]}]}]),
        "healing_config.recovery_strategies[0].faults[0]: 'x' is none of none yet",
    ),
    (
        healing(detection_rules=[DETECTION], recovery_strategies=[
            {"name": "r", "faults": ["d"], "steps": [{"name": "s", "actions": "x"}]}
        ]),
        "healing_config.recovery_strategies[0].steps[0].actions: 'x' is none of none yet",
    ),
    (healing(alert_thresholds={"cpu": 95}), "healing_config.alert_thresholds.cpu: 95 is not a part of the whole"),
    (healing(fault_pattern=[]), "healing_config.fault_pattern: there is no such key; did you mean fault_patterns?"),
    (lambda s: s.detect_system_faults("nope"), "healing_id: 'nope' is none of none yet"),
    (lambda s: s.execute_automatic_recovery("nope", []), "healing_id: 'nope' is none of none yet"),
    (
        lambda s: s.execute_automatic_recovery(s.initialize_system_self_healing({})["healing_id"], [4711]),
        "faults[0]: 4711 is the id of no fault; there are none yet",
    ),
    (
        lambda s: s.execute_automatic_recovery(s.initialize_system_self_healing({})["healing_id"], [{"fault": 1}]),
        "faults[0].id: it is missing; it is the id of a fault",
    ),
    (lambda s: s.call("create_sytem_automation", {}), "call: 'create_sytem_automation' is none of create_system_automation"),
    (lambda s: s.call("create_system_automation", {"config": {}}), "automation_type: it is missing; the call takes"),
    (lambda s: s.call("get_automation_report", {"x": 1}), "x: there is no such key; the call takes nothing"),
]  # fmt: skip


@pytest.fixture(scope="module")
def alone() -> Any:
    """One for all: what is refused leaves nothing behind."""
    with SystemIntelligence() as system:
        yield system


@pytest.mark.parametrize(("ask", "message"), WRONG, ids=[message[:60] for _, message in WRONG])
def test_wrong_input_is_told_by_its_key(alone: SystemIntelligence, ask: Ask, message: str) -> None:
    with pytest.raises(InvalidCall, match=re.escape(message)) as told:
        ask(alone)
    assert isinstance(told.value, ValueError)
    assert "\n" not in str(told.value)


def test_nothing_that_was_refused_stays(alone: SystemIntelligence) -> None:
    assert alone.get_automation_report()["total_automations"] == 0
    assert alone.get_intelligent_workflow_report()["total_workflows"] == 0


def test_rules_that_are_refused_are_told_at_the_first_call(tmp_path: Path) -> None:
    rules = tmp_path / "bad.rules"
    rules.write_text("detection x { }\n", encoding="utf-8")
    with (
        SystemIntelligence(rules=rules) as system,
        pytest.raises(InvalidCall, match=r"rules: (.|\n)*bad.rules"),
    ):
        system.get_automation_report()


def test_what_is_closed_says_so_and_nothing_is_left_behind() -> None:
    before = set(threading.enumerate())
    system = SystemIntelligence()
    system.get_automation_report()
    (thread,) = [one for one in threading.enumerate() if one not in before and one.name == "volexd"]
    system.close()
    system.close()
    assert not thread.is_alive()
    with pytest.raises(RuntimeError, match="this SystemIntelligence is closed"):
        system.get_automation_report()


def test_calls_from_many_threads(alone: SystemIntelligence) -> None:
    made: list[str] = []

    def create() -> None:
        made.append(
            alone.create_system_automation("system_maintenance", maintenance("/bin/true"))["automation_id"]
        )

    threads = [threading.Thread(target=create) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 6
    assert all(alone.execute_intelligent_orchestration(name)["success"] for name in made)
