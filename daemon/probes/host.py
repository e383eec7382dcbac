"""host"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from daemon.probes.probe import Reply
from dsl.vocabulary.word import ProbeWord

if TYPE_CHECKING:
    from daemon.world.world import World

WORD = ProbeWord(
    name="host",
    inside=("probe kind",),
    shape="",
    body="check",
    doc=(
        "Samples the machine volexd runs on, and its mounted disks: the facts `host` and `disk`. They are sampled every 5 seconds anyway; "
        "a probe of this kind changes the interval. `cpu` is the busy share since the sample before, over all cores; `load` the average "
        "of one minute; a disk's `usage` is what `df` shows. File systems on the network, and those that are always full, are left out."
    ),
    example="host",
    reply={
        "name": "text",
        "cpu": "percent",
        "memory": "percent",
        "swap": "percent",
        "load": "number",
        "uptime": "duration",
        "disks": "list",
    },
    health=False,
)


async def look(settings: Mapping[str, object], world: World) -> Reply:
    return await world.sampler.host()


def healthy(reply: Reply) -> bool:
    return True


def described(reply: Reply) -> str:
    return f"host {reply['name']}"
