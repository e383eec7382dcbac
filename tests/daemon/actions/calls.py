"""Actions as the engine asks for them."""

from __future__ import annotations

from daemon.actions.action import ActionCall, Outcome
from daemon.service.executor import action_kinds
from daemon.world.world import World

KINDS = action_kinds()


async def done(world: World, kind: str, target: str | None = None, **arguments: object) -> Outcome:
    """Runs the action itself, without the executor: what it raises comes out."""
    return await KINDS[kind].run(ActionCall(7, kind, target, arguments, 60.0), world)
