"""How many look at one time."""

from __future__ import annotations

import asyncio

from daemon.watching.slots import Slots


def test_slots_go_to_those_who_wait_in_their_order() -> None:
    async def scenario() -> list[str]:
        slots, given = Slots(1), []

        async def waits(name: str) -> None:
            await slots.wait()
            given.append(name)

        assert slots.take()
        assert not slots.take()
        waiting = [asyncio.create_task(waits(name)) for name in ("first", "second")]
        await asyncio.sleep(0)
        slots.give_back()
        assert not slots.take()  # it is the first one's
        await waiting[0]
        slots.give_back()
        await waiting[1]
        slots.give_back()
        assert slots.take()
        return given

    assert asyncio.run(scenario()) == ["first", "second"]


def test_who_waits_no_more_keeps_no_slot() -> None:
    async def scenario() -> None:
        slots = Slots(1)
        slots.take()
        gone, given = (asyncio.create_task(slots.wait()) for _ in range(2))
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.wait([gone])
        slots.give_back()
        await given
        late = asyncio.create_task(slots.wait())
        await asyncio.sleep(0)
        slots.give_back()  # to the one that is cancelled in the same instant
        late.cancel()
        await asyncio.wait([late])
        assert slots.take()

    asyncio.run(scenario())
