"""Blast radius: the most that a rule set can ever do, from its limits. What the engine's budgets enforce is what is counted here.

A limit counts attempts from when they begin. An attempt of several actions does the later ones later, so that in one window the last
actions of earlier attempts may stand beside the first of new ones: that is counted in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import ceil, inf

import msgspec

from dsl.expressions import Constant
from dsl.parts import Action, Limit, Retry
from dsl.program import Agent, AgentAction, Program, Try
from dsl.proofs.acting import in_force
from dsl.proofs.wording import seconds
from dsl.work import Automation, Orchestration, Workflow

COUNTED = ("restart", "stop", "start", "signal", "exec", "http", "run", "prune", "cap")
_TO_AGENTS = ("restart", "stop", "start", "signal")
_HOUR = 3600.0


class Row(msgspec.Struct, frozen=True):
    """At most `most` actions of a kind by one rule, in any `per` seconds (None: at the same time; 0: each time it runs), for each thing of
    `scope` ("overall": for all together). `by` says what bounds it. `most` is infinite where nothing does."""

    rule: str
    action: str
    scope: str
    per: float | None
    most: float
    by: str


class Labelled(msgspec.Struct, frozen=True):
    """The most actions of a kind in any hour on the agents with one label, by all recoveries and orchestrations together."""

    label: str
    agents: int
    action: str
    most: float


class Radius(msgspec.Struct, frozen=True):
    rows: tuple[Row, ...]
    labels: tuple[Labelled, ...]

    @property
    def unbounded(self) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.most == inf)


class Attempt(msgspec.Struct, frozen=True):
    """What one attempt comes to, by kind of action: all of it, what of it follows later, and how much later."""

    all: Counter[str]
    later: Counter[str]
    delay: float


def radius(program: Program) -> Radius:
    counting = _Counting(program)
    rows: list[Row] = []
    labels: dict[tuple[str, str], float] = {}
    subjects = {one.head.name: one.binding.type if one.binding else "" for one in program.detections}
    for recovery in program.recoveries:
        if in_force(recovery.head):
            attempts = [counting.attempt(step) for step in recovery.tries]
            rows += _limited(f"recovery {recovery.head.name}", attempts, recovery.limits)
            rows += _unlimited(
                f"recovery {recovery.head.name}", counting.kinds(recovery.otherwise), "whenever it gives up"
            )
            about = {subjects.get(name) for name in recovery.detections} or {"agent"}
            actions = [action for step in recovery.tries for action in step.actions]
            _add_labels(
                labels, counting, attempts, recovery.limits, counting.concerned(actions, "agent" in about)
            )
    for orchestration in program.orchestrations:
        if in_force(orchestration.head):
            attempts = [counting.occasion(orchestration)]
            rows += _limited(f"orchestration {orchestration.head.name}", attempts, orchestration.limits)
            rows += _unlimited(
                f"orchestration {orchestration.head.name}",
                counting.kinds(orchestration.afterwards),
                "once for each time it acted",
            )
            about_agents = orchestration.binding is not None and orchestration.binding.type == "agent"
            concerned = counting.concerned(orchestration.then, about_agents)
            _add_labels(labels, counting, attempts, orchestration.limits, concerned)
    for automation in program.automations:
        if in_force(automation.head):
            rows += _runs(automation, counting)
    rows += [row for agent in program.agents for row in _of_agent(agent)]
    return Radius(tuple(rows), tuple(_labelled(counting, labels)))


# --- one rule -------------------------------------------------------------------------------------------------------------


def _limited(rule: str, attempts: Sequence[Attempt], limits: Sequence[Limit]) -> Iterator[Row]:
    bounded = [limit for limit in limits if limit.per is not None]
    for kind in _kinds_of(attempts):
        for limit in limits:
            yield Row(rule, kind, scope_of(limit), limit.per, most_of(attempts, limit, kind), text_of(limit))
        if not bounded:
            yield Row(rule, kind, "overall", _HOUR, inf, "nothing")


def _kinds_of(attempts: Sequence[Attempt]) -> list[str]:
    return sorted({kind for attempt in attempts for kind in attempt.all}, key=_place)


def _place(kind: str) -> tuple[int, str]:
    return (COUNTED.index(kind), "") if kind in COUNTED else (len(COUNTED), kind)


def most_of(attempts: Sequence[Attempt], limit: Limit, kind: str) -> float:
    """The most actions of a kind under one limit, in any window as long as its own."""
    each = max((attempt.all[kind] for attempt in attempts), default=0)
    if limit.per is None:
        return limit.count * (1 if each else 0)
    later = max((attempt.later[kind] for attempt in attempts), default=0)
    delay = max((attempt.delay for attempt in attempts if attempt.later[kind]), default=0.0)
    return limit.count * (each + later * ceil(delay / limit.per))


def _unlimited(rule: str, kinds: Counter[str], why: str) -> Iterator[Row]:
    for kind in sorted(kinds, key=_place):
        yield Row(rule, kind, "overall", _HOUR, inf, why)


def scope_of(limit: Limit) -> str:
    return "overall" if limit.scope is None else f"each {'.'.join(limit.scope)}"


def text_of(limit: Limit) -> str:
    scope = "overall" if limit.scope is None else f"by {'.'.join(limit.scope)}"
    return f"limit {limit.count} {'at once' if limit.per is None else 'per ' + seconds(limit.per)} {scope}"


def _runs(rule: Automation, counting: _Counting) -> Iterator[Row]:
    kinds = counting.kinds(rule.actions)
    if rule.workflow is not None:
        kinds = counting.of_workflow(rule.workflow)
    written = rule.schedule.text or rule.schedule.kind if rule.schedule is not None else "whenever it is run"
    by = " ".join(written.split())
    for kind in sorted(kinds, key=_place):
        yield Row(f"automation {rule.head.name}", kind, "each run", 0.0, kinds[kind], by)


def _of_agent(agent: Agent) -> Iterator[Row]:
    """Its own limits: what is done to it, whichever rules ask for it."""
    for limit in agent.limits:
        if limit.per is not None:
            yield Row(f"agent {agent.name}", "all", "overall", limit.per, limit.count, text_of(limit))


# --- counting ------------------------------------------------------------------------------------------------------------


class _Counting:
    """How many actions of each kind things come to. An action on several things counts once for each that there can be."""

    def __init__(self, program: Program) -> None:
        self.agents: tuple[Agent, ...] = program.agents
        self.program = program
        self._own: dict[str, list[AgentAction]] = {}
        for agent in program.agents:
            for action in agent.actions:
                self._own.setdefault(action.name, []).append(action)
        self._workflows: dict[str, Workflow] = {one.head.name: one for one in program.workflows}

    def deeds(self, actions: Iterable[Action]) -> list[tuple[str, float]]:
        """Kind and timeout of everything that is done, in order."""
        found: list[tuple[str, float]] = []
        for action in actions:
            if action.kind in self._own:
                each = max((self.deeds(one.actions) for one in self._own[action.kind]), key=len)
            elif action.kind in COUNTED:
                each = [(action.kind, action.timeout)]
            else:
                each = [("", action.timeout)]
            found += _with_tries(each, action.retry) * self._targets(action)
        return found

    def _targets(self, action: Action) -> int:
        chosen = action.target is not None and action.target.where is not None
        several = chosen or action.several is not None
        return max(1, len(self.agents)) if several else 1

    def kinds(self, actions: Iterable[Action]) -> Counter[str]:
        return Counter(kind for kind, _ in self.deeds(actions) if kind)

    def concerned(self, actions: Iterable[Action], about_agents: bool) -> dict[str, frozenset[str] | None]:
        """The kinds of actions that are done to agents, or because of them, and to which (None: to any)."""
        found: dict[str, frozenset[str] | None] = {}
        for action in actions:
            name = action.target.name if action.target is not None else None
            on_agents = action.target is not None and action.target.kind == "agent"
            if not (on_agents or about_agents):
                continue
            for kind in self.kinds((action,)):
                former = found.get(kind, frozenset())
                is_named = on_agents and isinstance(name, Constant)
                named = frozenset({str(name.value)}) if is_named and isinstance(name, Constant) else None
                found[kind] = None if former is None or named is None else former | named
        return found

    def attempt(self, step: Try) -> Attempt:
        deeds = self.deeds(step.actions)
        undone = self.deeds(step.undo)
        every = Counter(kind for kind, _ in (*deeds, *undone) if kind)
        later = Counter(kind for kind, _ in (*deeds[1:], *undone) if kind)
        delay = sum(timeout for _, timeout in deeds[:-1])
        if undone:
            delay = sum(timeout for _, timeout in (*deeds, *undone[:-1])) + step.verify.within
        return Attempt(every, later, delay)

    def occasion(self, rule: Orchestration) -> Attempt:
        """Actions of one clause are done at the same time on all that they are for; clauses follow each other."""
        deeds = self.deeds(rule.then)
        first = self._begun_together(rule.then[0]) if rule.then else 0
        every = Counter(kind for kind, _ in deeds if kind)
        later = Counter(kind for kind, _ in deeds[first:] if kind)
        return Attempt(every, later, sum(timeout for _, timeout in deeds[:-1]))

    def _begun_together(self, action: Action) -> int:
        """How many of its deeds begin with the first one: further tries, and those beyond so many at once, come later."""
        if action.retry.count or any(
            inner.retry.count for own in self._own.get(action.kind, ()) for inner in own.actions
        ):
            return 1
        if action.several is not None and (action.several.ordered_by_needs or action.several.at_once):
            return 1
        return len(self.deeds((action,)))

    def of_workflow(self, name: str) -> Counter[str]:
        """What a run comes to at most, with all its tries and all that is undone; what adaptations put in is not counted."""
        found: Counter[str] = Counter()
        workflow = self._workflows.get(name)
        for step in workflow.steps if workflow is not None else ():
            times = max(1, len(self.agents)) if step.binding is not None else 1
            for kind in self.kinds((step.action,)):
                found[kind] += (1 + step.retry.count) * times
            found.update(self.kinds(step.undo * times))
        return found


def _with_tries(deeds: list[tuple[str, float]], retry: Retry) -> list[tuple[str, float]]:
    """Each as often as it may be done, and with the pause after it."""
    if retry.count == 0:
        return deeds
    pause = retry.backoff if retry.doubling_to is None else retry.doubling_to
    return [(kind, timeout + pause) for kind, timeout in deeds for _ in range(1 + retry.count)]


# --- labels -------------------------------------------------------------------------------------------------------------------


Concerned = Mapping[str, frozenset[str] | None]


def _add_labels(
    totals: dict[tuple[str, str], float], counting: _Counting, attempts: Sequence[Attempt], limits: Sequence[Limit],
    concerned: Concerned,
) -> None:  # fmt: skip
    """`concerned` are kinds of actions that are done to agents, with the names of these (None: any)."""
    for kind in _kinds_of(attempts):
        for label, agents in _labels(counting.agents).items():
            names = concerned.get(kind, frozenset())
            if names is None or names & agents:
                counted = len(agents if names is None else names & agents)
                most = min(
                    (_in_an_hour(attempts, limit, kind, label, counted) for limit in limits), default=inf
                )
                totals[label, kind] = totals.get((label, kind), 0.0) + most


def _in_an_hour(attempts: Sequence[Attempt], limit: Limit, kind: str, label: str, agents: int) -> float:
    if limit.per is None:
        return inf
    most = most_of(attempts, limit, kind) * ceil(_HOUR / limit.per)
    if limit.scope is None:
        return most
    if limit.scope in (("agent",), ("agent", "name")):
        return most * agents
    return most if limit.scope == ("agent", "labels", label.partition(" ")[0]) else inf


def _labels(agents: Iterable[Agent]) -> dict[str, frozenset[str]]:
    """Name and value of every label, and who has it."""
    found: dict[str, frozenset[str]] = {}
    for agent in agents:
        for name, value in agent.labels:
            label = f'{name} "{value}"'
            found[label] = found.get(label, frozenset()) | {agent.name}
    return found


def _labelled(counting: _Counting, totals: dict[tuple[str, str], float]) -> Iterator[Labelled]:
    having = _labels(counting.agents)
    for (label, kind), most in sorted(totals.items(), key=lambda one: (one[0][0], _place(one[0][1]))):
        if kind in _TO_AGENTS:
            most = min(
                most, sum(_own_limit(agent) for agent in counting.agents if agent.name in having[label])
            )
        yield Labelled(label, len(having[label]), kind, most)


def _own_limit(agent: Agent) -> float:
    """The most that its own limits let be done to it in an hour."""
    bounds = (limit.count * ceil(_HOUR / limit.per) for limit in agent.limits if limit.per is not None)
    return min(bounds, default=inf)
