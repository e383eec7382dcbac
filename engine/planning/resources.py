"""What concurrent work contends for: cores, memory, named slots. Whoever asks first at the highest priority is served first.

Nobody who waits is overtaken on what he waits for: while a wish lacks cores, later wishes that need cores wait behind it, and only those
that need none of what is short go on. So nothing starves because it is large, and everything that waits is told why.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Iterator, Mapping
from heapq import heapify, heappop, heappush
from typing import NamedTuple

from dsl.work import Reserve
from engine.analysis.written import plain, size

_ROUNDING = 1e-9
NOTHING = Reserve()


class Capacity(NamedTuple):
    """Cores and bytes, None without end. A slot that is not named counts as one: whoever holds it holds it alone."""

    cpu: float | None = None
    memory: float | None = None
    slots: Mapping[str, int] = {}


class Wish(NamedTuple):
    """Somebody who waits. `place`: whose is smaller is served first. `begin` is called once all of `reserve` is held for `holder`."""

    place: tuple[float, ...]
    holder: int
    reserve: Reserve
    begin: Callable[[], None]
    waits: Callable[[str], None]


class _Lane:
    """Those who ask for the same, in their order. `fresh` have not been told yet why they wait."""

    __slots__ = ("fresh", "waiting")

    def __init__(self) -> None:
        self.waiting: list[Wish] = []
        self.fresh: list[Wish] = []

    def withdraw(self, holder: int) -> None:
        self.waiting = [wish for wish in self.waiting if wish.holder != holder]
        self.fresh = [wish for wish in self.fresh if wish.holder != holder]

    def tell(self, reason: str) -> None:
        fresh, self.fresh = self.fresh, []
        for wish in fresh:
            wish.waits(reason)


class Resources:
    """One pool. `stirred`: something happened that may let somebody begin."""

    def __init__(self, capacity: Capacity = Capacity()) -> None:  # noqa: B008 it is frozen
        self.capacity = capacity
        self.stirred = False
        self.held: dict[int, Reserve] = {}
        self._used: dict[str, float] = {}
        self._lanes: dict[Reserve, _Lane] = {}
        self._asked: dict[int, Reserve] = {}  # by holder, while he waits

    def known(self, capacity: Capacity) -> None:
        self.capacity = capacity
        self.stirred = True

    def impossible(self, reserve: Reserve) -> str | None:
        """Why it could never be had, in words; None: it could."""
        for kind, amount in needs(reserve):
            capacity = self._capacity(kind)
            if capacity is not None and amount > capacity + _ROUNDING:
                return f"it reserves {amount_of(kind, amount)}, of {amount_of(kind, capacity)} in all"
        return None

    def ask(self, wish: Wish) -> None:
        lane = self._lanes.setdefault(wish.reserve, _Lane())
        insort(lane.waiting, wish, key=_order)
        lane.fresh.append(wish)
        self._asked[wish.holder] = wish.reserve
        self.stirred = True

    def withdraw(self, holder: int) -> None:
        """He waits no longer, and holds nothing."""
        asked = self._asked.pop(holder, None)
        if asked is not None:
            self._lanes[asked].withdraw(holder)
        self.give_back(holder)

    def give_back(self, holder: int) -> None:
        for kind, amount in needs(self.held.pop(holder, NOTHING)):
            self._used[kind] -= amount
            if self._used[kind] < _ROUNDING:
                del self._used[kind]
        self.stirred = True

    def serve(self) -> None:
        """Let begin whoever can; tell the others why they wait. Of those who ask for the same only the first is looked at."""
        self.stirred = False
        self._lanes = {reserve: lane for reserve, lane in self._lanes.items() if lane.waiting}
        short: dict[str, str] = {}  # what is short, and the reason
        heads = [(*_order(lane.waiting[0]), lane) for lane in self._lanes.values()]
        heapify(heads)
        while heads:
            lane = heappop(heads)[2]
            if not lane.waiting:
                continue
            wish = lane.waiting[0]
            kind = self._lack(wish.reserve, short)
            if kind is not None:
                lane.tell(short[kind])
                continue
            self._begin(lane, wish)
            if lane.waiting:
                heappush(heads, (*_order(lane.waiting[0]), lane))

    def _begin(self, lane: _Lane, wish: Wish) -> None:
        lane.withdraw(wish.holder)
        del self._asked[wish.holder]
        self.held[wish.holder] = wish.reserve
        for kind, amount in needs(wish.reserve):
            self._used[kind] = self._used.get(kind, 0.0) + amount
        wish.begin()

    def _lack(self, reserve: Reserve, short: dict[str, str]) -> str | None:
        """The first kind that is short; all that he needs and that is short is kept for him."""
        found = None
        for kind, amount in needs(reserve):
            if kind not in short and (lack := self._lack_of(kind, amount)):
                short[kind] = lack
            if found is None and kind in short:
                found = kind
        return found

    def _lack_of(self, kind: str, amount: float) -> str | None:
        capacity, used = self._capacity(kind), self._used.get(kind, 0.0)
        if capacity is None or used + amount <= capacity + _ROUNDING:
            return None
        free = max(capacity - used, 0.0)
        return (
            f"{amount_of(kind, free)} of {amount_of(kind, capacity)} free, {amount_of(kind, amount)} needed"
        )

    def _capacity(self, kind: str) -> float | None:
        if kind == "cpu":
            return self.capacity.cpu
        if kind == "memory":
            return self.capacity.memory
        return self.capacity.slots.get(kind.removeprefix("slot "), 1)


def _order(wish: Wish) -> tuple[tuple[float, ...], int]:
    return wish.place, wish.holder


def needs(reserve: Reserve) -> Iterator[tuple[str, float]]:
    """What it holds of each kind: cpu, memory, `slot NAME`."""
    if reserve.cpu > 0:
        yield "cpu", reserve.cpu
    if reserve.memory > 0:
        yield "memory", reserve.memory
    for name, count in reserve.slots:
        if count > 0:
            yield f"slot {name}", count


def envelope(whole: Reserve, parts: list[Reserve]) -> Reserve:
    """What a run holds for all its steps: what it reserves, and at least what its largest step needs of each kind."""
    slots: dict[str, int] = {}
    for reserve in (whole, *parts):
        for name, count in reserve.slots:
            slots[name] = max(slots.get(name, 0), count)
    cpu = max(reserve.cpu for reserve in (whole, *parts))
    memory = max(reserve.memory for reserve in (whole, *parts))
    return Reserve(cpu, memory, tuple(sorted(slots.items())))


def within(reserve: Reserve) -> Capacity:
    """A pool of what somebody holds."""
    return Capacity(reserve.cpu, reserve.memory, dict(reserve.slots))


def amount_of(kind: str, amount: float) -> str:
    if kind == "cpu":
        return f"{plain(amount)} core{'' if amount == 1 else 's'}"
    return size(amount) if kind == "memory" else f"{plain(amount)} {kind}"
