"""Every action ends with exactly one outcome."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import Future
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from daemon.actions.action import ActionCall, ActionFailure, Outcome, succeeded
from daemon.service import executor as executor_module
from daemon.service.executor import Executor, action_kinds
from daemon.world.commands import SYSTEM_PATH
from daemon.world.world import World
from dsl.vocabulary.word import ActionWord
from engine.effects import Cancel, Do
from engine.events import ActionFinished
from tests.daemon.worlds import LIMIT, Events, Mailbox, a_world, an_agent, gone, python, zombies

Behaviour = Callable[[ActionCall], Awaitable[Outcome]]


class Scripted:
    """A kind of action that behaves as it is told."""

    WORD = ActionWord(name="scripted", inside=(), shape="", doc="", example="")

    def __init__(self, behaviour: Behaviour) -> None:
        self._behaviour = behaviour

    async def run(self, call: ActionCall, world: World) -> Outcome:
        return await self._behaviour(call)


def stored() -> Future[None]:
    future: Future[None] = Future()
    future.set_result(None)
    return future


def do(
    kind: str = "scripted",
    action: int = 1,
    target: str | None = None,
    timeout: float = LIMIT,
    **arguments: object,
) -> Do:
    return Do(action=action, kind=kind, target=target, arguments=arguments, timeout=timeout)


@asynccontextmanager
async def an_executor(
    behaviour: Behaviour | None = None, confirmation_limit: float = LIMIT
) -> AsyncIterator[tuple[Executor, Events]]:
    async with a_world(an_agent("api", ["/bin/sleep", "3600"])) as (world, events):
        kinds = dict(action_kinds())
        if behaviour is not None:
            kinds["scripted"] = Scripted(behaviour)
        executor = Executor(world, kinds, confirmation_limit)
        yield executor, events
        await executor.close(LIMIT)
        assert executor.under_way == 0
        actions = [event.action for event in events.of(ActionFinished)]
        assert len(actions) == len(set(actions)), "an action told its end twice"


def outcome_of(behaviour: Behaviour, timeout: float = LIMIT) -> tuple[str, str]:
    async def scenario() -> tuple[str, str]:
        async with an_executor(behaviour) as (executor, events):
            executor.begin(do(timeout=timeout), stored())
            finished = await events.when(ActionFinished, action=1)
            return finished.outcome, finished.detail

    return asyncio.run(scenario())


async def _succeeds(call: ActionCall) -> Outcome:
    return succeeded("done\nwell")


async def _is_not_done(call: ActionCall) -> Outcome:
    raise ActionFailure("no such thing")


async def _has_a_bug(call: ActionCall) -> Outcome:
    raise KeyError("x")


async def _ends_itself(call: ActionCall) -> Outcome:
    raise asyncio.CancelledError


async def _hangs(call: ActionCall) -> Outcome:
    await asyncio.Event().wait()
    raise AssertionError


async def _ends_late_though_cancelled(call: ActionCall) -> Outcome:
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        return succeeded("after all")
    raise AssertionError


@pytest.mark.parametrize(
    ("behaviour", "timeout", "expected"),
    [
        (_succeeds, LIMIT, ("succeeded", "done\\nwell")),
        (_is_not_done, LIMIT, ("failed", "no such thing")),
        (_has_a_bug, LIMIT, ("failed", "KeyError: 'x'")),
        (_ends_itself, LIMIT, ("failed", "it was broken off")),
        (_hangs, 0.01, ("timed_out", "not done within 0.01 s")),
        (_ends_late_though_cancelled, 0.01, ("timed_out", "not done within 0.01 s")),
    ],
)
def test_each_way_to_end(behaviour: Behaviour, timeout: float, expected: tuple[str, str]) -> None:
    assert outcome_of(behaviour, timeout) == expected


def test_an_action_that_nobody_knows_fails() -> None:
    async def scenario() -> None:
        async with an_executor() as (executor, events):
            executor.begin(do("teleport"), stored())
            finished = await events.when(ActionFinished)
            assert (finished.outcome, finished.detail) == ("failed", "this volexd knows no action 'teleport'")

    asyncio.run(scenario())


def test_nothing_is_done_before_its_intent_is_stored() -> None:
    async def scenario() -> None:
        begun = asyncio.Event()

        async def begins(call: ActionCall) -> Outcome:
            begun.set()
            return succeeded()

        async with an_executor(begins) as (executor, events):
            pending: Future[None] = Future()
            executor.begin(do(), pending)
            for _ in range(20):
                await asyncio.sleep(0)
            assert not begun.is_set()
            pending.set_result(None)
            await events.when(ActionFinished, outcome="succeeded")

    asyncio.run(scenario())


@pytest.mark.parametrize("broken", [False, True], ids=["silent store", "failing store"])
def test_a_store_in_trouble_does_not_stop_the_healing(broken: bool) -> None:
    async def scenario() -> None:
        async with an_executor(_succeeds, confirmation_limit=0.01) as (executor, events):
            future: Future[None] = Future()
            if broken:
                future.set_exception(OSError("disk full"))
            executor.begin(do(), future)
            await events.when(ActionFinished, outcome="succeeded")

    asyncio.run(scenario())


def test_a_cancelled_action_tells_so_once_at_whatever_moment_it_is_cancelled() -> None:
    async def scenario() -> None:
        async with an_executor(_hangs) as (executor, events):
            executor.begin(do(action=1), stored())
            executor.cancel(Cancel(1))  # before its first step
            executor.begin(do(action=2), Future())
            await asyncio.sleep(0)
            executor.cancel(Cancel(2))  # while it waits for the store
            executor.begin(do(action=3), stored())
            for _ in range(20):
                await asyncio.sleep(0)
            executor.cancel(Cancel(3))  # while it is being done
            executor.cancel(Cancel(3))
            for action in (1, 2, 3):
                assert (await events.when(ActionFinished, action=action)).outcome == "cancelled"
            executor.cancel(Cancel(1))
            executor.cancel(Cancel(99))

    asyncio.run(scenario())


def test_what_waits_for_its_turn_is_done_or_cancelled() -> None:
    async def scenario() -> None:
        done = asyncio.Event()

        async def waits(call: ActionCall) -> Outcome:
            await done.wait()
            return succeeded()

        async with an_executor(waits) as (executor, events):
            for action in range(200):
                executor.begin(do(action=action), stored())
            for _ in range(20):
                await asyncio.sleep(0)
            executor.cancel(Cancel(0))
            executor.cancel(Cancel(199))
            assert (await events.when(ActionFinished, action=199)).outcome == "cancelled"
            done.set()
            await events.when(ActionFinished, count=198, outcome="succeeded")
            assert (await events.when(ActionFinished, action=0)).outcome == "cancelled"

    asyncio.run(scenario())


def test_what_does_not_end_is_left_to_itself_and_told_of_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executor_module, "_CLEANUP_LIMIT", 0.01)

    async def scenario() -> None:
        released = asyncio.Event()
        ended = asyncio.Event()

        async def goes_on(call: ActionCall) -> Outcome:
            while not released.is_set():
                with suppress(asyncio.CancelledError):
                    await released.wait()
            ended.set()
            return succeeded("long after")

        async with an_executor(goes_on) as (executor, events):
            executor.begin(do(timeout=0.01), stored())
            assert (await events.when(ActionFinished)).outcome == "timed_out"
            assert executor.under_way == 0
            released.set()
            await ended.wait()
            await asyncio.sleep(0)
            assert len(events.of(ActionFinished)) == 1

    asyncio.run(scenario())


def test_closing_waits_and_then_ends_what_is_under_way() -> None:
    async def scenario() -> None:
        async with an_executor(_hangs) as (executor, events):
            executor.begin(do(action=1), stored())
            executor.begin(do("log", action=2, text="x"), stored())
            await events.when(ActionFinished, action=2)
            await executor.close(within=0.01)
            executor.begin(do(action=3), stored())
            assert [(event.action, event.outcome) for event in events.of(ActionFinished)] == [
                (2, "succeeded"),
                (1, "cancelled"),
                (3, "cancelled"),
            ]

    asyncio.run(scenario())


def test_failures_of_units_and_commands_are_told_in_their_own_words() -> None:
    async def scenario() -> None:
        async with an_executor() as (executor, events):
            executor.begin(do("start", 1, "api"), stored())
            await events.when(ActionFinished, action=1, outcome="succeeded")
            executor.begin(do("start", 2, "api"), stored())
            executor.begin(do("exec", 3, command=["/no/such"]), stored())
            executor.begin(do("exec", 4, command=["nosuch"]), stored())
            executor.begin(do("notify", 5, channel="none"), stored())
            details = [
                (await events.when(ActionFinished, action=n, outcome="failed")).detail for n in (2, 3, 4, 5)
            ]
            assert details[0].startswith("api is already running")
            assert details[1:] == [
                "'/no/such' cannot be executed: there is no such file (ENOENT)",
                f"'nosuch' is not on the path ({':'.join(SYSTEM_PATH)}); write the absolute path",
                "there is no channel 'none'",
            ]

    asyncio.run(scenario())


def test_a_program_that_ignores_sigterm_is_dead_when_its_timeout_is_told(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path)
    script = mailbox.says() + (
        "import os, signal\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "leader = os.getpid()\n"
        "if os.fork() == 0: say(f'{leader} {os.getpid()}')\n"
        "while True: signal.pause()\n"
    )

    async def scenario() -> None:
        async with an_executor() as (executor, events):
            executor.begin(do("exec", command=python(script), timeout=4.0), stored())
            pids = [int(pid) for pid in (await mailbox.next()).split()]
            assert (await events.when(ActionFinished)).outcome == "timed_out"
            assert zombies() == []
            assert all(gone(pid) for pid in pids)

    asyncio.run(scenario())


def test_many_at_once() -> None:
    async def scenario() -> None:
        async with an_executor() as (executor, events):
            for action in range(300):
                executor.begin(
                    do("exec" if action % 10 == 0 else "log", action, command=["true"], text="x"), stored()
                )
            await events.when(ActionFinished, count=300, outcome="succeeded")

    asyncio.run(scenario())
