"""webhook PATH"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from daemon.probes.probe import ProbeFailure, Reply, text_of
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
        "an object or a list of objects, at most 1 MiB. With `token`, only what comes with it."
    ),
    example='webhook "/deploy" into deploy',
    reply={"body": "any", "headers": "map", "time": "time"},
    health=False,
    pushes=True,
)


async def follow(
    settings: Mapping[str, object], world: World, say: Callable[[Reply], None], trouble: Callable[[str], None]
) -> None:
    """Until it is cancelled."""
    import asyncio

    token = settings.get("token")
    path = text_of(settings, "path")

    def came(body: object, headers: Mapping[str, str]) -> None:
        say({"body": body, "headers": dict(headers), "time": world.now()})

    reason = await world.webhooks.listen(path, came, token if isinstance(token, str) else None)
    if reason:
        raise ProbeFailure(reason)
    trouble("")
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
