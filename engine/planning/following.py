"""`on event a followed by event b where … within 10s`, and `not followed by`: first events that wait for their second."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from dsl.parts import Moment
from engine.alarms import Alarm, Alarms
from engine.knowledge.facts import Fact
from engine.renaming import Names

MOST = 1000  # first events that wait for one rule; the oldest is given up for the newest
Bindings = Mapping[str, Any]
Subject = tuple[str, str]  # type and key of what a rule is about; two empty texts for nothing in particular
NOBODY: Subject = ("", "")


class First(NamedTuple):
    """A first event that waits: what it said, and until when."""

    subject: Subject
    values: Mapping[str, Any]
    due: float
    alarm: Alarm


class Sequences:
    """`came_true(rule, subject, bindings)` is called when a sequence is complete, or stayed incomplete where that is what is waited for."""

    def __init__(self, came_true: Callable[[str, Subject, Bindings], None], alarms: Alarms) -> None:
        self._came_true = came_true
        self._alarms = alarms
        self._waiting: dict[str, tuple[Moment, deque[First]]] = {}

    def keep(self, moments: Mapping[str, Moment]) -> None:
        """The rules are others: what waits for a moment that is the same goes on waiting."""
        for name, (moment, waiting) in list(self._waiting.items()):
            if moments.get(name) != moment:
                for one in waiting:
                    one.alarm.call_off()
                del self._waiting[name]

    def rename(self, kind: str, names: Names) -> None:
        """Rules of that kind are called otherwise, or what they are about: what waits goes on waiting under the new name."""
        for name, (moment, waiting) in list(self._waiting.items()):
            if names.of(kind, name) == name and "derive" not in names.kinds:
                continue
            del self._waiting[name]
            for one in waiting:
                one.alarm.call_off()
                subject = (names.type(one.subject[0]), one.subject[1])
                self.first(names.of(kind, name), names.about(moment), subject, one.values, one.due)

    def waiting(self) -> Iterator[tuple[str, Moment, list[First]]]:
        """By rule."""
        for name, (moment, waiting) in self._waiting.items():
            if waiting:
                yield name, moment, list(waiting)

    def first(
        self, name: str, moment: Moment, subject: Subject, values: Mapping[str, Any], due: float
    ) -> None:
        """The first event of a sequence happened; the second has to follow until then. The first that is due is told first."""
        _, waiting = self._waiting.setdefault(name, (moment, deque()))
        alarm = self._alarms.at(due, lambda: self._too_late(name, moment))
        waiting.append(First(subject, values, due, alarm))
        if len(waiting) > MOST:
            waiting.popleft().alarm.call_off()

    def second(
        self, name: str, moment: Moment, subject: Subject, fits: Callable[[Bindings], bool], values: Mapping[str, Any]
    ) -> None:  # fmt: skip
        """An event happened that may be the second one, of each that waits for it; `fits` says so of what both said."""
        _, waiting = self._waiting.get(name, (moment, deque()))
        assert moment.first is not None
        assert moment.then is not None
        for one in list(waiting):
            said = {moment.first.name: one.values, moment.then.name: values}
            if one.subject == subject and fits(said):
                waiting.remove(one)
                one.alarm.call_off()
                if moment.followed:
                    self._came_true(name, subject, said)

    def forget(self, subject: Fact) -> None:
        """It is gone, and so is what it waited for."""
        gone = (subject.type, subject.key)
        for _, waiting in self._waiting.values():
            for one in [one for one in waiting if one.subject == gone]:
                waiting.remove(one)
                one.alarm.call_off()

    def _too_late(self, name: str, moment: Moment) -> None:
        """The oldest has waited long enough."""
        one = self._waiting[name][1].popleft()
        if not moment.followed:
            assert moment.first is not None
            self._came_true(name, one.subject, {moment.first.name: one.values})
