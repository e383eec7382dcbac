"""How many looks may be under way. asyncio.Semaphore would do; but nearly always one is free, and then this is two calls and not eight."""

from __future__ import annotations

import asyncio
from collections import deque


class Slots:
    """For the thread of the loop."""

    def __init__(self, many: int) -> None:
        self._free = many
        self._waiting: deque[asyncio.Future[None]] = deque()

    def take(self) -> bool:
        """Whether one was free; those that wait come first."""
        if self._free == 0:
            return False
        self._free -= 1
        return True

    async def wait(self) -> None:
        """Until it is given one."""
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(mine)
        try:
            await mine
        except asyncio.CancelledError:
            if mine.done() and not mine.cancelled():
                self.give_back()  # it was given one in the same instant
            raise

    def give_back(self) -> None:
        """To who waits longest, if anybody does."""
        while self._waiting:
            other = self._waiting.popleft()
            if not other.done():
                other.set_result(None)
                return
        self._free += 1
