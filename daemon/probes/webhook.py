"""webhook PATH"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from daemon.probes.probe import Listener, ProbeFailure, Reply, text_of
from dsl.vocabulary.word import ProbeWord

if TYPE_CHECKING:
    from daemon.world.world import World

WORD = ProbeWord(
    name="webhook",
    inside=("probe kind",),
    shape="path:TEXT [into type:NAME [from from:PATH]]",
    body="webhook",
    doc=(
        "Takes what others send to this path of volexd's own address (`webhooks.address` in the configuration) with a POST: JSON, "
        "an object or a list of objects, at most 1 MiB. With `token`, only what comes with it. What comes faster than it may is answered "
        "with the status 429."
    ),
    example='webhook "/deploy" into deploy',
    reply={"body": "any", "headers": "map", "time": "time"},
    health=False,
    pushes=True,
)


async def follow(settings: Mapping[str, object], world: World, listener: Listener) -> None:
    """Until it is cancelled."""
    import asyncio

    token = settings.get("token")
    path = text_of(settings, "path")

    def came(body: object, headers: Mapping[str, str], size: int) -> bool:
        items = len(body) if isinstance(body, list) else 1
        return listener.say({"body": body, "headers": dict(headers), "time": world.now()}, items, size)

    reason = await world.webhooks.listen(path, came, token if isinstance(token, str) else None)
    if reason:
        raise ProbeFailure(reason)
    listener.trouble("")
    try:
        await asyncio.Event().wait()
    finally:
        world.webhooks.leave(path)


async def look(settings: Mapping[str, object], world: World) -> Reply:
    raise ProbeFailure("nobody asks a webhook: others send to it")


def healthy(reply: Reply) -> bool:
    return True


def described(reply: Reply) -> str:
    return "sent"
