"""Connections on which a reply is awaited. The loop knows one descriptor for all of them, an epoll of their own.

A connection of a check lives for a few milliseconds: to make it known to the loop and to take it back cost more than to read from it.
"""

from __future__ import annotations

import asyncio
import select
import socket
from collections.abc import Callable

_CHUNK = 64 * 1024

# Given what was received, nothing at its end; whether that is all. What it raises ends the waiting.
Take = Callable[[bytes], bool]


class Arrivals:
    """For the thread of the loop in which it is made."""

    def __init__(self) -> None:
        self._epoll = select.epoll()
        self._waiting: dict[int, tuple[socket.socket, Take, asyncio.Future[None]]] = {}
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._epoll.fileno(), self._arrived)

    async def all_from(self, connection: socket.socket, take: Take) -> None:
        """Until `take` says that it has all. OSError, and what it raises. Whoever waits is woken once, and closes the connection:
        that takes it out of the epoll, too."""
        number, whole = connection.fileno(), self._loop.create_future()
        self._epoll.register(number, select.EPOLLIN)
        self._waiting[number] = connection, take, whole
        try:
            await whole
        finally:
            del self._waiting[number]

    def close(self) -> None:
        self._loop.remove_reader(self._epoll.fileno())
        self._epoll.close()

    def _arrived(self) -> None:
        for number, _ in self._epoll.poll(0):
            waiting = self._waiting.get(number)
            if waiting is not None:
                self._read(*waiting)

    def _read(self, connection: socket.socket, take: Take, whole: asyncio.Future[None]) -> None:
        if whole.done():
            return
        try:
            if take(connection.recv(_CHUNK)):
                whole.set_result(None)
        except (BlockingIOError, InterruptedError):
            return
        except Exception as error:  # noqa: BLE001 -- it is whoever's who waits
            whole.set_exception(error)
