"""Working memory: what is known of the world now. The only truth about facts; everything else is derived from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import inf, isfinite
from types import MappingProxyType
from typing import Any

import msgspec

from dsl.program import FactType
from engine.alarms import Alarm, Alarms

_MISSING: Any = object()
_SHORT = 64  # characters of a text that is kept once, however many facts say it
_MANY = 4096  # of such texts, and of groups, before all are forgotten
NOTHING: Any = MappingProxyType({})
Group = tuple[str, ...]  # a source, and the fields that it says together


class Fact(msgspec.Struct, eq=False):
    """One fact: what was last said of each field. A field that went stale is not in `values`: it reads as unknown.

    `source` spoke of it last, `sampled_at` is when the newest sample of it was taken. Of an agent `concluded_at` is when the look began
    that its status rests on; inf: it is always seen.
    """

    type: str
    key: str
    source: str = ""
    values: dict[str, Any] = {}
    sampled_at: float = -inf
    concluded_at: float = -inf
    samples: tuple[Sample, ...] = ()  # what says fields that go stale; who spoke last is the last
    stale: Mapping[str, float] = NOTHING  # fields that went stale, and when
    parts: dict[str, Fact] = NOTHING  # of a join: the facts that it is made of, by variable
    followed: int = 0  # kept by the derivation: whether all that is derived from it has seen it
    # Kept by the analysis:
    considered: bool = False  # whether all watches of its type have looked at it once
    buckets: Sequence[Any] = ()  # of watches that its keys lead to
    situations: dict[Any, Any] = NOTHING  # by watch
    looks: dict[Any, Alarm] = NOTHING  # by watch: when to look again, for time alone may make it true

    def __repr__(self) -> str:
        return f"Fact({self.type} {self.key} {self.values})"


def bindings_of(fact: Fact, variable: str) -> dict[str, Any]:
    """What a rule about this fact binds: it, by its type and by the rule's variable; of a join every part."""
    return {name: one.values for name, one in _named(fact, variable).items()}


def keys_of(fact: Fact, variable: str) -> dict[str, str]:
    """By which keys that is told apart, for scopes like `by agent`."""
    return {name: one.key for name, one in _named(fact, variable).items()}


def _named(fact: Fact, variable: str) -> dict[str, Fact]:
    """Rules that follow from others know what these are about by the names of types: a group by its members', a part of a join by its
    own, where no other part is of that type."""
    found = {fact.type: fact, fact.type.partition(" by ")[0]: fact}
    if not fact.parts:
        found[variable] = fact
        return found
    kinds = [part.type for part in fact.parts.values()]
    found.update({part.type: part for part in fact.parts.values() if kinds.count(part.type) == 1})
    return {**found, variable: fact, **fact.parts}


class Sample:
    """A group of fields of a fact that are fresh until `due`: it waits for that itself. A field goes stale with the group that said it
    last."""

    __slots__ = ("_ring", "due", "fact", "group", "sampled_at")

    def __init__(self, fact: Fact, group: Group, ring: Callable[[Sample], None]) -> None:
        self.fact = fact
        self.group = group
        self.sampled_at = -inf
        self.due = inf
        self._ring = ring

    def ring(self) -> None:
        self._ring(self)


