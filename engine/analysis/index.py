"""Which watches a change may concern: cost grows with what a fact touches, and not with the number of rules.

The equalities that must hold for a rule to be true (`agent.name == "api"`) lead from a fact to its buckets, and a fact remembers them
until one of these fields changes. Within a bucket a change is told to those that read it. Of rules that compare one field with a limit,
those that a value passes are a slice of their limits in order.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import attrgetter, itemgetter
from typing import Any

from dsl.operators import walk
from engine.analysis.watch import Watch
from engine.knowledge.facts import Fact

_Paths = tuple[tuple[str | int, ...], ...]
_Place = Callable[[Sequence[float], float], int]
# How many of the limits in order lie before a value, and whether those are passed, or the ones behind.
_PASSED: Mapping[str, tuple[_Place, bool]] = {
    ">": (bisect_left, True),
    ">=": (bisect_right, True),
    "<": (bisect_right, False),
    "<=": (bisect_left, False),
}
_in_order = attrgetter("number")


class _Ladder:
    """The watches of a bucket that compare one field with a limit in the same direction."""

    __slots__ = ("_before", "_limits", "_place", "_watches", "operator")

    def __init__(self, operator: str) -> None:
        self.operator = operator
        self._place, self._before = _PASSED[operator]
        self._limits: list[float] = []
        self._watches: list[Watch] = []

    def add(self, limit: float, watch: Watch) -> None:
        place = bisect_right(self._limits, limit)
        self._limits.insert(place, limit)
        self._watches.insert(place, watch)

    def passed(self, value: object) -> Sequence[Watch]:
        """Those of which it is beyond the limit; what is no number is beyond none."""
        if value.__class__ is not float and value.__class__ is not int:
            return ()
        place = self._place(self._limits, value)
        if not self._before:
            return self._watches[place:]
        return self._watches[:place] if place else ()


class Bucket:
    """The watches of a type whose keys have the same values."""

    __slots__ = ("_always", "_ladders", "_readers", "watches")

    def __init__(self) -> None:
        self.watches: list[Watch] = []
        self._always: Sequence[Watch] = ()
        self._ladders: dict[str, list[_Ladder]] = {}  # by field
        self._readers: dict[str, list[Watch]] = {}

    def add(self, watch: Watch) -> None:
        self.watches.append(watch)
        asked = watch.form.limit
        if asked is not None and watch.limit is not None:
            self._ladder(asked.field, asked.operator).add(watch.limit, watch)
            return
        if watch.form.reads_all:
            self._always = (*self._always, watch)
        for name in watch.form.fields:
            self._readers.setdefault(name, []).append(watch)

    def _ladder(self, field: str, operator: str) -> _Ladder:
        ladders = self._ladders.setdefault(field, [])
        found = next((ladder for ladder in ladders if ladder.operator == operator), None)
        if found is None:
            found = _Ladder(operator)
            ladders.append(found)
        return found

    def concerned(self, values: Mapping[str, Any], changed: Iterable[str]) -> Sequence[Watch]:
        """Those that a change of these fields may make true, some of them more than once."""
        found = self._always
        for name in changed:
            for ladder in self._ladders.get(name, ()):
                passed = ladder.passed(values.get(name))
                if passed:
                    found = (*found, *passed)
            if name in self._readers:
                found = (*found, *self._readers[name])
        return found


class _Keyed:
    """The watches of one fact type whose keys are the same paths, by the values of these."""

    __slots__ = ("_key", "buckets")

    def __init__(self, paths: _Paths) -> None:
        flat = all(len(path) == 1 for path in paths)
        self._key = _by_name(*(str(path[0]) for path in paths)) if paths and flat else _by_path(paths)
        self.buckets: dict[tuple[Any, ...], Bucket] = {}

    def bucket(self, values: Mapping[str, Any]) -> Bucket | None:
        try:
            return self.buckets.get(self._key(values))
        except (
            KeyError,
            TypeError,
        ):  # not known, or a list or a map where a text was expected: equal to no key
            return None


def _by_name(name: str, *names: str) -> Callable[[Mapping[str, Any]], Any]:
    """The quick way, for fields of the fact itself."""
    get = itemgetter(name, *names)
    return get if names else lambda values: (get(values),)


def _by_path(paths: _Paths) -> Callable[[Mapping[str, Any]], Any]:
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
        bucket = keyed.buckets.get(watch.keys)
        if bucket is None:
            bucket = keyed.buckets[watch.keys] = Bucket()
        bucket.add(watch)

    def buckets(self, values: Mapping[str, Any]) -> list[Bucket]:
        found = (keyed.bucket(values) for keyed in self.keyed.values())
        return [bucket for bucket in found if bucket is not None]


class Index:
    """What begins in a moment is not in it: no state makes it true."""

    def __init__(self, watches: Iterable[Watch]) -> None:
        self._types: dict[str, _Type] = {}
        self._by_other: dict[str, list[Watch]] = {}
        for watch in watches:
            for other in watch.form.others:
                self._by_other.setdefault(other, []).append(watch)
            if not watch.momentary:
                self._types.setdefault(watch.type, _Type()).add(watch)

    def about(self, fact: Fact) -> list[Watch]:
        """All that a fact may make true, in the order of the rules; it has not been looked at since there is this index."""
        kind = self._types.get(fact.type)
        fact.buckets = [] if kind is None else kind.buckets(fact.values)
        return _sorted([watch for bucket in fact.buckets for watch in bucket.watches])

    def concerned(self, fact: Fact, changed: Sequence[str]) -> Sequence[Watch]:
        """The watches that a change of these fields may make true, in the order of the rules."""
        kind = self._types.get(fact.type)
        if kind is None:
            return ()
        former = buckets = fact.buckets
        if not kind.keys.isdisjoint(changed):
            buckets = fact.buckets = kind.buckets(fact.values)
        elif len(buckets) == 1:
            found = buckets[0].concerned(fact.values, changed)
            return found if len(found) < 2 else _sorted(found)
        several: list[Watch] = []
        for bucket in buckets:
            several += bucket.concerned(fact.values, changed) if bucket in former else bucket.watches
        return several if len(several) < 2 else _sorted(several)

    def reading(self, kind: str) -> Sequence[Watch]:
        """The watches about other things that read the single fact of this type."""
        return self._by_other.get(kind, ())


def _sorted(watches: Iterable[Watch]) -> list[Watch]:
    return sorted(set(watches), key=_in_order)
