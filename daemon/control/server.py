"""The daemon's end of the control socket: opened, answered, closed."""

from __future__ import annotations

from pathlib import Path

from daemon.control.application import served
from daemon.control.controls import Controls
from daemon.control.listening import Listening, listen_at
from daemon.world.serving import Server


class ControlServer:
    """Answers until `close`. It belongs to the loop in which it was started."""

    def __init__(self, server: Server, listening: Listening) -> None:
        self._server = server
        self._listening = listening

    async def close(self) -> None:
        await self._server.close()
        self._listening.close()


async def serve(controls: Controls, path: Path, mode: int) -> ControlServer:
    """Listen at `path`, a file with the permissions `mode`. Raises SocketInUse, SocketUnusable."""
    listening = listen_at(path, mode)
    return ControlServer(await served(controls, listening.socket), listening)
