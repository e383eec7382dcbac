"""Who waits for which instant: one timer of the loop for all who wait for the same one."""

from __future__ import annotations

import asyncio


class Turns:
    """For the thread of the loop. Instants are the loop's own."""

    def __init__(self) -> None:
        self._waiting: dict[float, dict[asyncio.Future[None], None]] = {}
        self._timers: dict[float, asyncio.TimerHandle] = {}

    def __len__(self) -> int:
        """How many instants are waited for."""
        return len(self._timers)

    def at(self, due: float) -> asyncio.Future[None]:
        """Done when it is time."""
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[None] = loop.create_future()
        others = self._waiting.get(due)
        if others is None:
            self._waiting[due] = {turn: None}
            self._timers[due] = loop.call_at(due, self._ring, due)
        else:
            others[turn] = None
        return turn

    def leave(self, due: float, turn: asyncio.Future[None]) -> None:
        """Whoever was given this turn waits for it no more."""
        others = self._waiting.get(due)
        if others is None or turn not in others:
            return
        del others[turn]
        if not others:
            del self._waiting[due]
            self._timers.pop(due).cancel()

    def _ring(self, due: float) -> None:
        del self._timers[due]
        for turn in self._waiting.pop(due):
            if not turn.done():
                turn.set_result(None)
