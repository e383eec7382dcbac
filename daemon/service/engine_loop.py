"""The engine in its loop: events in, effects carried out. Everything here happens in the thread of the asyncio loop.

The engine's door is entered from one place, one event at a time. What an effect brings about comes back as an event of its own.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Protocol

from loguru import logger

from daemon.service.executor import Doing
from daemon.store.facts import FactRecorder, Observation
from daemon.store.rows import Row, of_record
from daemon.world.refusals import Refusal, Refusals
from engine.effects import Cancel, Do, Effect, Explained, Inferred, Late, Record, Wake
from engine.engine import Engine
from engine.events import Event, HealthObserved, Looked, Reported, TimePassed, Withdrawn

_LATE = "was sampled before what is known, or so long ago that it is stale: only windows take it"
_SAMPLES_EVERY = 0.25  # seconds; samples are written in batches
_DECISIONS_WITHIN = 0.05  # seconds; with the next rows that an action waits for, or by then
_KEPT = (Reported, Withdrawn, HealthObserved, Looked)

Observer = Callable[[Event, Sequence[Effect]], None]


class RowWriter(Protocol):
    def submit(self, rows: Sequence[Row]) -> Future[None]: ...

    def queue(self, rows: Sequence[Row]) -> Future[None]: ...

    def wake(self) -> None: ...


class EngineLoop:
    """`steps` counts the events that the engine took: the watchdog is fed only while it grows."""

    def __init__(
        self, engine: Engine, writer: RowWriter, recorder: FactRecorder, now: Callable[[], float]
    ) -> None:
        self.engine = engine
        self.executor: Doing | None = None
        self.refusals: Refusals | None = None
        self.observers: list[Observer] = []
        self.steps = 0
        self._writer = writer
        self._recorder = recorder
        self._now = now
        self._waiting: deque[Event] = deque()
        self._stepping = False
        self._samples: list[Row] = []
        self._sampling: asyncio.TimerHandle | None = None
        self._writing: asyncio.TimerHandle | None = None
        self._is_waking = False
        self._queued_at: float | None = None  # the oldest rows that the writer was not yet woken for
        self._alarm: asyncio.TimerHandle | None = None

    def post(self, event: Event) -> None:
        """Take in an event now; one that comes while another is worked on waits for its turn."""
        self._waiting.append(event)
        if self._stepping:
            return
        self._stepping = True
        try:
            while self._waiting:
                self._step(self._waiting.popleft())
        finally:
            self._stepping = False

    def tick(self) -> None:
        """Let the engine know what time it is."""
        self.post(TimePassed(self._now()))

    def close(self) -> None:
        """Write what was sampled; nothing rings any more."""
        for timer in (self._alarm, self._sampling, self._writing):
            if timer is not None:
                timer.cancel()
        self._samples += self._recorder.close()
        self._flush()

    def _step(self, event: Event) -> None:
        try:
            effects = self.engine.step(event)
        except Exception:  # noqa: BLE001 — a bug that one event meets must not end the healing of everything else
            logger.exception("the engine failed at {}; it goes on with the next event", type(event).__name__)
            return
        self.steps += 1
        if isinstance(event, _KEPT):
            self._sample(event)
        self._carry_out(effects)
        for observer in self.observers:
            observer(event, effects)

    def _carry_out(self, effects: Sequence[Effect]) -> None:
        """In their order; what is to be done waits until the rows before it are stored."""
        rows: list[Row] = []
        for effect in effects:
            match effect:
                case Record():
                    rows.append(of_record(effect))
                case Explained():
                    rows += map(of_record, effect.rows())
                case Inferred():
                    rows += self._recorder.observe(effect)  # in one transaction with what was decided on it
                case Do():
                    self._do(effect, self._writer.queue(rows))
                    rows = []
                    self._write_at_once()
                case Cancel():
                    if self.executor is not None:
                        self.executor.cancel(effect)
                case Late():
                    self._count(effect)
                case Wake():
                    self._wake(effect.at)
        if rows:
            self._writer.queue(rows)
            self._write_soon()

    def _do(self, effect: Do, stored: Future[None]) -> None:
        if self.executor is None:
            raise RuntimeError("the engine wants something done before there is anybody to do it")
        self.executor.begin(effect, stored)

    def _write_at_once(self) -> None:
        """When what is at hand is done: two threads that run at the same time only get in each other's way."""
        if not self._is_waking:
            self._is_waking = True
            asyncio.get_running_loop().call_soon(self._wake_writer)

    def _write_soon(self) -> None:
        """No action waits for it, so it needs no transaction of its own."""
        loop = asyncio.get_running_loop()
        if self._queued_at is None:
            self._queued_at = loop.time()
        if self._writing is None:
            self._writing = loop.call_at(self._queued_at + _DECISIONS_WITHIN, self._write)

    def _write(self) -> None:
        """What was queued when the timer was set may be written long ago, and what is queued now be young."""
        self._writing, queued_at = None, self._queued_at
        if queued_at is None:
            return
        loop = asyncio.get_running_loop()
        if queued_at + _DECISIONS_WITHIN > loop.time():
            self._write_soon()
        else:
            self._wake_writer()

    def _wake_writer(self) -> None:
        self._is_waking = False
        self._queued_at = None
        self._writer.wake()

    def _count(self, late: Late) -> None:
        if self.refusals is not None:
            for field in late.fields:
                self.refusals.refuse(late.source, late.type, Refusal("late", field, f"{field} {_LATE}"))

    def _wake(self, at: float | None) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        if at is not None:
            delay = max(0.0, at - self._now())
            self._alarm = asyncio.get_running_loop().call_later(delay, self.tick)

    def _sample(self, seen: Observation) -> None:
        self._samples += self._recorder.observe(seen)
        if self._samples and self._sampling is None:
            self._sampling = asyncio.get_running_loop().call_later(_SAMPLES_EVERY, self._flush)

    def _flush(self) -> None:
        self._sampling = None
        if self.refusals is not None:
            self._samples += self.refusals.rows()
        if self._samples:
            rows, self._samples = self._samples, []
            self._writer.submit(rows)
