"""A look that is cancelled ends, whatever ends in the same moment: else volexd could neither take up other rules nor end itself."""

from __future__ import annotations

import asyncio

import pytest

from daemon.watching.look import look
from daemon.watching.polling import probe_kinds
from daemon.world.output import Output
from tests.daemon.worlds import LIMIT, a_check, a_world


def test_a_look_that_is_cancelled_while_its_program_has_just_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    looking: list[asyncio.Task[object]] = []
    plain = Output.end

    async def ends_and_is_cancelled(self: Output) -> None:
        await plain(self)
        looking[0].cancel()

    monkeypatch.setattr(Output, "end", ends_and_is_cancelled)

    async def scenario() -> None:
        async with a_world() as (world, _):
            check = a_check("exec", command=["/bin/true"])
            looking.append(asyncio.create_task(look(check, probe_kinds()["exec"], world)))
            async with asyncio.timeout(LIMIT):
                await asyncio.wait(looking)
            assert looking[0].cancelled()

    asyncio.run(scenario())
