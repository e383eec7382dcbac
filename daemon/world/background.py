"""Calls that block (name look-ups, files, /proc) beside the loop, each in a daemon thread of its own.

Not an executor: its few workers would all be taken by a few calls that hang, and its threads would delay the end of volexd.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TypeVar

from daemon.world.failures import OwnFailure

Result = TypeVar("Result")


async def in_thread(call: Callable[[], Result]) -> Result:
    """The result of a blocking call. Whoever bounds the number of calls, it is not this function.

    Cancelling stops the waiting, not the call. Raises what the call raises, OwnFailure when there is no thread to be had.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[Result] = loop.create_future()

    def work() -> None:
        try:
            result = call()
        except BaseException as error:  # noqa: BLE001 - it is handed to whoever waits
            tell(partial(answer.set_exception, error))
        else:
            tell(partial(answer.set_result, result))

    def tell(settle: Callable[[], None]) -> None:
        with suppress(RuntimeError):  # the loop has been closed meanwhile: nobody waits any more
            loop.call_soon_threadsafe(lambda: None if answer.done() else settle())

    try:
        threading.Thread(target=work, daemon=True).start()
    except RuntimeError as error:
        raise OwnFailure(f"no thread: {error}") from error
    return await answer


class OneAtATime:
    """Blocking calls of which at most one is under way: one that hangs costs one thread, however often it is asked for."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._under_way = False

    async def run(self, call: Callable[[], Result]) -> Result:
        """Raises OwnFailure while an earlier call has not come back, though nobody waits for it any more."""
        if self._under_way:
            raise OwnFailure(f"the previous {self._what} has not come back")
        self._under_way = True

        def released() -> Result:
            try:
                return call()
            finally:
                self._under_way = False

        return await in_thread(released)
