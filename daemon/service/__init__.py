"""The running daemon: everything wired together, in one asyncio loop."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from daemon.config import Config


def run(config: Config, *, shadow: bool = False) -> int:
    """The daemon, from its start until a signal ends it; the exit status of the process. In the `shadow` it does nothing."""
    import asyncio
    import gc

    # What is loaded now stays; looking for garbage in it again and again is a twelfth of the start. `Service.run` turns it on.
    gc.disable()

    from daemon.service.service import Service

    async def live() -> int:
        return await Service(config, shadow=shadow).run()

    return asyncio.run(live())
