"""Who waits for which instant: one timer of the loop for all who wait for the same one."""

from __future__ import annotations

import asyncio


class Turns:
    """For the thread of the loop. Instants are the loop's own."""

    def __init__(self) -> None:
        self._waiting: dict[float, list[asyncio.Future[None]]] = {}

    def at(self, due: float) -> asyncio.Future[None]:
        """Done when it is time. Whoever waits no more cancels it."""
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[None] = loop.create_future()
        others = self._waiting.get(due)
        if others is None:
            self._waiting[due] = [turn]
            loop.call_at(due, self._ring, due)
        else:
            others.append(turn)
        return turn

    def _ring(self, due: float) -> None:
        for turn in self._waiting.pop(due):
            if not turn.done():
                turn.set_result(None)
