"""The state of the system at one instant, as calls measure it before and after."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.engine import Engine

if TYPE_CHECKING:
    from daemon.world.world import World

State = dict[str, Any]
MEASURED = ("cpu", "memory", "swap", "load", "disk", "network_bytes")


async def system_state(engine: Engine, world: World) -> State:
    """Parts of the whole between 0 and 1; `network_bytes` went over the network since the machine started. None is unknown."""
    host = await world.sampler.host()
    agents = {fact.key: fact.values.get("status") for fact in engine.memory.all("agent")}
    disks = [disk.get("usage") for disk in _maps(host.get("disks"))]
    usage = [one for one in disks if isinstance(one, int | float)]
    return {
        "cpu": host.get("cpu"),
        "memory": host.get("memory"),
        "swap": host.get("swap"),
        "load": host.get("load"),
        "disk": max(usage, default=None),
        "network_bytes": await asyncio.to_thread(_network),
        "agents": agents,
        "agents_up": sum(status == "up" for status in agents.values()),
        "open_faults": len(engine.faults.open),
        "automations_paused": sorted(
            fact.key for fact in engine.memory.all("automation") if fact.values.get("paused")
        ),
    }


def change(before: State, after: State) -> dict[str, float | None]:
    """What it is more by afterwards; less is negative."""
    return {name: _difference(before[name], after[name]) for name in MEASURED}


def _difference(before: object, after: object) -> float | None:
    if not isinstance(before, int | float) or not isinstance(after, int | float):
        return None
    return round(after - before, 6)


def _maps(disks: object) -> list[Mapping[str, Any]]:
    members = disks if isinstance(disks, list | tuple) else ()
    return [disk for disk in members if isinstance(disk, Mapping)]


def _network() -> int:
    import psutil

    counters = psutil.net_io_counters(pernic=True)
    return sum(one.bytes_sent + one.bytes_recv for name, one in counters.items() if name != "lo")
