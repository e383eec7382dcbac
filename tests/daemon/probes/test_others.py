"""tcp exec process host"""

from __future__ import annotations

import asyncio
import errno
import os
import socket
from pathlib import Path

import pytest

from tests.daemon.probes.looks import reply, seen
from tests.daemon.worlds import CLOSED_PORT, Mailbox, a_server, a_world, an_agent, gone, python, zombies


def test_tcp_connects_or_says_why_not() -> None:
    async def scenario() -> None:
        async with a_server(lambda _: None) as url, a_world() as (world, _):
            good = await reply(world, "tcp", address=url.removeprefix("http://"))
            assert (good["connected"], good["error"]) == (True, "")
            refused = await reply(world, "tcp", address=f"127.0.0.1:{CLOSED_PORT}")
            assert (refused["connected"], refused["error"]) == (False, "connection refused")
            by_name = await reply(world, "tcp", address=f"localhost:{url.rpartition(':')[2]}")
            assert by_name["connected"] is True

    asyncio.run(scenario())


@pytest.mark.parametrize("address", ["", "x", "x:", ":80", "x:0", "x:65536", "x:-1", "x:8o", "x:٣"])
def test_tcp_refuses_what_is_no_address(address: str) -> None:
    async def scenario() -> None:
        async with a_world() as (world, _):
            found = await seen(world, "tcp", address=address)
            assert found.error == f"{address!r} is no address; write HOST:PORT"

    asyncio.run(scenario())


def test_tcp_without_descriptors_is_a_failure_of_our_own(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_more(*_: object) -> socket.socket:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    async def scenario() -> None:
        async with a_world() as (world, _):
            with monkeypatch.context() as patch:
                patch.setattr(socket, "socket", no_more)
                found = await seen(world, "tcp", address="127.0.0.1:1")
            assert (found.own, found.error) == (True, "volexd could not look: too many open files")

    asyncio.run(scenario())


def test_exec_gives_what_was_printed() -> None:
    async def scenario() -> None:
        async with a_world() as (world, _):
            script = "import sys; print('{\"lag\": 5}'); print('warned', file=sys.stderr); sys.exit(2)"
            found = await reply(world, "exec", command=python(script))
            assert (found["status"], found["body"], found["error"]) == (2, {"lag": 5}, "warned\n")
            plain = await reply(world, "exec", command=["echo", "OK"])
            assert (plain["status"], plain["output"], plain["body"]) == (0, "OK\n", None)
            killed = await reply(world, "exec", command=python("import os; os.kill(os.getpid(), 9)"))
            assert killed["status"] is None

    asyncio.run(scenario())


def test_exec_that_ignores_sigterm_is_killed_at_its_timeout(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path)
    script = mailbox.says() + (
        "import os, signal\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "leader = os.getpid()\n"
        "if os.fork() == 0: say(f'{leader} {os.getpid()}')\n"
        "while True: signal.pause()\n"
    )

    async def scenario() -> None:
        async with a_world() as (world, _):
            looking = asyncio.create_task(seen(world, "exec", within=4.0, command=python(script)))
            pids = [int(pid) for pid in (await mailbox.next()).split()]
            assert (await looking).error == "no answer within 4s"
            assert all(gone(pid) for pid in pids)
            assert zombies() == []

    asyncio.run(scenario())


def test_exec_names_the_program_that_is_missing() -> None:
    async def scenario() -> None:
        async with a_world() as (world, _):
            found = await seen(world, "exec", command=["/no/such"])
            assert found.error == "'/no/such' cannot be executed: there is no such file (ENOENT)"
            assert found.own is False

    asyncio.run(scenario())


def test_process_counts_by_exact_name(tmp_path: Path) -> None:
    name = f"vx{os.getpid()}"
    (tmp_path / name).symlink_to("/bin/sleep")

    async def scenario() -> None:
        agents = [an_agent(f"a{number}", [str(tmp_path / name), "3600"]) for number in range(2)]
        async with a_world(*agents) as (world, _):
            assert await reply(world, "process", name=name) == {"running": False, "count": 0}
            pids = [await world.units.start(agent.name) for agent in agents]
            first = await reply(world, "process", name=name)
            assert (first["running"], first["count"]) == (True, 2)
            assert first["pid"] in pids
            assert first["cpu"] is None  # no share of a single moment
            assert first["memory"] > 0
            assert first["threads"] == 2
            assert first["descriptors"] > 0
            second = await reply(world, "process", name=name)
            assert second["cpu"] >= 0.0
            assert (await reply(world, "process", name=name[:-1]))["count"] == 0

    asyncio.run(scenario())


def test_host_and_its_disks_in_fractions_bytes_and_seconds() -> None:
    async def scenario() -> None:
        async with a_world() as (world, _):
            first, second = await reply(world, "host"), await reply(world, "host")
            assert first["cpu"] is None
            assert second["cpu"] is None or 0.0 <= second["cpu"] <= 1.0
            assert first["name"] == socket.gethostname()
            assert 0.0 < first["memory"] <= 1.0
            assert 0.0 <= first["swap"] <= 1.0
            assert first["uptime"] > 0
            (root,) = [disk for disk in first["disks"] if disk["mount"] == "/"]
            assert 0.0 <= root["usage"] <= 1.0
            assert 0 < root["free"] <= root["total"]

    asyncio.run(scenario())


def test_a_look_that_has_not_come_back_costs_one_thread() -> None:
    """The host's file systems may hang; looks that follow say so instead of hanging beside it."""
    from threading import Event

    from daemon.world.background import OneAtATime
    from daemon.world.failures import OwnFailure

    release = Event()

    async def scenario() -> None:
        turn = OneAtATime("look")
        hanging = asyncio.create_task(turn.run(release.wait))
        await asyncio.sleep(0)
        hanging.cancel()
        with pytest.raises(OwnFailure, match="the previous look has not come back"):
            await turn.run(lambda: None)
        release.set()

    asyncio.run(scenario())


def test_names_that_hang_hold_up_no_other_name(monkeypatch: pytest.MonkeyPatch) -> None:
    from threading import Event

    from daemon.world.names import Names, NameUnknown

    release, real = Event(), socket.getaddrinfo
    asked: list[str] = []

    def slow(host: str, *arguments: object, **more: object) -> object:
        asked.append(host)
        if host == "dead":
            release.wait()
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure")
        return real(host, *arguments, **more)  # type: ignore[arg-type]

    async def scenario() -> None:
        monkeypatch.setattr(socket, "getaddrinfo", slow)
        names = Names()
        hanging = [asyncio.create_task(names.addresses("dead", 80)) for _ in range(20)]
        assert await names.addresses("localhost", 80)
        assert (await names.addresses("127.0.0.1", 80))[0].socket_address == ("127.0.0.1", 80)
        release.set()
        for task in hanging:
            with pytest.raises(NameUnknown, match="dead: temporary failure"):
                await task
        assert asked.count("dead") == 1

    asyncio.run(scenario())
