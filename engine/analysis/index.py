"""Which watches a change may concern: cost grows with what a fact touches, and not with the number of rules.

The equalities that must hold for a rule to be true (`agent.name == "api"`) lead from a fact to its buckets, and a fact remembers them
until one of these fields changes. Within a bucket a change is told to those that read it. Of rules that compare one field with a limit,
those that a value passes are a slice of their limits in order.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort_right
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from itertools import chain
from operator import attrgetter, ge, gt, itemgetter, le, lt
from typing import Any, Protocol

import msgspec

from dsl.operators import walk
from engine.analysis.form import Asked
from engine.analysis.watch import Watch
from engine.knowledge.facts import Fact

_Paths = tuple[tuple[str | int, ...], ...]
_Place = Callable[..., int]
# How many of the limits in order lie before a value, and whether those are passed, or the ones behind.
_PASSED: Mapping[str, tuple[_Place, bool]] = {
    ">": (bisect_left, True),
    ">=": (bisect_right, True),
    "<": (bisect_right, False),
    "<=": (bisect_left, False),
}
_BEYOND: Mapping[str, Callable[[Any, Any], bool]] = {">": gt, ">=": ge, "<": lt, "<=": le}
_NUMBERS = frozenset({float, int})  # and no flags
_in_order = attrgetter("number")
_limit = attrgetter("limit")


class Bucket(Protocol):
    """The watches of a type whose keys have the same values."""

    @property
    def watches(self) -> Sequence[Watch]: ...

    def concerned(self, values: Mapping[str, Any], changed: Sequence[str]) -> Sequence[Watch]:
        """Those that a change of these fields may make true, in the order of the rules."""


class _One(msgspec.Struct, eq=False, gc=False):
    """A single watch, as in most buckets: there is nothing to look up."""

    watches: tuple[Watch]

    def concerned(self, values: Mapping[str, Any], changed: Sequence[str]) -> Sequence[Watch]:
        form = self.watches[0].form
        return self.watches if form.reads_all or not form.fields.isdisjoint(changed) else ()


class _Limited(msgspec.Struct, eq=False, gc=False):
    """The same where it compares one field with a limit: most samples come no further than here."""

    watches: tuple[Watch]
    field: str
    is_beyond: Callable[[Any, Any], bool]
    limit: float | None

    def concerned(self, values: Mapping[str, Any], changed: Sequence[str]) -> Sequence[Watch]:
        if self.field not in changed:
            return ()
        value = values.get(self.field)
        return self.watches if value.__class__ in _NUMBERS and self.is_beyond(value, self.limit) else ()


def _alone(watch: Watch) -> _One | _Limited:
    asked = watch.form.limit
    if asked is None:
        return _One((watch,))
    return _Limited((watch,), asked.field, _BEYOND[asked.operator], watch.limit)


class _Ladder(msgspec.Struct, eq=False, gc=False):
    """The watches of a bucket that compare one field with a limit in the same direction, by their limits."""

    operator: str
    watches: list[Watch]

    def passed(self, value: object) -> Sequence[Watch]:
        """Those of which it is beyond the limit; what is no number is beyond none."""
        if value.__class__ not in _NUMBERS:
            return ()
        find, before = _PASSED[self.operator]
        place = find(self.watches, value, key=_limit)
        if not before:
            return self.watches[place:]
        return self.watches[:place] if place else ()


class _Several(msgspec.Struct, eq=False, gc=False):
    """Any number of them. `always`: whatever changes concerns them. `ladders` and `readers` are by field."""

    watches: list[Watch] = []  # in the order of the rules
    always: tuple[Watch, ...] = ()
    ladders: dict[str, list[_Ladder]] = {}
    readers: dict[str, list[Watch]] = {}

    def add(self, watch: Watch) -> None:
        self.watches.append(watch)
        asked = watch.form.limit
        if asked is not None:
            self._climb(asked, watch)
            return
        if watch.form.reads_all:
            self.always = (*self.always, watch)
        for name in watch.form.fields:
            self.readers.setdefault(name, []).append(watch)

    def _climb(self, asked: Asked, watch: Watch) -> None:
        ladders = self.ladders.setdefault(asked.field, [])
        for ladder in ladders:
            if ladder.operator == asked.operator:
                insort_right(ladder.watches, watch, key=_limit)
                return
        ladders.append(_Ladder(asked.operator, [watch]))

    def concerned(self, values: Mapping[str, Any], changed: Sequence[str]) -> Sequence[Watch]:
        found: Sequence[Watch] = self.always
        for name in changed:
            for ladder in self.ladders.get(name, ()):
                passed = ladder.passed(values.get(name))
                if passed:
                    found = (*found, *passed)
            if name in self.readers:
                found = (*found, *self.readers[name])
        return found if len(found) < 2 else _sorted(found)


class _Keyed:
    """The watches of one fact type whose keys are the same paths, by the values of these."""

    __slots__ = ("_key", "buckets")

    def __init__(self, paths: _Paths) -> None:
        self._key = _key_of(paths)
        # Each as facts keep it, that these share it.
        self.buckets: dict[Hashable, tuple[_One | _Limited | _Several]] = {}

    def add(self, watch: Watch) -> None:
        first = (_alone(watch),)
        (bucket,) = self.buckets.setdefault(watch.keys, first)
        if isinstance(bucket, _Several):
            bucket.add(watch)
        elif bucket is not first[0]:
            several = _Several()
            several.add(bucket.watches[0])
            several.add(watch)
            self.buckets[watch.keys] = (several,)

    def bucket(self, values: Mapping[str, Any]) -> tuple[Bucket, ...]:
        try:
            return self.buckets.get(self._key(values), ())
        except (
            KeyError,
            TypeError,
        ):  # not known, or a list or a map where a text was expected: equal to no key
            return ()


def _key_of(paths: _Paths) -> Callable[[Mapping[str, Any]], Any]:
    """The values of these: of one path its value, of several all of them."""
    if not paths:
        return lambda values: ()
    if all(len(path) == 1 for path in paths):
        return itemgetter(*[path[0] for path in paths])  # the quick way, for fields of the fact itself
    if len(paths) == 1:
        return lambda values: walk(values, paths[0])
    return lambda values: tuple([walk(values, path) for path in paths])


class _Type:
    """`keys`: the fields by which buckets are found."""

    __slots__ = ("keyed", "keys")

    def __init__(self) -> None:
        self.keys: set[str] = set()
        self.keyed: dict[_Paths, _Keyed] = {}

    def add(self, watch: Watch) -> None:
        paths = watch.form.keys
        keyed = self.keyed.get(paths)
        if keyed is None:
            self.keys.update(str(path[0]) for path in paths)
            keyed = self.keyed[paths] = _Keyed(paths)
        keyed.add(watch)

    def buckets(self, values: Mapping[str, Any]) -> Sequence[Bucket]:
        found = [keyed.bucket(values) for keyed in self.keyed.values()]
        return found[0] if len(found) == 1 else tuple(chain.from_iterable(found))


class Index:
    """What begins in a moment is not in it: no state makes it true."""

    def __init__(self, watches: Iterable[Watch]) -> None:
        self._types: dict[str, _Type] = {}
        self._by_other: dict[str, list[Watch]] = {}
        for watch in watches:
            for other in watch.form.others:
                self._by_other.setdefault(other, []).append(watch)
            if not watch.momentary:
                self._type(watch.type).add(watch)

    def _type(self, name: str) -> _Type:
        kind = self._types.get(name)
        if kind is None:
            kind = self._types[name] = _Type()
        return kind

    def about(self, fact: Fact) -> Sequence[Watch]:
        """All that a fact may make true, in the order of the rules; it has not been looked at since there is this index."""
        kind = self._types.get(fact.type)
        fact.buckets = buckets = () if kind is None else kind.buckets(fact.values)
        if len(buckets) == 1:
            return buckets[0].watches
        return _sorted([watch for bucket in buckets for watch in bucket.watches]) if buckets else ()

    def concerned(self, fact: Fact, changed: Sequence[str]) -> Sequence[Watch]:
        """The watches that a change of these fields may make true, in the order of the rules."""
        kind = self._types.get(fact.type)
        if kind is None:
            return ()
        former: Sequence[Bucket] = fact.buckets
        buckets = former
        if not kind.keys.isdisjoint(changed):
            buckets = fact.buckets = kind.buckets(fact.values)
        elif len(buckets) == 1:
            return buckets[0].concerned(fact.values, changed)
        several: list[Watch] = []
        for bucket in buckets:
            several += bucket.concerned(fact.values, changed) if bucket in former else bucket.watches
        return several if len(several) < 2 else _sorted(several)

    def reading(self, kind: str) -> Sequence[Watch]:
        """The watches about other things that read the single fact of this type."""
        return self._by_other.get(kind, ())


def _sorted(watches: Iterable[Watch]) -> list[Watch]:
    return sorted(set(watches), key=_in_order)
