"""Events within a time: each enters the windows that count it, and leaves them when it is too long ago."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any

from engine.derived.plan import Source
from engine.derived.tallies import Counting
from engine.derived.telling import World
from engine.knowledge.facts import Fact

MOST = 10_000  # events in one window; beyond it the oldest leave early, and are counted as surplus


class Happening:
    """The window of one aggregate over events."""

    def __init__(self, source: Source, counting: Counting, world: World) -> None:
        self.source = source
        self.surplus = 0
        self._counting = counting
        self._world = world
        self._inside: deque[Fact] = deque()
        self._number = 0

    def happened(self, values: Mapping[str, Any], at: float) -> None:
        """One happened at that instant; one that is too long ago leaves no trace."""
        now = self._world.clock()
        begins, ends = at + self.source.ending, at + self.source.ending + self.source.over
        if ends <= now:
            return
        self._number += 1
        event = Fact(self.source.type, str(self._number))
        event.values.update(values)
        event.sampled_at = at
        alarms = self._world.alarms
        if begins > now:
            alarms.at(begins, lambda: self._enter(event))
        else:
            self._enter(event)
        alarms.at(ends, lambda: self._leave(event))

    def _enter(self, event: Fact) -> None:
        self._inside.append(event)
        self._counting.update(event)
        if len(self._inside) > MOST:
            self.surplus += 1
            self._counting.forget(self._inside.popleft())

    def _leave(self, event: Fact) -> None:
        self._counting.forget(event)
        if self._inside and self._inside[0] is event:
            self._inside.popleft()
