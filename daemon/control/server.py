"""The daemon's end of the control socket: opened, answered, closed. What HTTP needs is loaded beside the loop, not in it."""

from __future__ import annotations

import asyncio
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from daemon.control.controls import Controls
from daemon.control.listening import Listening, listen_at

if TYPE_CHECKING:
    from aiohttp.web import AppRunner


class ControlServer:
    """Answers until `close`. It belongs to the loop in which it was started."""

    def __init__(self, runner: AppRunner, listening: Listening) -> None:
        self._runner = runner
        self._listening = listening

    async def close(self) -> None:
        await self._runner.cleanup()
        self._listening.close()


async def serve(controls: Controls, path: Path, mode: int) -> ControlServer:
    """Listen at `path`, a file with the permissions `mode`. Raises SocketInUse, SocketUnusable."""
    await asyncio.to_thread(import_module, "daemon.control.application")
    from daemon.control.application import served

    listening = listen_at(path, mode)
    return ControlServer(await served(controls, listening.socket), listening)
