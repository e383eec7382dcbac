"""What is due when. The engine has no clock: alarms ring as events carry time past them, each at its own instant."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from math import inf, nan
from typing import Protocol

Ring = Callable[[], None]
_CROWD = 1000  # alarms that were called off, before they are looked for
_OFF = nan  # due at no instant, neither before nor after any


def _nothing() -> None:
    """Nobody is told."""


class Waiting(Protocol):
    """What rings when it is due. While it waits it may be put off: given a later instant, of which nobody has to be told."""

    due: float

    def ring(self) -> None: ...


class Alarm:
    """One instant at which something is to be looked at again."""

    __slots__ = ("_alarms", "_ring", "due")

    def __init__(self, due: float, ring: Ring, alarms: Alarms) -> None:
        self.due = due
        self._ring = ring
        self._alarms = alarms

    def ring(self) -> None:
        self._ring()

    def call_off(self) -> None:
        """It stands among the others until its instant, or longer: it lets go of what it would have told."""
        self._ring = _nothing
        self._alarms.call_off(self)


class Alarms:
    """In one instant, first what changes facts rings, all of it as one change; then what follows from facts and time.

    `moved`: which of them is the earliest may have changed since whoever tells of it set this back.
    """

    def __init__(self) -> None:
        self.moved = True
        self.soonest = inf  # nothing is due before it
        self._unsure = False  # whether anything is due then: it was called off, or rang
        self._of_facts = _Queue()
        self._others = _Queue()
        self._called_off = 0
        self._crowd = _CROWD

    def at(self, due: float, ring: Ring) -> Alarm:
        """Ring at `due`; alarms of one instant ring in the order in which they were set."""
        alarm = Alarm(due, ring, self)
        self._set(self._others, alarm)
        return alarm

    def of_facts(self, due: float, ring: Ring) -> Alarm:
        """The same for what time alone changes in facts: they grow stale, a window moves on."""
        alarm = Alarm(due, ring, self)
        self._set(self._of_facts, alarm)
        return alarm

    def wait(self, one: Waiting) -> None:
        """The same of one that is its own alarm."""
        self._set(self._of_facts, one)

    def _set(self, queue: _Queue, one: Waiting) -> None:
        if one.due < self.soonest:
            self.soonest, self.moved = one.due, True
        queue.add(one)

    def call_off(self, one: Waiting) -> None:
        one.due, self.moved, self._unsure = _OFF, True, True
        self._called_off += 1
        if self._called_off > self._crowd:
            self._sweep()

    def _sweep(self) -> None:
        """Alarms called off long before they are due would otherwise pile up, reload after reload."""
        self._of_facts.sweep()
        self._others.sweep()
        self._called_off, self._crowd = 0, max(_CROWD, len(self))

    def __len__(self) -> int:
        return len(self._of_facts) + len(self._others)

    def earliest(self) -> float | None:
        if self._unsure:
            self.soonest, self._unsure = min(self._of_facts.first(), self._others.first()), False
        return None if self.soonest == inf else self.soonest

    def pop_of_facts(self, now: float) -> Waiting | None:
        """The next alarm that is due by `now`, taken out, if it is one that changes facts."""
        return self._pop(self._of_facts, min(now, self._others.first()))

    def pop_due(self, now: float) -> Waiting | None:
        """The same of what follows from facts and time, when no facts change before."""
        return self._pop(self._others, now)

    def _pop(self, queue: _Queue, until: float) -> Waiting | None:
        if self.earliest() is None or self.soonest > until:
            return None
        self.moved = self._unsure = True
        return queue.pop(until)


class _Queue:
    """Who waits, by instants: those are in order, and who waits for the same one is in the order in which it came."""

    __slots__ = ("_at", "_instants")

    def __init__(self) -> None:
        self._instants: list[float] = []  # a heap
        self._at: dict[float, Waiting | _Several] = {}  # mostly one waits for an instant, or very many do

    def add(self, one: Waiting) -> None:
        there = self._at.get(one.due)
        if there is None:
            self._at[one.due] = one
            heappush(self._instants, one.due)
        elif isinstance(there, _Several):
            there.add(one)
        else:
            self._at[one.due] = _Several([there, one])

    def first(self) -> float:
        """When the next is due that was not called off; it may have been put off. Infinite: nobody waits."""
        while self._instants:
            instant = self._instants[0]
            there = self._at[instant]
            if there.waits(instant) if isinstance(there, _Several) else there.due >= instant:
                return instant
            del self._at[heappop(self._instants)]
        return inf

    def pop(self, until: float) -> Waiting | None:
        """The next that is due by then, taken out. Who was put off waits on."""
        while (instant := self.first()) <= until:
            there = self._at[instant]
            if isinstance(there, _Several):
                one = there.pop()
            else:
                one = there
                del self._at[heappop(self._instants)]
            if one.due == instant:
                return one
            self.add(one)
        return None

    def sweep(self) -> None:
        """Those that were called off are forgotten."""
        for instant, there in list(self._at.items()):
            left = [one for one in _all(there) if one.due >= instant]
            if left:
                self._at[instant] = left[0] if len(left) == 1 else _Several(left)
            else:
                del self._at[instant]
        self._instants = sorted(self._at)

    def __len__(self) -> int:
        return sum(len(_all(there)) for there in self._at.values())


class _Several:
    """Those that wait for the same instant."""

    __slots__ = ("_all", "_gone")

    def __init__(self, first: list[Waiting]) -> None:
        self._all = first
        self._gone = 0  # so many at the beginning wait no more

    def add(self, one: Waiting) -> None:
        self._all.append(one)

    def waits(self, instant: float) -> bool:
        """Whether any was not called off; the first of those is `pop`'s."""
        while self._gone < len(self._all):
            if self._all[self._gone].due >= instant:
                return True
            self._gone += 1
        return False

    def pop(self) -> Waiting:
        self._gone += 1
        return self._all[self._gone - 1]

    def left(self) -> list[Waiting]:
        return self._all[self._gone :]


def _all(there: Waiting | _Several) -> list[Waiting]:
    return there.left() if isinstance(there, _Several) else [there]
