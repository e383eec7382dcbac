"""`for each T, U matching F`: a fact for each combination of one fact of every type whose values in the fields F are equal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product

from dsl.operators import walk
from engine.derived.keys import Key, alike, path_of, roots_of
from engine.derived.plan import Joined
from engine.derived.telling import Tell, World
from engine.knowledge.facts import Fact

MOST = 100_000  # combinations of one join; more are left out, and counted


class Joining:
    """`surplus`: combinations that were left out."""

    def __init__(self, joined: Joined, world: World, tell: Tell) -> None:
        self.joined = joined
        self._name = joined.name
        self._names = [name for _, name in joined.parts]
        self._roots = roots_of(joined.matching)
        self.surplus = 0
        self._world = world
        self._tell = tell
        self._buckets: list[dict[Key, dict[Fact, None]]] = [{} for _ in joined.parts]
        self._keys: dict[Fact, Key | None] = {}
        self._wholes: dict[Fact, dict[Fact, None]] = {}  # by part
        self._count = 0

    def changed(self, fact: Fact, names: Iterable[str]) -> None:
        """A part is new, changed, or was seen again."""
        if fact not in self._keys or not self._roots.isdisjoint(names):
            key = self._key(fact)
            if fact not in self._keys or self._keys[fact] != key:
                self._leave(fact, still=key is not None)
                self._enter(fact, key)
        for whole in list(self._wholes.get(fact, ())):
            _resample(whole)
            parts = [name for name, part in whole.parts.items() if part is fact]
            self._tell.touched(whole, parts if names else ())

    def _key(self, fact: Fact) -> Key | None:
        values = [alike(walk(fact.values, path_of(name))) for name in self.joined.matching]
        return None if None in values else tuple(values)

    def _enter(self, fact: Fact, key: Key | None) -> None:
        self._keys[fact] = key
        if key is None:
            return
        places = [place for place, (kind, _) in enumerate(self.joined.parts) if kind == fact.type]
        for place in places:
            self._buckets[place].setdefault(key, {})[fact] = None
        for parts in self._combinations(fact, key, places):
            self._join(parts)

    def _combinations(self, fact: Fact, key: Key, places: list[int]) -> Iterator[tuple[Fact, ...]]:
        """Those with this fact in at least one place, each once."""
        for number, place in enumerate(places):
            choices = []
            for other, bucket in enumerate(self._buckets):
                facts = list(bucket.get(key, ()))
                if other == place:
                    facts = [fact]
                elif other in places[:number]:
                    facts = [one for one in facts if one is not fact]
                choices.append(facts)
            yield from product(*choices)

    def _join(self, parts: tuple[Fact, ...]) -> None:
        memory, key = self._world.memory, ", ".join([part.key for part in parts])
        known = memory.get(self._name, key)
        if known is not None and known in self._wholes.get(parts[0], ()):
            return  # it stayed
        if self._count >= MOST:
            self.surplus += 1
            return
        whole = memory.fact(self._name, key)
        self._tell.there(whole)
        whole.parts = dict(zip(self._names, parts, strict=True))
        for part in parts:
            self._wholes.setdefault(part, {})[whole] = None
        self._count += 1
        _resample(whole)
        self._tell.fields(whole, {name: part.values for name, part in whole.parts.items()})
        self._tell.touched(whole, ())

    def forget(self, fact: Fact) -> None:
        """It is gone."""
        self._leave(fact, still=False)

    def _leave(self, fact: Fact, *, still: bool) -> None:
        """It is gone, or its values match others now; itself they match `still`, and what is made of it alone stays."""
        key = self._keys.pop(fact, None)
        for bucket in self._buckets:
            if key is not None and fact in bucket.get(key, ()):
                del bucket[key][fact]
                if not bucket[key]:
                    del bucket[key]
        wholes = self._wholes.pop(fact, {})
        alone = [whole for whole in wholes if still and all(part is fact for part in whole.parts.values())]
        if alone:
            self._wholes[fact] = dict.fromkeys(alone)
        for whole in wholes:
            if whole in self._wholes.get(fact, ()):
                continue
            for part in whole.parts.values():
                if part is not fact:
                    self._wholes[part].pop(whole, None)
            self._count -= 1
            self._tell.gone(whole)

    def facts(self) -> list[Fact]:
        return list({whole: None for wholes in self._wholes.values() for whole in wholes})


def _resample(whole: Fact) -> None:
    """What it proves is as old as the oldest of its parts."""
    whole.sampled_at = min(part.sampled_at for part in whole.parts.values())
