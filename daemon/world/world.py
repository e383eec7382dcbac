"""What probes and actions are given of the world. They reach it through this and through nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from daemon.world.bounds import Bounds

if TYPE_CHECKING:
    from daemon.units.units import Units
    from daemon.world.channels import Channels
    from daemon.world.commands import Commands
    from daemon.world.deadlines import Deadlines
    from daemon.world.http import Http
    from daemon.world.keys import Keys
    from daemon.world.names import Names
    from daemon.world.refusals import Refusals
    from daemon.world.sampling import Sampler
    from daemon.world.webhooks import Webhooks
    from engine.events import Event


@dataclass(frozen=True, slots=True)
class World:
    """`post` tells the engine, and returns at once. `now` is the wall clock, in seconds since 1970.

    Only below the directories `prunable` may rules delete files. `keys` are those of the facts that were let in, `refusals` what was not.
    """

    units: Units
    http: Http
    names: Names
    sampler: Sampler
    deadlines: Deadlines
    channels: Channels
    commands: Commands
    webhooks: Webhooks
    prunable: tuple[str, ...]
    post: Callable[[Event], None]
    now: Callable[[], float]
    bounds: Bounds
    keys: Keys
    refusals: Refusals

    async def close(self, grace: float) -> None:
        """Ends the units that volexd runs itself, then the connections. Raises UnitFailure for what does not die."""
        try:
            await self.units.close(grace)
        finally:
            await self.webhooks.close()
            self.http.close()


def real_world(
    commands: Commands,
    logs: str | None,
    post: Callable[[Event], None],
    now: Callable[[], float],
    webhooks: str = "",
    prunable: tuple[str, ...] = (),
    bounds: Bounds | None = None,
    refusals: Refusals | None = None,
) -> World:
    """The world as it is. `logs` is the directory for the output of units, None leaves it with volexd's own; `webhooks` is the address
    at which others send what happened, "" for none; `prunable` are the directories below which rules may delete files.
    Who keeps rows of what is refused gives `refusals`."""
    from pathlib import Path

    from daemon.units.process import ProcessUnits
    from daemon.units.units import Units
    from daemon.world.channels import Channels
    from daemon.world.deadlines import Deadlines
    from daemon.world.http import Http
    from daemon.world.keys import Keys
    from daemon.world.names import Names
    from daemon.world.refusals import Refusals
    from daemon.world.sampling import Sampler
    from daemon.world.webhooks import Webhooks

    bounds = bounds or Bounds()
    names = Names()
    http = Http(names)
    processes = ProcessUnits(commands, Path(logs) if logs else None, post, now)
    return World(
        Units({"process": processes}),
        http,
        names,
        Sampler(),
        Deadlines(),
        Channels(http),
        commands,
        Webhooks(webhooks),
        prunable,
        post,
        now,
        bounds,
        Keys(bounds),
        refusals or Refusals(now),
    )
