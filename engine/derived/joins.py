"""`for each T, U matching F`: a fact for each combination of one fact of every type whose values in the fields F are equal."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain, product

from engine.derived.keys import Key, key_at, path_of, roots_of
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
        self._places: dict[str, list[int]] = {}  # by type
        for place, (kind, _) in enumerate(joined.parts):
            self._places.setdefault(kind, []).append(place)
        self._key_of = key_at([path_of(name) for name in joined.matching])
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
        if fact not in self._keys:
            self._enter(fact, self._key_of(fact.values))
            return
        if not self._roots.isdisjoint(names):
            key = self._key_of(fact.values)
            if self._keys[fact] != key:
                self._leave(fact, still=key is not None)
                self._enter(fact, key)
        for whole in list(self._wholes.get(fact, ())):
            _resample(whole)
            parts = [name for name, part in whole.parts.items() if part is fact] if names else ()
            self._tell.touched(whole, parts)

    def _enter(self, fact: Fact, key: Key | None) -> None:
        self._keys[fact] = key
        if key is None:
            return
        places = self._places[fact.type]
        for place in places:
            bucket = self._buckets[place]
            if key not in bucket:
                bucket[key] = {}
            bucket[key][fact] = None
        for parts in self._combinations(fact, key, places):
            self._join(parts)

    def _combinations(self, fact: Fact, key: Key, places: list[int]) -> Iterable[tuple[Fact, ...]]:
        """Those with this fact in at least one place, each once."""
        if len(places) == 1:
            own = self._buckets[places[0]]
            return product(*[(fact,) if one is own else one.get(key, ()) for one in self._buckets])
        found = []
        for number, place in enumerate(places):
            choices: list[Iterable[Fact]] = []
            for other, bucket in enumerate(self._buckets):
                if other == place:
                    choices.append((fact,))
                elif other in places[:number]:
                    choices.append([one for one in bucket.get(key, ()) if one is not fact])
                else:
                    choices.append(bucket.get(key, ()))
            found.append(product(*choices))
        return chain.from_iterable(found)

    def _join(self, parts: tuple[Fact, ...]) -> None:
        memory, key = self._world.memory, ", ".join([part.key for part in parts])
        known = memory.get(self._name, key)
        if known is not None and known in self._wholes.get(parts[0], ()):
            return  # it stayed
        if self._count >= MOST:
            self.surplus += 1
            return
        if known is not None:
            self._tell.there(known)
        whole = known or memory.fact(self._name, key)
        whole.parts = dict(zip(self._names, parts, strict=True))
        for name, part in whole.parts.items():
            whole.values[name] = part.values
            wholes = self._wholes.get(part)
            if wholes is None:
                self._wholes[part] = {whole: None}
            else:
                wholes[whole] = None
        self._count += 1
        _resample(whole)
        self._tell.touched(whole, self._names)

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
    whole.sampled_at = min([part.sampled_at for part in whole.parts.values()])
