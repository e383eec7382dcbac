"""`for each T by F, …`: a fact for each combination of values that the facts of a type have in these fields."""

from __future__ import annotations

from collections.abc import Iterable

from dsl.operators import walk
from engine.derived.keys import name_of, nested, path_of, roots_of
from engine.derived.plan import Grouped
from engine.derived.telling import Tell, World
from engine.knowledge.facts import Fact


class Grouping:
    def __init__(self, grouped: Grouped, world: World, tell: Tell) -> None:
        self.grouped = grouped
        self._roots = roots_of(grouped.by)
        self._world = world
        self._tell = tell
        self._group_of: dict[Fact, Fact | None] = {}
        self._members: dict[Fact, int] = {}

    def changed(self, fact: Fact, names: Iterable[str]) -> None:
        """A member is new, changed, or was seen again."""
        if fact not in self._group_of or not self._roots.isdisjoint(names):
            self._move(fact)
        group = self._group_of[fact]
        if group is not None:
            group.sampled_at = max(group.sampled_at, fact.sampled_at)
            if group.situations:
                self._tell.touched(group, ())

    def _move(self, fact: Fact) -> None:
        values = {name: walk(fact.values, path_of(name)) for name in self.grouped.by}
        key = name_of(values.values())
        former = self._group_of.get(fact)
        if fact in self._group_of and (former.key if former else None) == key:
            return
        group = None
        if key is not None:
            group = self._world.memory.fact(self.grouped.name, key)
            self._members[group] = self._members.get(group, 0) + 1
            self._tell.there(group)
            group.sampled_at = max(group.sampled_at, fact.sampled_at)
        self._group_of[fact] = group
        if group is not None:
            self._tell.fields(group, nested(values))
            self._tell.touched(group, ())
        if former is not None:
            self._leave(former)

    def forget(self, fact: Fact) -> None:
        group = self._group_of.pop(fact, None)
        if group is not None:
            self._leave(group)

    def _leave(self, group: Fact) -> None:
        self._members[group] -= 1
        if not self._members[group]:
            del self._members[group]
            self._tell.gone(group)

    def facts(self) -> list[Fact]:
        return list(self._members)
