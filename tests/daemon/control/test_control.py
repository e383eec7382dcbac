"""The control socket from both ends, on real sockets."""

from __future__ import annotations

import asyncio
import getpass
import json
import os
import socket
import stat
from collections.abc import Callable, Coroutine
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest

from daemon.control.client import Daemon, DaemonUnreachable
from daemon.control.controls import Document, Refused
from daemon.control.listening import SocketInUse, SocketUnusable
from daemon.control.server import ControlServer, serve


class Recorder:
    """Controls that remember what they were asked."""

    def __init__(self) -> None:
        self.commands: list[tuple[str, str, str]] = []

    def status(self) -> Document:
        return {"state": "running", "rules": 3}

    def faults(self) -> list[Document]:
        return [{"id": 12, "rule": "agent_down", "subject": "vault"}]

    def facts(self, kind: str | None) -> list[Document]:
        if kind == "nothing":
            raise Refused("nothing is known of type 'nothing'; there are agent, host")
        return [{"type": kind or "agent", "key": "vault"}]

    def whynot(self, rule: str, subject: str) -> Document:
        return {"rule": rule, "subject": subject}

    def command(self, name: str, subject: str, by: str, given: Document) -> Document:
        if subject == "crash":
            raise ZeroDivisionError
        self.commands.append((name, subject, by))
        return {"done": name, "given": given}

    async def call(self, name: str, arguments: Document, by: str) -> Document:
        return {"called": name, "arguments": arguments}

    async def reload(self, by: str) -> Document:
        return {"outcome": "applied", "by": by}


async def started(path: Path, controls: Recorder | None = None) -> ControlServer:
    return await serve(controls or Recorder(), path, 0o660)


def talk(tmp_path: Path, ask: Callable[[Daemon], object], controls: Recorder | None = None) -> object:
    """What a command in another thread sees of a server that runs meanwhile."""

    async def both() -> object:
        server = await started(tmp_path / "control.sock", controls)
        try:
            return await asyncio.to_thread(ask, Daemon(tmp_path / "control.sock"))
        finally:
            await server.close()

    return asyncio.run(both())


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(work)


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/status", {"state": "running", "rules": 3}),
        ("/faults", {"faults": [{"id": 12, "rule": "agent_down", "subject": "vault"}]}),
        ("/facts", {"facts": [{"type": "agent", "key": "vault"}]}),
        ("/facts?type=host", {"facts": [{"type": "host", "key": "vault"}]}),
        ("/whynot?rule=agent_down&subject=a%20b", {"rule": "agent_down", "subject": "a b"}),
    ],
)
def test_questions(tmp_path: Path, path: str, answer: object) -> None:
    assert talk(tmp_path, lambda daemon: daemon.get(path)) == answer


def test_commands_carry_the_name_of_the_user(tmp_path: Path) -> None:
    controls = Recorder()

    def ask(daemon: Daemon) -> object:
        daemon.post("/ack", {"fault": 12})
        daemon.post("/pause", {"name": "vault"})
        daemon.post("/resume", {"name": "vault"})
        return daemon.post("/reload", {})

    me = getpass.getuser() if os.getuid() else "root"
    assert talk(tmp_path, ask, controls) == {"outcome": "applied", "by": me}
    assert controls.commands == [("acknowledge", "12", me), ("pause", "vault", me), ("resume", "vault", me)]


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (
            lambda daemon: daemon.get("/facts?type=nothing"),
            "nothing is known of type 'nothing'; there are agent, host",
        ),
        (lambda daemon: daemon.get("/nowhere"), "GET /nowhere: Not Found"),
        (lambda daemon: daemon.get("/reload"), "GET /reload: Method Not Allowed"),
        (lambda daemon: daemon.post("/ack", {}), 'the body is a JSON object with the key "fault"'),
        (
            lambda daemon: daemon.post("/ack", {"fault": True}),
            'the body is a JSON object with the key "fault"',
        ),
        (
            lambda daemon: daemon.post("/pause", {"name": "x" * 3_000_000}),
            f"POST /pause: {HTTPStatus.REQUEST_ENTITY_TOO_LARGE.phrase}",
        ),
        (lambda daemon: daemon.post("/pause", {"name": "crash"}), "volexd failed at this; its log says how"),
    ],
)
def test_what_is_refused(tmp_path: Path, ask: Callable[[Daemon], object], message: str) -> None:
    def refused(daemon: Daemon) -> str:
        with pytest.raises(Refused) as error:
            ask(daemon)
        return str(error.value)

    assert talk(tmp_path, refused) == message


@pytest.mark.parametrize("body", [b"", b"[", b"[" * 9000, b"\xff\xfe", b'"fault"'])
def test_rubbish_is_answered(tmp_path: Path, body: bytes) -> None:
    def ask(_: Daemon) -> bytes:
        with socket.socket(socket.AF_UNIX) as raw:
            raw.settimeout(20)
            raw.connect(str(tmp_path / "control.sock"))
            raw.sendall(b"POST /ack HTTP/1.0\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
            return b"".join(iter(lambda: raw.recv(4096), b""))

    answer = talk(tmp_path, ask)
    assert isinstance(answer, bytes)
    assert "error" in json.loads(answer.partition(b"\r\n\r\n")[2])


def test_its_file_has_its_mode_and_goes_with_it(tmp_path: Path) -> None:
    path = tmp_path / "run/volexd/control.sock"

    async def life() -> None:
        server = await started(path)
        assert stat.S_IMODE(path.stat().st_mode) == 0o660
        assert os.listdir(path.parent) == ["control.sock"]
        await server.close()
        assert os.listdir(path.parent) == []

    run(life())


def test_a_file_left_by_a_dead_daemon_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "control.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    assert talk(tmp_path, lambda daemon: daemon.get("/status")) == {"state": "running", "rules": 3}


def test_a_living_daemon_is_not_pushed_aside(tmp_path: Path) -> None:
    path = tmp_path / "control.sock"

    async def two() -> None:
        first = await started(path)
        with pytest.raises(SocketInUse, match="another volexd listens there"):
            await started(path)
        assert await asyncio.to_thread(Daemon(path).get, "/status")
        await first.close()

    run(two())


def test_a_daemon_removes_only_its_own_file(tmp_path: Path) -> None:
    path = tmp_path / "control.sock"

    async def two() -> None:
        first = await started(path)
        path.unlink()
        second = await started(path)
        await first.close()
        assert await asyncio.to_thread(Daemon(path).get, "/status")
        await second.close()

    run(two())


def test_places_where_nobody_can_listen(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("precious")

    async def unusable(path: Path, why: str) -> None:
        with pytest.raises(SocketUnusable, match=why):
            await started(path)

    run(unusable(tmp_path / "file", "something else than a socket"))
    run(unusable(tmp_path / "file/control.sock", "file exists"))
    run(unusable(tmp_path / ("long" * 40) / "control.sock", "too long"))
    assert (tmp_path / "file").read_text() == "precious"


def test_nobody_answers(tmp_path: Path) -> None:
    for path, why in ((None, "name it with --socket"), (tmp_path / "none", "no volexd answers there")):
        with pytest.raises(DaemonUnreachable, match=why):
            Daemon(path).get("/status")
