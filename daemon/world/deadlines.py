"""Until when something may take, for many short things at a time: one timer of the loop for all that are due together.

What ends in time, as nearly everything does, leaves no timer behind that would have to be sorted out of the loop's again.
"""

from __future__ import annotations

import asyncio
from math import ceil
from types import TracebackType

_TOGETHER = 32  # instants a second: so much later than its time at most something ends


class Deadlines:
    """For the thread of the loop."""

    def __init__(self) -> None:
        self._running: dict[float, set[Within]] = {}
        self._timers: dict[float, asyncio.TimerHandle] = {}

    def within(self, seconds: float) -> Within:
        """`with deadlines.within(5.0):` around what a task awaits: TimeoutError if that takes longer."""
        return Within(self, seconds)

    def of(self, due: float) -> set[Within]:
        """All that are over at this instant, for who begins; who ends leaves it."""
        there = self._running.get(due)
        if there is None:
            there = self._running[due] = set()
            self._timers[due] = asyncio.get_running_loop().call_at(due, self._over, due)
        return there

    def nobody(self, due: float) -> None:
        """All have ended before."""
        if self._running.get(due) == set():
            del self._running[due]
            self._timers.pop(due).cancel()

    def _over(self, due: float) -> None:
        del self._timers[due]
        for one in self._running.pop(due):
            one.break_off()


class Within:
    """As `asyncio.timeout` does it: the task is cancelled, and its cancelling becomes a TimeoutError here, unless somebody else
    cancelled it too."""

    __slots__ = ("_cancelled_before", "_deadlines", "_due", "_is_over", "_others", "_seconds", "_task")

    def __init__(self, deadlines: Deadlines, seconds: float) -> None:
        self._deadlines = deadlines
        self._seconds = seconds
        self._is_over = False

    def __enter__(self) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._task = task
        self._cancelled_before = task.cancelling()
        due = asyncio.get_running_loop().time() + self._seconds
        self._due = ceil(due * _TOGETHER) / _TOGETHER
        self._others = self._deadlines.of(self._due)
        self._others.add(self)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._others.discard(self)
        if not self._others:
            self._deadlines.nobody(self._due)
        if (
            self._is_over
            and self._task.uncancel() <= self._cancelled_before
            and kind is asyncio.CancelledError
        ):
            raise TimeoutError from error

    def break_off(self) -> None:
        self._is_over = True
        self._task.cancel()
