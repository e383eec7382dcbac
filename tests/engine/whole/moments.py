"""The moments of rules, from plain lists: events and what follows them, changes, faults of others, instants of a schedule."""

from __future__ import annotations

from collections.abc import Iterator
from math import floor
from typing import TYPE_CHECKING, Any, NamedTuple

from dsl import program as p
from dsl.expressions import Expression, Field
from dsl.parts import Moment
from tests.engine.oracle import Subject
from tests.engine.whole.things import HOST, Thing

if TYPE_CHECKING:
    from tests.engine.whole.oracle import Whole


NOTHING = Thing(HOST, {})  # what a rule is about that does not say


class Came(NamedTuple):
    """The moment of a rule, what it is about, and what can be read in it."""

    rule: str
    thing: Thing
    said: dict[str, Any]


class First(NamedTuple):
    """A first event that waits for its second."""

    rule: str
    subject: Subject
    said: dict[str, Any]
    until: float


class Moments:
    def __init__(self, whole: Whole) -> None:
        self._whole = whole
        self._rules = {
            name: (rule, rule.on) for name, rule in whole.detections.items() if rule.on is not None
        }
        self._waiting: list[First] = []
        self._known: dict[tuple[str, Subject], Any] = {}  # by rule and thing: what its value was last
        self._done: dict[str, float] = {}  # by rule: the instant of its schedule that came last

    def dues(self) -> list[float]:
        """When time alone brings a moment."""
        ends = [first.until for first in self._waiting]
        return [*ends, *(self._next(on) for _, on in self._rules.values() if on.kind == "schedule")]

    def _next(self, on: Moment) -> float:
        assert on.schedule is not None
        every, offset = on.schedule.every, on.schedule.offset
        return floor((self._whole.now - offset) / every) * every + every + offset

    # --- events ------------------------------------------------------------------------------------------------------------

    def of_event(self, kind: str, values: dict[str, Any]) -> list[Came]:
        found = []
        for name, (rule, on) in self._rules.items():
            for thing in self._chosen(rule):
                found += self._followed(name, on, thing, kind, values)
                found += self._first(name, on, thing, kind, values)
        return found

    def _followed(
        self, name: str, on: Moment, thing: Thing, kind: str, values: dict[str, Any]
    ) -> Iterator[Came]:
        """It is the second event of each that waits for such a one, and then these wait no more."""
        if on.then is None or on.then.type != kind:
            return
        for first in list(self._waiting):
            said = {**first.said, on.then.name: values}
            if (first.rule, first.subject) == (name, thing.subject) and self._holds(
                on.then.where, thing, said
            ):
                self._waiting.remove(first)
                if on.followed:
                    yield Came(name, thing, said)

    def _first(
        self, name: str, on: Moment, thing: Thing, kind: str, values: dict[str, Any]
    ) -> Iterator[Came]:
        if on.first is None or on.first.type != kind:
            return
        said = {on.first.name: values}
        if not self._holds(on.first.where, thing, said):
            return
        if on.then is None:
            yield Came(name, thing, said)
        else:
            self._waiting.append(First(name, thing.subject, said, self._whole.now + on.within))

    # --- time --------------------------------------------------------------------------------------------------------------

    def of_time(self) -> list[Came]:
        """First events that waited long enough; rules whose instant this is. What waits for something that is gone waits no more."""
        found = []
        for first in list(self._waiting):
            rule, on = self._rules[first.rule]
            thing = self._whole.things(rule).get(first.subject) if rule.binding else NOTHING
            if thing is None or first.until <= self._whole.now:
                self._waiting.remove(first)
            if thing is not None and first.until <= self._whole.now and not on.followed:
                found.append(Came(first.rule, thing, first.said))
        for name, (rule, on) in self._rules.items():
            if on.kind == "schedule" and self._is_due(name, on):
                found += [Came(name, thing, {}) for thing in self._chosen(rule)]
        return found

    def _is_due(self, name: str, on: Moment) -> bool:
        assert on.schedule is not None
        newest = self._next(on) - on.schedule.every
        due = newest == self._whole.now != self._done.get(name)
        self._done[name] = newest
        return due

    # --- changes -----------------------------------------------------------------------------------------------------------

    def of_change(self) -> list[Came]:
        """A value that is seen for the first time did not change; one that was unknown meanwhile is held against what it was before."""
        found = []
        for name, (rule, on) in self._rules.items():
            if on.kind != "change":
                continue
            known = {key: value for key, value in self._known.items() if key[0] == name}
            chosen = {thing.subject for thing in self._chosen(rule)}
            for subject, thing in {one.subject: one for one in [NOTHING, *self._all(rule)]}.items():
                key = (name, subject if on.path[0] in thing.bound else HOST)  # whose value it is
                value = self._whole.value(Field(on.path[0], on.path[1:]), thing)
                before = known.get(key)
                self._known[key] = before if value is None else value
                if (
                    None not in (before, value)
                    and before != value
                    and subject in chosen
                    and _fits(on, before, value)
                ):
                    found.append(Came(name, thing, {}))
            self._forget(rule)
        return found

    def _forget(self, rule: p.Detection) -> None:
        """What is gone and comes back is seen for the first time."""
        there = {HOST, *(thing.subject for thing in self._all(rule))}
        for key in [key for key in self._known if key[0] == rule.head.name and key[1] not in there]:
            del self._known[key]

    # --- faults ------------------------------------------------------------------------------------------------------------

    def of_fault(self, raised: p.Detection, thing: Thing, fault: dict[str, Any]) -> list[Came]:
        return [
            Came(name, thing.by_type(), {"fault": fault})
            for name, (_, on) in self._rules.items()
            if on.kind == "fault" and raised.head.name in on.names
            and self._holds(on.where, thing, {"fault": fault})
        ]  # fmt: skip

    # --- what rules are about ------------------------------------------------------------------------------------------------

    def _all(self, rule: p.Detection) -> list[Thing]:
        return list(self._whole.things(rule).values()) if rule.binding else [NOTHING]

    def _chosen(self, rule: p.Detection) -> list[Thing]:
        where = None if rule.binding is None else rule.binding.where
        return [thing for thing in self._all(rule) if self._holds(where, thing, {})]

    def _holds(self, where: Expression | None, thing: Thing, said: dict[str, Any]) -> bool:
        return where is None or self._whole.value(where, thing, said) is True


def _fits(on: Moment, before: Any, after: Any) -> bool:
    return on.before in (None, before) and on.after in (None, after)
