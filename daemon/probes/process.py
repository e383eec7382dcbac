"""process NAME"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from daemon.probes.probe import Reply, text_of
from dsl.vocabulary.word import ProbeWord

if TYPE_CHECKING:
    from daemon.world.world import World

WORD = ProbeWord(
    name="process",
    inside=("probe kind",),
    shape="name:TEXT",
    body="check",
    doc=(
        "Looks for processes by their exact name (that of the program's file, not of its arguments); zombies do not count. `pid` and "
        "`age` are the eldest's; `cpu` (in cores: 150% is one and a half), `memory`, `descriptors` and `threads` are sums. What volexd may "
        "not see is unknown. Without `expect`, one that runs is good."
    ),
    example='process "postgres"',
    reply={
        "running": "flag",
        "count": "number",
        "pid": "number",
        "cpu": "percent",
        "memory": "size",
        "descriptors": "number",
        "threads": "number",
        "age": "duration",
    },
)


async def look(settings: Mapping[str, object], world: World) -> Reply:
    return await world.sampler.named(text_of(settings, "name"))


def healthy(reply: Reply) -> bool:
    return reply["running"] is True


def described(reply: Reply) -> str:
    return f"{reply['count']} of them run"
