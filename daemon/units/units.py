"""The units of all agents: which kind runs which, by the program that is in force."""

from __future__ import annotations

from collections.abc import Mapping

from daemon.units.unit import UnitFailure, UnitKind
from dsl.program import Agent, Program


class Units:
    """Finds an agent and its kind of unit by the agent's name. All raise UnitFailure."""

    def __init__(self, kinds: Mapping[str, UnitKind]) -> None:
        self._kinds = kinds
        self._agents: dict[str, Agent] = {}

    def replace(self, program: Program) -> tuple[Agent, ...]:
        """Takes over the agents of a program, and gives those that ran a unit and are in it no longer (see `retire`)."""
        before, self._agents = self._agents, {agent.name: agent for agent in program.agents}
        gone = (agent for agent in before.values() if _moved(agent, self._agents.get(agent.name)))
        return tuple(agent for agent in gone if agent.unit is not None)

    async def retire(self, agent: Agent, grace: float) -> None:
        """Stops the unit of an agent that is not in the program any more: nobody else could."""
        await self._kind(agent).stop(agent, grace)

    async def start(self, name: str) -> int | None:
        agent = self._agent(name)
        return await self._kind(agent).start(agent)

    async def stop(self, name: str, grace: float) -> None:
        agent = self._agent(name)
        await self._kind(agent).stop(agent, grace)

    async def signal(self, name: str, number: int) -> None:
        agent = self._agent(name)
        await self._kind(agent).signal(agent, number)

    def pids(self) -> dict[str, int | None]:
        """Agent to its main process, of all agents that have a unit."""
        return {name: self._kind(agent).pid(name) for name, agent in self._agents.items() if agent.unit}

    async def close(self, grace: float) -> None:
        """Ends what volexd runs itself. Every kind is closed, whatever happens to another."""
        failures = []
        for kind in self._kinds.values():
            try:
                await kind.close(grace)
            except UnitFailure as failure:
                failures.append(str(failure))
        if failures:
            raise UnitFailure("; ".join(failures))

    def _agent(self, name: str) -> Agent:
        try:
            return self._agents[name]
        except KeyError:
            raise UnitFailure(f"there is no agent {name!r}") from None

    def _kind(self, agent: Agent) -> UnitKind:
        if agent.unit is None:
            raise UnitFailure(f'agent {agent.name} has no unit; say how it runs: unit process ["…"]')
        try:
            return self._kinds[agent.unit.kind]
        except KeyError:
            raise UnitFailure(
                f"agent {agent.name}: this volexd runs no unit of kind {agent.unit.kind}"
            ) from None


def _moved(before: Agent, now: Agent | None) -> bool:
    """It is gone, or runs in another way: its old unit would be nobody's."""
    if before.unit is None:
        return False
    return now is None or now.unit is None or now.unit.kind != before.unit.kind
