"""The HTTP server, from the other end of a real socket."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Awaitable
from contextlib import suppress

import pytest

from daemon.world.serving import Answer, Asked, Server

LARGEST = 1000


def said(asked: Asked) -> Answer | Awaitable[Answer]:
    """What was asked; at `/later` after a while, at `/never` not at all."""
    document = {"asked": f"{asked.method} {asked.path} {dict(asked.query)} {asked.body.decode()}"}
    if asked.path == "/never":
        raise ZeroDivisionError

    async def later() -> Answer:
        await asyncio.sleep(0)
        if asked.query:
            raise ZeroDivisionError
        return Answer(200, document)

    return later() if asked.path == "/later" else Answer(200, document)


def answers(*requests: bytes) -> bytes:
    """Everything that comes back for these, sent one after the other on one connection, until the server closes it."""

    async def scenario() -> bytes:
        server = Server(said, LARGEST)
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        await server.listen_at("127.0.0.1", port)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        async with asyncio.timeout(60):
            for request in requests:
                writer.write(request)
                await writer.drain()
                await asyncio.sleep(0)
            with suppress(ConnectionResetError):
                return await reader.read()
        return b""

    return asyncio.run(scenario())


def statuses(answered: bytes) -> list[str]:
    return re.findall(r"HTTP/1\.1 (\d+) ", answered.decode())


LAST = b"GET /end HTTP/1.1\r\nConnection: close\r\n\r\n"


def test_requests_of_one_connection_are_answered_in_their_order() -> None:
    later = b"POST /later HTTP/1.1\r\nContent-Length: 2\r\n\r\nab"
    answered = answers(later + b"GET /a%20b?x=%C3%BC HTTP/1.1\r\n\r\n" + later, LAST)
    assert statuses(answered) == ["200"] * 4
    assert re.findall(r'"asked": "(.*?) {', answered.decode()) == [
        "POST /later",
        "GET /a b",
        "POST /later",
        "GET /end",
    ]


def test_a_request_may_come_in_pieces_and_chunks() -> None:
    answered = answers(
        b"POST /x HT", b"TP/1.1\r\nConnection: close\r\nTransfer-Enco", b"ding: chunked\r\n\r\n1\r\na\r\n", b"0\r\n\r\n"
    )  # fmt: skip
    assert answered.endswith(b'{"asked": "POST /x {} a"}')


@pytest.mark.parametrize(
    ("requests", "expected"),
    [
        ([b"rubbish\r\n\r\n"], ["400"]),
        ([b"GET / HTTP/1.1\r\nX: " + b"x" * 70_000], ["431"]),
        ([b"POST / HTTP/1.1\r\nContent-Length: 1001\r\n\r\n" + b"x" * 1001, LAST], ["413", "200"]),
        ([b"GET /never HTTP/1.1\r\n\r\n", LAST], ["500", "200"]),
        ([b"GET /later?fails=1 HTTP/1.1\r\n\r\n", LAST], ["500", "200"]),
        ([b"GET / HTTP/1.0\r\n\r\n"], ["200"]),
        ([b"POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n", b"x", LAST], ["100", "200", "200"]),
        ([b"GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"], ["200"]),
    ],
    ids=["rubbish", "head", "body", "bug", "late bug", "old", "continue", "upgrade"],
)  # fmt: skip
def test_what_is_no_good_request_is_answered_too(requests: list[bytes], expected: list[str]) -> None:
    assert statuses(answers(*requests)) == expected
