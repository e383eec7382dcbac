"""restart agent NAME"""

from __future__ import annotations

from typing import TYPE_CHECKING

from daemon.actions.action import ActionCall, Outcome, succeeded
from daemon.actions.stop import grace
from dsl.vocabulary.word import ActionWord

if TYPE_CHECKING:
    from daemon.world.world import World

WORD = ActionWord(
    name="restart",
    inside=("action",),
    shape="SELECTOR",
    doc=(
        "Stops the unit of an agent, as `stop` does, and starts it again. One that does not run is started. That the agent is well "
        "afterwards is not part of it: a recovery verifies that."
    ),
    example="restart agent realtime",
    target="agent",
    risk="restart",
    affects=("agent.status",),
)


async def run(call: ActionCall, world: World) -> Outcome:
    await world.units.stop(call.agent(), grace(call))
    pid = await world.units.start(call.agent())
    return succeeded("restarted" if pid is None else f"restarted as process {pid}")
