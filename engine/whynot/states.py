"""Why a detection raises no fault about a subject, or an orchestration with a `when` does nothing about it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dsl.operators import walk
from dsl.parts import Moment
from engine.analysis.situations import OPEN, PENDING, Situation
from engine.analysis.watch import Watch
from engine.analysis.written import duration, instant, written
from engine.derived.keys import path_of
from engine.faults import Fault
from engine.knowledge.facts import Fact, bindings_of
from engine.planning.schedule import next_after
from engine.whynot.conditions import Bindings, Conditions
from engine.whynot.reason import Line, Reason, said

if TYPE_CHECKING:
    from engine.engine import Engine

_MOST_KEYS = 20


class StatesLook:
    def __init__(self, engine: Engine, conditions: Conditions, now: float) -> None:
        self._engine = engine
        self._conditions = conditions
        self._now = now

    def at(self, watch: Watch, subject: str) -> Reason:
        """Raises LookupError."""
        fact = self._fact(watch, subject)
        if fact is None:
            return self._no_partner(watch, subject)
        situation = fact.situations.get(watch)
        if situation is not None and situation.phase == OPEN:
            return self._open(watch, situation)
        if watch.momentary and watch.detection.on is not None:
            return Reason("no", [(0, f"it waits for its moment: {of_moment(watch.detection.on, self._now)}")])
        bindings = {**self._engine.situations.singles, **bindings_of(fact, watch.subject)}
        return self._not_begun(watch, situation, bindings, fact)

    def _not_begun(self, watch: Watch, situation: Situation | None, bindings: Bindings, fact: Fact) -> Reason:
        for name, predicate in (("where", watch.where), ("when", watch.when)):
            if predicate is not None and self._conditions.true(predicate.expression, bindings) is not True:
                verdict, lines = self._conditions.failing(predicate.expression, bindings, fact, 1)
                return Reason(verdict, [(0, f"its `{name}` is {said(verdict)}"), *lines])
        if watch.unless is not None and self._conditions.true(watch.unless.expression, bindings) is True:
            return Reason(
                "no", [(0, "its `unless` is true"), (1, self._conditions.text(watch.unless.expression))]
            )
        if situation is not None and situation.phase == PENDING:
            left = situation.since + watch.hold - self._now
            held = f"its condition has been true for {duration(self._now - situation.since)}"
            return Reason(
                "waits", [(0, f"{held}, and must be so for {duration(watch.hold)}: {duration(left)} left")]
            )
        lines = [(0, "its `only if` was not true when it was to begin")]
        guard = watch.guard
        if guard is not None and self._conditions.true(guard.expression, bindings) is not True:
            lines += self._conditions.failing(guard.expression, bindings, fact, 1)[1]
        return Reason("no", lines)

    # --- what is there -----------------------------------------------------------------------------------------------

    def _open(self, watch: Watch, situation: Situation) -> Reason:
        fault = self._engine.faults.of(situation)
        if fault is not None:
            title = f"fault {fault.id} is open since {duration(self._now - fault.raised_at)}"
            return Reason("acts", [(0, title), *self._about(fault)])
        if watch.rule.head.shadow:
            return Reason(
                "acts",
                [(0, "it is true, and only recorded: the rule is in the shadow"), *self._stands(situation)],
            )
        since = f"it is true since {duration(self._now - situation.since)}"
        if watch.of_state:
            return self._of_orchestration(situation, since)
        return Reason("acts", [(0, since)])

    def _stands(self, situation: Situation) -> Iterator[Line]:
        """The fault that it would have raised."""
        fault = self._engine.shadows.open.get(situation)
        if fault is not None:
            yield 1, f"row {fault.id} stands since {duration(self._now - fault.raised_at)}"

    def _about(self, fault: Fault) -> Iterator[Line]:
        """What keeps people from being told of it, and recoveries from acting."""
        watch, bindings = fault.situation.watch, fault.bindings(self._engine.situations.singles)
        if fault.situation.unconfirmed:
            yield 1, "it is unconfirmed: what it rests on is unknown, so nothing is tried"
            yield from self._conditions.failing(watch.when.expression, bindings, fault.situation.fact, 2)[1]
        if fault.acknowledged:
            yield 1, "somebody acknowledged it: nobody is told of it again"
        inhibited = self._engine.notices.inhibition(fault)
        if inhibited is not None:
            yield 1, f"nobody is told of it, and nothing is done about it: {inhibited}"

    def _of_orchestration(self, situation: Situation, since: str) -> Reason:
        orchestrations = self._engine.work.orchestrations
        done = orchestrations.of(situation)
        if done is not None:
            return Reason("acts", [(0, f"{since}, and it acted: run {done.id}")])
        refusal = orchestrations.refusal_of(situation)
        if refusal is None:
            return Reason("no", [(0, f"{since}: what stood in its way when it began does no longer")])
        return Reason("no", [(0, f"{since}, and it does nothing: {refusal}")])

    # --- subjects ----------------------------------------------------------------------------------------------------

    def _fact(self, watch: Watch, subject: str) -> Fact | None:
        """None: nothing that it could be about is made of such parts. Raises LookupError."""
        memory = self._engine.memory
        facts = list(memory.all(watch.type))
        if not subject and len(facts) == 1:
            return facts[0]
        found = memory.get(watch.type, subject)
        if found is None:
            found = next(
                (fact for fact in facts if subject in {part.key for part in fact.parts.values()}), None
            )
        plan = self._engine.derivation.plan
        if found is not None or watch.type in plan.joined or watch.type in plan.grouped:
            return found
        keys = [fact.key for fact in facts]
        shown = ", ".join(keys[:_MOST_KEYS]) + (" …" if len(keys) > _MOST_KEYS else "")
        raise LookupError(
            f"nothing is known of {watch.type} {subject or '(name one)'}; known are: {shown or 'none'}"
        )

    def _no_partner(self, watch: Watch, subject: str) -> Reason:
        """A join or a group that is not there: which side is missing."""
        plan = self._engine.derivation.plan
        grouped = plan.grouped.get(watch.type)
        if grouped is not None:
            by, known = ", ".join(grouped.by), [fact.key for fact in self._engine.memory.all(watch.type)]
            there = ", ".join(known[:_MOST_KEYS]) or "none"
            return Reason(
                "no",
                [(0, f"no {grouped.type} has {subject or 'such values'} as its {by}; there are: {there}")],
            )
        joined = plan.joined[watch.type]
        lines: list[Line] = [(0, f"nothing is joined for {subject or 'it'}")]
        names = subject.split(", ")
        for kind, name in joined.parts:
            facts = [fact for fact in self._engine.memory.all(kind) if not subject or fact.key in names]
            others = [(other, called) for other, called in joined.parts if called != name]
            for fact in facts[:_MOST_KEYS]:
                lines += [(1, line) for line in self._missing(fact, joined.matching, others)]
            if not any(True for _ in self._engine.memory.all(kind)):
                lines.append((1, f"nothing is known of {kind}"))
        return Reason("no", lines)

    def _missing(self, fact: Fact, matching: tuple[str, ...], others: list[tuple[str, str]]) -> Iterator[str]:
        values = {name: walk(fact.values, path_of(name)) for name in matching}
        for name, value in values.items():
            if value is None:
                yield f"the {name} of {fact.type} {fact.key} is unknown"
                return
        said_of = ", ".join(f"{name} {written(value)}" for name, value in values.items())
        for kind, _ in others:
            matches = [
                other
                for other in self._engine.memory.all(kind)
                if all(walk(other.values, path_of(name)) == value for name, value in values.items())
            ]
            if not matches:
                yield f"{fact.type} {fact.key} has {said_of}, and no {kind} has"


def of_moment(moment: Moment, now: float) -> str:
    """What a rule waits for, in words."""
    names = ", ".join(moment.names)
    if moment.kind == "fault":
        return f"a fault {names or 'of any detection'} is raised"
    if moment.kind == "exhausted":
        return f"recovery {names or 'of any name'} gives up"
    if moment.kind == "change":
        return f"{'.'.join(map(str, moment.path))} changes"
    if moment.kind == "schedule" and moment.schedule is not None:
        due = next_after(moment.schedule, now)
        return (
            "it is never due again"
            if due is None
            else f"it is due at {instant(due)}, in {duration(due - now)}"
        )
    first = f"event {moment.first.type}" if moment.first is not None else "its event"
    if moment.then is None:
        return first
    return f"{first}{'' if moment.followed else ' not'} followed by event {moment.then.type} within {duration(moment.within)}"
