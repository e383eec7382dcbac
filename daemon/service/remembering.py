"""Keeps what the engine would need to go on if volexd ended at any moment: what holds often, what windows saw more seldom."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from loguru import logger

from daemon.service.engine_loop import EngineLoop, RowWriter
from daemon.store.remembered import row_of
from engine.carried import Carried

EVERY = 5.0  # seconds; what a kill takes from a hold that began or ended since
_SAID = 20  # resets in the log
_WINDOWS_EVERY = 12  # of these: they are larger


class Remembering:
    def __init__(self, loop: EngineLoop, writer: RowWriter, now: Callable[[], float]) -> None:
        self._loop = loop
        self._writer = writer
        self._now = now
        self._left_out = 0
        self._state: object = None  # of the holds, as it was written last

    async def run(self) -> None:
        turn = 0
        while True:
            await asyncio.sleep(EVERY)
            self.keep(windows=turn % _WINDOWS_EVERY == 0)
            turn += 1

    def keep(self, *, windows: bool) -> None:
        """Of now: the engine is told first what time it is. What is as it was is written with the windows only."""
        self._loop.tick()
        engine, at = self._loop.engine, self._now()
        row = row_of(engine.conditions(), at)
        rows = [row] if windows or row.values["state"] != self._state else []
        self._state = row.values["state"]
        if windows:
            kept = engine.windows()
            rows.append(row_of(kept, at))
            self._say_left_out(kept.left_out)
        if rows:
            self._writer.submit(rows)

    def _say_left_out(self, count: int) -> None:
        if count and not self._left_out:
            logger.warning(
                "the samples of {} values are too many to outlive a restart: their windows would begin anew",
                count,
            )
        self._left_out = count


def say_taken_up(taken_up: Carried) -> None:
    """After a restart, if there was anything to go on with."""
    if taken_up.kept or taken_up.resets:
        logger.info("of the former life: {}", taken_up.said())
    for one in taken_up.resets[:_SAID]:
        logger.info("reset: {}", one.said())
