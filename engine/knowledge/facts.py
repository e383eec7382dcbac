"""Working memory: what is known of the world now. The only truth about facts; everything else is derived from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import inf, isfinite
from types import MappingProxyType
from typing import Any

from dsl.program import FactType
from engine.alarms import Alarm, Alarms

_MISSING: Any = object()
NOTHING: Any = MappingProxyType({})
Group = tuple[str, ...]  # a source, and the fields that it says together


class Fact:
    """One fact: what was last said of each field. A field that went stale is not in `values`: it reads as unknown."""

    __slots__ = (
        "buckets",
        "concluded_at",
        "considered",
        "followed",
        "key",
        "looks",
        "parts",
        "sampled_at",
        "samples",
        "situations",
        "source",
        "stale",
        "type",
        "values",
    )

    def __init__(self, kind: str, key: str) -> None:
        self.type = kind
        self.source = ""  # who spoke of it last
        self.key = key
        self.values: dict[str, Any] = {}
        self.sampled_at = -inf  # when the newest sample of it was taken
        self.concluded_at = (
            -inf
        )  # of an agent: when the look began that its status rests on; inf: it is always seen
        self.samples: dict[Group, Sample] = {}
        self.stale: Mapping[str, float] = NOTHING  # fields that went stale, and when
        self.parts: dict[str, Fact] = NOTHING  # of a join: the facts that it is made of, by variable
        self.followed = 0  # kept by the derivation: whether all that is derived from it has seen it
        # Kept by the analysis:
        self.considered = False  # whether all watches of its type have looked at it once
        self.buckets: Sequence[Any] = ()  # of watches that its keys lead to
        self.situations: dict[Any, Any] = {}  # by watch
        self.looks: dict[Any, Alarm] = {}  # by watch: when to look again, for time alone may make it true

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
    """Until when a group of fields is fresh. A field goes stale with the group that said it last."""

    __slots__ = ("alarm", "said", "sampled_at", "stale_at")

    def __init__(self) -> None:
        self.stale_at = inf
        self.sampled_at = -inf
        self.said = 0  # a count: what was said later is newer
        self.alarm: Alarm | None = None


class WorkingMemory:
    """Facts by type and key. `on_change(fact, names, said)` is told of every sample, and when values go stale: which fields
    changed, and which were said."""

    def __init__(self, alarms: Alarms, on_change: Any) -> None:
        self.types: dict[str, dict[str, Fact]] = {}
        self._alarms = alarms
        self._on_change = on_change
        self._key_fields: dict[str, str] = {}
        self._said = 0

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
        fact = facts.get(key)
        if fact is None:
            fact = facts[key] = Fact(kind, key)
            field = self._key_fields.get(kind)
            if field is not None:
                fact.values[field] = key
        return fact

    def merge(
        self, fact: Fact, values: Mapping[str, Any], sampled_at: float, source: str, fresh_until: float
    ) -> None:
        """Take in a sample. What is not finite is unknown."""
        if sampled_at > fact.sampled_at:
            fact.sampled_at = sampled_at
        fact.source = source
        known = fact.values
        changed = []
        for name, value in values.items():
            former = known.get(name, _MISSING)
            # 1 is equal to True, and yet another value
            if former != value or former.__class__ is not value.__class__:
                if isinstance(value, float) and not isfinite(value):
                    value = None
                known[name] = value
                changed.append(name)
        if fresh_until != inf or fact.samples:
            self._keep_fresh(fact, (source, *values), sampled_at, fresh_until)
        self._on_change(fact, changed, values)

    def superseded(self, fact: Fact, names: Iterable[str], sampled_at: float) -> set[str]:
        """Of these fields those that were sampled later than that. A field that never goes stale, of a fact of which others do, is none."""
        newest: dict[str, float] = {}
        for group, sample in fact.samples.items():
            for name in group[1:]:
                newest[name] = max(newest.get(name, -inf), sample.sampled_at)
        others = -inf if fact.samples else fact.sampled_at
        return {name for name in names if name in fact.values and newest.get(name, others) > sampled_at}

    def _keep_fresh(self, fact: Fact, group: Group, sampled_at: float, fresh_until: float) -> None:
        sample = fact.samples.get(group)
        if sample is None:
            sample = fact.samples[group] = Sample()
        self._said += 1
        sample.said, sample.sampled_at, sample.stale_at = self._said, sampled_at, fresh_until
        if sample.alarm is not None and sample.alarm.due > fresh_until:
            sample.alarm.call_off()
            sample.alarm = None
        if sample.alarm is None and fresh_until != inf:
            # One alarm a group and fact: when it rings early, because fresher samples came, it is set anew.
            sample.alarm = self._alarms.of_facts(fresh_until, lambda: self._look_stale(fact, group, sample))

    def _look_stale(self, fact: Fact, group: Group, sample: Sample) -> None:
        alarm, sample.alarm = sample.alarm, None
        if alarm is None or fact.samples.get(group) is not sample or sample.stale_at == inf:
            return
        if sample.stale_at > alarm.due:
            sample.alarm = self._alarms.of_facts(
                sample.stale_at, lambda: self._look_stale(fact, group, sample)
            )
            return
        del fact.samples[group]
        newer = [other for other, its in fact.samples.items() if its.said > sample.said]
        still = {name for other in newer for name in other[1:]}
        gone = [name for name in group[1:] if name not in still]
        fact.stale = {**fact.stale, **dict.fromkeys(gone, alarm.due)}
        self.forget(fact, gone)

    def forget(self, fact: Fact, names: Iterable[str]) -> None:
        """These fields are no longer known. The key stays."""
        key_field = self._key_fields.get(fact.type)
        gone = [name for name in names if name != key_field and fact.values.pop(name, None) is not None]
        self._on_change(fact, gone, gone)

    def withdraw(self, kind: str, key: str) -> Fact | None:
        """The fact is gone; whoever rests on it is told by the caller."""
        fact = self.types.get(kind, {}).pop(key, None)
        if fact is not None:
            for sample in fact.samples.values():
                if sample.alarm is not None:
                    sample.alarm.call_off()
        return fact
