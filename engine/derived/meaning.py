"""A name for what something means that is the same in every life of volexd: a digest in which slots are what they stand for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from hashlib import blake2b
from typing import Any

import msgspec

from dsl.equality import EqualInMeaning
from dsl.expressions import Field
from engine.derived.plan import Plan
from engine.derived.renamed import renamed
from engine.renaming import NOBODY, Names


class Meanings:
    """Of the conditions of one plan. Texts that people wrote are no part of a meaning, and neither are the numbers of slots.

    `names`: of detections that are called otherwise than they were when something was kept.
    """

    def __init__(self, plan: Plan, names: Names = NOBODY) -> None:
        self._plan = plan
        self._known: dict[str, object] = {}
        self._called = NOBODY  # what detections are called in it, where that is not what they are called now
        self._former: Meanings | None = None
        if names.kinds:
            self._former = Meanings(plan)
            self._former._called = names.backwards()

    def digests(self, thing: object) -> tuple[str, ...]:
        """As it is named, and as it was when detections had their former names."""
        own = self.digest(thing)
        return (own,) if self._former is None else (own, self._former.digest(thing))

    def digest(self, thing: object) -> str:
        text = json.dumps(self._plain(thing), ensure_ascii=True, separators=(",", ":"))
        return blake2b(text.encode(), digest_size=16).hexdigest()

    def _plain(self, thing: object) -> object:
        thing = renamed(thing, self._called) if self._called.kinds else thing
        if isinstance(thing, Field):
            return ["Field", *(self._part(part) for part in (thing.subject, *thing.path))]
        if isinstance(thing, msgspec.Struct) or (is_dataclass(thing) and not isinstance(thing, type)):
            return [type(thing).__name__, *(self._plain(getattr(thing, name)) for name in _compared(thing))]
        if isinstance(thing, (tuple, list)):
            return [self._plain(one) for one in thing]
        if isinstance(thing, Mapping):
            return [
                "map",
                *sorted(([repr(key), self._plain(value)] for key, value in thing.items()), key=repr),
            ]
        if isinstance(thing, (set, frozenset)):
            return ["set", *sorted((self._plain(one) for one in thing), key=repr)]
        return [type(thing).__name__, repr(thing)]

    def _part(self, part: str | int) -> object:
        """A name, or what stands in a slot."""
        if not isinstance(part, str) or not part.startswith("#"):
            return part
        slot, bound = part.rstrip("<>"), part[len(part.rstrip("<>")) :]
        if slot not in self._known:
            self._known[slot] = self._of_slot(slot)
        return [self._known[slot], bound]

    def _of_slot(self, slot: str) -> object:
        plan = self._plan
        tables: tuple[Mapping[str, object], ...] = (
            plan.followed, plan.readers, plan.scanned, plan.held, plan.calendars, plan.learned,
        )  # fmt: skip
        found = next((table[slot] for table in tables if slot in table), None)
        return slot if found is None else self._plain(found)


def _compared(thing: Any) -> list[str]:
    """The fields that make it what it is; the number of a slot does not."""
    if isinstance(thing, EqualInMeaning):
        names = [name for name in thing.__struct_fields__ if name not in thing.beside]
    elif isinstance(thing, msgspec.Struct):
        names = list(thing.__struct_fields__)
    else:
        names = [one.name for one in fields(thing) if one.compare]
    return [name for name in names if name != "slot"]
