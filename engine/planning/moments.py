"""The moments that rules wait for: faults raised, recoveries that gave up, values that changed, events, instants of a schedule."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from typing import Any, Protocol

from dsl.operators import equal, walk
from dsl.parts import Binding, Moment, RuleHead
from engine.alarms import Alarm, Alarms
from engine.analysis.evaluate import evaluate
from engine.analysis.form import Path
from engine.faults import Fault
from engine.knowledge.facts import Fact, WorkingMemory, bindings_of
from engine.planning.following import NOBODY, First, Sequences, Subject
from engine.planning.naming import path_to_key
from engine.planning.schedule import next_after
from engine.renaming import Names

Bindings = Mapping[str, Any]


class Waiting(Protocol):
    """A rule that waits for a moment."""

    @property
    def head(self) -> RuleHead: ...

    @property
    def binding(self) -> Binding | None: ...

    @property
    def on(self) -> Moment | None: ...


Fire = Callable[[Any, Fact | None, Bindings], None]  # the rule, what it is about, and what is bound then


class Moments:
    """Of the rules of one kind. A value that is seen for the first time did not change; one that was unknown for a while is compared
    with what it was before."""

    def __init__(
        self, fire: Fire, memory: WorkingMemory, alarms: Alarms, singles: Mapping[str, Any], clock: Callable[[], float]
    ) -> None:  # fmt: skip
        self._fire = fire
        self._memory = memory
        self._alarms = alarms
        self._singles = singles
        self._clock = clock
        self._plans: dict[str, Waiting] = {}
        self._by_type: dict[str, list[Waiting]] = {}
        self._by_event: dict[str, list[tuple[Waiting, Path | None]]] = {}  # with what names its subject
        self._values: dict[tuple[str, str], Any] = {}  # by rule and fact: what was known last
        self._due: dict[str, tuple[Moment, Alarm]] = {}
        self._sequences = Sequences(self._came_true, alarms)

    @property
    def reads(self) -> frozenset[str]:
        """The types of facts of which a change may be a moment."""
        return frozenset(self._by_type)

    def replace(self, plans: Iterable[Waiting]) -> None:
        """The rules are others."""
        self._plans = {plan.head.name: plan for plan in plans if plan.on is not None and not plan.head.off}
        self._by_type, self._by_event = {}, {}
        for plan in self._plans.values():
            if plan.on is not None and plan.on.kind == "change":
                self._by_type.setdefault(_type_of(plan), []).append(plan)
            for kind, path in self._listens(plan).items():
                self._by_event.setdefault(kind, []).append((plan, path))
        kept = {plan.head.name for found in self._by_type.values() for plan in found}
        self._values = {key: value for key, value in self._values.items() if key[0] in kept}
        for kind in self._by_type:
            for fact in self._memory.all(kind):
                self._seed(kind, fact)
        self._sequences.keep({name: plan.on for name, plan in self._plans.items() if plan.on is not None})
        self._reschedule({name: plan for name, plan in self._plans.items() if _on(plan).kind == "schedule"})

    def rename(self, kind: str, names: Names) -> None:
        """Rules of that kind are called otherwise."""
        self._plans = names.rules(kind, self._plans)
        self._values = {(names.of(kind, name), key): value for (name, key), value in self._values.items()}
        self._sequences.rename(kind, names)
        for name, (moment, alarm) in list(self._due.items()):
            renamed = names.of(kind, name)
            if renamed != name:
                self._due[renamed] = (moment, self._ring_at(alarm.due, renamed, moment))
                self._due.pop(name)[1].call_off()

    def _listens(self, plan: Waiting) -> dict[str, Path | None]:
        """The types of the events that concern it, and what of them is the key of their subject."""
        binding, found = plan.binding, {}
        for happening in (_on(plan).first, _on(plan).then):
            if happening is not None:
                path = (
                    None
                    if binding is None or happening.type in found
                    else path_to_key(happening, binding, self._memory.key_field(binding.type))
                )
                found[happening.type] = path
        return found

    def standing(self) -> Iterator[tuple[str, str, Hashable, int]]:
        """First events that wait for their second, and instants that are due: kind, rule, by what it is found again, how many."""
        for name, moment, waiting in self._sequences.waiting():
            yield "sequences", name, (name, moment), len(waiting)
        for name, (moment, _) in self._due.items():
            yield "schedules", name, (name, moment.schedule), 1

    # --- faults and recoveries -----------------------------------------------------------------------------------------

    def fault(self, name: str, fault: Fault) -> None:
        """One that was raised just now: what was open before this rule, or before volexd started, is no moment."""
        plan = self._plans.get(name)
        if plan is not None and fault.raised_at == self._clock():
            self._consider(plan, fault.situation.fact, fault.bindings(self._singles), _on(plan).where)

    def exhausted(self, name: str, fault: Fault, recovery: Mapping[str, Any]) -> None:
        plan = self._plans.get(name)
        if plan is not None:
            bindings = {**fault.bindings(self._singles), "recovery": recovery}
            self._consider(plan, fault.situation.fact, bindings, _on(plan).where)

    # --- events --------------------------------------------------------------------------------------------------------

    def happened(self, kind: str, values: Mapping[str, Any]) -> None:
        """An event of that type."""
        for plan, path in self._by_event.get(kind, ()):
            for fact, bindings in self._subjects(plan, None if path is None else walk(values, path)):
                self._happened_to(plan, kind, values, fact, bindings)

    def _happened_to(
        self, plan: Waiting, kind: str, values: Mapping[str, Any], fact: Fact | None, bindings: Bindings
    ) -> None:
        moment = _on(plan)
        first, then = moment.first, moment.then
        subject = NOBODY if fact is None else (fact.type, fact.key)
        if then is not None and then.type == kind:
            self._sequences.second(
                plan.head.name, moment, subject, lambda said: self._fits(moment, {**bindings, **said}), values
            )
        if first is None or first.type != kind:
            return
        bound = {**bindings, first.name: values}
        if first.where is not None and evaluate(first.where, bound, self._clock()) is not True:
            return
        if then is None:
            self._consider(plan, fact, bound, None)
        else:
            due = self._clock() + moment.within
            self._sequences.first(plan.head.name, moment, subject, values, due)

    def _fits(self, moment: Moment, bindings: Bindings) -> bool:
        """Whether it is the second event that the first one waits for."""
        where = moment.then.where if moment.then is not None else None
        return where is None or evaluate(where, bindings, self._clock()) is True

    def _came_true(self, name: str, subject: Subject, said: Bindings) -> None:
        plan = self._plans.get(name)
        fact = self._memory.get(*subject)
        if plan is None or (fact is None and subject != NOBODY):
            return
        chosen = (
            [(fact, self._singles)]
            if fact is None or plan.binding is None
            else self._chosen(plan.binding, [fact])
        )
        for about, bindings in chosen:
            self._consider(plan, about, {**bindings, **said}, None)

    # --- across a restart ----------------------------------------------------------------------------------------------

    def waiting(self) -> Iterator[tuple[str, Moment, list[First]]]:
        """First events that wait, by rule."""
        return self._sequences.waiting()

    def moment_of(self, name: str) -> Moment | None:
        """What a rule waits for."""
        plan = self._plans.get(name)
        return None if plan is None else plan.on

    def wait_again(self, name: str, subject: Subject, values: Mapping[str, Any], due: float) -> None:
        """A first event of a former life goes on waiting."""
        self._sequences.first(name, _on(self._plans[name]), subject, values, due)

    # --- changes -------------------------------------------------------------------------------------------------------

    def _seed(self, kind: str, fact: Fact) -> None:
        for plan in self._by_type[kind]:
            value = _value(plan, fact)
            if value is not None:
                self._values.setdefault((plan.head.name, fact.key), value)

    def changed(self, fact: Fact, names: list[str]) -> None:
        """Fields of a fact changed."""
        for plan in self._by_type.get(fact.type, ()):
            if str(_on(plan).path[1]) in names:
                self._compare(plan, _on(plan), fact)

    def _compare(self, plan: Waiting, moment: Moment, fact: Fact) -> None:
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
        binding = plan.binding
        if binding is None:
            about: Iterable[tuple[Fact | None, Bindings]] = [(fact, self._singles)]
        elif binding.type == fact.type:
            about = self._chosen(binding, [fact])
        else:  # what all of them read
            about = self._subjects(plan)
        for subject, bindings in list(about):
            self._consider(plan, subject, bindings, moment.where)

    def withdrawn(self, fact: Fact) -> None:
        """A fact is gone: if it comes back, that is no change, and it waits for no second event."""
        if not self._plans:
            return
        self._sequences.forget(fact)
        for plan in self._by_type.get(fact.type, ()):
            self._values.pop((plan.head.name, fact.key), None)

    # --- instants ------------------------------------------------------------------------------------------------------

    def _reschedule(self, plans: Mapping[str, Waiting]) -> None:
        for name, (moment, alarm) in list(self._due.items()):
            plan = plans.get(name)
            if plan is None or _on(plan).schedule != moment.schedule:
                alarm.call_off()
                del self._due[name]
        for name, plan in plans.items():
            if name not in self._due:
                self._wait(name, _on(plan))

    def _wait(self, name: str, moment: Moment) -> None:
        assert moment.schedule is not None
        due = next_after(moment.schedule, self._clock())
        if due is not None:
            self._due[name] = (moment, self._ring_at(due, name, moment))

    def _ring_at(self, due: float, name: str, moment: Moment) -> Alarm:
        return self._alarms.at(due, lambda: self._came(name, moment))

    def _came(self, name: str, moment: Moment) -> None:
        del self._due[name]
        self._wait(name, moment)
        plan = self._plans.get(name)
        if plan is None:
            return
        for fact, bindings in self._subjects(plan):
            self._fire(plan, fact, bindings)

    # --- what a rule is about --------------------------------------------------------------------------------------------

    def _subjects(self, plan: Waiting, key: Any = None) -> Iterable[tuple[Fact | None, Bindings]]:
        """What it is about at this instant: each thing that it binds, or the one of that key, or nothing in particular."""
        binding = plan.binding
        if binding is None:
            return [(None, self._singles)]
        facts = self._memory.all(binding.type)
        if isinstance(key, str):
            named = self._memory.get(binding.type, key)
            facts = () if named is None else (named,)
        return self._chosen(binding, facts)

    def _chosen(self, binding: Binding, facts: Iterable[Fact]) -> list[tuple[Fact | None, Bindings]]:
        """Those that it binds, with what is bound then."""
        found = [(fact, {**self._singles, **bindings_of(fact, binding.name)}) for fact in facts]
        where, now = binding.where, self._clock()
        return [one for one in found if where is None or evaluate(where, one[1], now) is True]

    def _consider(self, plan: Waiting, fact: Fact | None, bindings: Bindings, where: Any) -> None:
        if where is None or evaluate(where, bindings, self._clock()) is True:
            self._fire(plan, fact, bindings)


def _on(plan: Waiting) -> Moment:
    assert plan.on is not None
    return plan.on


def _type_of(plan: Waiting) -> str:
    """The type of the facts whose change it waits for: of its binding, or the one that the path names."""
    subject = _on(plan).path[0]
    return plan.binding.type if plan.binding is not None and plan.binding.name == subject else subject


def _value(plan: Waiting, fact: Fact) -> Any:
    return walk(fact.values, _on(plan).path[1:])
