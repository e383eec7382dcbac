"""The fact `swarm`: all agents together. It follows from their statuses, wherever these come from."""

from __future__ import annotations

from math import inf

from engine.knowledge.facts import WorkingMemory

TYPE = "swarm"


class Swarm:
    """`agents` and `up` are counts, `available` the part that is up (unknown while there are none), `status` by name."""

    def __init__(self, memory: WorkingMemory) -> None:
        self._memory = memory

    def count(self, at: float) -> None:
        """The status of an agent changed, or an agent is gone."""
        status = {fact.key: fact.values.get("status") for fact in self._memory.all("agent")}
        up = sum(one == "up" for one in status.values())
        available = up / len(status) if status else None
        values = {
            "name": TYPE,
            "agents": float(len(status)),
            "up": float(up),
            "available": available,
            "status": status,
        }
        self._memory.merge(self._memory.fact(TYPE, TYPE), values, at, "volexd", inf)
