"""From a probe's reply to facts: which items there are, which fact each is, which value each field has, and what is not taken in."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from daemon.probes.probe import ProbeFailure, Reply
from daemon.watching.fitting import LONGEST_KEY, Unfit, fitted, what
from daemon.watching.look import valued
from daemon.world.refusals import Refusal
from dsl.expressions import Field, nodes_of
from dsl.operators import walk
from dsl.program import FactField, FactType
from engine.analysis.written import written

_AT_ONCE = 200  # items, then whoever takes in a long reply may let others have a turn

Values = dict[str, object]


class Door(Protocol):
    """Who decides which facts are let in, and hears of what is not."""

    def arrived(self, keys: Collection[str]) -> None:
        """These are all keys of the look; after this `admits` is asked."""

    def admits(self, key: str) -> bool: ...

    def refuse(self, refusal: Refusal, count: int = 1) -> None: ...


@dataclass(slots=True)
class Taken:
    """Key to values, in the order of the source. `unknown` counts values for which the type has no field, `unusable` items without a
    key, `surplus` items whose key found no room."""

    facts: dict[str, Values] = field(default_factory=dict)
    unknown: int = 0
    unusable: int = 0
    surplus: int = 0


def taken(reply: Reply, path: Sequence[str | int], kind: FactType, now: float, door: Door) -> Taken:
    """The facts of a reply, at once. Raises ProbeFailure when it holds nothing that could be facts."""
    return taken_of(items_of(reply, path, kind), kind, now, door)


def taken_of(items: Iterable[object], kind: FactType, now: float, door: Door) -> Taken:
    """The facts of these items, at once."""
    taking = Taking(kind, now, door)
    for _ in taking.steps(items):
        pass
    return taking.taken


def items_of(reply: Reply, path: Sequence[str | int], kind: FactType) -> Iterable[object]:
    """A list: its items. An object of objects: its members, each with its name in the first key field. Another object: itself."""
    found = walk(reply, path)
    if found is None:
        raise ProbeFailure(f"the reply has no {'.'.join(map(str, path)) or 'value'}")
    if isinstance(found, (list, tuple)):
        return found
    if not isinstance(found, Mapping):
        raise ProbeFailure(f"the reply holds {what(found)} where a list or an object should be")
    if all(isinstance(member, Mapping) for member in found.values()):
        first = kind.keys[0].name if kind.keys else "name"
        return ({**member, first: name} for name, member in found.items())
    return (found,)


class Taking:
    """The facts of one look at one source. All keys are read first, so that those that are gone make room for those that came."""

    def __init__(self, kind: FactType, now: float, door: Door) -> None:
        self.taken = Taken()
        self._kind = kind
        self._now = now
        self._door = door
        self._twice = 0

    def steps(self, items: Iterable[object]) -> Iterator[None]:
        """Stops now and then, so that a long look holds nobody up."""
        keyed: dict[str, tuple[Values, Mapping[str, object]]] = {}
        for number, item in enumerate(items):
            self._key(item, keyed)
            if number % _AT_ONCE == _AT_ONCE - 1:
                yield
        self._door.arrived(keyed.keys())
        for number, (key, (keys, item)) in enumerate(keyed.items()):
            self._take(key, keys, item)
            if number % _AT_ONCE == _AT_ONCE - 1:
                yield
        self._refuse_items()

    def _key(self, item: object, keyed: dict[str, tuple[Values, Mapping[str, object]]]) -> None:
        kind = self._kind
        if not isinstance(item, Mapping):
            item = {kind.keys[0].name: item} if len(kind.keys) == 1 else {}
        keys = {one.name: value_of(one, item, self._now, self._door) for one in kind.keys}
        key = _written(keys.values())
        if key is None:
            self.taken.unusable += 1
            return
        if key in keyed:
            self._twice += 1
        keyed[key] = keys, item

    def _take(self, key: str, keys: Values, item: Mapping[str, object]) -> None:
        if not self._door.admits(key):
            self.taken.surplus += 1
            return
        fields = {one.name: value_of(one, item, self._now, self._door) for one in self._kind.fields}
        self.taken.facts[key] = values = keys | fields
        self.taken.unknown += sum(name not in values for name in item)

    def _refuse_items(self) -> None:
        """What is left out as a whole, at the end: there may be many of them."""
        keys, taken = ", ".join(one.name for one in self._kind.keys), self.taken
        self._refuse("unusable_key", f"an item has no usable {keys}, and is left out", taken.unusable)
        self._refuse("twice", f"several items have the same {keys}: the last one is taken", self._twice)
        self._refuse(
            "too_many_keys", f"there are too many {self._kind.name}: new ones are left out", taken.surplus
        )

    def _refuse(self, reason: str, sentence: str, count: int) -> None:
        if count:
            self._door.refuse(Refusal(reason, "", sentence), count)


def _written(parts: Collection[object]) -> str | None:
    """The key; None where it is no key."""
    if len(parts) == 1 and isinstance(only := next(iter(parts)), str):
        return only if len(only) <= LONGEST_KEY and "\0" not in only else None
    if any(part is None or isinstance(part, (list, dict)) for part in parts):
        return None
    key = ", ".join(map(written, parts))
    return key if len(key) <= LONGEST_KEY and "\0" not in key else None


def value_of(one: FactField, item: Mapping[str, object], now: float, door: Door) -> object:
    """The value of a field; None, unknown, for what is not said or does not fit."""
    given = item.get(one.name) if one.computed is None else valued(one.computed, {"item": item}, now)
    if given is None:
        _miss(one, item, door)
        return None
    try:
        return fitted(one, given)
    except Unfit as unfit:
        door.refuse(Refusal(unfit.reason, one.name, f"{one.name} is {unfit}, and counts as unknown"))
        return None


def _miss(one: FactField, item: Mapping[str, object], door: Door) -> None:
    """Tell why there is no value, unless it was simply not said."""
    if one.computed is None:
        if one.name in item:
            door.refuse(Refusal("null", one.name, f"{one.name} is null, and counts as unknown"))
    elif _could_be_calculated(one, item):
        sentence = f"{one.name} cannot be calculated from what is said, and counts as unknown"
        door.refuse(Refusal("not_calculable", one.name, sentence))


def _could_be_calculated(one: FactField, item: Mapping[str, object]) -> bool:
    """Whether all was said that it is calculated from."""
    assert one.computed is not None
    read = [
        node.path for node in nodes_of(one.computed) if isinstance(node, Field) and node.subject == "item"
    ]
    return all(walk(item, path) is not None for path in read)
