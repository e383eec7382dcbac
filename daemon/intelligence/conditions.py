"""`conditions` of the calls, as expressions of the rule language over the host and the swarm."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from daemon.intelligence import text

FREE = "90%"  # of processor and memory in use at most, where somebody asks only for "available"


def guard(key: str, conditions: Mapping[str, Any], *, load_is_above: bool) -> str | None:
    """None where nothing is asked for: it always holds. A bare load threshold is a floor, or a ceiling."""
    parts = [
        *_load(f"{key}.system_load_threshold", conditions.get("system_load_threshold"), load_is_above),
        *_agents(f"{key}.agent_availability", conditions.get("agent_availability")),
        *_resources(f"{key}.resource_available", conditions.get("resource_available")),
    ]
    return " and ".join(parts) or None


def _load(key: str, threshold: Any, load_is_above: bool) -> Iterator[str]:
    if threshold is None:
        return
    if not isinstance(threshold, dict):
        threshold = {"above" if load_is_above else "below": threshold}
    for name, sign in (("above", ">="), ("below", "<")):
        if name in threshold:
            yield f"host.cpu {sign} {text.fraction(f'{key}.{name}', threshold[name])}"


def _agents(key: str, availability: Any) -> Iterator[str]:
    if isinstance(availability, list | tuple):
        for place, agent in enumerate(availability):
            yield f'swarm.status[{text.member(f"{key}[{place}]", agent)}] == "up"'
    elif isinstance(availability, int):
        yield f"swarm.up >= {availability}"
    elif availability is not None:
        yield f"swarm.available >= {text.fraction(key, availability)}"


def _resources(key: str, available: Any) -> Iterator[str]:
    if available is True:
        yield f"host.cpu < {FREE} and host.memory < {FREE}"
    elif available is False:
        yield f"(host.cpu >= {FREE} or host.memory >= {FREE})"
    elif available is not None:
        for name, least in available.items():
            yield f"host.{name} <= 100% - {text.fraction(f'{key}.{name}', least)}"
