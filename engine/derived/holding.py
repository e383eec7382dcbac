"""Conditions that must have been true for a while before they count, each tier of a severity with its own patience."""

from __future__ import annotations

from collections.abc import Iterable

from engine.alarms import Alarm
from engine.analysis.compile import Predicate
from engine.analysis.crossing import next_crossing, turnings
from engine.derived.plan import IT, Held
from engine.derived.telling import Tell, World
from engine.knowledge.facts import Fact
from engine.knowledge.remembered import Begun, Holds, believed_until


class _Hold:
    """Since when it has been true of one fact, whether that is long enough, and when to look next."""

    __slots__ = ("alarm", "look", "over", "since")

    def __init__(self) -> None:
        self.since: float | None = None
        self.over = False
        self.alarm: Alarm | None = None
        self.look: Alarm | None = None

    def call_off(self) -> None:
        for alarm in (self.alarm, self.look):
            if alarm is not None:
                alarm.call_off()


class Holding:
    """One condition with its hold, for each fact of a type."""

    def __init__(self, held: Held, world: World, tell: Tell) -> None:
        self.held = held
        self._world = world
        self._tell = tell
        self._condition = Predicate(held.condition, IT)
        fields = self._condition.fields
        self.reads = frozenset(str(one.path[0]) for one in fields if one.subject == IT and one.path)
        self.others = frozenset(one.subject for one in fields if one.subject != IT)
        self._turnings = tuple(turnings(self._condition.nodes))
        self._holds: dict[Fact, _Hold] = {}
        self._waiting: dict[Fact, None] = {}
        self.remembered = Holds()

    def changed(self, fact: Fact, names: Iterable[str]) -> None:
        if fact not in self._holds or not self.reads.isdisjoint(names):
            self._waiting[fact] = None
            self._tell.settles(self)

    def look_at_all(self) -> None:
        self._waiting.update(dict.fromkeys(self._holds))
        self._tell.settles(self)

    def settle(self) -> None:
        """All that it reads is known now. On the way there it may have been false for a moment that is none."""
        waiting, self._waiting = self._waiting, {}
        for fact in waiting:
            self.look(fact)

    def look(self, fact: Fact) -> None:
        hold = self._holds.setdefault(fact, _Hold())
        world = self._world
        now = world.clock()
        true = self._condition.test(fact.values, world.singles, now)
        if true is False and self.remembered.about:
            self.remembered.drop(fact, "")
        if true is not True:
            hold.over = hold.over and true is None
            hold.call_off()
            hold.since = hold.alarm = hold.look = None
            self._tell.fields(fact, {self.held.slot: False if true is False else None})
        elif hold.over:  # it was unknown for a while, which clears nothing (meaning 3)
            hold.since = now if hold.since is None else hold.since
            self._tell.fields(fact, {self.held.slot: True})
        elif hold.since is None:
            hold.since = self.remembered.since(fact, "", self.held, now) if self.remembered.about else now
            hold.alarm = world.at(hold.since + self.held.hold, lambda: self._over(fact, hold))
            self._tell.fields(fact, {self.held.slot: False})
        self._watch_time(fact, hold, now)

    def since(self, fact: Fact) -> float | None:
        """Since when it has been true of a fact."""
        hold = self._holds.get(fact)
        return None if hold is None else hold.since

    def begun(self) -> list[Fact]:
        """Of which facts it is true."""
        return [fact for fact, hold in self._holds.items() if hold.since is not None]

    def resume(self, fact: Fact) -> None:
        """It had been true for so long when volexd ended; whether it still is shows when it is known again."""
        hold = self._holds.setdefault(fact, _Hold())
        hold.over = True
        if hold.alarm is not None:
            hold.alarm.call_off()
        self.look(fact)

    def running(self, now: float) -> list[tuple[Fact, Begun]]:
        """Of which facts it is true, since when, and until when that is believed though nothing more is seen."""
        return [
            (fact, Begun(hold.since, believed_until(fact, self.reads, now, self.held.hold), self.held))
            for fact, hold in self._holds.items()
            if hold.since is not None
        ]

    def remember(self, kind: str, key: str, begun: Begun) -> None:
        """It had been true of that fact for a while when volexd ended."""
        fact = self._world.memory.get(kind, key)
        hold = self._holds.get(fact) if fact is not None else None
        if fact is None or hold is None or hold.since is None:
            self.remembered.put(kind, key, "", begun)
        elif hold.alarm is not None and begun.until >= self._world.clock():
            hold.alarm.call_off()
            hold.since = begun.since
            hold.alarm = self._world.at(begun.since + self.held.hold, lambda: self._over(fact, hold))

    def _over(self, fact: Fact, hold: _Hold) -> None:
        hold.alarm = None
        hold.over = True
        self._tell.fields(fact, {self.held.slot: True})

    def _watch_time(self, fact: Fact, hold: _Hold, now: float) -> None:
        if not self._turnings:
            return
        due = next_crossing(self._turnings, {**self._world.singles, IT: fact.values}, now)
        if hold.look is not None:
            hold.look.call_off()
        hold.look = None if due is None else self._world.at(due, lambda: self.look(fact))

    def forget(self, fact: Fact) -> None:
        self._waiting.pop(fact, None)
        hold = self._holds.pop(fact, None)
        if hold is not None:
            hold.call_off()

    def stop(self) -> None:
        """Its rule is gone."""
        for hold in self._holds.values():
            hold.call_off()
