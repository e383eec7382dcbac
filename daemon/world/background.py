"""Calls that block (name look-ups, files, /proc) beside the loop, in daemon threads.

Not an executor: its few workers would all be taken by a few calls that hang, and its threads would delay the end of volexd.
"""

from __future__ import annotations

import asyncio
import threading
import weakref
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from queue import SimpleQueue
from typing import TypeVar

from daemon.world.failures import OwnFailure

Result = TypeVar("Result")


async def in_thread(call: Callable[[], Result]) -> Result:
    """The result of a blocking call. Whoever bounds the number of calls, it is not this function.

    Cancelling stops the waiting, not the call. Raises what the call raises, OwnFailure when there is no thread to be had.
    """
    work, answer = _asked(call)
    _start(work)
    return await answer


def _asked(call: Callable[[], Result]) -> tuple[Callable[[], None], asyncio.Future[Result]]:
    """The call as a thread makes it, and the future in which the loop finds what came of it."""
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

    return work, answer


def _start(work: Callable[[], None]) -> None:
    try:
        threading.Thread(target=work, daemon=True).start()
    except RuntimeError as error:
        raise OwnFailure(f"no thread: {error}") from error


class OneAtATime:
    """Blocking calls of which at most one is under way: one that hangs costs one thread, however often it is asked for.

    They share a thread, which ends with this object: for a look every few seconds, starting one was half of the work.
    """

    def __init__(self, what: str) -> None:
        self._what = what
        self._under_way = False
        self._calls: SimpleQueue[Callable[[], None] | None] | None = None

    async def run(self, call: Callable[[], Result]) -> Result:
        """Raises OwnFailure while an earlier call has not come back, though nobody waits for it any more."""
        if self._under_way:
            raise OwnFailure(f"the previous {self._what} has not come back")

        def released() -> Result:
            try:
                return call()
            finally:
                self._under_way = False

        work, answer = _asked(released)
        calls = self._calls or self._begun()
        self._under_way = True
        calls.put(work)
        return await answer

    def _begun(self) -> SimpleQueue[Callable[[], None] | None]:
        calls: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        _start(partial(_work_off, calls))
        weakref.finalize(self, calls.put, None)
        self._calls = calls
        return calls


def _work_off(calls: SimpleQueue[Callable[[], None] | None]) -> None:
    work = calls.get()
    while work is not None:
        work()
        del work  # it holds the object whose end ends this
        work = calls.get()
