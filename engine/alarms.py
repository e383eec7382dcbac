"""What is due when. The engine has no clock: alarms ring as events carry time past them, each at its own instant."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heapify, heappop, heappush
from math import inf

Ring = Callable[[], None]
_CROWD = 1000  # alarms, before those that were called off are looked for


class Alarm:
    """One instant at which something is to be looked at again; `ring` is None once it was called off."""

    __slots__ = ("_alarms", "due", "of_facts", "ring")

    def __init__(self, due: float, ring: Ring, of_facts: bool, alarms: Alarms) -> None:
        self.due = due
        self.ring: Ring | None = ring
        self.of_facts = of_facts
        self._alarms = alarms

    def call_off(self) -> None:
        self.ring = None
        self._alarms.moved = True


class Alarms:
    """In one instant, first what changes facts rings, all of it as one change; then what follows from facts and time.

    `moved`: which of them is the earliest may have changed since whoever tells of it set this back.
    """

    def __init__(self) -> None:
        self.moved = True
        self._heap: list[tuple[float, bool, int, Alarm]] = []
        self.soonest = inf  # nothing is due before it
        self._count = 0
        self._crowd = _CROWD

    def at(self, due: float, ring: Ring) -> Alarm:
        """Ring at `due`; alarms of one instant ring in the order in which they were set."""
        return self._set(Alarm(due, ring, False, self))

    def of_facts(self, due: float, ring: Ring) -> Alarm:
        """The same for what time alone changes in facts: they grow stale, a window moves on."""
        return self._set(Alarm(due, ring, True, self))

    def _set(self, alarm: Alarm) -> Alarm:
        self._count += 1
        if alarm.due < self.soonest:
            self.soonest, self.moved = alarm.due, True
        heappush(self._heap, (alarm.due, not alarm.of_facts, self._count, alarm))
        if len(self._heap) > self._crowd:
            self._sweep()
        return alarm

    def _sweep(self) -> None:
        """Alarms called off long before they are due would otherwise pile up, reload after reload."""
        self._heap = [entry for entry in self._heap if entry[-1].ring is not None]
        heapify(self._heap)
        self._crowd = max(_CROWD, 2 * len(self._heap))

    def __len__(self) -> int:
        return len(self._heap)

    def earliest(self) -> float | None:
        while self._heap and self._heap[0][-1].ring is None:
            heappop(self._heap)
        if not self._heap:
            self.soonest = inf
            return None
        self.soonest = self._heap[0][0]
        return self.soonest

    def pop_due(self, now: float) -> Alarm | None:
        """The next alarm that is due by `now`, taken out."""
        due = self.earliest()
        if due is None or due > now:
            return None
        self.moved = True
        return heappop(self._heap)[-1]

    def pop_of_facts(self, now: float) -> Alarm | None:
        """The same, if it is one that changes facts."""
        due = self.earliest()
        return self.pop_due(now) if due is not None and self._heap[0][-1].of_facts else None
