"""stop agent NAME"""

from __future__ import annotations

from typing import TYPE_CHECKING

from daemon.actions.action import ActionCall, Outcome, succeeded
from dsl.vocabulary.word import ActionWord

if TYPE_CHECKING:
    from daemon.world.world import World

WORD = ActionWord(
    name="stop",
    inside=("action",),
    shape="SELECTOR",
    doc=(
        "Stops the unit of an agent with all its processes: SIGTERM to every one, and SIGKILL after 10 seconds (or half of the "
        "action's timeout, if that is less). What does not run is stopped already, and counts as done."
    ),
    example="stop agent realtime { timeout 30s }",
    target="agent",
    risk="restart",
    repeatable=True,
    affects=("agent.status",),
)
_LONGEST_GRACE = 10.0


async def run(call: ActionCall, world: World) -> Outcome:
    await world.units.stop(call.agent(), grace(call))
    return succeeded("stopped")


def grace(call: ActionCall) -> float:
    """Seconds in which the processes may end by themselves; what is left of the timeout is for ending them by force."""
    return min(_LONGEST_GRACE, call.timeout / 2)
