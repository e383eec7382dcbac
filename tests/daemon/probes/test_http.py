from __future__ import annotations

import asyncio
from socket import AF_INET
from typing import Any

import pytest

from daemon.watching.look import Seen
from daemon.world.names import Address
from daemon.world.target import target_of
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
            assert descriptors() <= before + 10  # ends that the server has not closed yet

    asyncio.run(scenario())


def test_a_reply_may_come_in_chunks_after_a_word_that_it_will_come() -> None:
    chunks = b"Transfer-Encoding: chunked\r\n\r\n2\r\n[1\r\n3\r\n, 2\r\n1\r\n]\r\n0\r\nX-Late: y\r\n\r\n"
    answer = b"HTTP/1.1 100 Continue\r\nX-Load: 1\r\n\r\nHTTP/1.1 200 OK\r\n" + chunks
    found = looked(lambda _: answer)
    assert found.reply is not None, found.error
    assert (found.reply["body"], found.reply["headers"]) == ([1, 2], {"transfer-encoding": "chunked"})


def test_a_reply_without_a_length_ends_with_the_connection() -> None:
    assert body_of(lambda _: b"HTTP/1.0 200 OK\r\n\r\n[1, 2]") == [1, 2]
    assert looked(lambda _: b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab").error == (
        "the reply broke off"
    )


def test_of_two_addresses_the_one_that_answers_is_taken() -> None:
    async def scenario() -> None:
        async with a_server(lambda _: http_reply("{}")) as url, a_world() as (world, _):
            port = url.rpartition(":")[2]
            found = [Address(AF_INET, ("127.0.0.1", CLOSED_PORT)), Address(AF_INET, ("127.0.0.1", int(port)))]
            world.names.addresses = lambda *_: asyncio.sleep(0, tuple(found))  # type: ignore[method-assign]
            assert (await reply(world, "http", url="http://two.example/"))["status"] == 200

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("url", "head"),
    [
        ("/a b?c=ü&d=%20#e", "GET /a%20b?c=%C3%BC&d=%20 HTTP/1.1\r\nHost: HERE\r\n"),
        ("?q=1", "GET /?q=1 HTTP/1.1\r\nHost: HERE\r\n"),
        ("/\r\nX: y", "GET /X:%20y HTTP/1.1\r\nHost: HERE\r\n"),
    ],
)
def test_what_a_url_means(url: str, head: str) -> None:
    heads: list[bytes] = []

    def serve(given: bytes) -> bytes:
        heads.append(given)
        return http_reply("{}")

    async def scenario() -> str:
        async with a_server(serve) as here, a_world() as (world, _):
            await reply(world, "http", url=here + url)
            return here.removeprefix("http://")

    here = asyncio.run(scenario())
    assert heads[0].decode().startswith(head.replace("HERE", here))


def test_a_user_in_the_url_is_sent_as_basic_authorization() -> None:
    target = target_of("https://me:p%40ss@[::1]:8443/x")
    assert (target.scheme, target.host, target.port, target.named) == ("https", "::1", 8443, "[::1]:8443")
    assert target.authorization == "Basic bWU6cEBzcw=="
    assert target_of("http://bücher.example:80/").named == "xn--bcher-kva.example"


def test_what_speaks_no_tls_is_no_reply() -> None:
    async def scenario() -> None:
        async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"220 mail.example\r\n")
            writer.close()

        server = await asyncio.start_server(greet, "127.0.0.1", 0)
        async with server, a_world() as (world, _):
            url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
            found = await seen(world, "http", url=url)
            assert (found.reply, found.error, found.own) == (None, "no TLS connection", False)

    asyncio.run(scenario())
