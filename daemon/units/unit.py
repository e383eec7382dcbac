"""What every kind of unit can do. `daemon/units/units.py` picks the kind; nobody else knows which there are."""

from __future__ import annotations

from typing import Protocol

from dsl.program import Agent


class UnitFailure(Exception):
    """A unit could not be started, stopped or signalled; the text is for the operator."""


class UnitKind(Protocol):
    """Runs the units of agents, tells the engine (`UnitObserved`) whenever one begins or ceases to run."""

    async def start(self, agent: Agent) -> int | None:
        """Starts the agent's unit, and gives its process id where it has one. Raises UnitFailure, also when it runs."""

    async def stop(self, agent: Agent, grace: float) -> None:
        """Ends the unit with all its processes, by force after `grace` seconds. What does not run is stopped already."""

    async def signal(self, agent: Agent, number: int) -> None:
        """Sends a signal to the unit's main process. Raises UnitFailure when it does not run."""

    def pid(self, agent: str) -> int | None:
        """The main process of the agent's unit, None when it does not run (or has no process that volexd can see)."""

    async def close(self, grace: float) -> None:
        """Ends all units, in parallel."""
