"""What waits for the writer: in order, bounded, and nothing given up without a word."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from loguru import logger

from daemon.store.database import Connection
from daemon.store.errors import NotWrittenError
from daemon.store.rows import SAMPLED, Row

REMIND_S = 60.0


@dataclass(frozen=True, slots=True)
class Bounds:
    """Rows. Beyond `samples` waiting, samples are given up (and counted); beyond `records`, records too."""

    batch: int = 2_000
    samples: int = 20_000
    records: int = 200_000


@dataclass(slots=True)
class Submission:
    """Rows that are stored together, and whom to tell. `misfits` were never in `rows`; `refused` the database will never take."""

    rows: list[Row]
    done: Future[None]
    misfits: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        return len(self.rows)


@dataclass(slots=True)
class Job:
    """Something else to do in a transaction. It may be begun more than once; `done` gets what it returned."""

    perform: Callable[[Connection], Any]
    done: Future[Any]
    size: int = field(default=0, init=False)


Entry = Submission | Job


class Waiting:
    """The queue between the threads. `shown` names the database in what is said."""

    def __init__(self, shown: str, bounds: Bounds) -> None:
        self._shown = shown
        self._bounds = bounds
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._queue: deque[Entry] = deque()
        self._is_due = False  # somebody woke the writer
        self._rows = 0  # waiting or being written
        self._given_up = 0
        self._until: float | None = None  # monotonic: when it has to be over; None while it goes on
        self._reminders: dict[str, float] = {}

    @property
    def rows(self) -> int:
        return self._rows

    @property
    def given_up(self) -> int:
        return self._given_up

    def put(self, entry: Entry) -> None:
        """Never blocks. What is not taken gets its exception. It is written when somebody wakes the writer."""
        with self._lock:
            refusal = self._refusal(entry)
            if refusal is None:
                self._queue.append(entry)
        if refusal is not None:
            entry.done.set_exception(NotWrittenError(refusal))

    def wake(self) -> None:
        """What waits is written now."""
        with self._lock:
            self._is_due = bool(self._queue)
            self._changed.notify_all()

    def take(self) -> list[Entry]:
        """A job alone, or as many submissions as make a batch; nothing once it is over and nothing waits."""
        with self._changed:
            while not self._is_due and self._until is None:
                self._changed.wait()
            taken: list[Entry] = []
            size = 0
            while self._queue and size < self._bounds.batch and self._goes_with(taken):
                taken.append(self._queue.popleft())
                size += taken[-1].size
            self._is_due = bool(self._queue)
            return taken

    def finished(self, entries: Sequence[Entry]) -> None:
        with self._lock:
            self._rows -= sum(entry.size for entry in entries)

    def pause(self, seconds: float) -> bool:
        """Wait; False when there is no time left."""
        with self._changed:
            if self._until is None:
                self._changed.wait(seconds)
                return True
            left = self._until - time.monotonic()
            if left > 0:
                self._changed.wait(min(seconds, left))
            return left > 0

    def end(self, within: float) -> None:
        with self._changed:
            if self._until is None:
                self._until = time.monotonic() + within
            self._changed.notify_all()

    def say(self, what: str, message: str) -> None:
        """Aloud, but not again for every row."""
        now = time.monotonic()
        if now - self._reminders.get(what, -REMIND_S) >= REMIND_S:
            self._reminders[what] = now
            logger.warning("{}: {}", self._shown, message)

    def said(self, what: str) -> None:
        """The matter is over: the next time it is said at once."""
        self._reminders.pop(what, None)

    def _goes_with(self, taken: list[Entry]) -> bool:
        return not taken or not (isinstance(taken[-1], Job) or isinstance(self._queue[0], Job))

    def _refusal(self, entry: Entry) -> str | None:
        """Why there is no room for it; else its room is taken."""
        if self._until is not None:
            return f"{self._shown}: it is closed"
        size = entry.size
        if isinstance(entry, Submission) and self._rows + size > self._bounds.samples:
            self._give_up_samples(entry)
            size = entry.size
        if self._rows + size <= self._bounds.records:
            self._rows += size
            return None
        self._given_up += size
        self.say(
            "full", f"{self._rows} rows wait for it, no more are taken; {self._given_up} given up so far"
        )
        return f"{self._shown}: {self._rows} rows wait for it, no more are taken"

    def _give_up_samples(self, entry: Submission) -> None:
        kept = [row for row in entry.rows if row.table not in SAMPLED]
        if len(kept) < entry.size:
            self._given_up += entry.size - len(kept)
            entry.rows = kept
            self.say(
                "samples",
                f"it does not keep up, {self._rows} rows wait; {self._given_up} samples given up so far",
            )
