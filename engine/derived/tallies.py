"""Aggregates over members, kept up to date: a member that changes leaves its tally and enters it again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from engine.alarms import Alarm
from engine.analysis.compile import Predicate
from engine.analysis.crossing import next_crossing, turnings
from engine.derived.aggregates import BY_NAME, Bounds, Tally
from engine.derived.keys import Key, key_by
from engine.derived.lowering import LEAST, MOST
from engine.derived.plan import IT, OF, Reader, Tallied
from engine.derived.telling import Tell, World
from engine.knowledge.facts import Fact

# Its key (None: it might be any), whether it is meant, its value.
_Entry = tuple[Key | None, bool | None, Any]


class Counting:
    """One aggregate over the members of one type, for each key that they have."""

    def __init__(self, tallied: Tallied, world: World) -> None:
        self.tallied = tallied
        self.readers: list[Reading] = []
        self._world = world
        keys = [Predicate(key, IT) for key in tallied.keys]
        self._key = key_by(keys, world)
        self._where = None if tallied.where is None else Predicate(tallied.where, IT)
        self._value = None if tallied.value is None else Predicate(tallied.value, IT)
        predicates = [one for one in (*keys, self._where, self._value) if one is not None]
        fields = [one for predicate in predicates for one in predicate.fields]
        self.reads = frozenset(str(one.path[0]) for one in fields if one.subject == IT and one.path)
        self.others = frozenset(one.subject for one in fields if one.subject != IT)
        self._turnings = tuple(turning for predicate in predicates for turning in turnings(predicate.nodes))
        self._new, _, self._matters = BY_NAME[tallied.function]
        self._nothing = self._new()  # what nobody has entered
        self._tallies: dict[Key, Tally] = {}
        self._counts: dict[Key, int] = {}
        self._entries: dict[Fact, _Entry] = {}
        self._looks: dict[Fact, Alarm] = {}
        self._strangers = 0  # members of which a key is unknown
        self._possible = 0  # members of some key or another

    def changed(self, fact: Fact, names: Iterable[str]) -> None:
        """A fact is new, or these fields of it changed."""
        if fact not in self._entries or not self.reads.isdisjoint(names):
            self.update(fact)

    def look_at_all(self) -> None:
        """Something that all of them are held against changed."""
        for fact in list(self._entries):
            self.update(fact)

    def update(self, fact: Fact) -> None:
        """A member is new, or changed."""
        entry = self._entry(fact)
        former = self._entries.get(fact)
        if self._turnings:
            self._watch_time(fact)
        if former is not None and former == entry and former[2].__class__ is entry[2].__class__:
            return
        self._entries[fact] = entry
        self._move(former, entry)

    def forget(self, fact: Fact) -> None:
        """It is no longer there."""
        alarm = self._looks.pop(fact, None)
        if alarm is not None:
            alarm.call_off()
        former = self._entries.pop(fact, None)
        if former is not None:
            self._move(former, None)

    def result(self, key: Key | None, strict: bool) -> Any:
        """What the aggregate is for this key; where that is unknown, any member might be meant."""
        if key is None:
            return self._nothing.result(0 if strict else self._possible)
        return self._tallies.get(key, self._nothing).result(0 if strict else self._strangers)

    def stop(self) -> None:
        """Nobody asks for it any more."""
        for alarm in self._looks.values():
            alarm.call_off()
        self._looks.clear()

    # --- entries ---------------------------------------------------------------------------------------------------

    def _entry(self, fact: Fact) -> _Entry:
        world, values = self._world, fact.values
        verdict: Any = True
        value = None
        if self._where is not None:
            verdict = self._where.test(values, world.singles, world.clock())
        if self._value is not None:
            value = self._value.test(values, world.singles, world.clock())
        return self._key(values), verdict if verdict is True or verdict is False else None, value

    def _move(self, former: _Entry | None, entry: _Entry | None) -> None:
        touched: list[Key | None] = []
        if former is not None and former[1] is not False:
            self._take_out(*former)
            touched.append(former[0])
        if entry is not None and entry[1] is not False:
            self._put_in(*entry)
            if entry[0] not in touched:
                touched.append(entry[0])
        if touched:
            keys = None if None in touched else touched
            for reading in self.readers:
                reading.tallied(keys)

    def _put_in(self, key: Key | None, verdict: bool | None, value: Any) -> None:
        if self._matters(value):
            self._possible += 1
            self._strangers += key is None
        if key is None:
            return
        tally = self._tallies.get(key)
        if tally is None:
            tally = self._tallies[key] = self._new()
        tally.add(verdict, value)
        self._counts[key] = self._counts.get(key, 0) + 1

    def _take_out(self, key: Key | None, verdict: bool | None, value: Any) -> None:
        if self._matters(value):
            self._possible -= 1
            self._strangers -= key is None
        if key is None:
            return
        self._tallies[key].remove(verdict, value)
        self._counts[key] -= 1
        if not self._counts[key]:
            del self._tallies[key], self._counts[key]

    # --- time ------------------------------------------------------------------------------------------------------

    def _watch_time(self, fact: Fact) -> None:
        world = self._world
        due = next_crossing(self._turnings, {**world.singles, IT: fact.values}, world.clock())
        former = self._looks.pop(fact, None)
        if former is not None:
            former.call_off()
        if due is not None:
            self._looks[fact] = world.at(due, lambda: self._look(fact))

    def _look(self, fact: Fact) -> None:
        self._looks.pop(fact, None)
        if fact in self._entries:
            self.update(fact)


class Reading:
    """Who reads a tally: everybody, or each fact of a type by its own key."""

    def __init__(self, reader: Reader, counting: Counting, world: World, tell: Tell) -> None:
        self.reader = reader
        self._counting = counting
        self._tell = tell
        keys = [Predicate(key, OF) for key in reader.keys]
        self._key_of = key_by(keys, world)
        fields = [one for predicate in keys for one in predicate.fields]
        self.reads = frozenset(str(one.path[0]) for one in fields if one.subject == OF and one.path)
        self._owners: dict[Fact, Key | None] = {}
        self._by_key: dict[Key | None, dict[Fact, None]] = {}
        counting.readers.append(self)

    def tallied(self, keys: Iterable[Key | None] | None) -> None:
        """The tallies of these keys changed, or of all."""
        if self.reader.owner is None:
            self.tell_all()
        elif keys is None:
            for fact, key in list(self._owners.items()):
                self._write(key, (fact,))
        else:
            for key in (*keys, None):  # of those whose key is unknown any member might be
                owners = self._by_key.get(key)
                if owners is not None:
                    self._write(key, tuple(owners))

    def tell_all(self) -> None:
        for name, value in fields_of(self.reader.slot, self._counting.result((), strict=False)).items():
            self._tell.single(name, value)

    def changed(self, fact: Fact, names: Iterable[str]) -> None:
        """A fact that reads it is new, or these fields of it changed."""
        if fact in self._owners:
            if self.reads.isdisjoint(names) or self._owners[fact] == self._key(fact):
                return
            self._leave(fact)
        key = self._owners[fact] = self._key(fact)
        owners = self._by_key.get(key)
        if owners is None:
            owners = self._by_key[key] = {}
        owners[fact] = None
        self._write(key, (fact,))

    def forget(self, fact: Fact) -> None:
        """It is no longer there."""
        if fact in self._owners:
            self._leave(fact)

    def _leave(self, fact: Fact) -> None:
        key = self._owners.pop(fact)
        del self._by_key[key][fact]
        if not self._by_key[key]:
            del self._by_key[key]

    def _key(self, fact: Fact) -> Key | None:
        key = self._key_of(fact.values)
        if key is None or self.reader.subject is None:
            return key
        about = fact.parts[self.reader.subject] if self.reader.subject else fact
        return (*key, subject_of(about.type, about.key))

    def _write(self, key: Key | None, owners: Iterable[Fact]) -> None:
        """Of these the key is the same, so what is read is the same too."""
        slot, result = self.reader.slot, self._counting.result(key, self.reader.strict)
        if isinstance(result, Bounds):
            values = fields_of(slot, result)
            for fact in owners:
                self._tell.fields(fact, values)
        else:
            for fact in owners:
                self._tell.field(fact, slot, result)


def subject_of(kind: str, key: str) -> str:
    return f"{kind}\n{key}"


def fields_of(slot: str, result: Any) -> Mapping[str, Any]:
    """A count has three: what it is, if that is known, and its bounds."""
    if not isinstance(result, Bounds):
        return {slot: result}
    exact = result.least if result.least == result.most else None
    return {slot: exact, f"{slot}{LEAST}": result.least, f"{slot}{MOST}": result.most}
