"""Stands where the executor stands when volexd runs in the shadow: whatever is asked for, nothing of it is done.

The rules are in the shadow then, and ask for nothing. This is the bolt behind that: also what a former life left to be undone stays so.
"""

from __future__ import annotations

from loguru import logger

from daemon.service.executor import Stored
from daemon.world.world import World
from engine.effects import Cancel, Do
from engine.events import ActionFinished

REASON = "volexd runs in the shadow, so it was not done"


class Withholding:
    """Implements `Doing`."""

    def __init__(self, world: World) -> None:
        self._world = world

    def begin(self, effect: Do, stored: Stored) -> None:
        logger.warning("action {} ({}): {}", effect.action, effect.kind, REASON)
        self._world.post(ActionFinished(self._world.now(), effect.action, "failed", REASON))

    def cancel(self, effect: Cancel) -> None:
        """Nothing is under way."""

    async def close(self, within: float) -> None:
        """There is nothing to wait for."""
