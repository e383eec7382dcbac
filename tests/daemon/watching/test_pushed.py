"""Sources that tell by themselves: lines of a real file, requests over a real socket; events out."""

from __future__ import annotations

import asyncio
import os
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from daemon.probes import log, webhook
from daemon.watching.polling import Polling, probe_kinds
from daemon.world.http import Http, Request
from daemon.world.names import Names
from daemon.world.webhooks import Webhooks
from dsl.expressions import Constant, Expression, Field
from dsl.program import Check, EventType, FactField, Place, Probe, Program
from engine.events import Happened, Reported
from tests.daemon.worlds import Events, a_world

REASON = FactField("reason", "text", computed=Field("item", ("groups", "reason")))
FAILURE = EventType("failure", "", (REASON, FactField("line", "text")))
DEPLOY = EventType("deploy", "", (FactField("agent", "text"), FactField("version", "number")))


def a_probe(kind: str, into: str, from_path: tuple[str, ...] = (), **settings: object) -> Probe:
    given: tuple[tuple[str, Expression], ...] = tuple(
        (name, Constant(value)) for name, value in settings.items()
    )
    return Probe("p", Check(kind, given, 0.0, 0.0), into, from_path, float("inf"), Place("a.rules", 1))


async def trouble(events: Events, reason: str) -> None:
    """Wait until the probe says this of itself."""
    while reason not in troubles(events)[-1:]:
        await events.when(Reported, len(events.of(Reported)) + 1)


async def happening(events: Events, count: int) -> None:
    """Wait until so many events happened."""
    await events.when(Happened, count)


def happened(events: Events) -> list[Any]:
    return [(one.type, dict(one.values)) for one in events.all if isinstance(one, Happened)]


def troubles(events: Events) -> list[str]:
    return [
        str(one.values["last_error"])
        for one in events.all
        if isinstance(one, Reported) and one.type == "probe" and one.key == "p"
    ]


@asynccontextmanager
async def polled(program: Program, address: str = ""):  # type: ignore[no-untyped-def]
    async with a_world() as (world, events):
        if address:
            object.__setattr__(world, "webhooks", Webhooks(address))
        polling = Polling(world, probe_kinds())
        polling.replace(program)
        try:
            yield events
        finally:
            await polling.close()


def test_lines_that_fit_are_events_over_a_rotation_too(tmp_path: Path) -> None:
    path = tmp_path / "api.log"
    path.write_text("ERROR before volexd\n")
    probe = a_probe("log", "failure", path=str(path), matching="ERROR (?P<reason>.*)")

    async def scenario() -> None:
        async with polled(Program(probes=(probe,), events=(FAILURE,))) as events:
            await trouble(events, "")
            with path.open("a") as file:
                file.write("INFO fine\nERROR disk full\nERR")
            await happening(events, 1)
            with path.open("a") as file:
                file.write("OR half a line\n")
            await happening(events, 2)
            os.rename(path, tmp_path / "api.log.1")
            path.write_text("ERROR after the rotation\n")
            await happening(events, 3)
            path.write_text("ERROR cut\n")
            await happening(events, 4)
            assert [values["reason"] for _, values in happened(events)] == [
                "disk full",
                "half a line",
                "after the rotation",
                "cut",
            ]
            assert happened(events)[0] == ("failure", {"reason": "disk full", "line": "ERROR disk full"})

    asyncio.run(scenario())


def test_a_file_that_is_not_there_yet_is_said_so(tmp_path: Path) -> None:
    path = tmp_path / "late.log"
    probe = a_probe("log", "failure", path=str(path))

    async def scenario() -> None:
        async with polled(Program(probes=(probe,), events=(FAILURE,))) as events:
            await trouble(events, f"{path}: no such file or directory")
            path.write_text("first\n")
            await happening(events, 1)
            assert happened(events) == [("failure", {"reason": None, "line": "first"})]

    asyncio.run(scenario())


def free_port() -> int:
    import socket

    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return int(bound.getsockname()[1])


def test_what_is_sent_with_the_token_is_an_event() -> None:
    address = f"127.0.0.1:{free_port()}"
    probe = a_probe("webhook", "deploy", ("body",), path="/deploy", token="secret")

    async def scenario() -> None:
        async with polled(Program(probes=(probe,), events=(DEPLOY,)), address) as events:
            http = Http(Names())

            async def sent(
                body: str, token: str = "secret", path: str = "/deploy", method: str = "POST"
            ) -> int:
                headers = {"Authorization": f"Bearer {token}"}
                request = Request(method, f"http://{address}{path}", headers, body.encode())
                return (await http.fetch(request, 1000)).status

            await trouble(events, "")
            assert await sent('{"agent": "api", "version": 3, "more": 1}') == 202
            assert await sent('[{"agent": "a"}, {"agent": "b", "version": "x"}]') == 202
            assert await sent('{"agent": "api"}', token="wrong") == 401
            assert await sent("rubbish") == 400
            assert await sent("[1]") == 400
            assert await sent("{}", path="/other") == 404
            assert await sent("", method="GET") == 405
            assert await sent(f'"{"x" * (1 << 20)}"') == 413
            assert happened(events) == [
                ("deploy", {"agent": "api", "version": 3.0}),
                ("deploy", {"agent": "a", "version": None}),
                ("deploy", {"agent": "b", "version": None}),
            ]

    asyncio.run(scenario())


def test_without_an_address_the_probe_says_how_to_give_one() -> None:
    probe = a_probe("webhook", "deploy", ("body",), path="/deploy")

    async def scenario() -> None:
        async with polled(Program(probes=(probe,), events=(DEPLOY,))) as events:
            await trouble(
                events,
                "no address is configured for webhooks; write `webhooks: {address: 127.0.0.1:8585}` in the configuration",
            )

    asyncio.run(scenario())


def test_their_words_push() -> None:
    assert log.WORD.pushes
    assert webhook.WORD.pushes
