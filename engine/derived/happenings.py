"""Events within a time: each enters the windows that count it, and leaves them when it is too long ago."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Protocol

from engine.derived.plan import Source
from engine.derived.renamed import fault_renamed
from engine.derived.telling import Tell, World
from engine.knowledge.facts import Fact
from engine.renaming import Names

MOST = 10_000  # events in one window; beyond it the oldest leave early, and are counted as surplus


class Counted(Protocol):
    """What counts events, or keeps them."""

    def update(self, fact: Fact) -> None: ...

    def forget(self, fact: Fact) -> None: ...


class Remembered:
    """Events that are looked at one by one: they stand in working memory as long as they count."""

    def __init__(self, world: World, tell: Tell) -> None:
        self._world = world
        self._tell = tell

    def update(self, fact: Fact) -> None:
        self._world.memory.types.setdefault(fact.type, {})[fact.key] = fact
        self._tell.touched(fact, fact.values.keys())

    def forget(self, fact: Fact) -> None:
        if self._world.memory.get(fact.type, fact.key) is fact:
            self._tell.gone(fact)


class Happening:
    """One window over events, and what counts what is in it."""

    def __init__(self, source: Source, counting: Counted, world: World) -> None:
        self.source = source
        self.surplus = 0
        self._counting = counting
        self._world = world
        self._inside: OrderedDict[Fact, None] = OrderedDict()  # the oldest is at hand
        self._coming: dict[Fact, None] = {}  # they happened, and their window only begins
        self._number = 0

    def happened(self, values: Mapping[str, Any], at: float) -> None:
        """One happened at that instant; one that is too long ago leaves no trace."""
        now = self._world.clock()
        begins, ends = at + self.source.ending, at + self.source.ending + self.source.over
        if ends <= now:
            return
        self._number += 1
        event = Fact(self.source.name, str(self._number))
        event.values.update(values)
        event.sampled_at = at
        if begins > now:
            self._coming[event] = None
            self._world.at(begins, lambda: self._enter(event))
        else:
            self._enter(event)
        self._world.at(ends, lambda: self._leave(event))

    def _enter(self, event: Fact) -> None:
        self._coming.pop(event, None)
        self._inside[event] = None
        self._counting.update(event)
        if len(self._inside) > MOST:
            self.surplus += 1
            self._leave(next(iter(self._inside)))

    def _leave(self, event: Fact) -> None:
        """It is too long ago. One that left early is here no more."""
        if self._inside.pop(event, event) is None:
            self._counting.forget(event)

    def rename(self, names: Names, counting: Counted | None) -> None:
        """The faults among its events are called otherwise; `counting` counts them from now on, where something does."""
        for event in (*self._inside, *self._coming):
            event.values.update(fault_renamed(event.values, names))
        if counting is not None:
            self._counting = counting
            for event in self._inside:
                counting.update(event)

    @property
    def count(self) -> int:
        """How many it knows of."""
        return len(self._inside) + len(self._coming)

    def kept(self) -> list[tuple[dict[str, Any], float]]:
        """What survives a restart: the values of its events, and when they happened."""
        return [(dict(event.values), event.sampled_at) for event in (*self._inside, *self._coming)]

    def stop(self) -> None:
        """Nobody asks for them any more."""
        for event in list(self._inside):
            self._leave(event)
