"""Connections on which something is awaited. The loop knows one descriptor for all of them, an epoll of their own.

A connection of a check lives for a few milliseconds: to make it known to the loop and to take it back cost more than to read from it.
"""

from __future__ import annotations

import asyncio
import select
import socket
from collections.abc import Callable

Take = Callable[[], None]


class Arrivals:
    """For the thread of the loop in which it is made."""

    def __init__(self) -> None:
        self._epoll = select.epoll()
        self._waiting: dict[int, Take] = {}
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._epoll.fileno(), self._arrived)

    def wait(self, connection: socket.socket, take: Take) -> None:
        """Call `take` whenever there is something to read. `leave` before the connection is closed."""
        number = connection.fileno()
        self._epoll.register(number, select.EPOLLIN)
        self._waiting[number] = take

    def leave(self, connection: socket.socket) -> None:
        number = connection.fileno()
        if self._waiting.pop(number, None) is not None:
            self._epoll.unregister(number)

    def close(self) -> None:
        self._loop.remove_reader(self._epoll.fileno())
        self._epoll.close()

    def _arrived(self) -> None:
        for number, _ in self._epoll.poll(0):
            take = self._waiting.get(number)
            if take is not None:
                take()
