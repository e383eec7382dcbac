from __future__ import annotations

import asyncio

import pytest

from daemon.actions.action import ActionFailure
from tests.daemon.actions.calls import done
from tests.daemon.worlds import CLOSED_PORT, a_world, http_reply


def test_what_is_sent() -> None:
    requests: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = [
            int(line.split(b":")[1])
            for line in head.lower().split(b"\r\n")
            if line.startswith(b"content-length")
        ]
        requests.append(head + await reader.readexactly(length[0] if length else 0))
        writer.write(http_reply("{}"))
        writer.close()

    async def scenario() -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/connect"
        async with server, a_world() as (world, _):
            arguments = {
                "url": url,
                "body": {"symbol": "BTC", "n": 1.5},
                "headers": {"X-Source": "volexd", "X-N": 5.0},
            }
            assert (await done(world, "http", method="post", **arguments)).detail == "HTTP 200"
            assert (
                await done(world, "http", method="put", url=url, body="as it stands")
            ).outcome == "succeeded"
            assert (await done(world, "http", method="delete", url=url)).outcome == "succeeded"

    asyncio.run(scenario())
    post, put, delete = requests
    assert post.startswith(b"POST /connect HTTP/1.1\r\n")
    assert post.endswith(b'\r\n\r\n{"symbol":"BTC","n":1.5}')
    assert b"Content-Type: application/json\r\n" in post
    assert b"X-Source: volexd\r\n" in post
    assert b"X-N: 5\r\n" in post
    assert put.endswith(b"\r\n\r\nas it stands")
    assert delete.startswith(b"DELETE /connect")


async def answered(reply: bytes, **arguments: object) -> str:
    from tests.daemon.worlds import a_server

    async with a_server(lambda _: reply) as url, a_world() as (world, _):
        outcome = await done(world, "http", url=f"{url}/x", **{"method": "post", **arguments})
        return f"{outcome.outcome}: {outcome.detail}"


def test_only_2xx_is_success() -> None:
    assert asyncio.run(answered(http_reply("", "204 No Content"))) == "succeeded: HTTP 204"
    assert asyncio.run(answered(http_reply("a\nb" * 1000, "500 No"))).startswith(
        "failed: HTTP 500: a\\nba\\nb"
    )
    assert asyncio.run(answered(http_reply("", "404 No"))) == "failed: HTTP 404"


def test_what_changes_something_follows_no_redirect() -> None:
    moved = http_reply("", "307 Moved", Location="/elsewhere")
    assert asyncio.run(answered(moved)) == "failed: HTTP 307"


@pytest.mark.parametrize(
    ("url", "detail"),
    [
        (f"http://127.0.0.1:{CLOSED_PORT}/", "connection refused"),
        ("ftp://127.0.0.1/", "not an http:// or https:// URL with a host"),
        ("file:///etc/passwd", "not an http:// or https:// URL with a host"),
        ("nonsense", "not an http:// or https:// URL with a host"),
    ],
)
def test_a_failure_says_why_without_the_url(url: str, detail: str) -> None:
    async def scenario() -> None:
        async with a_world() as (world, _):
            outcome = await done(world, "http", method="get", url=url)
            assert (outcome.outcome, outcome.detail) == ("failed", detail)

    asyncio.run(scenario())


def test_a_header_cannot_smuggle_another() -> None:
    result = asyncio.run(answered(http_reply(""), headers={"X": "a\r\nY: b"}))
    assert result == "failed: the request cannot be sent: a header or the URL holds what none may hold"


def test_an_unknown_url_is_no_request() -> None:
    async def scenario() -> None:
        async with a_world() as (world, _):
            with pytest.raises(ActionFailure, match="http: its url is unknown"):
                await done(world, "http", method="get")

    asyncio.run(scenario())
