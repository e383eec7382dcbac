"""`create_system_automation` and `schedule_automated_task`: from the dictionary to rules.

Each orchestration rule becomes an automation; one that takes load off becomes an orchestration, because it is measured and taken back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from daemon.intelligence import text
from daemon.intelligence.clauses import (
    request_settings,
    scheduling_of,
    write_exec,
    write_http,
    write_reserve,
    write_schedule,
)
from daemon.intelligence.conditions import guard
from daemon.intelligence.definition import Definition, made
from daemon.intelligence.invalid import InvalidCall, none_of
from daemon.intelligence.schema import validate
from daemon.intelligence.text import Writer
from dsl.program import PRIORITIES
from dsl.work import WORK_TYPES

Config = Mapping[str, Any]

MEASURED = ("cpu", "memory", "swap")  # what the host says of itself as one number
ALWAYS = "host.memory >= 0%"  # as soon as the host was seen
SETTLE_S = 6.0  # the host is sampled every five seconds
_PAUSED = {"efficient": "high", "reliable": "medium"}  # automations below this priority


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is there: names that are taken; tasks and workflows, each by its type, the most urgent first; automations."""

    taken: frozenset[str] = frozenset()
    tasks: Mapping[str, Sequence[str]] | None = None
    workflows: Mapping[str, Sequence[str]] | None = None
    automations: Sequence[str] = ()


# --- automations ---------------------------------------------------------------------------------------------------------


def automation_definition(kind: str, config: Config, there: Surroundings) -> Definition:
    """InvalidCall names what does not fit."""
    if kind not in WORK_TYPES:
        raise none_of("automation_type", kind, WORK_TYPES)
    validate("create_system_automation", "config", config)
    name = text.name_of(str(config.get("name") or kind), there.taken)
    return compiled(name, kind, config, there)


def compiled(name: str, kind: str, config: Config, there: Surroundings) -> Definition:
    """The same config may come to other rules when other tasks and workflows are there."""
    writer, parts = Writer(), []
    rules = list(enumerate(config["orchestration_rules"]))
    for place, rule in rules:
        part = name if len(rules) == 1 else f"{name}_{place + 1}"
        if _write_rule(writer, f"config.orchestration_rules[{place}]", part, rule, config, there):
            parts.append((-PRIORITIES.index(rule.get("priority", "medium")), place, part))
    return made("automation", name, {"type": kind, **config}, writer, [part for _, _, part in sorted(parts)])


def _write_rule(
    writer: Writer, key: str, name: str, rule: Config, config: Config, there: Surroundings
) -> bool:
    """False: there is nothing that it could set in motion."""
    if rule["type"] == "resource_optimization" and "command" not in rule:
        _write_relief(writer, key, name, rule, config)
        return True
    write_actions = _ACTIONS[rule["type"]](key, rule, there)
    if write_actions is None:
        return False
    with writer.block(_head("automation", key, name, config), key):
        writer.line(f"type {rule['type']}", f"{key}.type")
        _write_when(writer, key, rule, config)
        if rule.get("strategy") in ("efficient", "reliable", "adaptive"):
            writer.line(f"strategy {rule['strategy']}", f"{key}.strategy")
        write_reserve(writer, "config.resource_requirements", config.get("resource_requirements", {}))
        write_actions(writer)
    return True


def _head(word: str, key: str, name: str, config: Config) -> str:
    title = str(config.get("description") or config.get("name") or "").strip()
    return f"{word} {name} {text.quoted(f'{key}.description', title)}" if title else f"{word} {name}"


def _write_when(writer: Writer, key: str, rule: Config, config: Config) -> None:
    scheduling = scheduling_of(config.get("scheduling"))
    write_schedule(writer, "config.scheduling", scheduling)
    priority = rule.get("priority") or scheduling.get("priority")
    if priority:
        writer.line(f"priority {priority}", f"{key}.priority")
    above = rule["type"] == "resource_optimization"
    condition = guard(f"{key}.conditions", rule.get("conditions", {}), load_is_above=above)
    if condition is not None:
        writer.line(f"only if {condition}", f"{key}.conditions")


# --- what each type does --------------------------------------------------------------------------------------------------

Write = Callable[[Writer], None]


def _command(key: str, rule: Config, there: Surroundings) -> Write:
    def write(writer: Writer) -> None:
        with writer.block("do", key):
            write_exec(writer, key, rule)

    return write


def _run_all(key: str, names: Sequence[str]) -> Write | None:
    def write(writer: Writer) -> None:
        with writer.block("do", key):
            for name in names:
                writer.line(f"run {name}", key)

    return write if names else None


def _tasks(key: str, rule: Config, there: Surroundings) -> Write | None:
    of_type = there.tasks or {}
    return _run_all(key, [name for kind in rule["task_types"] for name in of_type.get(kind, ())])


def _workflows(key: str, rule: Config, there: Surroundings) -> Write | None:
    names = list((there.workflows or {}).get(rule["workflow_type"], ()))
    if len(names) == 1:
        return lambda writer: writer.line(f"run {names[0]}", key)
    return _run_all(key, names)


