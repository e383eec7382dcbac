"""Looks as the polling takes them."""

from __future__ import annotations

from typing import Any

from daemon.watching.look import Seen, look
from daemon.watching.polling import probe_kinds
from daemon.world.world import World
from tests.daemon.worlds import a_check

KINDS = probe_kinds()


async def seen(world: World, kind: str, within: float = 60.0, **settings: object) -> Seen:
    return await look(a_check(kind, timeout=within, **settings), KINDS[kind], world)


async def reply(world: World, kind: str, **settings: object) -> dict[str, Any]:
    """The reply of a look that has to give one."""
    found = await seen(world, kind, **settings)
    assert found.reply is not None, found.error
    return dict(found.reply)
