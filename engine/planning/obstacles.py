"""What may stand in the way of an attempt, in the order in which it is asked; each answer is the reason in words."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple

from dsl.expressions import Expression, nodes_of
from dsl.program import Keep, Limit
from engine.analysis.agents import Agents
from engine.analysis.crossing import next_crossing, turnings
from engine.analysis.evaluate import evaluate
from engine.analysis.written import duration
from engine.faults import Fault
from engine.knowledge.facts import WorkingMemory
from engine.planning.budgets import Budgets
from engine.planning.contract import Lock, Run
from engine.planning.needs import Needs, patience_of


class Obstacle(NamedTuple):
    """`until`: when to look again, None: when something happens. `final`: it will not go away, the recovery gives up."""

    reason: str
    until: float | None = None
    final: bool = False
    need: int | None = None  # the fault of the failed need


def _turns(guard: Expression, bindings: Mapping[str, Any], now: float) -> float | None:
    """When time alone may turn a guard."""
    return next_crossing(turnings(nodes_of(guard)), bindings, now)


class Obstacles:
    def __init__(self, memory: WorkingMemory, agents: Agents, needs: Needs, budgets: Budgets) -> None:
        self._memory = memory
        self._agents = agents
        self._needs = needs
        self._budgets = budgets
        self.locked: dict[Lock, Run] = {}
        self.covered: Callable[[Fault], str | None] = lambda fault: None  # the maintenance that a fault is in
        self.limits_of: Callable[[str], tuple[Limit, ...]] = lambda agent: ()  # its own

    def of_fault(self, run: Run, bindings: Mapping[str, Any], now: float) -> Obstacle | None:
        """The first thing in the way whatever the step would do, or None. Asked first: of many faults most only wait."""
        return (
            self._of_symptom(run, bindings, now) or self._of_subject(run, now) or self._of_budgets(run, now)
        )

    def of_step(
        self, run: Run, locks: Sequence[Lock], bindings: Mapping[str, Any], now: float
    ) -> Obstacle | None:
        """The first thing in the way of an attempt that would lock these, or None."""
        return self._paused(locks) or self._taken(run, locks) or self._kept(run, locks, bindings, now)

    def of_agent(self, agent: str | None, now: float) -> Obstacle | None:
        """What stands in the way of doing anything to an agent: its own limit."""
        limits = self.limits_of(agent) if agent is not None else ()
        worn = self._budgets.worn_until(agent or "", limits, now) if limits else None
        return None if worn is None else Obstacle(worn[0], until=worn[1])

    def of_further_try(self, kind: str, agent: str | None, now: float) -> Obstacle | None:
        """What stands in the way of doing an action on an agent again: what people and rules asked for since, and its own limit."""
        touched = (Lock("agent", agent),) if agent is not None and kind != "stop" else ()
        return self._paused(touched) or self.of_agent(agent, now)

    def _of_symptom(self, run: Run, bindings: Mapping[str, Any], now: float) -> Obstacle | None:
        """What is seen of the fault, and what the rule asks besides."""
        plan, fault = run.plan, run.fault
        if fault.situation.unconfirmed:
            return Obstacle("the symptom cannot be seen at the moment")
        if plan.only_if is not None or plan.unless is not None:
            guarded = self._guarded(run, bindings, now)
            if guarded is not None:
                return guarded
        going = fault.situation.ending_alarm
        if going is not None:  # it is only watched for a while: nothing is done about what may be over
            return Obstacle("the symptom is gone, if it stays so", until=going.due)
        if now < fault.verify_until:
            return Obstacle("what was under way when volexd ended may have helped", until=fault.verify_until)
        return None

    def _guarded(self, run: Run, bindings: Mapping[str, Any], now: float) -> Obstacle | None:
        only_if, unless = run.plan.only_if, run.plan.unless
        if only_if is not None and evaluate(only_if, bindings, now) is not True:
            return Obstacle("what it only acts if is not true", until=_turns(only_if, bindings, now))
        if unless is not None and evaluate(unless.expression, bindings, now) is True:
            until = _turns(unless.expression, bindings, now)
            return Obstacle(f"{unless.text or 'its `unless`'} is true", until=until)
        return None

    def _of_subject(self, run: Run, now: float) -> Obstacle | None:
        """What else goes on with what the fault is about."""
        fault, subject = run.fault, (run.subject,)
        covered = self.covered(fault)
        if covered:
            return Obstacle(covered)
        found = None
        if fault.type == "agent":
            found = self._paused(subject) or self._needed(fault, now)
        elif fault.situation.watch.detection.inhibited_by:
            found = self._needed(fault, now)
        if found is None and run.released_at is not None:
            found = self._released(run, run.released_at, now)
        return found or self._taken(run, subject)

    def _of_budgets(self, run: Run, now: float) -> Obstacle | None:
        """What the recovery may still do."""
        plan = run.plan
        if plan.limits:
            used_up = self._budgets.free_at(plan.head.name, plan.limits, run.buckets, now)
            if used_up is not None:
                return Obstacle(used_up[0], final=True)
            crowded = self._budgets.crowded(plan.head.name, plan.limits, run.buckets)
            if crowded is not None:
                return Obstacle(crowded)
        return None if plan.cooldown is None else self._cooling(run, now)

    def _paused(self, locks: Sequence[Lock]) -> Obstacle | None:
        for lock in locks:
            state = self._agents.states.get(lock.key) if lock.kind == "agent" else None
            if state is not None and state.paused:
                return Obstacle(f"agent {lock.key} is paused")
            if state is not None and not state.wanted:
                return Obstacle(f"agent {lock.key} is not wanted to run")
        return None

    def _needed(self, fault: Fault, now: float) -> Obstacle | None:
        failed = self._needs.failed(fault)
        if failed is not None:
            return Obstacle(failed.blocks, need=failed.fault or 0)
        unseen = self._needs.unseen(fault, now) if fault.type == "agent" else None
        if unseen is not None:
            return Obstacle(
                f"its need {unseen[0]} was not looked at since the symptom began", until=unseen[1]
            )
        return None

    def _released(self, run: Run, at: float, now: float) -> Obstacle | None:
        """After a failed need came back, what needs it gets the time of its detection to come back by itself."""
        patience = patience_of(run.fault)
        proven = run.fault.situation.seen_at() > at
        if now < at + patience or (not proven and now < at + 3 * patience):
            until = at + (patience if now < at + patience else 3 * patience)
            return Obstacle("its need is back, it may come back by itself", until=until)
        return None

    def _taken(self, run: Run, locks: Sequence[Lock]) -> Obstacle | None:
        for lock in locks:
            owner = self.locked.get(lock)
            if owner is not None and owner is not run:
                return Obstacle(f"recovery {owner.plan.head.name} acts on {lock.kind} {lock.key}")
        return None

    def _cooling(self, run: Run, now: float) -> Obstacle | None:
        ready = self._budgets.cooled_at(run.plan.head.name, run.fault.key, run.plan.cooldown)
        if ready is None or now >= ready:
            return None
        return Obstacle(f"it cools down for {duration(ready - now)}", until=ready)

    def _kept(
        self, run: Run, locks: Sequence[Lock], bindings: Mapping[str, Any], now: float
    ) -> Obstacle | None:
        touched = {lock.key for lock in locks if lock.kind == "agent"}
        reason = self.too_few(run.plan.keeps, touched, bindings, now)
        return Obstacle(reason) if reason else None

    def too_few(
        self, keeps: Sequence[Keep], touched: Collection[str], bindings: Mapping[str, Any], now: float
    ) -> str | None:
        """Why these agents must not be touched: fewer would be left than a rule keeps."""
        for keep in keeps:
            holding = self._holding(keep, bindings, now)
            left = [key for key in holding if keep.type != "agent" or key not in touched]
            if len(left) < keep.least:
                return f"it would leave {len(left)} {keep.type} of the {keep.least} it keeps"
        return None

    def _holding(self, keep: Keep, bindings: Mapping[str, Any], now: float) -> list[str]:
        return [
            fact.key
            for fact in self._memory.all(keep.type)
            if keep.where is None or evaluate(keep.where, {**bindings, keep.type: fact.values}, now) is True
        ]
