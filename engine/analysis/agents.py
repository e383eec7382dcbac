"""The status of agents, from how their units run and how their health checks end (meaning 29)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import inf

from dsl.program import Agent
from engine.alarms import Alarm, Alarms
from engine.events import HealthObserved, UnitObserved
from engine.knowledge.facts import WorkingMemory
from engine.ledger import Ledger


class Look:
    """The newest result of one kind of check."""

    __slots__ = ("ok", "taken_at")

    def __init__(self) -> None:
        self.ok: bool | None = None
        self.taken_at = -inf


class AgentState:
    __slots__ = (
        "agent",
        "alarms",
        "health",
        "paused",
        "pid",
        "ready",
        "restarts",
        "running",
        "settled",
        "since",
        "started_at",
        "status",
        "told",
        "wanted",
    )  # fmt: skip

    def __init__(self, agent: Agent) -> None:
        self.agent = agent
        self.running: bool | None = None
        self.pid: int | None = None
        self.wanted = True
        self.paused = False
        self.started_at = -inf
        self.settled = False  # a health check was good since the unit last started
        self.health = Look()
        self.ready = Look()
        self.restarts = -1
        self.status: str | None = None
        self.since = 0.0
        self.told: dict[str, object] = {}
        self.alarms: dict[str, Alarm] = {}

    def judge(self, now: float) -> str | None:
        """One of dsl.program.STATUSES, or None: unknown."""
        if not self.wanted and self.running is not True:
            return "stopped"
        if self.running is False:
            return "down"
        if self.agent.health is None:
            return self._by_unit()
        if self.starting(now):
            return "starting"
        if self.health.ok is None:
            return None
        if not self.health.ok:
            return "down"
        return "degraded" if self.ready.ok is False else "up"

    def _by_unit(self) -> str | None:
        if self.running is None:
            return None
        return "degraded" if self.ready.ok is False else "up"

    def starting(self, now: float) -> bool:
        """From its start until the first good check, at most `starts within`."""
        return self.running is True and not self.settled and now < self.started_at + self.agent.starts_within


class Agents:
    """Keeps the `agent` facts. `state` of an agent is made when the program names it and kept while it does."""

    def __init__(
        self, memory: WorkingMemory, alarms: Alarms, ledger: Ledger, clock: Callable[[], float]
    ) -> None:
        self.states: dict[str, AgentState] = {}
        self._memory = memory
        self._alarms = alarms
        self._ledger = ledger
        self._clock = clock

    def declare(self, agents: Mapping[str, Agent]) -> list[str]:
        """Take over the agents of a program; returns the names of those that are gone."""
        gone = [name for name in self.states if name not in agents]
        for name in gone:
            for alarm in self.states.pop(name).alarms.values():
                alarm.call_off()
        for name, agent in agents.items():
            state = self.states.setdefault(name, AgentState(agent))
            state.agent = agent
            self.tell(state)
        return gone

    def unit_observed(self, event: UnitObserved) -> None:
        state = self.states.get(event.agent)
        if state is None:
            return
        if event.running and (state.running is not True or event.pid != state.pid):
            state.started_at = event.at
            state.settled = False
            state.health, state.ready = Look(), Look()
            state.restarts += 1
            self._ring(state, "starts within", event.at + state.agent.starts_within)
        state.running = event.running
        state.pid = event.pid if event.running else None
        extra = {"last_error": event.detail} if event.running is False and event.detail else {}
        self.tell(state, _concluded_at(event, state.agent), extra)

    def health_observed(self, event: HealthObserved) -> None:
        state = self.states.get(event.agent)
        if state is None or event.started_at < state.started_at:
            return  # it looked at the process before this one
        look = state.ready if event.check == "ready" else state.health
        if event.started_at < look.taken_at:
            return
        look.ok, look.taken_at = event.ok, event.started_at
        if event.ok and event.check == ("health" if state.agent.ready is None else "ready"):
            state.settled = True
        if event.fresh_for is not None:
            self._ring(state, event.check, event.at + event.fresh_for)
        conclusive = event.ok is not None and not state.starting(event.at)
        extra = {"last_error": event.error} if event.ok is False else {}
        self.tell(state, event.started_at if conclusive else None, extra)

    def want(self, name: str, wanted: bool) -> None:
        """A rule or a person asked for it to run, or not to."""
        state = self.states.get(name)
        if state is not None and state.wanted is not wanted:
            state.wanted = wanted
            self.tell(state)

    def pause(self, name: str, paused: bool) -> None:
        state = self.states.get(name)
        if state is not None and state.paused is not paused:
            state.paused = paused
            self.tell(state)

    def seen_at(self, name: str) -> float:
        """When the newest health check of an agent began; minus infinity if there was none since it started."""
        state = self.states.get(name)
        return state.health.taken_at if state else -inf

    def _ring(self, state: AgentState, what: str, due: float) -> None:
        """Look again at `due`: the start period is over, or a check went stale."""
        former = state.alarms.get(what)
        if former is not None:
            former.call_off()
        state.alarms[what] = self._alarms.of_facts(due, lambda: self._look_again(state, what))

    def _look_again(self, state: AgentState, what: str) -> None:
        del state.alarms[what]
        if what in ("health", "ready"):
            look = state.ready if what == "ready" else state.health
            look.ok = None
        self.tell(state)

    def tell(
        self, state: AgentState, concluded_at: float | None = None, extra: Mapping[str, object] | None = None
    ) -> None:
        """Bring the fact up to date, and give out what changed."""
        now = self._clock()
        status = state.judge(now)
        if status != state.status or not state.told:
            state.status, state.since = status, now
        values = {
            "status": status,
            "since": state.since,
            "wanted": state.wanted,
            "paused": state.paused,
            "pid": state.pid,
            "restarts": max(state.restarts, 0),
            "labels": dict(state.agent.labels),
            **(extra or {}),
        }
        changed = {name: value for name, value in values.items() if state.told.get(name, ...) != value}
        state.told.update(changed)
        fact = self._memory.fact("agent", state.agent.name)
        if concluded_at is not None:
            former = -inf if fact.concluded_at == inf else fact.concluded_at
            fact.concluded_at = max(former, concluded_at)
        self._memory.merge(fact, changed, min(fact.concluded_at, now), "volexd", inf)
        if changed:
            self._ledger.infer(now, "agent", state.agent.name, changed)


def _concluded_at(event: UnitObserved, agent: Agent) -> float | None:
    """What proves the status. A unit without a health check is known at every moment while it runs; with one, running proves nothing."""
    if event.running is False:
        return event.at
    return inf if event.running and agent.health is None else None
