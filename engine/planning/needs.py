"""A failed need inhibits what needs it (meaning 13): its dependants are not recovered, nor are people told of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from dsl.program import SEVERITIES, Detection
from engine.analysis.agents import Agents
from engine.analysis.situations import OPEN
from engine.faults import Fault, Faults
from engine.knowledge.facts import WorkingMemory
from engine.planning.inhibition import Inhibition


class Failed(NamedTuple):
    """What explains a fault: a failed need, or a fault that inhibits it."""

    told: str  # why nobody is told
    blocks: str  # why nothing is done
    fault: int | None  # None: not raised yet, its condition holds but not long enough


class Needs:
    def __init__(self, agents: Agents, faults: Faults, memory: WorkingMemory, inhibition: Inhibition) -> None:
        self._inhibition = inhibition
        self._agents = agents
        self._faults = faults
        self._memory = memory

    def of(self, agent: str) -> Iterator[str]:
        """Everything that an agent needs, also through others; nearest first."""
        seen = {agent}
        waiting = [agent]
        while waiting:
            state = self._agents.states.get(waiting.pop(0))
            for need in state.agent.needs if state else ():
                if need not in seen:
                    seen.add(need)
                    waiting.append(need)
                    yield need

    def failed(self, fault: Fault) -> Failed | None:
        """What stands in the way of doing something about a fault. What was given up blocks no longer."""
        selectors = fault.situation.watch.detection.inhibited_by
        other = self._inhibition.by(fault, selectors) if selectors else None
        if other is not None:
            reason = f"fault {other.name} on {other.key} inhibits it"
            return Failed(reason, f"{reason} (fault {other.id})", other.id)
        return self._failed_need(fault) if fault.type == "agent" else None

    def _failed_need(self, fault: Fault) -> Failed | None:
        for need in self.of(fault.key):
            fact = self._memory.get("agent", need)
            for watch, situation in fact.situations.items() if fact else ():
                if not isinstance(watch.rule, Detection) or watch.rule.head.shadow:
                    continue
                if SEVERITIES.index(watch.rule.severity) < fault.rank:
                    continue
                raised = self._faults.of(situation) if situation.phase == OPEN else None
                if raised is None or not raised.given_up:
                    which = f"fault {raised.id}" if raised else "its condition holds"
                    blocks = f"it needs agent {need}, which failed ({which})"
                    return Failed(f"its need {need} failed", blocks, raised.id if raised else None)
        return None

    def unseen(self, fault: Fault, now: float) -> tuple[str, float] | None:
        """A need whose health was not looked at since the symptom began, and until when to wait for that.

        What fails because its need failed is often seen first: before anything is done to it, its needs are looked at once.
        """
        if fault.type != "agent":
            return None
        for need in self.of(fault.key):
            state = self._agents.states.get(need)
            check = state.agent.health if state else None
            if state is None or check is None or state.health.taken_at > fault.began_at:
                continue
            patience = fault.raised_at + check.every + check.timeout
            if now < patience:
                return need, patience
        return None


def patience_of(fault: Fault) -> float:
    """How long what needed something is given to come back by itself, once that is back: the time of its detection."""
    detection = fault.situation.watch.detection
    return max(detection.when.hold, detection.settle)
