"""What takes too long is broken off, and nothing else is."""

from __future__ import annotations

import asyncio

import pytest

from daemon.watching.turns import Turns
from daemon.world.deadlines import Deadlines
from tests.daemon.worlds import LIMIT


def test_what_takes_too_long_is_broken_off_each_for_itself() -> None:
    async def scenario() -> list[object]:
        deadlines = Deadlines()

        async def waits(seconds: float, event: asyncio.Event) -> str:
            try:
                with deadlines.within(seconds):
                    await event.wait()
            except TimeoutError:
                return "too late"
            return "in time"

        never, soon = asyncio.Event(), asyncio.Event()
        asyncio.get_running_loop().call_soon(soon.set)
        waiting = [waits(0.01, never), waits(0.01, never), waits(0.01, soon), waits(LIMIT, soon)]
        return list(await asyncio.gather(*waiting))

    assert asyncio.run(scenario()) == ["too late", "too late", "in time", "in time"]


def test_an_inner_limit_ends_before_the_outer_one() -> None:
    async def scenario() -> str:
        deadlines = Deadlines()
        with deadlines.within(LIMIT):
            try:
                with deadlines.within(0.01):
                    await asyncio.Event().wait()
            except TimeoutError:
                return "inner"
        return "neither"

    assert asyncio.run(scenario()) == "inner"


def test_who_is_cancelled_by_somebody_else_stays_cancelled() -> None:
    async def scenario() -> None:
        deadlines, begun = Deadlines(), asyncio.Event()

        async def waits() -> None:
            with deadlines.within(LIMIT):
                begun.set()
                await asyncio.Event().wait()

        task = asyncio.create_task(waits())
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(scenario())


def test_turns_come_in_their_order_and_one_that_was_given_up_holds_up_nobody() -> None:
    async def scenario() -> list[str]:
        turns, came = Turns(), []
        now = asyncio.get_running_loop().time()

        async def waits(name: str, due: float) -> None:
            await turns.at(due)
            came.append(name)

        late, early, other = (
            asyncio.create_task(waits(name, now + after))
            for name, after in [("late", 0.02), ("early", 0.01), ("other", 0.01)]
        )
        turns.leave(now + 0.01, turns.at(now + 0.01))
        turns.leave(now + LIMIT, turns.at(now + LIMIT))
        await asyncio.wait([late, early, other])
        assert len(turns) == 0
        return came

    assert asyncio.run(scenario()) == ["early", "other", "late"]
