"""`initialize_system_self_healing`: from the dictionary to detections, recoveries, probes, maintenance windows and orchestrations.

Every rule bears the name that it has in the dictionary, made safe, behind the name of the healing system.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from daemon.intelligence import text
from daemon.intelligence.clauses import write_exec, write_http
from daemon.intelligence.definition import Definition, made
from daemon.intelligence.invalid import InvalidCall, none_of, shown
from daemon.intelligence.schema import validate
from daemon.intelligence.text import Writer

Config = Mapping[str, Any]

KEY = "healing_config"
_QUANTITY = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?(%|ms|s|m|h|d|w|B|[kKMGTP]B|[KMGTP]iB)")
_THRESHOLDS = {"cpu": "host.cpu", "memory": "host.memory", "swap": "host.swap"}
_OF_DISKS = {"disk": "disk.usage", "inodes": "disk.inodes"}


@dataclass
class _Names:
    """What the dictionary calls its rules, to their names in the rules; all of them begin with `prefix`."""

    prefix: str
    detections: dict[str, str] = field(default_factory=dict)
    recoveries: dict[str, str] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    def take(self, key: str, written: str, among: dict[str, str] | None = None) -> str:
        if among is not None and written in among:
            raise InvalidCall(key, f"{shown(written)} is the name of another one already")
        found = text.name_of(f"{self.prefix}_{written}", frozenset(self.used))
        self.used.add(found)
        if among is not None:
            among[written] = found
        return found


def healing_definition(config: Config, taken: frozenset[str]) -> Definition:
    """InvalidCall names what does not fit."""
    validate("initialize_system_self_healing", KEY, config)
    name = text.name_of(str(config.get("name") or "healing"), taken)
    writer, names = Writer(), _Names(name)
    for kind in ("fault_patterns", "detection_rules"):
        for place, rule in enumerate(config.get(kind, ())):
            _write_detection(writer, f"{KEY}.{kind}[{place}]", rule, names)
    _write_thresholds(writer, config.get("alert_thresholds", {}), names)
    for place, rule in enumerate(config.get("recovery_strategies", ())):
        _write_recovery(writer, f"{KEY}.recovery_strategies[{place}]", rule, names, config)
    for place, rule in enumerate(config.get("monitoring_rules", ())):
        _write_monitoring(writer, f"{KEY}.monitoring_rules[{place}]", rule, names)
    for place, rule in enumerate(config.get("maintenance_schedules", ())):
        _write_maintenance(writer, f"{KEY}.maintenance_schedules[{place}]", rule, names, config)
    for place, rule in enumerate(config.get("resilience_strategies", ())):
        _write_resilience(writer, f"{KEY}.resilience_strategies[{place}]", rule, names, config)
    return made("healing", name, config, writer, list(names.detections.values()))


# --- detections ------------------------------------------------------------------------------------------------------------


def _write_detection(writer: Writer, key: str, rule: Config, names: _Names) -> None:
    name = names.take(f"{key}.name", rule["name"], names.detections)
    title = f" {text.quoted(f'{key}.description', rule['description'])}" if "description" in rule else ""
    subject = rule["subject"]
    with writer.block(f"detection {name}{title}", key):
        if subject not in ("host", "swarm"):
            writer.line(f"for each {subject}{_only(key, rule)}", f"{key}.subject")
        elif "only" in rule:
            raise InvalidCall(f"{key}.only", f"there is one {subject}, so there is nothing to choose")
        writer.line(f"severity {rule.get('severity', 'warning')}", f"{key}.severity")
        writer.line(f"category {rule['category']}", f"{key}.category")
        writer.line(f"when {_state(key, subject, rule['field'], rule)}", f"{key}.value")
        if "until" in rule:
            state = _state(f"{key}.until", subject, rule["field"], rule["until"])
            writer.line(f"until {state}", f"{key}.until.value")
        said = (
            text.quoted(f"{key}.message", rule["message"])
            if "message" in rule
            else _said(subject, rule["field"])
        )
        writer.line(f"message {said}", f"{key}.message")


def _said(subject: str, name: str) -> str:
    return f'"{subject}.{name} is {{{subject}.{name}}}"'


def _only(key: str, rule: Config) -> str:
    parts = [
        f"{rule['subject']}.{_field(f'{key}.only', name)} == {_value(f'{key}.only.{name}', value)}"
        for name, value in rule.get("only", {}).items()
    ]
    return f" where {' and '.join(parts)}" if parts else ""


def _field(key: str, name: str) -> str:
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*", name):
        raise InvalidCall(key, f"{shown(name)} is no field: write status, labels.tier")
    return name


def _state(key: str, subject: str, name: str, state: Config) -> str:
    hold = f" for {text.duration(f'{key}.hold', state['hold'])}" if "hold" in state else ""
    return f"{subject}.{name} {state['operator']} {_value(f'{key}.value', state['value'])}{hold}"


def _value(key: str, value: object) -> str:
    """A text that is a quantity is one: "80%", "5s", "1GiB"."""
    if isinstance(value, str) and _QUANTITY.fullmatch(value):
        return value
    return text.value_of(key, value)


def _write_thresholds(writer: Writer, thresholds: Config, names: _Names) -> None:
    for what, limit in thresholds.items():
        key = f"{KEY}.alert_thresholds.{what}"
        path = _THRESHOLDS.get(what) or _OF_DISKS[what]
        with writer.block(f"detection {names.take(key, f'{what}_threshold', names.detections)}", key):
            if what in _OF_DISKS:
                writer.line("for each disk where disk.total > 1GiB", key)
            writer.line("severity warning", key)
            writer.line("category resource", key)
            writer.line(f"when {path} > {text.fraction(key, limit)}", key)
            writer.line(f"message {_said(*path.split('.'))}", key)


# --- recoveries ---------------------------------------------------------------------------------------------------------------


def _write_recovery(writer: Writer, key: str, rule: Config, names: _Names, config: Config) -> None:
    name = names.take(f"{key}.name", rule["name"], names.recoveries)
    title = f" {text.quoted(f'{key}.description', rule['description'])}" if "description" in rule else ""
    procedures = config.get("recovery_procedures", {})
    with writer.block(f"recovery {name}{title}", key):
        writer.line(_for_which(key, rule, names), f"{key}.faults")
        if "priority" in rule:
            writer.line(f"priority {rule['priority']}", f"{key}.priority")
        for place, step in enumerate(rule["steps"]):
            _write_try(writer, f"{key}.steps[{place}]", step, procedures)
        if "otherwise" in rule:
            with writer.block("otherwise", f"{key}.otherwise"):
                _write_actions(writer, f"{key}.otherwise", rule["otherwise"], procedures)
        if "cooldown" in rule:
            writer.line(f"cooldown {text.duration(f'{key}.cooldown', rule['cooldown'])}", f"{key}.cooldown")
        limit = rule.get("limit", {"attempts": 3, "per": "1h"})
        per = text.duration(f"{key}.limit.per", limit["per"])
        writer.line(f"limit {limit['attempts']} per {per} by fault.subject", f"{key}.limit")


def _for_which(key: str, rule: Config, names: _Names) -> str:
    if ("faults" in rule) == ("category" in rule):
        raise InvalidCall(
            f"{key}.faults", "a strategy is for faults by name, or for a category: one of the two"
        )
    if "category" in rule:
        return f'on fault where fault.category == "{rule["category"]}"'
    found = []
    for place, fault in enumerate(rule["faults"]):
        if fault not in names.detections:
            raise none_of(f"{key}.faults[{place}]", fault, list(names.detections))
        found.append(names.detections[fault])
    if not found:
        raise InvalidCall(f"{key}.faults", "at least one fault is needed")
    return f"on fault {', '.join(found)}"


def _write_try(writer: Writer, key: str, step: Config, procedures: Config) -> None:
    with writer.block(f"try {text.name_of(step['name'], fallback='step')}", key):
        _write_actions(writer, f"{key}.actions", step["actions"], procedures)
        writer.line(
            f"verify within {text.duration(f'{key}.verify', step.get('verify', '1m'))}", f"{key}.verify"
        )


def _write_actions(writer: Writer, key: str, actions: str | Sequence[Config], procedures: Config) -> None:
    """A list, or the name of a procedure."""
    if not isinstance(actions, str):
        listed = actions
    elif actions in procedures:
        listed = procedures[actions]
    else:
        raise none_of(key, actions, list(procedures))
    for place, action in enumerate(listed):
        _write_action(writer, f"{key}[{place}]", action)


def _write_action(writer: Writer, key: str, action: Config) -> None:
    if action["type"] == "exec":
        write_exec(writer, key, action)
    elif action["type"] == "http":
        write_http(writer, key, action, "post")
    elif action["type"] == "log":
        writer.line(f"log {text.quoted(f'{key}.text', action['text'])}", key)
    else:
        agent = f" {_agent(f'{key}.agent', action['agent'])}" if "agent" in action else ""
        writer.line(f"{action['type']} agent{agent}", key)


def _agent(key: str, name: str) -> str:
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
        raise InvalidCall(key, f"{shown(name)} is no name of an agent")
    return name


# --- what is watched, left alone, held back ---------------------------------------------------------------------------------


def _write_monitoring(writer: Writer, key: str, rule: Config, names: _Names) -> None:
    """A probe, and a fault while it fails."""
    probe = names.take(f"{key}.name", rule["name"])
    with writer.block(f"probe {probe}", key):
        writer.line(_looked_at(key, rule), key)
        for word in ("every", "timeout"):
            if word in rule:
                writer.line(f"{word} {text.duration(f'{key}.{word}', rule[word])}", f"{key}.{word}")
        if rule["type"] == "http":
            writer.line(f"expect reply.status == {rule.get('expect_status', 200)}", f"{key}.expect_status")
    detection = names.take(f"{key}.name", f"{rule['name']}_fails", names.detections)
    names.detections.setdefault(rule["name"], detection)
    with writer.block(f"detection {detection}", key):
        writer.line(f'for each probe where probe.name == "{probe}"', key)
        writer.line(f"severity {rule.get('severity', 'error')}", f"{key}.severity")
        writer.line("category communication", key)
        writer.line("when probe.ok == false", key)
        writer.line('message "{probe.name} fails: {probe.last_error}"', key)


def _looked_at(key: str, rule: Config) -> str:
    if rule["type"] == "http":
        return f"http get {text.quoted(f'{key}.url', rule['url'])}"
    if rule["type"] == "tcp":
        return f"tcp {text.quoted(f'{key}.address', rule['address'])}"
    return f"exec {text.words(f'{key}.command', rule['command'])}"


def _write_maintenance(writer: Writer, key: str, rule: Config, names: _Names, config: Config) -> None:
    schedule = text.schedule(f"{key}.schedule", rule["schedule"])
    if schedule == "immediate":
        raise InvalidCall(
            f"{key}.schedule", '"immediate" is no schedule of a window, which comes again and again'
        )
    with writer.block(f"maintenance {names.take(f'{key}.name', rule['name'])}", key):
        writer.line(
            f"{schedule} lasting {text.duration(f'{key}.lasting', rule['lasting'])}", f"{key}.schedule"
        )
        if "timezone" in rule:
            writer.line(f"timezone {text.quoted(f'{key}.timezone', rule['timezone'])}", f"{key}.timezone")
        if rule.get("covers"):
            agents = text.value_of(f"{key}.covers", rule["covers"])
            writer.line(f"covers agent where agent.name in {agents}", f"{key}.covers")
        if "actions" in rule:
            with writer.block("do", f"{key}.actions"):
                procedures = config.get("maintenance_procedures", {})
                _write_actions(writer, f"{key}.actions", rule["actions"], procedures)


def _write_resilience(writer: Writer, key: str, rule: Config, names: _Names, config: Config) -> None:
    with writer.block(f"orchestration {names.take(f'{key}.name', rule['name'])}", key):
        if rule["type"] == "load_shedding":
            hold = f" for {text.duration(f'{key}.hold', rule['hold'])}" if "hold" in rule else ""
            writer.line("type resource_optimization", key)
            writer.line(
                f"when host.{rule['resource']} > {text.fraction(f'{key}.above', rule['above'])}{hold}", key
            )
            below = rule.get("below_priority", "high")
            writer.line(f'then {{ pause automation where automation.priority < "{below}" }}', key)
            writer.line("afterwards { resume automation }", key)
            return
        writer.line(f"on exhausted {', '.join(_recoveries(key, rule, names))}", f"{key}.recoveries")
        with writer.block("then", f"{key}.actions"):
            _write_actions(writer, f"{key}.actions", rule["actions"], config.get("recovery_procedures", {}))


def _recoveries(key: str, rule: Config, names: _Names) -> list[str]:
    for place, recovery in enumerate(rule["recoveries"]):
        if recovery not in names.recoveries:
            raise none_of(f"{key}.recoveries[{place}]", recovery, list(names.recoveries))
    return [names.recoveries[recovery] for recovery in rule["recoveries"]]
