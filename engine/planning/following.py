"""`on event a followed by event b where … within 10s`, and `not followed by`: first events that wait for their second."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from dsl.parts import Moment
from engine.alarms import Alarm, Alarms
from engine.analysis.evaluate import evaluate
from engine.knowledge.facts import Fact

MOST = 1000  # first events that wait for one rule; the oldest is given up for the newest
Bindings = Mapping[str, Any]


class _First(NamedTuple):
    """A first event, with what was bound when it happened."""

    subject: Fact | None
    bindings: Bindings
    alarm: Alarm


class Sequences:
    """`came_true(rule, subject, bindings)` is called when a sequence is complete, or stayed incomplete where that is what is waited for."""

    def __init__(
        self, came_true: Callable[[str, Fact | None, Bindings], None], alarms: Alarms, clock: Callable[[], float]
    ) -> None:  # fmt: skip
        self._came_true = came_true
        self._alarms = alarms
        self._clock = clock
        self._waiting: dict[str, tuple[Moment, deque[_First]]] = {}

    def keep(self, moments: Mapping[str, Moment]) -> None:
        """The rules are others: what waits for a moment that is the same goes on waiting."""
        for name, (moment, waiting) in list(self._waiting.items()):
            if moments.get(name) != moment:
                for one in waiting:
                    one.alarm.call_off()
                del self._waiting[name]

    def standing(self) -> list[tuple[str, Moment, int]]:
        """Of which rules how many first events wait, and for what."""
        return [(name, moment, len(waiting)) for name, (moment, waiting) in self._waiting.items() if waiting]

    def first(self, name: str, moment: Moment, subject: Fact | None, bindings: Bindings) -> None:
        """The first event of a sequence happened."""
        _, waiting = self._waiting.setdefault(name, (moment, deque()))
        due = self._clock() + moment.within
        waiting.append(_First(subject, bindings, self._alarms.at(due, lambda: self._too_late(name, moment))))
        if len(waiting) > MOST:
            waiting.popleft().alarm.call_off()

    def second(self, name: str, moment: Moment, values: Mapping[str, Any], subject: Fact | None) -> None:
        """An event happened that may be the second one, of each that waits for it."""
        _, waiting = self._waiting.get(name, (moment, deque()))
        then = moment.then
        assert then is not None
        for one in list(waiting):
            bindings = {**one.bindings, then.name: values}
            fits = then.where is None or evaluate(then.where, bindings, self._clock()) is True
            if one.subject is subject and fits:
                waiting.remove(one)
                one.alarm.call_off()
                if moment.followed:
                    self._came_true(name, subject, bindings)

    def forget(self, subject: Fact) -> None:
        """It is gone, and so is what it waited for."""
        for _, waiting in self._waiting.values():
            for one in [one for one in waiting if one.subject is subject]:
                waiting.remove(one)
                one.alarm.call_off()

    def _too_late(self, name: str, moment: Moment) -> None:
        """The oldest has waited long enough."""
        one = self._waiting[name][1].popleft()
        if not moment.followed:
            self._came_true(name, one.subject, one.bindings)
