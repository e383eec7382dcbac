"""`derive`: facts computed from others, withdrawn when their ground goes."""

from __future__ import annotations

from collections.abc import Iterable
from math import inf
from typing import Any

from dsl.program import Derive, FactType
from engine.analysis.compile import Predicate
from engine.derived.plan import JOINED
from engine.derived.telling import Tell, World
from engine.knowledge.facts import Fact
from engine.renaming import Names

SOURCE = "derived"


class Deriving:
    """One `derive`, its expressions over slots: a fact for each subject of which its `where` is true."""

    def __init__(self, derive: Derive, kind: FactType, world: World, tell: Tell) -> None:
        self.derive = derive
        self.type = derive.binding.type
        self.name = f"{derive.head.name} of {self.type}"  # by which it is found again in another program
        self._kind = kind
        self._world = world
        self._tell = tell
        variable = JOINED if derive.binding.joined else derive.binding.name
        where = derive.binding.where
        self._where = None if where is None else Predicate(where, variable)
        self._fields = {name: Predicate(value, variable) for name, value in derive.fields}
        self._facts: dict[Fact, Fact] = {}

    def changed(self, fact: Fact, names: Iterable[str]) -> None:
        """Its ground is new, or changed."""
        world = self._world
        now = world.clock()
        if self._where is not None and self._where.test(fact.values, world.singles, now) is not True:
            self.forget(fact)
            return
        derived = self._facts.get(fact)
        if derived is None:
            derived = self._facts[fact] = world.memory.fact(self.derive.head.name, fact.key)
            self._tell.there(derived)
        values = {key.name: _of(fact, key.name) for key in self._kind.keys}
        values |= {name: value.test(fact.values, world.singles, now) for name, value in self._fields.items()}
        world.memory.merge(derived, values, fact.sampled_at, SOURCE, inf)

    def rename(self, names: Names) -> None:
        """It is called otherwise, or what it is derived from is."""
        self.derive, self.type = names.rule("derive", self.derive), names.type(self.type)
        self.name = f"{self.derive.head.name} of {self.type}"

    def take_over(self, former: Deriving) -> None:
        """The facts that it made under its former text."""
        self._facts = former._facts

    def look_at_all(self) -> None:
        for fact in list(self._world.memory.all(self.type)):
            self.changed(fact, ())

    @property
    def others(self) -> frozenset[str]:
        """What is everybody's and is read here."""
        predicates = [self._where, *self._fields.values()]
        return frozenset(
            one.subject for p in predicates if p is not None for one in p.fields if one.subject != p.subject
        )

    def forget(self, fact: Fact) -> None:
        """Its ground is gone."""
        derived = self._facts.pop(fact, None)
        if derived is not None:
            self._tell.gone(derived)

    def facts(self) -> list[Fact]:
        return list(self._facts.values())


def _of(fact: Fact, name: str) -> Any:
    """A key field: the subject's own, or of the first part of a join that has it."""
    if name in fact.values:
        return fact.values[name]
    return next((part.values[name] for part in fact.parts.values() if name in part.values), None)
