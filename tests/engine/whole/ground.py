"""What rules read, worked out again at every question from all that ever came: facts, samples, events, calendars.

It keeps plain lists, has no index and no alarm; what a condition means once all that it reads is known is asked of `evaluate`, which has
an oracle of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
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
from engine.analysis.evaluate import evaluate
from engine.analysis.rewriting import rebuilt
from tests.engine.oracle import Oracle, Subject
from tests.engine.series.oracle import TOLERANCE
from tests.engine.series.oracle import Oracle as Samples

Report = tuple[Subject, dict[str, Any], float | None]

_AT_LEAST = (
    "max",
    "count",
    "changes",
    "increase",
)  # what a window that is not whole yet says is a lower bound
_CALLED = {"m": "item", "a": "item", "b": "item"}  # variables that are not called by their type


class Happened(NamedTuple):
    """An event; or a fault that was raised, and what it is about."""

    type: str
    values: dict[str, Any]
    at: float
    about: Subject | None = None


class Seen(dict[str, Any]):
    """The values of a fact; what is asked of its samples is worked out when it is read."""

    def __init__(self, values: dict[str, Any], window: Callable[[str], Any]) -> None:
        super().__init__(values)
        self._window = window

    def get(self, name: Any, default: Any = None) -> Any:
        return self._window(name) if str(name).startswith("#") else super().get(name, default)


class Ground(Oracle):
    """Facts, events and samples. `_look` says what follows from them at an instant."""

    def __init__(
        self, detections: list[p.Detection], derives: Sequence[p.Derive], calendars: Sequence[p.Calendar]
    ) -> None:
        super().__init__(detections)
        self._derives = derives
        self._calendars = {calendar.name: calendar for calendar in calendars}
        self._sampled_at: dict[tuple[Subject, str], float] = {}
        self._events: list[Happened] = []
        self._asked: dict[str, Window | Compare] = {}  # by the name under which it is read
        self._samples: dict[tuple[Subject, Expression], Samples] = {}
        nodes = [node for each in self._expressions() for node in nodes_of(each)]
        self._windows = [node for node in nodes if isinstance(node, Window)]
        self._counted = [node for node in nodes if isinstance(node, Occurrences)]

    def _expressions(self) -> Iterator[Expression]:
        for rule in self.detections.values():
            conditions = (rule.when, rule.until, rule.unless, *(tier.when for tier in rule.tiers))
            yield from (one.expression for one in conditions if one is not None)
            if rule.only_if is not None:
                yield rule.only_if
            if rule.binding is not None and rule.binding.where is not None:
                yield rule.binding.where
        for derive in self._derives:
            yield from (value for _, value in derive.fields)

    # --- what happens ----------------------------------------------------------------------------------------------------

    def look_at(self, at: float, reports: list[Report]) -> None:
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
        known = self._known(subject)
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
        known = self._known(subject)
        known.update({name: (value, stale_at) for name, value in values.items()})
        self._sampled_at.update({(subject, name): at for name in values})
        self._sample(subject, values.keys())

    def _known(self, subject: Subject) -> dict[str, tuple[Any, float]]:
        """What is known of a fact, which is there from now on; so are its series, and nothing was seen of them yet."""
        if subject not in self.facts:
            self.facts[subject] = {"name": (subject[1], inf)}
            for node in self._windows:
                if self._type_of(node) == subject[0]:
                    self._samples.setdefault((subject, node.value), Samples(0.0)).hear(self.now)
        return self.facts[subject]

    def withdraw(self, at: float, subject: Subject) -> None:
        self.pass_time(at)
        self.facts.pop(subject, None)
        for known in [known for known in self._samples if known[0] == subject]:
            del self._samples[known]
        self._look()

    # --- samples ---------------------------------------------------------------------------------------------------------

    def _sample(self, subject: Subject, said: Any) -> None:
        for node, reads in self._over(subject, said):
            self._put(subject, node, reads)

    def _sample_late(self, subject: Subject, values: dict[str, Any], at: float) -> None:
        known = {**self._fresh(subject), **values}
        for node, _ in self._over(subject, values):
            samples = self._samples[subject, node.value]
            samples.sampled(at, evaluate(node.value, {node.subject: known}, at))

    def _over(self, subject: Subject, said: Any) -> Iterator[tuple[Window, set[str]]]:
        """The windows over what was said, and what they read."""
        for node in self._windows:
            reads = {str(one.path[0]) for one in nodes_of(node.value) if isinstance(one, Field)}
            if self._type_of(node) == subject[0] and reads & set(said):
                yield node, reads

    def _put(self, subject: Subject, node: Window, reads: set[str]) -> None:
        """Two windows over the same value share their samples; it does not matter here if both put them."""
        samples = self._samples[subject, node.value]
        known = self._fresh(subject)
        if reads - known.keys():
            samples.lost(self.now)
        else:
            samples.sampled(self.now, evaluate(node.value, {node.subject: known}, self.now))

    def _type_of(self, node: Window) -> str:
        return _CALLED.get(node.subject, node.subject)

    # --- instants ----------------------------------------------------------------------------------------------------------

    def _dues(self) -> list[float]:
        passing = [
            event.at + node.ending + shift
            for event in self._events
            for node in self._counted
            for shift in (0.0, node.over)
        ]
        edges = [
            edge for one in self._calendars.values() for span in one.hours for edge in (span.start, span.end)
        ]
        dues = (*self._edges_of_windows(), *passing, *edges)
        return [*super()._dues(), *(due for due in dues if self.now < due < inf)]

    def _edges_of_windows(self) -> Iterator[float]:
        """When a sample, the loss of one, or the beginning of its series passes an edge of a window."""
        for (_, value), samples in self._samples.items():
            for node in self._windows:
                if node.value != value:
                    continue
                away = node.over + node.ending
                yield (samples.begun or 0.0) + away
                for at, _, lost in samples.entries:
                    yield from (at + away, at + node.ending, lost + away, lost + node.ending)
                    yield lost + 4 * TOLERANCE  # it ceases to be whole just after its last value was lost

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

    # --- what is asked of time ---------------------------------------------------------------------------------------------

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
            name = f"#{node.kind} {node.type or '*'} {node.of or '*'} {node.over} {node.ending}"
            value = None if node.value is None else self._readable(node.value)
            where = None if node.where is None else self._readable(node.where)
            return Aggregate(node.function, Members(name, node.name, where), value)
        return rebuilt(node, self._readable)

    def _named(self, node: Window | Compare, window: Window) -> Field:
        self._asked[f"#{node}"] = node
        return Field(window.subject, (f"#{node}",))

    def _in_time(self, name: str, about: Callable[[str], Subject | None]) -> list[Any]:
        """The events of a window; of faults those of one rule, or those that are about what a variable stands for."""
        kind, rule, of, over, ending = name.removeprefix("#").split(" ")
        return [
            event.values
            for event in self._events
            if (event.type == rule if kind == "event" else event.type == "fault")
            and (kind == "event" or rule in ("*", event.values["name"]))
            and (of == "*" or event.about == about(of))
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
        right = asked.right
        assert isinstance(right, Constant)
        verdict = evaluate(Compare(asked.operator, Constant(value), right), {}, self.now)
        if not partly or not bound:
            return verdict
        decided = {
            ("least", True): (">", ">="),
            ("least", False): ("<", "<="),
            ("most", True): ("<", "<="),
            ("most", False): (">", ">="),
        }
        return verdict if asked.operator in decided.get((bound, verdict), ()) else None
