"""The processes of the agents that volexd runs: what they use. Process id and restarts are the engine's to tell."""

from __future__ import annotations

from daemon.watching.watch import Watch
from daemon.world.failures import OwnFailure
from daemon.world.world import World
from dsl.vocabulary.facts import SAMPLED_EVERY
from engine.events import Looked, Reported

_FIELDS = ("descriptors", "threads", "cpu", "memory", "age")
Values = dict[str, object]
_UNKNOWN: Values = dict.fromkeys(_FIELDS)


class ProcessesWatch:
    """Implements `Watch`."""

    plan = "processes"
    every = SAMPLED_EVERY

    def __init__(self, world: World) -> None:
        self._world = world
        self._shown: set[str] = set()

    async def look(self) -> None:
        pids = {agent: pid for agent, pid in self._world.units.pids().items() if pid is not None}
        try:
            found = await self._world.sampler.agents(pids) if pids else {}
        except OwnFailure:
            return  # what was seen last goes stale, which is what is known
        now, fresh_for = self._world.now(), 3 * self.every
        values: dict[str, Values] = dict.fromkeys(sorted(self._shown - found.keys()), _UNKNOWN)
        values |= {agent: {field: used[field] for field in _FIELDS} for agent, used in found.items()}
        self._shown = set(found)
        told = (Reported(now, "agent", agent, one, "processes", fresh_for) for agent, one in values.items())
        if values:
            self._world.post(Looked(now, tuple(told)))

    def missed(self, reason: str) -> None:
        """What was seen last goes stale."""

    def take_over(self, former: Watch) -> None:
        """There is only one plan."""

    def forget(self) -> None:
        """It is always watched."""
