"""start agent NAME"""

from __future__ import annotations

from typing import TYPE_CHECKING

from daemon.actions.action import ActionCall, Outcome, succeeded
from dsl.vocabulary.word import ActionWord

if TYPE_CHECKING:
    from daemon.world.world import World

WORD = ActionWord(
    name="start",
    inside=("action",),
    shape="SELECTOR",
    doc="Starts the unit of an agent. Fails when it runs already, and when its program cannot be executed: the reason is named.",
    example="start agent realtime",
    target="agent",
    risk="restart",
    affects=("agent.status",),
)


async def run(call: ActionCall, world: World) -> Outcome:
    pid = await world.units.start(call.agent())
    return succeeded("started" if pid is None else f"started as process {pid}")
