"""dns"""

from __future__ import annotations

import asyncio
import socket
from typing import cast

import pytest

from daemon.probes import dns
from daemon.probes.probe import Reply
from tests.daemon.probes.looks import reply, seen
from tests.daemon.probes.name_server import a_name_server
from tests.daemon.worlds import a_world


def asked(name: str, **settings: object) -> Reply:
    async def scenario() -> Reply:
        async with a_name_server() as server, a_world() as (world, _):
            return await reply(world, "dns", name=name, server=server, **settings)

    return asyncio.run(scenario())


def failed(within: float = 60.0, name: str = "api.test", **settings: object) -> str:
    async def scenario() -> str:
        async with a_world() as (world, _):
            found = await seen(world, "dns", within, name=name, **settings)
            assert (found.reply, found.own) == (None, False)
            return found.error

    return asyncio.run(scenario())


@pytest.mark.parametrize(
    ("record", "name", "answers"),
    [
        (None, "api.test", ["192.0.2.1", "192.0.2.2"]),
        ("a", "api.test.", ["192.0.2.1", "192.0.2.2"]),
        ("a", "www.test", ["192.0.2.1", "192.0.2.2"]),
        ("aaaa", "api.test", ["2001:db8::1"]),
        ("cname", "www.test", ["api.test"]),
        ("mx", "test", ["10 mail.test"]),
        ("ns", "test", ["ns.test"]),
        ("txt", "test", ["v=spf1 -all"]),
        ("srv", "_sip._tcp.test", ["0 5 5060 api.test"]),
        ("ptr", "192.0.2.1", ["api.test"]),
        ("ptr", "1.2.0.192.in-addr.arpa", ["api.test"]),
    ],
)
def test_every_record_is_read(record: str | None, name: str, answers: list[str]) -> None:
    found = asked(name, record=record)
    assert (sorted(cast(list[str], found["answers"])), found["count"], found["code"]) == (
        answers,
        len(answers),
        "NOERROR",
    )
    assert dns.healthy(found)


def test_an_answer_too_long_for_a_datagram_comes_over_tcp() -> None:
    assert asked("long.test", record="txt")["count"] == 40


def test_a_name_that_there_is_not_is_a_reply() -> None:
    found = asked("none.test")
    assert (found["answers"], found["code"], dns.described(found)) == ([], "NXDOMAIN", "NXDOMAIN, no answers")
    assert not dns.healthy(found)
    assert dns.described(asked("test")) == "NOERROR, no answers"


def test_nobody_who_answers_is_a_failure() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        assert failed(0.2, server=f"127.0.0.1:{silent.getsockname()[1]}") == "no answer within 200ms"


def test_what_cannot_be_asked_is_refused() -> None:
    assert (
        failed(name="a..b", server="127.0.0.1:53") == "'a..b' is no name that a name server can be asked for"
    )
    assert failed(record="ptr") == "'api.test' is no address that a name server can be asked for"
    assert failed(server="127.0.0.1") == "'127.0.0.1' is no address; write HOST:PORT"


def test_the_next_name_server_is_asked_when_one_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dns, "_PATIENCE", 0.05)

    async def scenario() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
            silent.bind(("127.0.0.1", 0))
            async with a_name_server() as server, a_world() as (world, _):
                host, _, port = server.rpartition(":")

                async def servers(*_: object) -> list[dns.Server]:
                    return [silent.getsockname(), (host, int(port))]

                monkeypatch.setattr(dns, "_servers", servers)
                assert (await reply(world, "dns", name="api.test"))["count"] == 2

    asyncio.run(scenario())