class WorkingMemory:
    """Facts by type and key. `on_change(fact, names, said)` is told of every sample, and when values go stale: which fields
    changed, and which were said."""

    def __init__(self, alarms: Alarms, on_change: Any) -> None:
        self.types: dict[str, dict[str, Fact]] = {}
        self._alarms = alarms
        self._on_change = on_change
        self._key_fields: dict[str, str] = {}
        self._kinds: dict[str, str] = {}
        self._texts: dict[str, str] = {}
        self._groups: dict[Group, Group] = {}
        self._ring = self._grown_stale

    def declare(self, types: Mapping[str, FactType]) -> None:
        """The key of a fact with one key field is also its field of that name."""
        self._key_fields = {name: kind.keys[0].name for name, kind in types.items() if len(kind.keys) == 1}

    def key_field(self, kind: str) -> str | None:
        """The field that is the key, where one is."""
        return self._key_fields.get(kind)

    def get(self, kind: str, key: str) -> Fact | None:
        facts = self.types.get(kind)
        return facts.get(key) if facts else None

    def all(self, kind: str) -> Iterable[Fact]:
        return self.types.get(kind, {}).values()

    def fact(self, kind: str, key: str) -> Fact:
        """The fact, made if it is new."""
        facts = self.types.get(kind)
        if facts is None:
            facts = self.types[kind] = {}
        return facts.get(key) or self._made(facts, kind, key)

    def _made(self, facts: dict[str, Fact], kind: str, key: str) -> Fact:
        fact = facts[key] = Fact(self._kinds.setdefault(kind, kind), key)
        field = self._key_fields.get(kind)
        if field is not None:
            fact.values[field] = key
        return fact

    def _shared(self, text: str) -> str:
        """One object for texts that are equal: most of what facts say, others say too."""
        if len(text) > _SHORT:
            return text
        if len(self._texts) >= _MANY:
            self._texts.clear()
        return self._texts.setdefault(text, text)

    def merge(
        self, fact: Fact, values: Mapping[str, Any], sampled_at: float, source: str, fresh_until: float
    ) -> None:
        """Take in a sample. What is not finite is unknown."""
        if sampled_at > fact.sampled_at:
            fact.sampled_at = sampled_at
        if source != fact.source:
            fact.source = self._shared(source)
        known = fact.values
        changed = []
        for name, value in values.items():
            former = known.get(name, _MISSING)
            # 1 is equal to True, and yet another value
            if former != value or former.__class__ is not value.__class__:
                known[name] = value if value.__class__ is float and isfinite(value) else self._kept(value)
                changed.append(name)
        if fresh_until != inf or fact.samples:
            self._keep_fresh(fact, (source, *values), sampled_at, fresh_until)
        self._on_change(fact, changed, values)

    def _kept(self, value: Any) -> Any:
        if value.__class__ is str:
            return self._shared(value)
        return None if isinstance(value, float) and not isfinite(value) else value

    def superseded(self, fact: Fact, names: Iterable[str], sampled_at: float) -> set[str]:
        """Of these fields those that were sampled later than that. A field that never goes stale, of a fact of which others do, is none."""
        newest: dict[str, float] = {}
        for sample in fact.samples:
            for name in sample.group[1:]:
                newest[name] = max(newest.get(name, -inf), sample.sampled_at)
        others = -inf if fact.samples else fact.sampled_at
        return {name for name in names if name in fact.values and newest.get(name, others) > sampled_at}

    def _keep_fresh(self, fact: Fact, group: Group, sampled_at: float, fresh_until: float) -> None:
        samples = fact.samples
        sample = samples[-1] if samples and samples[-1].group == group else self._speaks(fact, group)
        sample.sampled_at = sampled_at
        if sample.due <= fresh_until < inf:
            sample.due = fresh_until  # it waits already, and is put off
        elif sample.due != fresh_until:
            self._wait(sample, fresh_until)

    def _speaks(self, fact: Fact, group: Group) -> Sample:
        """The sample of a group that did not speak last, and does so now."""
        others = tuple([one for one in fact.samples if one.group != group])
        known = [one for one in fact.samples if one.group == group]
        if len(self._groups) >= _MANY:
            self._groups.clear()
        sample = known[0] if known else Sample(fact, self._groups.setdefault(group, group), self._ring)
        fact.samples = (*others, sample)
        return sample

    def _wait(self, sample: Sample, fresh_until: float) -> None:
        """It does not wait yet, or for too late an instant: then another one waits in its place."""
        if sample.due != inf:
            fact, former = sample.fact, sample
            sample = Sample(fact, former.group, self._ring)
            sample.sampled_at = former.sampled_at
            fact.samples = (*fact.samples[:-1], sample)
            self._alarms.call_off(former)
        if fresh_until != inf:
            sample.due = fresh_until
            self._alarms.wait(sample)

    def _grown_stale(self, sample: Sample) -> None:
        fact = sample.fact
        place = fact.samples.index(sample)
        newer = fact.samples[place + 1 :]
        fact.samples = (*fact.samples[:place], *newer)
        still = {name for other in newer for name in other.group[1:]}
        gone = [name for name in sample.group[1:] if name not in still]
        fact.stale = {**fact.stale, **dict.fromkeys(gone, sample.due)}
        self.forget(fact, gone)

    def forget(self, fact: Fact, names: Iterable[str]) -> None:
        """These fields are no longer known. The key stays."""
        key_field = self._key_fields.get(fact.type)
        gone = [name for name in names if name != key_field and fact.values.pop(name, None) is not None]
        self._on_change(fact, gone, gone)

    def rename(self, kind: str, former: str, key: str) -> None:
        """A fact has another key. Nobody is told: whoever asks for it looks at everything anew."""
        facts = self.types.get(kind, {})
        if former in facts and key not in facts:
            fact = facts[key] = facts.pop(former)
            fact.key = key
            if (field := self._key_fields.get(kind)) is not None:
                fact.values[field] = key

    def rename_type(self, former: str, kind: str) -> None:
        """The same of a type: all of its facts are of another one."""
        for fact in self.all(former):
            fact.type = kind
        types = {kind if name == former else name: facts for name, facts in self.types.items()}
        self.types.clear()  # others hold it
        self.types.update(types)

    def withdraw(self, kind: str, key: str) -> Fact | None:
        """The fact is gone; whoever rests on it is told by the caller."""
        fact = self.types.get(kind, {}).pop(key, None)
        if fact is not None:
            for sample in fact.samples:
                self._alarms.call_off(sample)
        return fact
