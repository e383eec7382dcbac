"""The engine: `step(event) -> effects`, its only door. Same program, same events: same effects, bit for bit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from math import inf
from typing import Any

from msgspec.structs import replace

from dsl.program import Detection, Limit, Program
from engine.agenda import Agenda, Verb
from engine.alarms import Alarms, Waiting
from engine.analysis.agents import Agents
from engine.analysis.situations import OPEN, Situation, Situations
from engine.analysis.swarm import Swarm
from engine.analysis.watch import SINGLE
from engine.carried import Carried
from engine.chaining import Broken
from engine.coming_into_force import come_into_force, take_up
from engine.derived.derivation import Derivation
from engine.derived.plan import SUBJECT
from engine.derived.tallies import subject_of
from engine.effects import Effect, Late
from engine.events import (
    ActionFinished,
    CapacityKnown,
    Commanded,
    Event,
    Happened,
    HealthObserved,
    Looked,
    ProgramReplaced,
    Reported,
    Restored,
    TimePassed,
    UnitObserved,
    Withdrawn,
)
from engine.faults import Fault, Faults
from engine.knowledge.facts import Fact, WorkingMemory
from engine.knowledge.remembered import Conditions, Windows
from engine.known_faults import KnownFaults
from engine.ledger import Ledger
from engine.planning.acting import Acting, Ended
from engine.planning.alerts import Alerts
from engine.planning.budgets import Budgets
from engine.planning.commands import Commands
from engine.planning.contract import Run
from engine.planning.inhibition import Inhibition
from engine.planning.moments import Moments
from engine.planning.needs import Needs
from engine.planning.notices import Notices
from engine.planning.obstacles import Obstacles
from engine.planning.order import Orders
from engine.planning.recovery import Recoveries
from engine.planning.shadows.rows import ShadowRows
from engine.planning.shadows.shadows import Shadows
from engine.planning.work import Work
from engine.productions import of_recovery
from engine.remembering import Remembering
from engine.renaming import NOBODY
from engine.restoring import Restoring


def _on_moments(verb: str, moments: Moments) -> dict[str, Verb]:
    """What follows from a fault, and from a recovery that gave up, for the rules that wait for it."""
    return {
        f"{verb}_fault": lambda fault, name: moments.fault(name, fault),
        f"{verb}_exhausted": lambda run, name: moments.exhausted(name, run.fault, run.values()),
    }


class Engine:
    """Wires the parts. `now` is the instant of the event, or of the alarm, that is being worked on."""

    def __init__(self, next_id: int = 1, next_line: int = 1) -> None:
        """The ids of its first rows; others when a store already holds rows of a former life."""
        self.now = 0.0
        self.program = Program()
        self.ledger = Ledger(next_id, next_line)
        self.alarms = Alarms()
        self.memory = WorkingMemory(self.alarms, self._changed)
        self.swarm = Swarm(self.memory)
        self.situations = Situations(self.memory, self.alarms, self, self._clock)
        self.derivation = Derivation(self.memory, self.alarms, self.situations.singles, self, self._clock)
        self.agents = Agents(self.memory, self.alarms, self.ledger, self._clock)
        self.faults = Faults(self.ledger, self.situations.singles)
        self.known_faults = KnownFaults(self.memory, self._clock, self.forget)
        self.faults.tell = self.known_faults.tell
        inhibition = Inhibition(self.faults, self.situations.singles, self._clock)
        self.needs = Needs(self.agents, self.faults, self.memory, inhibition)
        self.budgets = Budgets()
        self.acting = Acting(self.memory, self.agents, self.alarms, self.ledger, self._clock)
        self.obstacles = Obstacles(self.memory, self.agents, self.needs, self.budgets)
        self.acting.touched = self._touched
        self.obstacles.limits_of = self._limits_of
        self.orders = Orders(self.ledger, self._clock)
        self.recoveries = Recoveries(
            self.situations, self.faults, self.acting, self.obstacles, self.budgets, self.orders,
            self.alarms, self.ledger, self._clock, self._follow, self._let_go_on,
        )  # fmt: skip
        shadows = ShadowRows(self.ledger, self._clock)
        self.notices = Notices(
            self.needs, self.acting, self.alarms, self.ledger, shadows, self.situations.singles, self._clock
        )
        self.alerts = Alerts(
            self.acting,
            self.alarms,
            self.ledger,
            shadows,
            self.situations.singles,
            self.notices.inhibition,
            self._clock,
        )
        self.work = Work(
            self.situations, self.memory, self.agents, self.acting, self.obstacles, self.budgets,
            self.alarms, self.ledger, self._clock, self.forget, self._released,
        )  # fmt: skip
        self.raising = Moments(self._detected, self.memory, self.alarms, self.situations.singles, self._clock)
        self.obstacles.covered = self.notices.covered = self.work.covered
        self.shadows = self._shadows(shadows)
        self.commands = Commands(self.agents, self.faults, self.acting, self.ledger, self._clock)
        self.restoring = Restoring(
            self.situations, self.faults, self.budgets, self.memory, self.ledger, self._clock
        )
        self.remembering = Remembering(
            self.situations, self.derivation, self.memory, self.agents, self.work.pauses, self.work.automations,
            self.work.orchestrations,
            {"orchestration": self.work.moments, "adaptation": self.work.adaptive, "detection": self.raising},
            lambda: self.program,
        )  # fmt: skip
        self.taken_up = Carried()  # of a former life
        self.agenda = Agenda(self._rebuilt)
        self.agenda.verbs = self._verbs()
        self.read = {"agent"}  # the types of facts whose changes concern more than conditions
        self.carried = Carried()  # over the last replacement of the program
        self.renamed = NOBODY  # what rules were called before, as far as rows of what is over say so
        self._handlers: dict[type, Callable[[Any], None]] = {
            Reported: self._reported,
            Withdrawn: self._withdrawn,
            Happened: self._happened,
            UnitObserved: self._unit_observed,
            HealthObserved: self._health_observed,
            Looked: lambda event: self.derivation.together(lambda: self._look(event)),
            TimePassed: self._time_passed,
            ActionFinished: self._action_finished,
            Commanded: self._commanded,
            CapacityKnown: lambda event: self.work.capacity(event),
            ProgramReplaced: lambda event: come_into_force(self, event.program),
            Restored: lambda event: take_up(self, event),
        }

    def _verbs(self) -> dict[str, Verb]:
        """What carries out what follows, by the words of `productions`."""
        return {
            "notify": lambda fault, index: self.notices.owe(fault, int(index)),
            "offer": self.recoveries.offer,
            "route": lambda fault, name: self.alerts.route(name, fault),
            "offer_after": lambda run, name: self.recoveries.offer(run.fault, name),
            "next_owner": lambda about, _: self.recoveries.next_owner(
                about if isinstance(about, Fault) else about.fault
            ),
            "next_step": lambda run, place: self.recoveries.next_step(run, int(place)),
            "give_up": lambda run, _: self.recoveries.give_up(run),
            "otherwise": lambda run, _: self.recoveries.otherwise(run),
            **_on_moments("on", self.work.moments),
            **_on_moments("adapt", self.work.adaptive),
            **_on_moments("detect", self.raising),
        }

    def step(self, event: Event) -> list[Effect]:
        """Take in one event; what is due before it is done first. An event from the past counts as of now."""
        alarms, at = self.alarms, event.at
        if at > self.now:
            if at >= alarms.soonest:
                self._ring_until(at)
            self.now = at
        self._handlers[type(event)](event)
        if self.agenda.waiting or self.recoveries.stirred or self.work.stirred:
            self._settle()
        if self.now >= alarms.soonest:
            self._ring_until(self.now)
        if alarms.moved:
            alarms.moved = False
            self.ledger.wake(alarms.earliest())
        return self.ledger.take() if self.ledger.effects else []

    def conditions(self) -> Conditions:
        """What a next life must know of holds and of agents; give it back with `Restored`. Changes nothing."""
        return replace(self.remembering.conditions(self.now), renamed=self.renamed.kinds)

    def windows(self) -> Windows:
        """The same of windows and foresight. It is larger, at most some megabytes."""
        return self.remembering.windows()

    def close(self) -> None:
        """Give the memory of the chaining back; the engine is of no use after it."""
        self.agenda.close()

    def _limits_of(self, agent: str) -> tuple[Limit, ...]:
        plan = self.acting.plans.get(agent)
        return () if plan is None else plan.limits

    def _shadows(self, rows: ShadowRows) -> Shadows:
        """What would be done has budgets and obstacles of its own; maintenance in the shadow holds it back too."""
        budgets = Budgets()
        obstacles = Obstacles(self.memory, self.agents, self.needs, budgets)
        obstacles.limits_of = self._limits_of
        obstacles.covered = self.notices.would_cover = self.work.would_cover
        shadows = Shadows(
            rows, self.situations, self.faults, self.memory, self.acting, obstacles, budgets, self.orders, self.obstacles.locked,
            self.notices, self.alerts, self.alarms, self.ledger, self._clock, self.recoveries.stir,
        )  # fmt: skip
        self.recoveries.rehearse = shadows.recoveries.offer
        return shadows

    def _touched(self, agent: str, at: float) -> None:
        if self._limits_of(agent):
            self.budgets.touched(agent, at)
            self.shadows.budgets.touched(agent, at)

    def _clock(self) -> float:
        return self.now

    def _ring_until(self, instant: float) -> None:
        while True:
            if (alarm := self.alarms.pop_of_facts(instant)) is not None:
                self.now = max(self.now, alarm.due)
                self.derivation.together(partial(self._change_facts, alarm))
            elif (alarm := self.alarms.pop_due(instant)) is not None:
                self.now = max(self.now, alarm.due)
                alarm.ring()
            else:
                return
            self._settle()

    def _change_facts(self, first: Waiting) -> None:
        """What time changes in one instant is one change: rules are told when all of it is known."""
        alarm: Waiting | None = first
        while alarm is not None:
            alarm.ring()
            alarm = self.alarms.pop_of_facts(self.now)

    def _settle(self) -> None:
        """Follow everything up until nothing follows any more."""
        while True:
            if self.agenda.waiting:
                self.agenda.run()
            if self.recoveries.stirred:
                self._look_around()
            if self.work.stirred:
                self.work.look_around()
            elif not self.agenda.waiting and not self.recoveries.stirred:
                return

    def _look_around(self) -> None:
        """Whoever waits for something looks whether it came."""
        self.recoveries.look_around()
        if self.shadows.recoveries.runs:
            self.shadows.recoveries.look_around()
        if self.notices.inhibited:
            self.notices.look_around()
        if self.alerts.groups:
            self.alerts.look_around()

    # --- events ----------------------------------------------------------------------------------------------------

    def _reported(self, event: Reported) -> None:
        memory, fresh_for = self.memory, event.fresh_for
        fact = memory.fact(event.type, event.key)
        if event.type == "agent" and "status" in event.values:
            fact.concluded_at = max(fact.concluded_at, event.at)
        fresh_until = inf if fresh_for is None else event.at + fresh_for
        if event.at < fact.sampled_at or fresh_until <= self.now:
            self._reported_late(fact, event, fresh_until)
        else:
            memory.merge(fact, event.values, event.at, event.source, fresh_until)

    def _reported_late(self, fact: Fact, event: Reported, fresh_until: float) -> None:
        """What is newer stands (meaning 9); the rest is taken."""
        names = set(event.values)
        if fresh_until > self.now:
            names = self.memory.superseded(fact, names, event.at)
        values = {name: value for name, value in event.values.items() if name not in names}
        if values or fact.sampled_at == -inf:
            self.memory.merge(fact, values, event.at, event.source, fresh_until if values else inf)
        if names:
            fields = tuple(name for name in event.values if name in names)
            self.derivation.late(fact, {name: event.values[name] for name in fields}, event.at)
            self.ledger.late(Late(event.at, event.type, event.key, event.source, fields))

    def _time_passed(self, event: TimePassed) -> None:
        self.ledger.woken()
        self.alarms.moved = True

    def _withdrawn(self, event: Withdrawn) -> None:
        self.forget(event.type, event.key)

    def _look(self, event: Looked) -> None:
        for seen in event.seen:
            self._handlers[type(seen)](seen)

    def _happened(self, event: Happened) -> None:
        self.derivation.happened(event.type, event.values, min(event.happened_at, self.now))
        self.raising.happened(event.type, event.values)
        self.work.happened(event.type, event.values)

    def _detected(self, rule: Detection, fact: Fact | None, bindings: Mapping[str, Any]) -> None:
        """The moment came in which a detection raises its fault; without a subject of its own it is about the host."""
        subject = fact or next(iter(self.memory.all(SINGLE)), None) or self.memory.fact(SINGLE, SINGLE)
        self.situations.moment(rule.head.name, subject, bindings)

    def _unit_observed(self, event: UnitObserved) -> None:
        self.agents.unit_observed(event)
        self.recoveries.stir()

    def _health_observed(self, event: HealthObserved) -> None:
        self.agents.health_observed(event)
        if self.recoveries.runs or self.shadows.recoveries.runs:
            self.recoveries.stir()

    def _action_finished(self, event: ActionFinished) -> None:
        self.acting.finished(event.action, Ended(event.outcome, event.detail, event.reply))
        self._let_go_on()

    def _commanded(self, event: Commanded) -> None:
        self.commands.take(event, self.recoveries.stir)
        self.work.commanded(event)

    # --- edges and what follows --------------------------------------------------------------------------------------

    def _changed(self, fact: Fact, names: list[str], said: Iterable[str]) -> None:
        if fact.type in self.derivation.follows or self.derivation.under_way:
            self.derivation.changed(fact, names, said)
        elif names or fact.situations or not fact.considered or self.situations.remembered.about:
            self.fact_changed(fact, names)

    def fact_changed(self, fact: Fact, names: list[str]) -> None:
        """Fields of a fact changed, and so did all that is derived from them."""
        situations = self.situations
        if fact.type in situations.types or situations.remembered.about:
            situations.changed(fact, names)
        if not names:
            return
        if self.recoveries.runs:
            self.recoveries.fact_changed(fact.type)
        if self.shadows.recoveries.runs:
            self.recoveries.stir()
        if fact.type in self.read:
            self._read_changed(fact, names)

    def _read_changed(self, fact: Fact, names: list[str]) -> None:
        """It is of a type that others than conditions look at."""
        if self.alerts.may_tell(fact.type):
            self.recoveries.stir()
        if fact.type == "agent" and "status" in names:
            self.swarm.count(self.now)
        if fact.type in self.work.reads:
            self.work.changed(fact, names)
        if fact.type in self.raising.reads:
            self.raising.changed(fact, names)

    def forget(self, kind: str, key: str) -> None:
        """A fact is gone, and what rests on it."""
        fact = self.memory.withdraw(kind, key)
        if fact is not None:
            self.derivation.withdrawn(fact)

    def fact_gone(self, fact: Fact) -> None:
        """A fact is no longer in working memory, and nothing is derived from it any more."""
        self.situations.withdrawn(fact)
        self.work.withdrawn(fact)
        self.raising.withdrawn(fact)
        if fact.type == "agent":
            self.swarm.count(self.now)

    def single_changed(self, slot: str, value: Any) -> None:
        """A derived value that every rule may read changed."""
        self.situations.single_changed(slot, value)
        self.recoveries.fact_changed(slot)
        if self.alerts.may_tell(slot):
            self.recoveries.stir()
        if slot in self.work.reads:
            self.work.adapting.fact_changed((slot,))

    def _released(self) -> None:
        """A window of maintenance is over: what it held back acts as new."""
        self.recoveries.stir()

    def began(self, situation: Situation) -> None:
        if self.derivation.foresees:
            self.derivation.learn(situation.fact, situation.watch.when.fields, learning=False)
        self.agenda.add(self.follow_situation, situation)

    def follow_situation(self, situation: Situation) -> None:
        """Its condition held long enough; unless it ended before its turn came."""
        if situation.phase != OPEN:
            return
        watch = situation.watch
        if watch.of_state:
            self.work.began(situation)
        elif watch.rule.head.shadow:
            self.shadows.raised(situation)
        elif self.faults.of(situation) is None:  # else its rule was in the shadow for a while
            self._raise(situation)

    def ended(self, situation: Situation, outcome: str) -> None:
        if self.derivation.foresees:
            self.derivation.learn(situation.fact, situation.watch.when.fields, learning=True)
        if situation.watch.of_state:
            self.work.ended(situation)
            return
        if self.shadows.open:
            self.shadows.ended(situation, outcome)
        fault = self.faults.of(situation)
        if fault is not None:
            self.faults.close(fault, outcome, self.now)
            if fault.token:
                self._take_back(fault)
            self.known_faults.gone(fault)
            self._let_go_on()

    def _take_back(self, fault: Fault) -> None:
        """It is closed: so is what followed from it."""
        self.agenda.drop(fault.token)
        self.recoveries.fault_closed(fault, self.now)
        self.shadows.recoveries.fault_closed(fault)
        if self.alerts.groups:
            self.alerts.closed(fault)

    def _let_go_on(self) -> None:
        """Something is over, or new: whoever waits for that is looked at again."""
        if (
            self.recoveries.waiting
            or self.recoveries.awaiting
            or self.notices.inhibited
            or self.alerts.groups
            or self.shadows.recoveries.runs
        ):
            self.recoveries.stirred = True

    def confirmed(self, situation: Situation) -> None:
        fault = self.faults.of(situation)
        if fault is not None:
            self.faults.mark(fault, unconfirmed=situation.unconfirmed)
        self.recoveries.stir()

    def graded(self, situation: Situation) -> None:
        self.shadows.graded(situation)
        fault = self.faults.of(situation)
        if fault is not None:
            self.faults.grade(fault, situation.severity, self.now)
            self.recoveries.stir()

    def _raise(self, situation: Situation) -> None:
        if self.shadows.open:
            self.shadows.promoted(situation)
        fault = self.faults.raise_from(situation, self.now)
        if self.derivation.listens("fault"):
            values = {**fault.values(), SUBJECT: subject_of(fault.type, fault.key)}
            self.derivation.happened("fault", values, self.now)
        self._let_go_on()
        self.hold_fault(fault)

    def hold_fault(self, fault: Fault) -> None:
        """What follows from an open fault follows from now on."""
        if self.known_faults.wanted:
            self.known_faults.tell(fault)
        fault.token = self.agenda.hold(("fault", fault.name, ""), fault)

    def _follow(self, kind: str, run: Run, detail: str) -> None:
        """Something became of a recovery. What is running when its rule is changed or goes, ends under its own text."""
        token = (kind, run.plan.head.name, detail)
        if self.recoveries.is_current(run):
            self.agenda.pass_by(token, run)
        else:
            self.agenda.add_all(run, [one for on, one in of_recovery(run.plan) if on == token])

    def _rebuilt(self, broken: Broken) -> None:
        self.ledger.explain(
            self.ledger.new_id(), 0, f"the chaining was rebuilt after {broken.error}", self.now
        )
