"""notify log set"""

from __future__ import annotations

import asyncio
import json
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from loguru import logger

from daemon.actions.action import ActionFailure, Outcome
from daemon.world.bounds import Bounds
from dsl.expressions import Call, Constant, Expression
from dsl.program import Channel
from engine.events import Reported
from tests.daemon.actions.calls import done
from tests.daemon.worlds import CLOSED_PORT, a_world, http_reply


@pytest.fixture
def log() -> Iterator[list[str]]:
    lines: list[str] = []
    sink = logger.add(lines.append, format="{level} {message}")  # type: ignore[arg-type]
    yield lines
    logger.remove(sink)


async def notified(url: Expression | str, **arguments: object) -> Outcome:
    address = Constant(url) if isinstance(url, str) else url
    async with a_world() as (world, _):
        world.channels.replace((Channel("oncall", (("url", address),)),))
        return await done(world, "notify", channel="oncall", **arguments)


def secret(reference: str) -> Expression:
    return Call("secret", (Constant(reference),))


def test_a_notice_is_posted_as_json() -> None:
    bodies: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if b"content-length" in line
        )
        bodies.append(await reader.readexactly(length))
        writer.write(http_reply(""))
        writer.close()

    async def scenario() -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        async with server:
            url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
            outcome = await notified(url, text="api is down", fault=12)
            assert (outcome.outcome, outcome.detail) == ("succeeded", "HTTP 200")

    asyncio.run(scenario())
    message = json.loads(bodies[0])
    assert message.keys() == {"text", "fault", "id", "at", "host"}
    assert (message["text"], message["fault"], message["id"]) == ("api is down", 12, 7)


def test_a_file_gets_a_line_for_each_notice(tmp_path: Path) -> None:
    path = tmp_path / "notices"
    for text in ("one\ntwo", "three"):
        assert asyncio.run(notified(f"file:{path}", text=text)).outcome == "succeeded"
    assert [json.loads(line)["text"] for line in path.read_text().splitlines()] == ["one\ntwo", "three"]
    assert stat.S_IMODE(path.stat().st_mode) & 0o137 == 0


def test_the_log_gets_one_line(log: list[str]) -> None:
    asyncio.run(notified("log:", text="api {is} down\nFAKE line", fault=3))
    assert log == ["WARNING oncall: api {is} down\\nFAKE line\n"]


def test_secrets_are_read_at_the_notice_and_said_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, log: list[str]
) -> None:
    hidden = f"http://127.0.0.1:{CLOSED_PORT}/T0KEN"
    (tmp_path / "oncall").write_text(hidden + "\n")
    monkeypatch.setenv("ONCALL", hidden)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    for reference in ("env:ONCALL", f"file:{tmp_path}/oncall", "credential:oncall"):
        with pytest.raises(ActionFailure) as failure:
            asyncio.run(notified(secret(reference)))
        assert str(failure.value) == "channel oncall: connection refused"
    assert not any("T0KEN" in line for line in log)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        (secret("env:NO_SUCH"), "secret 'env:NO_SUCH': the environment of volexd has no NO_SUCH"),
        (secret("file:/no/such"), "secret 'file:/no/such': No such file or directory"),
        (secret("file:relative"), "secret 'file:relative': write the absolute path"),
        (secret("file:/dev"), "secret 'file:/dev': not a file"),
        (secret("credential:x"), "no CREDENTIALS_DIRECTORY; the unit of volexd needs LoadCredential=x:"),
        (secret("vault:x"), "secret 'vault:x': write env:NAME, file:/PATH or credential:NAME"),
        ("slack://token@x", "its address is none of http, https, log, file"),
        ("file:relative", "file: needs an absolute path"),
        ("file:/no/such/file", "its file cannot be written: no such file or directory"),
    ],
)
def test_a_channel_that_cannot_be_used(
    url: Expression | str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    with pytest.raises(ActionFailure) as failure:
        asyncio.run(notified(url))
    assert str(failure.value).startswith("channel oncall: ")
    assert message in str(failure.value)
    assert "token" not in str(failure.value)


def test_a_channel_that_nobody_declared() -> None:
    async def scenario() -> None:
        async with a_world() as (world, _):
            with pytest.raises(ActionFailure, match="there is no channel 'oncall'"):
                await done(world, "notify", channel="oncall", text="x")

    asyncio.run(scenario())


def test_a_link_is_no_file_for_notices(tmp_path: Path) -> None:
    (tmp_path / "notices").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ActionFailure, match="its file cannot be written"):
        asyncio.run(notified(f"file:{tmp_path}/notices"))
    assert not (tmp_path / "elsewhere").exists()


def test_log_writes_one_line(log: list[str]) -> None:
    async def scenario() -> None:
        async with a_world() as (world, _):
            assert (await done(world, "log", text="a\nb {x} \x1b[0m")).outcome == "succeeded"

    asyncio.run(scenario())
    assert log == ["INFO a\\nb {x} \\x1b[0m\n"]


def test_set_makes_no_more_facts_than_there_may_be() -> None:
    async def scenario() -> None:
        async with a_world(bounds=Bounds(keys_of={"switch": 1})) as (world, events):
            await done(world, "set", type="switch", key="a", values={"enabled": True})
            with pytest.raises(ActionFailure, match="set: there are 1 switch, and there may be no more"):
                await done(world, "set", type="switch", key="b", values={"enabled": True})
            await done(world, "set", type="switch", key="a", values={"enabled": False})
            assert [event.key for event in events.all] == ["a", "a"]

    asyncio.run(scenario())


def test_set_reports_a_fact_that_does_not_go_stale() -> None:
    async def scenario() -> None:
        async with a_world() as (world, events):
            outcome = await done(world, "set", type="switch", key="trading", values={"enabled": False})
            assert outcome.detail == "switch.enabled"
            (event,) = events.of(Reported)
            assert (event.type, event.key, event.values) == ("switch", "trading", {"enabled": False})
            assert (event.source, event.fresh_for) == ("set", None)
            with pytest.raises(ActionFailure, match="set: it is unknown which switch is meant"):
                await done(world, "set", type="switch", values={})

    asyncio.run(scenario())
