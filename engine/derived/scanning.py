"""Aggregates that only a look at every member finds: what binds a member to the fact that asks is no equality."""

from __future__ import annotations

from collections.abc import Iterable

from dsl.expressions import Field, nodes_of
from engine.analysis.evaluate import aggregated
from engine.derived.plan import IT, OF, Scanned
from engine.derived.tallies import fields_of
from engine.derived.telling import Tell, World
from engine.knowledge.facts import Fact


class Scanning:
    """One such aggregate, for each fact of its owner's type."""

    def __init__(self, scanned: Scanned, world: World, tell: Tell) -> None:
        self.scanned = scanned
        self._world = world
        self._tell = tell
        fields = [node for node in nodes_of(scanned.node) if isinstance(node, Field)]
        self.of_members = frozenset(str(one.path[0]) for one in fields if one.subject == IT and one.path)
        self.of_owner = frozenset(str(one.path[0]) for one in fields if one.subject == OF and one.path)
        self.reads = self.of_members | self.of_owner
        self.others = frozenset(one.subject for one in fields if one.subject not in (IT, OF))
        self._owners: dict[Fact, None] = {}
        self._members: dict[Fact, None] = {}

    def changed(self, fact: Fact, names: Iterable[str]) -> None:
        if fact.type == self.scanned.owner and (
            fact not in self._owners or not self.of_owner.isdisjoint(names)
        ):
            self._owners[fact] = None
            self._write(fact)
        if fact.type == self.scanned.node.members.type and self._is_news(fact, names):
            self._members[fact] = None
            self.look_at_all()

    def _is_news(self, member: Fact, names: Iterable[str]) -> bool:
        return member not in self._members or not self.of_members.isdisjoint(names)

    def forget(self, fact: Fact) -> None:
        self._owners.pop(fact, None)
        if fact in self._members:
            del self._members[fact]
            self.look_at_all()

    def look_at_all(self) -> None:
        for owner in list(self._owners):
            self._write(owner)

    def _write(self, owner: Fact) -> None:
        world = self._world
        result = aggregated(self.scanned.node, {**world.singles, OF: owner.values}, world.clock())
        self._tell.fields(owner, fields_of(self.scanned.slot, result))
