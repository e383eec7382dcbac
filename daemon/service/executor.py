"""Carries out what the engine wants done: each `Do` a task, and exactly one `ActionFinished`, whatever happens to it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
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


@dataclass(slots=True, eq=False)
class _UnderWay:
    """An action between its `Do` and its `ActionFinished`.

    It waits for the store, then for its turn, then `task` does it. `verdict` is how it ends whatever the task still says; `timer` is for
    what it waits for now.
    """

    effect: Do
    timer: asyncio.TimerHandle | None = None
    confirmed: bool = False
    task: asyncio.Task[None] | None = None
    is_begun: bool = False
    verdict: Outcome | None = None


class Executor:
    """Implements `Doing`. Use it in the thread of the loop. `kinds` are the words it knows how to do."""

    def __init__(
        self, world: World, kinds: Mapping[str, ActionKind], confirmation_limit: float = CONFIRMATION_LIMIT
    ) -> None:
        self._world = world
        self._kinds = kinds
        self._confirmation_limit = confirmation_limit
        self._under_way: dict[int, _UnderWay] = {}
        self._being_done = 0
        self._turns: deque[_UnderWay] = deque()
        self._closed = False
        self._idle: asyncio.Future[None] | None = None  # of who waits for the end of all

    @property
    def under_way(self) -> int:
        return len(self._under_way)

    def begin(self, effect: Do, stored: Stored) -> None:
        """Does it as soon as its intent is stored; `ActionFinished` is posted when it has ended."""
        if self._closed:
            self._tell(effect, Outcome("cancelled", "volexd is stopping"))
            return
        action = self._under_way[effect.action] = _UnderWay(effect)
        loop = asyncio.get_running_loop()
        action.timer = loop.call_later(self._confirmation_limit, self._confirmed, action, stored)

        def tell(_: object) -> None:
            with suppress(RuntimeError):  # the loop has been closed meanwhile: nobody waits any more
                loop.call_soon_threadsafe(self._confirmed, action, stored)

        stored.add_done_callback(tell)  # in the store's thread

    def cancel(self, effect: Cancel) -> None:
        """Ends an action. One that has ended meanwhile has told so, or is about to."""
        action = self._under_way.get(effect.action)
        if action is not None:
            self._break_off(action, Outcome("cancelled"))

    async def close(self, within: float) -> None:
        """Waits for what is under way, at most so many seconds; then cancels it. Nothing begins any more."""
        self._closed = True
        await self._ended(within)
        for action in list(self._under_way.values()):
            self._break_off(action, Outcome("cancelled"))
        await self._ended(_CLEANUP_LIMIT)

    async def _ended(self, within: float) -> None:
        """Until nothing is under way, at most so many seconds."""
        if self._under_way:
            self._idle = asyncio.get_running_loop().create_future()
            await asyncio.wait({self._idle}, timeout=within)

    # --- from one to the next of what an action goes through ----------------------------------------------------------

    def _confirmed(self, action: _UnderWay, stored: Stored) -> None:
        """What is about to be done is on disk before it is done, unless the store is in such trouble that healing matters more."""
        if action.confirmed or action.verdict is not None:
            return
        action.confirmed = True
        self._stop_timer(action)
        if not stored.done() or stored.cancelled() or stored.exception() is not None:
            reason = (
                "refused it" if stored.done() else f"did not confirm it within {self._confirmation_limit:g} s"
            )
            logger.error(
                "action {} ({}) begins though the store {}", action.effect.action, action.effect.kind, reason
            )
        if self._being_done < _AT_ONCE:
            self._do(action)
        else:
            self._turns.append(action)

    def _do(self, action: _UnderWay) -> None:
        effect = action.effect
        self._being_done += 1
        name = f"action {effect.action} {effect.kind}"
        action.task = asyncio.create_task(self._carry_out(action), name=name)
        action.timer = asyncio.get_running_loop().call_later(effect.timeout, self._too_late, action)

    async def _carry_out(self, action: _UnderWay) -> None:
        """It tells its end itself: a callback of its task would come a turn of the loop later."""
        action.is_begun = True
        try:
            outcome = await self._outcome(action.effect)
        except asyncio.CancelledError:
            outcome = Outcome("failed", "it was broken off")
        if self._under_way.get(action.effect.action) is action:  # else it was left to itself long ago
            self._end(action, action.verdict or outcome)

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

    def _too_late(self, action: _UnderWay) -> None:
        self._break_off(action, Outcome("timed_out", f"not done within {action.effect.timeout:g} s"))

    def _break_off(self, action: _UnderWay, verdict: Outcome) -> None:
        """It ends with this verdict: at once if nothing of it has begun, else when its task has cleaned up."""
        task = action.task
        if action.verdict is not None or (task is not None and task.done()):
            return
        action.verdict = verdict
        self._stop_timer(action)
        if task is not None:
            task.cancel()
        if task is None or not action.is_begun:
            self._end(action, verdict)
        else:
            action.timer = asyncio.get_running_loop().call_later(_CLEANUP_LIMIT, self._leave, action, verdict)

    def _leave(self, action: _UnderWay, verdict: Outcome) -> None:
        effect = action.effect
        logger.error("action {} ({}) was cancelled and does not end", effect.action, effect.kind)
        self._end(action, verdict)

    def _end(self, action: _UnderWay, outcome: Outcome) -> None:
        """The one place where an action's end is told."""
        self._stop_timer(action)
        del self._under_way[action.effect.action]
        if action.task is not None:
            self._being_done -= 1
            self._do_next()
        self._tell(action.effect, outcome)
        if not self._under_way and self._idle is not None and not self._idle.done():
            self._idle.set_result(None)

    def _do_next(self) -> None:
        while self._turns and self._being_done < _AT_ONCE:
            action = self._turns.popleft()
            if action.verdict is None:
                self._do(action)

    def _stop_timer(self, action: _UnderWay) -> None:
        if action.timer is not None:
            action.timer.cancel()
            action.timer = None

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
