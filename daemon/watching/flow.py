"""What a source tells by itself, at a rate that volexd can bear: what comes faster waits; what finds no room to wait is refused."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from time import monotonic
from typing import NamedTuple

_BURST_S = 0.2  # so much of a second's items may come at once
_DRAINED_EVERY = 0.05  # seconds
_BYTES = 16 << 20  # that may wait


class Waiting(NamedTuple):
    """Something that came: what, when, of how many items and bytes."""

    what: object
    came_at: float
    items: int
    size: int


class Flow:
    """`take` is given what came, at most `rate` items a second; `most` items and 16 MiB may wait. For the thread of the loop.

    `clock` counts seconds; it need not know what time it is.
    """

    def __init__(
        self, take: Callable[[Waiting], None], rate: float, most: int, clock: Callable[[], float] = monotonic
    ) -> None:
        self._take = take
        self._clock = clock
        self._rate = rate
        self._most = most
        self._burst = max(1.0, rate * _BURST_S)
        self._allowed = self._burst
        self._counted_at: float | None = None
        self._waiting: deque[Waiting] = deque()
        self._items = self._bytes = 0
        self._timer: asyncio.TimerHandle | None = None

    def offer(self, came: Sequence[Waiting]) -> bool:
        """Whether all of it is taken, now or when its turn comes; or nothing of it."""
        self._count()
        at_once = 0 if self._waiting else max(0, int(self._allowed))
        items, size = sum(one.items for one in came), sum(one.size for one in came)
        if self._items + items > self._most + at_once or self._bytes + size > _BYTES:
            return False
        for one in came:
            if not self._waiting and self._allowed >= 1:
                self._allowed -= one.items
                self._take(one)
            else:
                self._waiting.append(one)
                self._items += one.items
                self._bytes += one.size
        if self._waiting:
            self._drain_later()
        return True

    def close(self) -> list[Waiting]:
        """Ends; gives what waits."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        rest = list(self._waiting)
        self._waiting.clear()
        return rest

    def _count(self) -> None:
        """What may be taken by now."""
        now = self._clock()
        if self._counted_at is not None:
            self._allowed += (now - self._counted_at) * self._rate
        self._counted_at = now
        self._allowed = min(self._allowed, self._burst)

    def _drain_later(self) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_DRAINED_EVERY, self._drain)

    def _drain(self) -> None:
        self._timer = None
        self._count()
        while self._waiting and self._allowed >= 1:
            one = self._waiting.popleft()
            self._items -= one.items
            self._bytes -= one.size
            self._allowed -= one.items
            self._take(one)
        if self._waiting:
            self._drain_later()
