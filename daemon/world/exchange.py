"""One request and its reply, on a connection of its own that ends with it. The reply is read by httptools, the parser of Node.js.

A plain connection is a bare socket: a check of health costs half of what it would with transports and streams.
"""

from __future__ import annotations

import asyncio
import errno
import os
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from daemon.world.names import Address

if TYPE_CHECKING:
    import ssl

_LONGEST_HEAD = 64 * 1024  # bytes
_CHUNK = 64 * 1024
_NO_HTTP = "what answers does not speak HTTP"
_TURN_S = 0.5  # of several addresses each but the last has so long to take the connection
_INTERIM = range(102, 200)  # and 100: replies before the reply


class BrokenReply(Exception):
    """What came is no whole reply, in a few words."""


@dataclass(frozen=True, slots=True)
class Tls:
    """`host` is whom the certificate has to name."""

    context: ssl.SSLContext
    host: str


async def exchanged(addresses: tuple[Address, ...], tls: Tls | None, request: bytes, limit: int) -> Reading:
    """Sends the request to the first address that takes the connection, reads the reply to its end or `limit` bytes of body.

    Raises OSError, BrokenReply. Time is bounded by the caller.
    """
    connection = await _connected(addresses)
    try:
        if tls is not None:
            return await _encrypted(connection, tls, request, limit)
        await asyncio.get_running_loop().sock_sendall(connection, request)
        return await _Arriving(connection, Reading(limit)).whole()
    finally:
        connection.close()


class Reading:
    """A reply as it comes in. `body` holds one byte more than the limit if there was more."""

    def __init__(self, limit: int) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body = bytearray()
        self.is_over = False
        self._most = limit + 1
        self._taken = 0  # bytes in all
        self._head = 0  # bytes of headers
        self._in_body = False
        self._parser = HttpResponseParser(self)

    def take(self, data: bytes) -> None:
        """What was received; nothing is its end. BrokenReply."""
        if not data:
            self._end()
            return
        self._taken += len(data)
        try:
            self._parser.feed_data(data)
        except HttpParserUpgrade:
            self.is_over = True
        except HttpParserError as error:
            if not self.is_over:  # what follows a whole reply is nobody's
                raise self._broken() from error
        if self._head > _LONGEST_HEAD or (not self._in_body and self._taken > _LONGEST_HEAD):
            raise BrokenReply(_NO_HTTP)

    def _end(self) -> None:
        """A reply that says neither how long it is nor that it comes in chunks ends with the connection."""
        if not self._in_body and not self._taken:
            raise BrokenReply("the server closed the connection without a reply")
        if not self._in_body or {"content-length", "transfer-encoding"} & self.headers.keys():
            raise BrokenReply("the reply broke off")
        self.is_over = True

    def _broken(self) -> BrokenReply:
        return BrokenReply("the reply broke off" if self._in_body else _NO_HTTP)

    # --- called by the parser ------------------------------------------------------------------------------------------

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._in_body:  # what comes after the body is left out
            self._head += len(name) + len(value)
            self.headers[name.decode("latin-1").lower()] = value.decode("utf-8", "replace")

    def on_headers_complete(self) -> None:
        self.status = self._parser.get_status_code()
        if self.status == 100 or self.status in _INTERIM:
            self.headers.clear()
        else:
            self._in_body = True

    def on_body(self, data: bytes) -> None:
        self.body += data[: self._most - len(self.body)]
        if len(self.body) >= self._most:
            self.is_over = True

    def on_message_complete(self) -> None:
        if self._in_body:
            self.is_over = True


async def _connected(addresses: tuple[Address, ...]) -> socket.socket:
    for address in addresses[:-1]:
        try:
            async with asyncio.timeout(_TURN_S):
                return await _opened(address)
        except OSError:  # TimeoutError among them
            continue
    return await _opened(addresses[-1])


async def _opened(address: Address) -> socket.socket:
    connection = socket.socket(address.family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
    try:
        if not _is_taken(connection, address):
            await asyncio.get_running_loop().sock_connect(connection, address.socket_address)
    except BaseException:
        connection.close()
        raise
    return connection


def _is_taken(connection: socket.socket, address: Address) -> bool:
    """Whether the connection stands at once: on this machine it does by the time that it is asked for again. OSError."""
    for _ in range(2):
        error = connection.connect_ex(address.socket_address)
        if error == 0:
            return True
        if error not in (errno.EINPROGRESS, errno.EALREADY):
            raise OSError(error, os.strerror(error))
    return False


class _Arriving:
    """The loop calls it for what comes in; whoever waits for the reply is woken once."""

    def __init__(self, connection: socket.socket, reading: Reading) -> None:
        self._loop = asyncio.get_running_loop()
        self._connection = connection
        self._reading = reading
        self._over: asyncio.Future[None] = self._loop.create_future()

    async def whole(self) -> Reading:
        number = (
            self._connection.fileno()
        )  # the selector writes out what it does not know yet, and a socket at length
        self._loop.add_reader(number, self._take)
        try:
            await self._over
        finally:
            self._loop.remove_reader(number)
        return self._reading

    def _take(self) -> None:
        if self._over.done():
            return
        try:
            self._reading.take(self._connection.recv(_CHUNK))
        except (BlockingIOError, InterruptedError):
            return
        except (OSError, BrokenReply) as error:
            self._over.set_exception(error)
        else:
            if self._reading.is_over:
                self._over.set_result(None)


async def _encrypted(connection: socket.socket, tls: Tls, request: bytes, limit: int) -> Reading:
    reader, writer = await asyncio.open_connection(sock=connection, ssl=tls.context, server_hostname=tls.host)
    try:
        writer.write(request)
        await writer.drain()
        reading = Reading(limit)
        while not reading.is_over:
            reading.take(await reader.read(_CHUNK))
        return reading
    finally:
        writer.transport.abort()  # a server that does not say goodbye shall not be waited for
