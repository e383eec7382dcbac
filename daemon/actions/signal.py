"""signal NAME agent NAME"""

from __future__ import annotations

from typing import TYPE_CHECKING

from daemon.actions.action import ActionCall, ActionFailure, Outcome, succeeded
from dsl.vocabulary.word import ActionWord

if TYPE_CHECKING:
    from daemon.world.world import World

WORD = ActionWord(
    name="signal",
    inside=("action",),
    shape="signal:NAME SELECTOR",
    doc="Sends a signal (HUP, USR1, TERM, …) to the main process of an agent's unit, and to no other process.",
    example="signal HUP agent realtime",
    target="agent",
    risk="reload",
    affects=("agent.status",),
)


async def run(call: ActionCall, world: World) -> Outcome:
    number = signal_number(call.text("signal"))
    await world.units.signal(call.agent(), number)
    return succeeded("sent")


def signal_number(name: str) -> int:
    """HUP, SIGHUP and hup are the same. Raises ActionFailure."""
    from signal import Signals

    known = name.upper() if name.upper().startswith("SIG") else f"SIG{name.upper()}"
    try:
        return Signals[known]
    except KeyError:
        raise ActionFailure(
            f"there is no signal {name!r}; HUP, USR1, USR2, TERM, INT, QUIT, KILL are usual"
        ) from None