def _coordination(key: str, rule: Config, there: Surroundings) -> Write:
    """Those that are up are asked at the same time, each at its own address."""
    request = rule.get("request", {})
    agents = text.value_of(f"{key}.target_agents", rule["target_agents"])
    method = str(request.get("method", "get")).lower()
    path = text.quoted(f"{key}.request.path", request.get("path", "/health"))[1:-1]

    def write(writer: Writer) -> None:
        with writer.block("do", key), writer.block(f'http {method} "{{agent.url}}{path}"', f"{key}.request"):
            chosen = f'for each agent where agent.name in {agents} and agent.status == "up"'
            writer.line(chosen, f"{key}.target_agents")
            for name, clause in request_settings(f"{key}.request", request).items():
                writer.line(clause, name)
            if "timeout" in request:
                writer.line(f"timeout {text.duration(f'{key}.request.timeout', request['timeout'])}", key)

    return write


_ACTIONS: dict[str, Callable[[str, Config, Surroundings], Write | None]] = {
    "resource_optimization": _command,
    "system_maintenance": _command,
    "task_scheduling": _tasks,
    "workflow_management": _workflows,
    "agent_coordination": _coordination,
}


def _write_relief(writer: Writer, key: str, name: str, rule: Config, config: Config) -> None:
    """Pauses what is less urgent, and keeps that only if it helped."""
    targets = [target for target in rule["target_resources"] if target in MEASURED]
    if not targets:
        raise InvalidCall(
            f"{key}.target_resources",
            f"without a command, one of {', '.join(MEASURED)} has to be among them: it is measured whether it helped",
        )
    scheduling = scheduling_of(config.get("scheduling"))
    measure = rule.get("measure", {})
    reduction = text.fraction(f"{key}.measure.reduction", measure.get("reduction", 0.05))
    after = text.duration(f"{key}.measure.after", measure.get("after", SETTLE_S))
    below = _PAUSED[rule.get("strategy", "efficient")]
    with writer.block(_head("orchestration", key, name, config), key):
        writer.line("type resource_optimization", f"{key}.type")
        _write_beginning(writer, key, rule, scheduling)
        writer.line(f'then {{ pause automation where automation.priority < "{below}" }}', f"{key}.strategy")
        writer.line("afterwards { resume automation }", key)
        writer.line(
            f"measure host.{targets[0]} falls by at least {reduction} after {after}", f"{key}.measure"
        )


def _write_beginning(writer: Writer, key: str, rule: Config, scheduling: Config) -> None:
    """By its schedule; without one, whenever its conditions become true."""
    if rule.get("priority") or scheduling.get("priority"):
        writer.line(f"priority {rule.get('priority') or scheduling['priority']}", f"{key}.priority")
    condition = guard(f"{key}.conditions", rule.get("conditions", {}), load_is_above=True)
    schedule = text.schedule("config.scheduling.schedule", scheduling.get("schedule", "immediate"))
    if schedule == "immediate":  # it is run once by the call itself
        writer.line(f"when {condition or ALWAYS}", f"{key}.conditions")
        return
    writer.line(schedule, "config.scheduling.schedule")
    if "timezone" in scheduling:
        writer.line(f"timezone {text.quoted(key, scheduling['timezone'])}", "config.scheduling.timezone")
    if condition is not None:
        writer.line(f"only if {condition}", f"{key}.conditions")


# --- tasks ------------------------------------------------------------------------------------------------------------------


def task_definition(config: Config, there: Surroundings) -> Definition:
    """InvalidCall names what does not fit."""
    validate("schedule_automated_task", "task_config", config)
    key = "task_config"
    if "command" in config and "url" in config:
        raise InvalidCall(f"{key}.url", "a task has a command or a url, and not both")
    name = text.name_of(config["name"], there.taken)
    after = [
        _dependency(f"{key}.dependencies[{n}]", one, there)
        for n, one in enumerate(config.get("dependencies", ()))
    ]
    writer = Writer()
    with writer.block(f"automation {name} {text.quoted(f'{key}.name', config['name'])}", key):
        writer.line("type task_scheduling", f"{key}.type")
        write_schedule(writer, key, config)
        if "priority" in config:
            writer.line(f"priority {config['priority']}", f"{key}.priority")
        write_reserve(writer, f"{key}.resource_requirements", config.get("resource_requirements", {}))
        if after:
            writer.line(f"after {', '.join(after)}", f"{key}.dependencies")
        with writer.block("do", key):
            _write_task(writer, key, config)
    return made("task", name, config, writer, [name])


def _write_task(writer: Writer, key: str, config: Config) -> None:
    if "command" in config:
        write_exec(writer, key, config)
    elif "url" in config:
        write_http(writer, key, config)
    else:
        writer.line(f"log {text.quoted(f'{key}.name', 'task ' + config['name'])}", f"{key}.name")


def _dependency(key: str, name: str, there: Surroundings) -> str:
    """By its id, or by the name it was given."""
    for candidate in (name, text.name_of(name)):
        if candidate in there.automations:
            return candidate
    raise none_of(key, name, list(there.automations))
