from __future__ import annotations

import asyncio
from typing import Any

import pytest

from daemon.watching.look import Seen
from tests.daemon.probes.looks import reply, seen
from tests.daemon.worlds import CLOSED_PORT, Serve, a_server, a_world, descriptors, http_reply


def looked(serve: Serve, timeout: float = 60.0, **settings: object) -> Seen:
    async def scenario() -> Seen:
        async with a_server(serve) as url, a_world() as (world, _):
            return await seen(world, "http", timeout, url=f"{url}/health", **settings)

    return asyncio.run(scenario())


def body_of(serve: Serve) -> Any:
    found = looked(serve)
    assert found.reply is not None, found.error
    return found.reply["body"]


def test_a_reply_of_json() -> None:
    found = looked(lambda _: http_reply('{"status": "unhealthy", "n": 3}', "503 No", **{"X-Load": "7"}))
    assert found.reply is not None
    assert found.reply["status"] == 503
    assert found.reply["body"] == {"status": "unhealthy", "n": 3}
    assert found.reply["headers"]["x-load"] == "7"  # type: ignore[index]
    assert isinstance(found.reply["duration"], float)


@pytest.mark.parametrize(
    "rubbish",
    ["{", '{"a": NaN}', '{"a": Infinity}', "[1e999]", "[" * 100_000, "", "\x00", "{'a': 1}"],
    ids=["cut", "nan", "infinity", "overflow", "deep", "empty", "nul", "python"],
)
def test_rubbish_under_the_name_of_json_is_text(rubbish: str) -> None:
    assert body_of(lambda _: http_reply(rubbish)) == rubbish


def test_json_under_another_name_is_json_and_text_is_text() -> None:
    assert body_of(lambda _: http_reply('["a"]', kind="text/html")) == ["a"]
    assert body_of(lambda _: http_reply("OK 1.5", kind="text/plain")) == "OK 1.5"
    assert body_of(lambda _: http_reply(b"\xff\xfe", kind="text/plain")) == "\ufffd\ufffd"


def test_of_a_huge_body_the_beginning_is_kept_as_text() -> None:
    body = body_of(lambda _: http_reply('{"a": "' + "x" * (3 << 20) + '"}'))
    assert isinstance(body, str)
    assert len(body) == 1 << 20


def test_a_body_that_never_ends_is_read_to_the_limit_only() -> None:
    async def scenario() -> None:
        async def pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
            try:
                while True:
                    writer.write(b"x" * 65536)
                    await writer.drain()
            except ConnectionError:
                writer.close()

        server = await asyncio.start_server(pour, "127.0.0.1", 0)
        async with server, a_world() as (world, _):
            url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
            assert len((await reply(world, "http", url=url))["body"]) == 1 << 20

    asyncio.run(scenario())


def test_what_is_packed_is_not_unpacked() -> None:
    import gzip

    packed = gzip.compress(b'{"a": 1}')
    assert isinstance(body_of(lambda _: http_reply(packed, **{"Content-Encoding": "gzip"})), str)


def test_a_get_follows_a_redirect_and_takes_no_headers_to_another_server() -> None:
    heads: list[bytes] = []

    def elsewhere(head: bytes) -> bytes:
        heads.append(head)
        return http_reply('"there"')

    async def scenario() -> None:
        async with a_server(elsewhere) as target:

            def here(head: bytes) -> bytes:
                if b"GET /moved" in head:
                    heads.append(head)
                    return http_reply("", "302 Found", Location=target)
                return http_reply("", "301 Moved", Location="/moved")

            async with a_server(here) as url, a_world() as (world, _):
                found = await reply(world, "http", url=url, headers={"Authorization": "Bearer x"})
                assert (found["status"], found["body"]) == (200, "there")

    asyncio.run(scenario())
    same_server, other_server = heads
    assert b"Bearer x" in same_server
    assert b"Bearer x" not in other_server


def test_redirects_have_an_end_and_keep_their_scheme() -> None:
    assert looked(lambda _: http_reply("", "302 Found", Location="/again")).error == "more than 5 redirects"
    for location in ("file:///etc/passwd", "https://127.0.0.1/", "gopher://x"):
        found = looked(lambda _, to=location: http_reply("", "302 Found", Location=to))  # type: ignore[misc]
        assert found.error.startswith("redirected to another scheme")


def test_no_answer_within_the_timeout() -> None:
    found = looked(lambda _: None, timeout=0.1)
    assert (found.reply, found.error, found.own) == (None, "no answer within 100ms", False)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"", "the server closed the connection without a reply"),
        (b"rubbish\r\n\r\n", "what answers does not speak HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc", "the reply broke off"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n", "what answers does not speak HTTP"),
    ],
    ids=["nothing", "rubbish", "cut", "huge header"],
)
def test_broken_replies(answer: bytes, error: str) -> None:
    found = looked(lambda _: answer)
    assert (found.reply, found.error, found.own) == (None, error, False)


def test_nobody_listens() -> None:
    async def scenario() -> None:
        async with a_world() as (world, _):
            found = await seen(world, "http", url=f"http://127.0.0.1:{CLOSED_PORT}/")
            assert (found.reply, found.error, found.own) == (None, "connection refused", False)

    asyncio.run(scenario())


def test_a_secret_header_is_read_at_the_look(monkeypatch: pytest.MonkeyPatch) -> None:
    from dsl.expressions import Call, Constant

    monkeypatch.setenv("TOKEN", "hidden")
    heads: list[bytes] = []

    def serve(head: bytes) -> bytes:
        heads.append(head)
        return http_reply("{}")

    secret = Call("secret", (Constant("env:TOKEN"),))
    assert looked(serve, headers={"Authorization": secret}).reply is not None
    assert b"Authorization: hidden\r\n" in heads[0]
    monkeypatch.delenv("TOKEN")
    assert looked(serve, headers={"Authorization": secret}).error.startswith("secret 'env:TOKEN'")


def test_many_looks_leave_no_descriptor() -> None:
    async def scenario() -> None:
        async with a_server(lambda _: http_reply("{}")) as url, a_world() as (world, _):
            await seen(world, "http", url=url)
            before = descriptors()
            for _ in range(5):
                await asyncio.gather(*(seen(world, "http", 0.05, url=f"{url}/{n}") for n in range(10)))
            await world.http.close()
            assert descriptors() <= before + 10  # ends that the server has not closed yet

    asyncio.run(scenario())
