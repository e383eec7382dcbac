"""The daemon's end of the control socket: opened, answered, closed. What HTTP needs is loaded beside the loop, not before it."""

from __future__ import annotations

import asyncio
from importlib import import_module
from typing import TYPE_CHECKING

from loguru import logger

from daemon.config import SocketConfig
from daemon.control.controls import Controls
from daemon.control.listening import Listening, SocketInUse, SocketUnusable, listen_at

if TYPE_CHECKING:
    from aiohttp.web import AppRunner


class ControlServer:
    """Belongs to the loop in which it was started."""

    def __init__(self, config: SocketConfig, controls: Controls) -> None:
        self._config = config
        self._controls = controls
        self._listening: Listening | None = None
        self._runner: AppRunner | None = None

    async def run(self) -> None:
        """Start; where nobody can listen, say so: volexd goes on without."""
        try:
            await self.start()
        except (SocketUnusable, SocketInUse) as error:
            logger.warning("no control socket: {}", error)

    async def start(self) -> None:
        """Raises SocketInUse, SocketUnusable."""
        if self._config.path is None:
            raise SocketUnusable("there is no place for it; name one with --socket PATH")
        await asyncio.to_thread(import_module, "daemon.control.application")
        from daemon.control.application import served

        self._listening = listen_at(self._config.path, self._config.mode)
        self._runner = await served(self._controls, self._listening.socket)

    async def close(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
        if self._listening is not None:
            self._listening.close()
