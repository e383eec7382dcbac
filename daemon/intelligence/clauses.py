"""Clauses that several kinds of rules have in common: schedules, what is reserved, what is done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from daemon.intelligence import text
from daemon.intelligence.invalid import InvalidCall
from daemon.intelligence.text import Writer


def write_schedule(writer: Writer, key: str, scheduling: Mapping[str, Any]) -> None:
    """`every …`, `cron …` or `immediate`, and what hangs on it; nothing where none is given."""
    if "schedule" in scheduling:
        writer.line(text.schedule(f"{key}.schedule", scheduling["schedule"]), f"{key}.schedule")
    if "timezone" in scheduling:
        writer.line(f"timezone {text.quoted(f'{key}.timezone', scheduling['timezone'])}", f"{key}.timezone")
    if "overlap" in scheduling:
        writer.line(f"overlap {scheduling['overlap']}", f"{key}.overlap")
    if "deadline" in scheduling:
        writer.line(f"deadline {text.duration(f'{key}.deadline', scheduling['deadline'])}", f"{key}.deadline")


def scheduling_of(given: Any) -> Mapping[str, Any]:
    """A schedule may stand alone, as text."""
    return {"schedule": given} if isinstance(given, str) else given or {}


def write_reserve(writer: Writer, key: str, requirements: Mapping[str, Any]) -> None:
    parts = []
    if "cpu" in requirements:
        parts.append(f"cpu: {text.number(f'{key}.cpu', requirements['cpu'])}")
    if "memory" in requirements:
        parts.append(f"memory: {text.size(requirements['memory'])}")
    slots = requirements.get("slots", {})
    parts += [f"{text.member(f'{key}.slots', name)}: {count}" for name, count in slots.items()]
    if parts:
        writer.line(f"reserve {', '.join(parts)}", key)


def write_exec(writer: Writer, key: str, spec: Mapping[str, Any]) -> None:
    """`exec […]`, with its timeout."""
    command = spec["command"]
    if not isinstance(command[0], str) or not command[0].strip():
        raise InvalidCall(f"{key}.command[0]", f"{command[0]!r} is no program")
    head = f"exec {text.words(f'{key}.command', command)}"
    _with_settings(writer, head, f"{key}.command", _timeout(key, spec))


def write_http(writer: Writer, key: str, spec: Mapping[str, Any], default_method: str = "get") -> None:
    method = str(spec.get("method", default_method)).lower()
    head = f"http {method} {text.quoted(f'{key}.url', spec['url'])}"
    _with_settings(writer, head, f"{key}.url", {**request_settings(key, spec), **_timeout(key, spec)})


def request_settings(key: str, spec: Mapping[str, Any]) -> dict[str, str]:
    """Clauses of the braces of an `http`, by the key that each comes from."""
    found: dict[str, str] = {}
    body = spec.get("body")
    if isinstance(body, Mapping) and body and set(body) != {"context"}:
        found[f"{key}.body"] = f"body {text.named(f'{key}.body', body)}"
    elif body is not None and body != {}:
        found[f"{key}.body"] = f"body {text.value_of(f'{key}.body', body)}"
    if spec.get("headers"):
        found[f"{key}.headers"] = f"header {text.named(f'{key}.headers', spec['headers'])}"
    return found


def _timeout(key: str, spec: Mapping[str, Any]) -> dict[str, str]:
    if "timeout" not in spec:
        return {}
    return {f"{key}.timeout": f"timeout {text.duration(f'{key}.timeout', spec['timeout'])}"}


def _with_settings(writer: Writer, head: str, key: str, settings: Mapping[str, str]) -> None:
    if not settings:
        writer.line(head, key)
        return
    with writer.block(head, key):
        for name, clause in settings.items():
            writer.line(clause, name)
