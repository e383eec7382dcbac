"""The moments that orchestrations wait for: faults raised, recoveries that gave up, values that changed, instants of a schedule."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from dsl.parts import Moment
from dsl.work import Orchestration
from engine.alarms import Alarm, Alarms
from engine.analysis.evaluate import evaluate
from engine.analysis.values import equal, walk
from engine.faults import Fault
from engine.knowledge.facts import Fact, WorkingMemory, bindings_of
from engine.planning.orchestrations import Orchestrations
from engine.planning.schedule import next_after


class Moments:
    """A value that is seen for the first time did not change; one that was unknown for a while is compared with what it was before."""

    def __init__(
        self, orchestrations: Orchestrations, memory: WorkingMemory, alarms: Alarms,
        singles: Mapping[str, Any], clock: Callable[[], float],
    ) -> None:  # fmt: skip
        self._orchestrations = orchestrations
        self._memory = memory
        self._alarms = alarms
        self._singles = singles
        self._clock = clock
        self._by_type: dict[str, list[Orchestration]] = {}
        self._values: dict[tuple[str, str], Any] = {}  # by rule and fact: what was known last
        self._due: dict[str, tuple[Moment, Alarm]] = {}

    @property
    def reads(self) -> frozenset[str]:
        """The types of facts of which a change may be a moment."""
        return frozenset(self._by_type)

    def replace(self) -> None:
        """The orchestrations are others."""
        plans = [plan for plan in self._orchestrations.plans.values() if plan.on is not None]
        self._by_type = {}
        for plan in plans:
            if plan.on is not None and plan.on.kind == "change":
                self._by_type.setdefault(_type_of(plan), []).append(plan)
        kept = {plan.head.name for plans in self._by_type.values() for plan in plans}
        self._values = {key: value for key, value in self._values.items() if key[0] in kept}
        for kind in self._by_type:
            for fact in self._memory.all(kind):
                self._seed(kind, fact)
        self._reschedule({plan.head.name: plan for plan in plans if plan.on and plan.on.kind == "schedule"})

    # --- faults and recoveries -----------------------------------------------------------------------------------------

    def fault(self, name: str, fault: Fault) -> None:
        """One that was raised just now: what was open before this rule, or before volexd started, is no moment."""
        plan = self._orchestrations.plans.get(name)
        if plan is None or plan.on is None or fault.raised_at != self._clock():
            return
        bindings = fault.bindings(self._singles)
        if plan.on.where is None or evaluate(plan.on.where, bindings, self._clock()) is True:
            self._orchestrations.moment(plan, fault.situation.fact, bindings)

    def exhausted(self, name: str, fault: Fault, recovery: Mapping[str, Any]) -> None:
        plan = self._orchestrations.plans.get(name)
        if plan is None or plan.on is None:
            return
        bindings = {**fault.bindings(self._singles), "recovery": recovery}
        if plan.on.where is None or evaluate(plan.on.where, bindings, self._clock()) is True:
            self._orchestrations.moment(plan, fault.situation.fact, bindings)

    # --- changes -----------------------------------------------------------------------------------------------------

    def _seed(self, kind: str, fact: Fact) -> None:
        for plan in self._by_type[kind]:
            value = _value(plan, fact)
            if value is not None:
                self._values.setdefault((plan.head.name, fact.key), value)

    def changed(self, fact: Fact, names: list[str]) -> None:
        """Fields of a fact changed."""
        for plan in self._by_type.get(fact.type, ()):
            if plan.on is not None and str(plan.on.path[1]) in names:
                self._compare(plan, plan.on, fact)

    def _compare(self, plan: Orchestration, moment: Moment, fact: Fact) -> None:
        value, key = _value(plan, fact), (plan.head.name, fact.key)
        if value is None:
            return
        before = self._values.get(key)
        self._values[key] = value
        if before is None or equal(before, value) is True:
            return
        if moment.before is not None and equal(before, moment.before) is not True:
            return
        if moment.after is not None and equal(value, moment.after) is not True:
            return
        variable = plan.binding.name if plan.binding else fact.type
        bindings = {**self._singles, **bindings_of(fact, variable)}
        where = plan.binding.where if plan.binding else None
        for condition in (where, moment.where):
            if condition is not None and evaluate(condition, bindings, self._clock()) is not True:
                return
        self._orchestrations.moment(plan, fact, bindings)

    def withdrawn(self, fact: Fact) -> None:
        """A fact is gone: if it comes back, that is no change."""
        for plan in self._by_type.get(fact.type, ()):
            self._values.pop((plan.head.name, fact.key), None)

    # --- instants ------------------------------------------------------------------------------------------------------

    def _reschedule(self, plans: Mapping[str, Orchestration]) -> None:
        for name, (moment, alarm) in list(self._due.items()):
            plan = plans.get(name)
            if plan is None or plan.on is None or plan.on.schedule != moment.schedule:
                alarm.call_off()
                del self._due[name]
        for name, plan in plans.items():
            if name not in self._due and plan.on is not None:
                self._wait(name, plan.on)

    def _wait(self, name: str, moment: Moment) -> None:
        assert moment.schedule is not None
        due = next_after(moment.schedule, self._clock())
        if due is not None:
            self._due[name] = (moment, self._alarms.at(due, lambda: self._came(name, moment)))

    def _came(self, name: str, moment: Moment) -> None:
        del self._due[name]
        self._wait(name, moment)
        plan = self._orchestrations.plans.get(name)
        if plan is None:
            return
        if plan.binding is None:
            self._orchestrations.moment(plan, None, {})
            return
        for fact in list(self._memory.all(plan.binding.type)):
            bindings = {**self._singles, **bindings_of(fact, plan.binding.name)}
            if plan.binding.where is None or evaluate(plan.binding.where, bindings, self._clock()) is True:
                self._orchestrations.moment(plan, fact, bindings)


def _type_of(plan: Orchestration) -> str:
    """The type of the facts whose change it waits for: of its binding, or the one that the path names."""
    assert plan.on is not None
    subject = plan.on.path[0]
    return plan.binding.type if plan.binding is not None and plan.binding.name == subject else subject


def _value(plan: Orchestration, fact: Fact) -> Any:
    assert plan.on is not None
    return walk(fact.values, plan.on.path[1:])
