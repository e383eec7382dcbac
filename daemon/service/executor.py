"""Carries out what the engine wants done: each `Do` a task, each task exactly one `ActionFinished`, whatever happens to it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from typing import Protocol, cast

from loguru import logger

from daemon import actions
from daemon.actions.action import ActionCall, ActionFailure, ActionKind, Outcome
from daemon.discovery import words_in
from daemon.units.unit import UnitFailure
from daemon.world.child import StartFailure
from daemon.world.commands import CommandRefused
from daemon.world.failures import OwnFailure
from daemon.world.world import World
from daemon.world.written import one_line
from engine.effects import Cancel, Do
from engine.events import ActionFinished

CONFIRMATION_LIMIT = (
    2.0  # seconds that an action waits for the store; healing must not stop with a disk that is full
)
_CLEANUP_LIMIT = 15.0  # seconds until an action that was cancelled is left to itself
_AT_ONCE = 128
_EXPECTED = (ActionFailure, CommandRefused, OwnFailure, StartFailure, UnitFailure)

Stored = Future[None] | asyncio.Future[None]


def action_kinds() -> Mapping[str, ActionKind]:
    """Word to the file that does it."""
    return cast(Mapping[str, ActionKind], words_in(actions))


class Doing(Protocol):
    """Who is told what the engine wants done, and answers each `Do` with one `ActionFinished`."""

    def begin(self, effect: Do, stored: Stored) -> None: ...

    def cancel(self, effect: Cancel) -> None: ...

    async def close(self, within: float) -> None: ...


class Executor:
    """Implements `Doing`. Use it in the thread of the loop. `kinds` are the words it knows how to do."""

    def __init__(
        self, world: World, kinds: Mapping[str, ActionKind], confirmation_limit: float = CONFIRMATION_LIMIT
    ) -> None:
        self._world = world
        self._kinds = kinds
        self._confirmation_limit = confirmation_limit
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._tasks: dict[int, asyncio.Task[Outcome]] = {}
        self._closed = False

    @property
    def under_way(self) -> int:
        return len(self._tasks)

    def begin(self, effect: Do, stored: Stored) -> None:
        """Does it as soon as its intent is stored; `ActionFinished` is posted when it has ended."""
        if self._closed:
            self._tell(effect, Outcome("cancelled", "volexd is stopping"))
            return
        task = asyncio.create_task(
            self._carried_out(effect, stored), name=f"action {effect.action} {effect.kind}"
        )
        self._tasks[effect.action] = task
        task.add_done_callback(partial(self._finished, effect))

    def cancel(self, effect: Cancel) -> None:
        """Ends an action. One that has ended meanwhile has told so, or is about to."""
        task = self._tasks.get(effect.action)
        if task is not None:
            task.cancel()

    async def close(self, within: float) -> None:
        """Waits for what is under way, at most so many seconds; then cancels it. Nothing begins any more."""
        self._closed = True
        tasks = set(self._tasks.values())
        late = (await asyncio.wait(tasks, timeout=within))[1] if tasks else set()
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late, timeout=_CLEANUP_LIMIT)

    async def _carried_out(self, effect: Do, stored: Stored) -> Outcome:
        await self._confirmed(effect, stored)
        async with self._slots:
            work = asyncio.create_task(self._outcome(effect))
            try:
                done, _ = await asyncio.wait({work}, timeout=effect.timeout)
            finally:
                if not work.done():
                    await _ended(work, effect)
        if not done:
            return Outcome("timed_out", f"not done within {effect.timeout:g} s")
        return Outcome("failed", "it was broken off") if work.cancelled() else work.result()

    async def _confirmed(self, effect: Do, stored: Stored) -> None:
        """What is about to be done is on disk before it is done, unless the store is in such trouble that healing matters more."""
        await _settled(stored, self._confirmation_limit)
        if stored.done() and not stored.cancelled() and stored.exception() is None:
            return
        reason = (
            "refused it" if stored.done() else f"did not confirm it within {self._confirmation_limit:g} s"
        )
        logger.error("action {} ({}) begins though the store {}", effect.action, effect.kind, reason)

    async def _outcome(self, effect: Do) -> Outcome:
        kind = self._kinds.get(effect.kind)
        if kind is None:
            return Outcome("failed", f"this volexd knows no action {effect.kind!r}")
        call = ActionCall(effect.action, effect.kind, effect.target, effect.arguments, effect.timeout)
        try:
            return await kind.run(call, self._world)
        except _EXPECTED as error:
            return Outcome("failed", str(error))
        except Exception as error:  # noqa: BLE001 - a bug in one action is its failure, and nobody else's
            logger.exception("action {} ({}) failed in a way that nobody foresaw", effect.action, effect.kind)
            return Outcome("failed", f"{type(error).__name__}: {error}")

    def _finished(self, effect: Do, task: asyncio.Task[Outcome]) -> None:
        """The one place where an action's end is told: also of a task that was cancelled before its first step."""
        del self._tasks[effect.action]
        if task.cancelled():
            self._tell(effect, Outcome("cancelled"))
        elif (error := task.exception()) is not None:
            self._tell(effect, Outcome("failed", f"{type(error).__name__}: {error}"))
        else:
            self._tell(effect, task.result())

    def _tell(self, effect: Do, outcome: Outcome) -> None:
        self._world.post(
            ActionFinished(
                at=self._world.now(),
                action=effect.action,
                outcome=outcome.outcome,
                detail=one_line(outcome.detail),
                reply=outcome.reply,
            )
        )


async def _ended(work: asyncio.Task[Outcome], effect: Do) -> None:
    work.cancel()
    await asyncio.wait({work}, timeout=_CLEANUP_LIMIT)
    if not work.done():
        logger.error("action {} ({}) was cancelled and does not end", effect.action, effect.kind)


async def _settled(stored: Stored, within: float) -> None:
    """Until it is done, at most so many seconds. What settles it may live in another thread."""
    if stored.done():
        return
    loop = asyncio.get_running_loop()
    waiting = loop.create_future()

    def wake(_: object = None) -> None:
        if not waiting.done():
            waiting.set_result(None)

    def tell(_: object) -> None:
        with suppress(RuntimeError):  # the loop has been closed meanwhile: nobody waits any more
            loop.call_soon_threadsafe(wake)

    late = loop.call_later(within, wake)
    stored.add_done_callback(tell)
    try:
        await waiting
    finally:
        late.cancel()
