"""One request and its reply, on a connection of its own that ends with it. The reply is read by httptools, the parser of Node.js.

A plain connection is a bare socket: a check of health costs half of what it would with transports and streams.
"""

from __future__ import annotations

import asyncio
import errno
import os
import socket
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from daemon.world.arrivals import Arrivals
from daemon.world.names import Address

if TYPE_CHECKING:
    import ssl

_LONGEST_HEAD = 64 * 1024  # bytes
_MOST_FIELDS = 1024
_CHUNK = 64 * 1024
_NO_HTTP = "what answers does not speak HTTP"
_TURN_S = 0.5  # of several addresses each but the last has so long to take the connection
_STREAM = socket.SOCK_STREAM | socket.SOCK_NONBLOCK
_INTERIM = range(102, 200)  # and 100: replies before the reply


class BrokenReply(Exception):
    """What came is no whole reply, in a few words."""


@dataclass(frozen=True, slots=True)
class Tls:
    """`host` is whom the certificate has to name."""

    context: ssl.SSLContext
    host: str


async def exchanged(
    arrivals: Arrivals, addresses: tuple[Address, ...], tls: Tls | None, request: bytes, limit: int
) -> Reading:
    """Sends the request to the first address that takes the connection, reads the reply to its end or `limit` bytes of body.

    Raises OSError, BrokenReply. Time is bounded by the caller.
    """
    if tls is not None or len(addresses) > 1:
        connection = await _connected(addresses)
    else:
        connection = _begun(addresses[0])
    try:
        if tls is not None:
            return await _encrypted(connection, tls, request, limit)
        await _sent(connection, addresses[0], request)
        reading = Reading(limit)
        await arrivals.all_from(connection, reading.take)
        return reading
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
        self._fields: dict[
            bytes, bytes
        ] = {}  # as they came; in it, too, what comes behind the body and is left out
        self.on_header = self._fields.__setitem__
        self._in_body = False
        self._is_long = False  # the head
        self._parser = HttpResponseParser(self)

    def take(self, data: bytes) -> bool:
        """What was received, nothing at its end; whether it is over. BrokenReply."""
        if not data:
            self._end()
            return True
        self._taken += len(data)
        try:
            self._parser.feed_data(data)
        except HttpParserUpgrade:
            self.is_over = True
        except HttpParserError as error:
            if not self.is_over:  # what follows a whole reply is nobody's
                raise self._broken() from error
        self._is_long |= len(self._fields) > _MOST_FIELDS
        if self._is_long or (not self._in_body and self._taken > _LONGEST_HEAD):
            raise BrokenReply(_NO_HTTP)
        return self.is_over

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

    def on_headers_complete(self) -> None:
        status, fields = self._parser.get_status_code(), self._fields
        self.status = status
        if status == 100 or status in _INTERIM:
            fields.clear()
            return
        self._in_body = True
        self._is_long = sum(map(len, chain(fields, fields.values()))) > _LONGEST_HEAD
        self.headers = {
            name.decode("latin-1").lower(): value.decode("utf-8", "replace") for name, value in fields.items()
        }

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
    connection = socket.socket(address.family, _STREAM)
    try:
        await asyncio.get_running_loop().sock_connect(connection, address.socket_address)
    except BaseException:
        connection.close()
        raise
    return connection


def _begun(address: Address) -> socket.socket:
    """A connection that may not stand yet. OSError."""
    connection = socket.socket(address.family, _STREAM)
    error = connection.connect_ex(address.socket_address)
    if error not in (0, errno.EINPROGRESS):
        connection.close()
        raise OSError(error, os.strerror(error))
    return connection


async def _sent(connection: socket.socket, address: Address, request: bytes) -> None:
    """On this machine a connection that was begun stands by now; and a new one takes all of a request, unless that is long."""
    loop = asyncio.get_running_loop()
    try:
        sent = connection.send(request)
    except BlockingIOError:
        await loop.sock_connect(connection, address.socket_address)
        sent = connection.send(request)
    if sent < len(request):
        await loop.sock_sendall(connection, request[sent:])


async def _encrypted(connection: socket.socket, tls: Tls, request: bytes, limit: int) -> Reading:
    reader, writer = await asyncio.open_connection(sock=connection, ssl=tls.context, server_hostname=tls.host)
    try:
        writer.write(request)
        await writer.drain()
        reading = Reading(limit)
        while not reading.take(await reader.read(_CHUNK)):
            pass
        return reading
    finally:
        writer.transport.abort()  # a server that does not say goodbye shall not be waited for
