"""HTTP as a server, for those few who tell or ask volexd something: JSON out, everything bounded, no files, no TLS.

Requests are read by httptools. One connection is one request at a time; what comes behind it waits in the kernel.
"""

from __future__ import annotations

import asyncio
import json
import socket
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import cast
from urllib.parse import parse_qsl, unquote, urlsplit

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser
from loguru import logger

_LONGEST_HEAD = 64 * 1024  # bytes
_MOST_CONNECTIONS = 256
_PATIENCE_S = 60.0  # for the whole of a request, and for the next one on a connection that stays
_ENDING_S = 2.0  # for answers that are under way when the server closes
_REASONS = {status.value: status.phrase for status in HTTPStatus}
_FAILED = {"error": "volexd failed at this; its log says how"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A request. `headers` are as they were sent, of a name that came twice the last; `connection` is the socket."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    connection: socket.socket | None


@dataclass(frozen=True, slots=True)
class Answer:
    """`document` becomes JSON."""

    status: int
    document: object


# At once, or later; what it raises is logged and answered with 500.
Answering = Callable[[Asked], Answer | Awaitable[Answer]]


class Server:
    """For the thread of the loop in which it is made."""

    def __init__(self, answering: Answering, largest: int) -> None:
        """`largest` bytes is what a body may have."""
        self.answering = answering
        self.largest = largest
        self.connections: set[Connection] = set()
        self._servers: list[asyncio.Server] = []
        self._sweep: asyncio.TimerHandle | None = None

    async def listen_at(self, host: str, port: int) -> None:
        """On all addresses of that name. OSError."""
        loop = asyncio.get_running_loop()
        self._servers.append(await loop.create_server(lambda: Connection(self), host, port))

    async def listen_on(self, listening: socket.socket) -> None:
        """A Unix socket that is bound and listens."""
        loop = asyncio.get_running_loop()
        self._servers.append(await loop.create_unix_server(lambda: Connection(self), sock=listening))

    async def close(self) -> None:
        """Takes no more; what is being answered has a moment left."""
        for server in self._servers:
            server.close()
        if self._sweep is not None:
            self._sweep.cancel()
        under_way = [one.task for one in self.connections if one.task is not None]
        if under_way:
            await asyncio.wait(under_way, timeout=_ENDING_S)
        for connection in list(self.connections):
            connection.end()

    def opened(self, connection: Connection) -> bool:
        """False: there are too many."""
        if len(self.connections) >= _MOST_CONNECTIONS:
            return False
        self.connections.add(connection)
        if self._sweep is None:
            self._sweep = asyncio.get_running_loop().call_later(_PATIENCE_S / 4, self._swept)
        return True

    def _swept(self) -> None:
        """One timer for all connections, and none while there is none."""
        loop, self._sweep = asyncio.get_running_loop(), None
        for connection in list(self.connections):
            if connection.task is None and loop.time() - connection.since > _PATIENCE_S:
                connection.end()
        if self.connections:
            self._sweep = loop.call_later(_PATIENCE_S / 4, self._swept)


class Connection(asyncio.Protocol):
    """One client. `since` is the loop's time at which it last began or ended something; `task` answers it meanwhile."""

    def __init__(self, server: Server) -> None:
        self.since = 0.0
        self.task: asyncio.Task[None] | None = None
        self._server = server
        self._transport: asyncio.Transport | None = None
        self._parser = HttpRequestParser(self)
        self._waiting: deque[tuple[Asked, bool, bool]] = deque()  # too large; the connection stays
        self._begin()

    def _begin(self) -> None:
        self._url = b""
        self._headers: dict[str, str] = {}
        self._body = bytearray()
        self._head = 0  # bytes
        self._in_body = False
        self._too_large = False
        self.since = asyncio.get_running_loop().time()

    def end(self) -> None:
        if self._transport is not None:
            self._transport.close()

    # --- called by the loop --------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # other loops have transports of their own
        if not self._server.opened(self):
            self._transport.abort()

    def connection_lost(self, error: Exception | None) -> None:
        self._server.connections.discard(self)
        self._transport = None

    def data_received(self, data: bytes) -> None:
        self._head += len(data)
        try:
            self._parser.feed_data(data)
        except HttpParserUpgrade:
            pass  # it is answered like any other, in the HTTP that it came in
        except HttpParserError:
            self._refuse(400)
            return
        if not self._in_body and self._head > _LONGEST_HEAD:
            self._refuse(431)
            return
        self._answer_next()

    # --- called by the parser ------------------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        head = self._head
        self._begin()
        self._head = head

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._in_body:
            self._headers[name.decode("latin-1")] = value.decode("utf-8", "replace")

    def on_headers_complete(self) -> None:
        self._in_body = True
        if header(self._headers, "expect").lower() == "100-continue" and self._transport is not None:
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, data: bytes) -> None:
        if len(self._body) + len(data) > self._server.largest:
            self._too_large = True  # the rest is read and left, so that the client hears why
        else:
            self._body += data

    def on_message_complete(self) -> None:
        self._in_body = False
        self._head = 0
        self.since = asyncio.get_running_loop().time()
        stays = self._parser.should_keep_alive() and not self._parser.should_upgrade()
        self._waiting.append((self._asked(), self._too_large, stays))

    def _asked(self) -> Asked:
        parts = urlsplit(self._url.decode("latin-1"))
        connection = None if self._transport is None else self._transport.get_extra_info("socket")
        return Asked(
            self._parser.get_method().decode("latin-1"),
            unquote(parts.path),
            dict(parse_qsl(parts.query)) if parts.query else {},
            self._headers,
            bytes(self._body),
            connection,
        )

    # --- answers -------------------------------------------------------------------------------------------------------

    def _answer_next(self) -> None:
        """What has an answer at once is answered at once, without a task."""
        while self._waiting and self.task is None:
            asked, too_large, stays = self._waiting.popleft()
            answer = _refusal(asked, 413) if too_large else self._answered(asked)
            if isinstance(answer, Answer):
                self._write(answer, stays)
            else:
                self._pause()
                self.task = asyncio.ensure_future(self._later(asked, answer, stays))

    def _answered(self, asked: Asked) -> Answer | Awaitable[Answer]:
        try:
            return self._server.answering(asked)
        except Exception:  # noqa: BLE001 — a question must not end the daemon; it is said in full in the log
            return _failure(asked)

    async def _later(self, asked: Asked, answer: Awaitable[Answer], stays: bool) -> None:
        try:
            found = await answer
        except Exception:  # noqa: BLE001 — a question must not end the daemon; it is said in full in the log
            found = _failure(asked)
        self.task = None
        self._write(found, stays)
        self._answer_next()
        self._read_on()

    def _pause(self) -> None:
        if self._transport is not None:
            self._transport.pause_reading()

    def _read_on(self) -> None:
        if self.task is None and self._transport is not None:
            self._transport.resume_reading()

    def _write(self, answer: Answer, stays: bool) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        self._transport.write(_written(answer, stays))
        if not stays:
            self._transport.close()

    def _refuse(self, status: int) -> None:
        self._write(Answer(status, {"error": _REASONS[status]}), stays=False)


def _written(answer: Answer, stays: bool) -> bytes:
    body = _as_json(answer.document).encode()
    return (
        b"HTTP/1.1 %d %s\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: %d\r\n%s\r\n%s"
        % (
            answer.status,
            _REASONS[answer.status].encode(),
            len(body),
            b"" if stays else b"Connection: close\r\n",
            body,
        )
    )


def _refusal(asked: Asked, status: int) -> Answer:
    return Answer(status, {"error": f"{asked.method} {asked.path}: {_REASONS[status]}"})


def _failure(asked: Asked) -> Answer:
    logger.exception("{} {} failed", asked.method, asked.path)
    return Answer(500, _FAILED)


_as_json = json.JSONEncoder(default=str).encode


def header(headers: Mapping[str, str], name: str) -> str:
    """Of a name in small letters, whatever letters it was sent with; the empty text if it was not sent."""
    return next((value for key, value in headers.items() if key.lower() == name), "")
