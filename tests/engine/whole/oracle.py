"""The oracle of whole rules: at every instant at which anything may turn, everything is worked out again from all that ever came.

Of what rules read: windows, events, faults that were raised, aggregates, groups, joins, derived facts, calendars, late samples (`ground`).
Of what they do: detections of states and of moments (`moments`), guards, blocks with their holds, tiers of severity.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

from dsl import program as p
from dsl.expressions import Expression
from dsl.operators import any_true
from engine.analysis.evaluate import MEMBERS, evaluate
from tests.engine.oracle import Open, Subject
from tests.engine.whole.ground import Ground, Happened
from tests.engine.whole.moments import Came, Moments
from tests.engine.whole.things import HOST, Thing

MOST = 50  # rounds in one instant


class Lasting:
    """Since when a condition is true of one thing, and whether that was long enough."""

    def __init__(self) -> None:
        self.since: float | None = None
        self.over = False

    def look(self, true: object, hold: float, now: float) -> None:
        if true is not True:
            self.since, self.over = None, self.over and true is None  # what is unknown clears nothing
        elif self.since is None:
            self.since = now
        self.over = self.over or (self.since is not None and now >= self.since + hold)


class Whole(Ground):
    """`derives` make more facts of those that there are."""

    def __init__(
        self,
        detections: list[p.Detection],
        derives: Sequence[p.Derive] = (),
        calendars: Sequence[p.Calendar] = (),
    ) -> None:
        super().__init__(detections, derives, calendars)
        self._lasting: dict[tuple[str, str, Subject], Lasting] = {}  # by rule, severity or "unless", thing
        self._raised: list[tuple[p.Detection, Thing, dict[str, Any]]] = []  # whose moment is still to come
        self._rule: p.Detection
        self._about: Thing
        self._said: dict[str, Any] = {}  # what a moment brings
        self._moments = Moments(self)

    # --- what happens ----------------------------------------------------------------------------------------------------

    def happen(self, at: float, kind: str, values: dict[str, Any], happened_at: float) -> None:
        self.pass_time(at)
        self._events.append(Happened(kind, values, happened_at))
        self._look(lambda: self._moments.of_event(kind, values))

    def _dues(self) -> list[float]:
        holds = [
            lasting.since + condition.hold
            for (rule, which, _), lasting in self._lasting.items()
            for name, condition in _lasting_parts(self.detections[rule])
            if which == name and lasting.since is not None
        ]
        return [*super()._dues(), *(due for due in (*holds, *self._moments.dues()) if due > self.now)]

    # --- what there is -----------------------------------------------------------------------------------------------------

    def things(self, rule: p.Detection) -> dict[Subject, Thing]:
        """What it may be about now."""
        if rule.on is None or rule.on.kind != "fault":
            return {thing.subject: thing for thing in self._things(rule.binding)}
        others = [self.detections[name] for name in rule.on.names]
        return {subject: thing.by_type() for other in others for subject, thing in self.things(other).items()}

    def _things(self, binding: p.Binding | None) -> Iterator[Thing]:
        if binding is None:
            if HOST in self.facts:
                yield Thing(HOST, {})
        elif binding.by:
            yield from self._groups(binding)
        elif binding.joined:
            yield from self._joins(binding)
        elif binding.type in {derive.head.name for derive in self._derives}:
            yield from self._derived(binding)
        else:
            yield from (Thing(subject, {binding.name: subject}) for subject in self._of(binding.type))

    def _groups(self, binding: p.Binding) -> Iterator[Thing]:
        by: dict[str, list[Subject]] = {}
        for subject in self._of(binding.type):
            if (tier := self._fresh(subject).get("tier")) is not None:
                by.setdefault(tier, []).append(subject)
        for tier, inside in by.items():
            yield Thing((f"{binding.type} by tier", tier), {binding.name: {"tier": tier}}, tuple(inside))

    def _joins(self, binding: p.Binding) -> Iterator[Thing]:
        parts = ((binding.type, binding.name), *binding.joined)
        for combination in product(*(self._of(kind) for kind, _ in parts)):
            tiers = {self._fresh(subject).get("tier") for subject in combination}
            if len(tiers) == 1 and None not in tiers:
                names = [name for _, name in parts]
                subject = (f"{parts}", ", ".join(key for _, key in combination))
                yield Thing(subject, dict(zip(names, combination, strict=True)))

    def _derived(self, binding: p.Binding) -> Iterator[Thing]:
        for derive in self._derives:
            for ground in self._things(derive.binding):
                where = derive.binding.where
                if where is None or self.value(where, ground) is True:
                    fields = {name: self.value(value, ground) for name, value in derive.fields}
                    key = ground.subject[1]
                    yield Thing((binding.type, key), {binding.name: {"name": key, **fields}})

    # --- what it means -----------------------------------------------------------------------------------------------------

    def _look(self, moment: Any = tuple) -> None:
        """States first, then moments, and what follows from the faults that they raise, until nothing does."""
        came = [*self._moments.of_change(), *moment(), *self._moments.of_time()]
        rounds = 0
        while self._look_at_states() or came:
            assert (rounds := rounds + 1) < MOST, "these rules bring each other about without end"
            for one in came:
                self._fire(one)
            came, self._raised = (
                [one for raised in self._raised for one in self._moments.of_fault(*raised)],
                [],
            )

    def _look_at_states(self) -> bool:
        """Whether any fault is another than before."""
        before = self.faults(), len(self._events)
        for name, rule in self.detections.items():
            things = self.things(rule)
            for live in [live for live in self.live if live[0] == name and live[1] not in things]:
                self._end(live, "withdrawn")
            for known in [known for known in self._lasting if known[0] == name and known[2] not in things]:
                del self._lasting[known]
            for subject, thing in things.items():
                self._turn_to(rule, thing)
                self._look_at(name, rule, subject)
        return (self.faults(), len(self._events)) != before

    def _turn_to(self, rule: p.Detection, thing: Thing, said: dict[str, Any] | None = None) -> None:
        self._rule, self._about, self._said = rule, thing, said or {}
        for name, condition in _lasting_parts(rule):
            true = self.value(condition.expression, thing)
            lasting = self._lasting.setdefault((rule.head.name, name, thing.subject), Lasting())
            lasting.look(true, condition.hold, self.now)

    def _fire(self, came: Came) -> None:
        """A moment came: a fault begins in it, if none is open, nothing blocks it and its guard is true."""
        rule, thing = self.detections[came.rule], came.thing
        live = (came.rule, thing.subject)
        if live in self.live:
            return
        if thing.subject == HOST:
            self._known(HOST)  # what is about nothing in particular is about the host
        self._turn_to(rule, thing, came.said)
        where = None if rule.binding is None else rule.binding.where
        if self._value(where, thing.subject, True) is not True or self._blocked(rule, thing.subject):
            return
        if self._value(rule.only_if, thing.subject, True) is True:
            self.live[live] = Open(self.now, rule.severity)
            self._raise(came.rule, thing.subject, self.live[live])

    def _raise(self, rule: str, subject: Subject, live: Open) -> None:
        super()._raise(rule, subject, live)
        detection = self.detections[rule]
        values = {
            "name": rule, "subject": subject[1], "severity": live.severity, "category": detection.category,
        }  # fmt: skip
        self._events.append(Happened("fault", values, self.now, subject))
        self._raised.append((detection, self._about, values))

    def _perhaps_begins(self, rule: str, detection: p.Detection, subject: Subject) -> None:
        if detection.on is None:
            super()._perhaps_begins(rule, detection, subject)

    def _blocked(self, detection: p.Detection, subject: Subject) -> bool:
        """Its `unless` is true, and was for as long as it says."""
        if not super()._blocked(detection, subject):
            return False
        return self._lasting[detection.head.name, "unless", subject].over

    def _when(self, detection: p.Detection, subject: Subject) -> Any:
        if detection.on is not None:
            return False  # a moment has passed
        if not detection.tiers:
            return super()._when(detection, subject)
        return any_true([self._tier(detection, tier, subject) for tier in detection.tiers])

    def _severity(self, detection: p.Detection, subject: Subject, former: str) -> str:
        graver = [tier.severity for tier in detection.tiers if self._tier(detection, tier, subject) is True]
        return graver[-1] if graver else former

    def _tier(self, detection: p.Detection, tier: p.Tier, subject: Subject) -> Any:
        true = self._value(tier.when.expression, subject)
        over = self._lasting[detection.head.name, tier.severity, subject].over
        return true if true is not True or over else False

    # --- values ------------------------------------------------------------------------------------------------------------

    def _value(self, expression: Expression | None, subject: Subject, missing: Any = None) -> Any:
        return missing if expression is None else self.value(expression, self._about, self._said)

    def value(self, expression: Expression, thing: Thing, said: dict[str, Any] | None = None) -> Any:
        """Of that thing at this instant; `said` is what a moment brings."""

        def about(variable: str) -> Subject | None:
            part = thing.bound.get(variable, HOST)
            return part if isinstance(part, tuple) else thing.subject

        def members(kind: str) -> list[Any]:
            if kind.startswith("#"):
                return self._in_time(kind, about)
            if kind == "fault":
                return self._open_faults()
            chosen = thing.inside if thing.inside and thing.inside[0][0] == kind else self._of(kind)
            return [self._values(subject) for subject in chosen]

        bound: dict[str, Any] = {"host": self._values(HOST), MEMBERS: members}
        for name, part in thing.bound.items():
            bound[name] = part if isinstance(part, dict) else self._values(part)
        return evaluate(self._readable(expression), {**bound, **(said or {})}, self.now)

    def _open_faults(self) -> list[dict[str, Any]]:
        return [
            {
                "name": rule, "subject": subject[1], "severity": live.severity,
                "category": self.detections[rule].category,
            }
            for (rule, subject), live in self.live.items() if live.raised_at is not None
        ]  # fmt: skip


def _lasting_parts(rule: p.Detection) -> Iterator[tuple[str, p.Condition]]:
    """What of a rule has to be true for a while of its own: tiers, and what blocks."""
    yield from ((tier.severity, tier.when) for tier in rule.tiers)
    if rule.unless is not None:
        yield "unless", rule.unless
