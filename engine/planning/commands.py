"""What people ask for: acknowledge a fault, start, stop, restart an agent. What concerns work, and pauses, is `steering`'s."""

from __future__ import annotations

from collections.abc import Callable

from engine.analysis.agents import Agents
from engine.events import Commanded
from engine.faults import Faults
from engine.ledger import Ledger
from engine.planning.acting import Acting, Cause, Deed, nothing

_TIMEOUT = 60.0


class Commands:
    def __init__(
        self, agents: Agents, faults: Faults, acting: Acting, ledger: Ledger, clock: Callable[[], float]
    ) -> None:
        self._agents = agents
        self._faults = faults
        self._acting = acting
        self._ledger = ledger
        self._clock = clock

    def take(self, event: Commanded, stir: Callable[[], None]) -> None:
        """An unknown subject is no error here: the shell checked it before it asked."""
        match event.command:
            case "acknowledge":
                self._acknowledge(event.subject, event.by)
            case "start" | "stop" | "restart":
                self._act(event.command, event.subject, event.by)
        stir()

    def _acknowledge(self, identity: str, by: str) -> None:
        fault = next((fault for fault in self._faults.open.values() if str(fault.id) == identity), None)
        if fault is not None:
            fault.acknowledged = True
            self._faults.mark(fault, acknowledged_at=self._clock(), acknowledged_by=by)
            self._ledger.explain(fault.id, 1, f"acknowledged by {by or 'somebody'}", self._clock())

    def _act(self, kind: str, agent: str, by: str) -> None:
        if agent in self._agents.states:
            deed = Deed(kind, agent, {}, _TIMEOUT, f"{kind} agent {agent}")
            self._acting.begin(deed, Cause("", f"asked for by {by or 'somebody'}"), nothing)
