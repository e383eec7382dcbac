"""The state of the system at one instant, as calls measure it before and after."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from daemon.world.background import in_thread
from daemon.world.sampling import Sampler
from engine.engine import Engine

State = dict[str, Any]
HOST = ("cpu", "memory", "swap", "load")
MEASURED = (*HOST, "disk", "network_bytes")


class Measuring:
    """Looks at the machine beside the built-in probe, so that neither waits for the other. For the loop's thread."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._sampler = Sampler()
        self._turn = asyncio.Lock()

    async def state(self) -> State:
        """Parts of the whole between 0 and 1, of the processors since the state before; `network_bytes` since the machine started.

        None is unknown.
        """
        async with self._turn:
            host, network = await self._sampler.host(), await in_thread(_network)
        known, memory = self._known(), self._engine.memory
        agents = {fact.key: fact.values.get("status") for fact in memory.all("agent")}
        usage = [disk.get("usage") for disk in _maps(host.get("disks"))]
        return {
            **{name: known.get(name) if host.get(name) is None else host[name] for name in HOST},
            "disk": max([one for one in usage if isinstance(one, int | float)], default=None),
            "network_bytes": network,
            "agents": agents,
            "agent_processes": {
                fact.key: fact.values.get("pid") for fact in memory.all("agent") if fact.values.get("pid")
            },
            "agents_up": sum(status == "up" for status in agents.values()),
            "open_faults": len(self._engine.faults.open),
            "automations_paused": sorted(
                fact.key for fact in memory.all("automation") if fact.values.get("paused")
            ),
        }

    def _known(self) -> Mapping[str, Any]:
        """What the built-in probe saw last."""
        host = next(iter(self._engine.memory.all("host")), None)
        return host.values if host else {}


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
