"""The oracle of whole rules: at every instant at which anything may turn, everything is worked out again from all that ever came.

Windows, events, aggregates, groups, joins, derived facts, calendars, tiers of severity, late samples, and the detections over them. It keeps plain lists, has no index and no alarm;
what a condition means once all that it reads is known is asked of `evaluate`, which has an oracle of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import product
from math import inf
from typing import Any, NamedTuple

from dsl import program as p
from dsl.expressions import (
    Aggregate,
    Compare,
    Constant,
    During,
    Expression,
    Field,
    Members,
    Occurrences,
    Window,
    nodes_of,
)
from dsl.operators import any_true
from engine.analysis.evaluate import MEMBERS, evaluate
from engine.analysis.rewriting import rebuilt
from tests.engine.oracle import Oracle, Subject
from tests.engine.series.oracle import TOLERANCE
from tests.engine.series.oracle import Oracle as Samples

_AT_LEAST = (
    "max",
    "count",
    "changes",
    "increase",
)  # what a window that is not whole yet says is a lower bound
_PASSED = {">": "<", ">=": "<=", "<": ">", "<=": ">="}


class Thing(NamedTuple):
    """What a rule may be about. `parts` are the facts that a join binds, `inside` the members of a group."""

    key: str
    parts: dict[str, Subject]
    own: dict[str, Any] | None = None
    inside: tuple[Subject, ...] | None = None


class Tier:
    """Since when the condition of a tier is true of one thing, and whether that was long enough."""

    def __init__(self) -> None:
        self.since: float | None = None
        self.over = False

    def look(self, true: object, hold: float, now: float) -> None:
        if true is not True:
            self.since, self.over = None, self.over and true is None  # what is unknown clears nothing
        elif self.since is None:
            self.since = now
        self.over = self.over or (self.since is not None and now >= self.since + hold)


class Happened(NamedTuple):
    type: str
    values: dict[str, Any]
    at: float


class Seen(dict[str, Any]):
    """The values of a fact; what is asked of its samples is worked out when it is read."""

    def __init__(self, values: dict[str, Any], window: Callable[[str], Any]) -> None:
        super().__init__(values)
        self._window = window

    def get(self, name: Any, default: Any = None) -> Any:
        return self._window(name) if str(name).startswith("#") else super().get(name, default)


class Whole(Oracle):
    """Facts, events and samples; `derives` make more facts of them."""

    def __init__(
        self,
        detections: list[p.Detection],
        derives: Sequence[p.Derive] = (),
        calendars: Sequence[p.Calendar] = (),
    ) -> None:
        super().__init__(detections)
        self._derives = derives
        self._calendars = {calendar.name: calendar for calendar in calendars}
        self._tiers: dict[tuple[str, str, str], Tier] = {}  # by rule, severity, thing
        self._sampled_at: dict[tuple[Subject, str], float] = {}
        self._events: list[Happened] = []
        self._asked: dict[str, Window | Compare] = {}  # by the name under which it is read
        self._samples: dict[tuple[Subject, Expression], Samples] = {}
        self._windows = [
            node for each in self._expressions() for node in nodes_of(each) if isinstance(node, Window)
        ]
        self._counted = [
            node for each in self._expressions() for node in nodes_of(each) if isinstance(node, Occurrences)
        ]

    def _expressions(self) -> Iterator[Expression]:
        for rule in self.detections.values():
            conditions = (rule.when, rule.until, rule.unless, *(tier.when for tier in rule.tiers))
            yield from (one.expression for one in conditions if one is not None)
            if rule.binding is not None and rule.binding.where is not None:
                yield rule.binding.where
        for derive in self._derives:
            yield from (value for _, value in derive.fields)

    # --- what happens ----------------------------------------------------------------------------------------------------

    def look_at(self, at: float, reports: list[tuple[Subject, dict[str, Any], float | None]]) -> None:
        """Several facts at once."""
        self.pass_time(at)
        for subject, values, fresh_for in reports:
            stale_at = inf if fresh_for is None else at + fresh_for
            self._say(subject, values, at, stale_at)
        self._look()

    def report_late(
        self, at: float, subject: Subject, values: dict[str, Any], sampled_at: float, fresh_for: float | None
    ) -> None:
        """What was sampled later stands, and this is what it was then; the rest is taken as of now (meaning 9)."""
        self.pass_time(at)
        known = self.facts.setdefault(subject, {"name": (subject[1], inf)})
        stale_at = inf if fresh_for is None else sampled_at + fresh_for
        then = {
            name: value
            for name, value in values.items()
            if stale_at <= at or (name in known and self._sampled_at[subject, name] > sampled_at)
        }
        self._say(
            subject, {name: value for name, value in values.items() if name not in then}, sampled_at, stale_at
        )
        self._sample_late(subject, then, sampled_at)
        self._look()

    def _say(self, subject: Subject, values: dict[str, Any], at: float, stale_at: float) -> None:
        known = self.facts.setdefault(subject, {"name": (subject[1], inf)})
        known.update({name: (value, stale_at) for name, value in values.items()})
        self._sampled_at.update({(subject, name): at for name in values})
        self._sample(subject, values.keys())

    def happen(self, at: float, kind: str, values: dict[str, Any], happened_at: float) -> None:
        self.pass_time(at)
        self._events.append(Happened(kind, values, happened_at))
        self._look()

    def withdraw(self, at: float, subject: Subject) -> None:
        self.pass_time(at)
        self.facts.pop(subject, None)
        for known in [known for known in self._samples if known[0] == subject]:
            del self._samples[known]
        self._look()

    def _sample(self, subject: Subject, said: Any) -> None:
        for node, reads in self._over(subject, said):
            self._put(subject, node, reads)

    def _sample_late(self, subject: Subject, values: dict[str, Any], at: float) -> None:
        known = {**self._fresh(subject), **values}
        for node, _ in self._over(subject, values):
            samples = self._samples.setdefault((subject, node.value), Samples(0.0))
            samples.sampled(at, evaluate(node.value, {node.subject: known}, at))

    def _over(self, subject: Subject, said: Any) -> Iterator[tuple[Window, set[str]]]:
        """The windows over what was said, and what they read."""
        for node in self._windows:
            reads = {str(one.path[0]) for one in nodes_of(node.value) if isinstance(one, Field)}
            if self._type_of(node) == subject[0] and reads & set(said):
                yield node, reads

    def _put(self, subject: Subject, node: Window, reads: set[str]) -> None:
        """Two windows over the same value share their samples; it does not matter here if both put them."""
        samples = self._samples.setdefault((subject, node.value), Samples(0.0))
        known = self._fresh(subject)
        if reads - known.keys():
            samples.lost(self.now)
        else:
            samples.sampled(self.now, evaluate(node.value, {node.subject: known}, self.now))

    def _type_of(self, node: Window) -> str:
        return {"m": "item", "a": "item", "b": "item"}.get(node.subject, node.subject)

    # --- instants ----------------------------------------------------------------------------------------------------------

    def _dues(self) -> list[float]:
        ends = [
            entry[0] + node.over + node.ending
            for (_, value), samples in self._samples.items()
            for node in self._windows
            if node.value == value
            for entry in samples.entries
        ]
        lost = [
            entry[2] + shift
            for (_, value), samples in self._samples.items()
            for node in self._windows
            if node.value == value
            for entry in samples.entries
            for shift in (
                node.over,
                4 * TOLERANCE,
            )  # a window ceases to be whole just after its last value was lost
        ]
        passing = [
            event.at + node.ending + shift
            for event in self._events
            for node in self._counted
            for shift in (0.0, node.over)
        ]
        holds = [
            tier.since + one.when.hold
            for (rule, severity, _), tier in self._tiers.items()
            for one in self.detections[rule].tiers
            if one.severity == severity and tier.since is not None
        ]
        edges = [
            edge for one in self._calendars.values() for span in one.hours for edge in (span.start, span.end)
        ]
        dues = (*ends, *lost, *passing, *holds, *edges)
        return [*super()._dues(), *(due for due in dues if self.now < due < inf)]

    def pass_time(self, to: float) -> None:
        while (due := min(self._dues(), default=inf)) <= to:
            self.now = due
            self._grow_stale()
            self._look()
        self.now = to

    def _grow_stale(self) -> None:
        for subject, known in self.facts.items():
            gone = [name for name, (_, stale_at) in known.items() if stale_at <= self.now]
            for name in gone:
                del known[name]
            if gone:
                self._sample(subject, gone)

    # --- what there is -----------------------------------------------------------------------------------------------------

    def _fresh(self, subject: Subject) -> dict[str, Any]:
        return {name: value for name, (value, _) in self.facts.get(subject, {}).items()}

    def _values(self, subject: Subject) -> dict[str, Any]:
        return Seen(self._fresh(subject), lambda name: self._of_window(subject, name))

    def _of(self, kind: str) -> list[Subject]:
        return [subject for subject in self.facts if subject[0] == kind]

    def _things(self, binding: p.Binding | None) -> Iterator[Thing]:
        if binding is None:
            if ("host", "host") in self.facts:
                yield Thing("host", {})
        elif binding.by:
            yield from self._groups(binding)
        elif binding.joined:
            yield from self._joins(binding)
        elif binding.type in {derive.head.name for derive in self._derives}:
            yield from self._derived(binding)
        else:
            yield from (Thing(subject[1], {binding.name: subject}) for subject in self._of(binding.type))

    def _groups(self, binding: p.Binding) -> Iterator[Thing]:
        by: dict[str, list[Subject]] = {}
        for subject in self._of(binding.type):
            if (tier := self._fresh(subject).get("tier")) is not None:
                by.setdefault(tier, []).append(subject)
        for tier, inside in by.items():
            yield Thing(tier, {}, {"tier": tier}, tuple(inside))

    def _joins(self, binding: p.Binding) -> Iterator[Thing]:
        parts = ((binding.type, binding.name), *binding.joined)
        for combination in product(*(self._of(kind) for kind, _ in parts)):
            tiers = {self._fresh(subject).get("tier") for subject in combination}
            if len(tiers) == 1 and None not in tiers:
                names = [name for _, name in parts]
                yield Thing(
                    ", ".join(key for _, key in combination), dict(zip(names, combination, strict=True))
                )

    def _derived(self, binding: p.Binding) -> Iterator[Thing]:
        for derive in self._derives:
            for ground in self._things(derive.binding):
                bindings = self._bindings(derive.binding, ground)
                where = derive.binding.where
                if where is None or evaluate(self._readable(where), bindings, self.now) is True:
                    fields = {
                        name: evaluate(self._readable(value), bindings, self.now)
                        for name, value in derive.fields
                    }
                    yield Thing(ground.key, {}, {"name": ground.key, **fields})

    # --- what it means -----------------------------------------------------------------------------------------------------

    def _look(self) -> None:
        for name, rule in self.detections.items():
            things = {thing.key: thing for thing in self._things(rule.binding)}
            for live in [live for live in self.live if live[0] == name and live[1][1] not in things]:
                self._end(live, "withdrawn")
            for key, thing in things.items():
                self._about = thing
                self._look_at_tiers(name, rule, key)
                self._look_at(name, rule, (name, key))
            for known in [known for known in self._tiers if known[0] == name and known[2] not in things]:
                del self._tiers[known]

    def _look_at_tiers(self, name: str, rule: p.Detection, key: str) -> None:
        for tier in rule.tiers:
            true = self._value(tier.when.expression, (name, key))
            self._tiers.setdefault((name, tier.severity, key), Tier()).look(true, tier.when.hold, self.now)

    def _when(self, detection: p.Detection, subject: Subject) -> Any:
        if not detection.tiers:
            return super()._when(detection, subject)
        return any_true([self._tier(detection, tier, subject) for tier in detection.tiers])

    def _severity(self, detection: p.Detection, subject: Subject, former: str) -> str:
        graver = [tier.severity for tier in detection.tiers if self._tier(detection, tier, subject) is True]
        return graver[-1] if graver else former

    def _tier(self, detection: p.Detection, tier: p.Tier, subject: Subject) -> Any:
        true = self._value(tier.when.expression, subject)
        over = self._tiers[detection.head.name, tier.severity, subject[1]].over
        return true if true is not True or over else False

    def _value(self, expression: Expression | None, subject: Subject, missing: Any = None) -> Any:
        if expression is None:
            return missing
        bindings = self._bindings(self.detections[subject[0]].binding, self._about)
        return evaluate(self._readable(expression), bindings, self.now)

    def _bindings(self, binding: p.Binding | None, thing: Thing) -> dict[str, Any]:
        def members(kind: str) -> list[Any]:
            if kind.startswith("#"):
                return self._in_time(kind)
            if thing.inside is not None and binding is not None and kind == binding.type:
                return [self._values(subject) for subject in thing.inside]
            return [self._values(subject) for subject in self._of(kind)]

        bound: dict[str, Any] = {"host": self._values(("host", "host")), MEMBERS: members}
        bound.update({name: self._values(subject) for name, subject in thing.parts.items()})
        if thing.own is not None and binding is not None:
            bound[binding.name] = thing.own
        return bound

    def _readable(self, node: Expression) -> Expression:
        """With what it asks of time as fields and members that can be looked at now."""
        if isinstance(node, Compare) and isinstance(node.left, Window):
            return self._named(node, node.left)
        if isinstance(node, Window):
            return self._named(node, node)
        if isinstance(node, During):
            hours = self._calendars[node.calendar].hours
            return Constant(any(span.start <= self.now < span.end for span in hours))
        if isinstance(node, Occurrences):
            name = f"#{node.type} {node.over} {node.ending}"
            value = None if node.value is None else self._readable(node.value)
            where = None if node.where is None else self._readable(node.where)
            return Aggregate(node.function, Members(name, node.name, where), value)
        return rebuilt(node, self._readable)

    def _named(self, node: Window | Compare, window: Window) -> Field:
        self._asked[f"#{node}"] = node
        return Field(window.subject, (f"#{node}",))

    def _in_time(self, name: str) -> list[Any]:
        kind, over, ending = name.removeprefix("#").split(" ")
        return [
            event.values
            for event in self._events
            if event.type == kind
            and event.at + float(ending) <= self.now < event.at + float(ending) + float(over)
        ]

    def _of_window(self, subject: Subject, name: str) -> Any:
        asked = self._asked[name]
        window = asked.left if isinstance(asked, Compare) else asked
        assert isinstance(window, Window)
        samples = self._samples.get((subject, window.value))
        if samples is None:
            return None
        value = samples.value(window, self.now)
        partly = samples.known(self.now - window.over, self.now) < window.over - TOLERANCE
        bound = "least" if window.function in _AT_LEAST else "most" if window.function == "min" else ""
        if not isinstance(asked, Compare):
            return None if partly and bound else value
        assert isinstance(asked.right, Constant)
        verdict = evaluate(Compare(asked.operator, Constant(value), asked.right), {}, self.now)
        if not partly or not bound:
            return verdict
        decided = {
            ("least", True): (">", ">="),
            ("least", False): ("<", "<="),
            ("most", True): ("<", "<="),
            ("most", False): (">", ">="),
        }
        return verdict if asked.operator in decided.get((bound, verdict), ()) else None
