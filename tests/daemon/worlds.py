"""A real world for tests: real processes, real sockets, and a list instead of an engine."""

from __future__ import annotations

import asyncio
import os
import select
import socket
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from daemon.world.bounds import Bounds
from daemon.world.commands import SYSTEM_PATH, Commands
from daemon.world.world import World, real_world
from dsl.expressions import Constant, Expression, ListOf, MapOf
from dsl.program import Agent, Check, Place, Program, Unit
from engine.events import Looked

LIMIT = 60.0  # seconds after which a test gives up waiting; nothing is ever asserted about time
HERE = Place("test.rules", 1)
CLOSED_PORT = 1  # of 127.0.0.1: reserved, so nobody listens there


class Events:
    """What was posted; `all` are the parts of looks one by one, less what volexd says of sources, which are `sources`. `when` waits for an event instead of for time."""

    def __init__(self) -> None:
        self.posted: list[Any] = []
        self.all: list[Any] = []
        self.sources: list[Any] = []
        self._news: asyncio.Event | None = None

    def post(self, event: Any) -> None:
        self.posted.append(event)
        for one in event.seen if isinstance(event, Looked) else [event]:
            (self.sources if getattr(one, "type", "") == "source" else self.all).append(one)
        if self._news is not None:
            self._news.set()

    def of(self, kind: type, **fields: object) -> list[Any]:
        return [event for event in self.all if isinstance(event, kind) and _has(event, fields)]

    async def when(self, kind: type, count: int = 1, **fields: object) -> Any:
        """The `count`th event of a kind with these fields, as soon as it is there."""
        async with asyncio.timeout(LIMIT):
            while len(found := self.of(kind, **fields)) < count:
                self._news = asyncio.Event()
                await self._news.wait()
        return found[count - 1]


def _has(event: object, fields: dict[str, object]) -> bool:
    return all(getattr(event, name) == value for name, value in fields.items())


@asynccontextmanager
async def a_world(
    *agents: Agent, logs: Path | None = None, programs: Path | None = None, bounds: Bounds | None = None
) -> AsyncIterator[tuple[World, Events]]:
    events = Events()
    commands = Commands(SYSTEM_PATH, str(programs) if programs else None)
    world = real_world(commands, str(logs) if logs else None, events.post, time.time, bounds=bounds)
    world.units.replace(Program(agents=agents))
    try:
        yield world, events
    finally:
        await world.close(grace=0.0)


class Mailbox:
    """What processes say to the test. In them: `SAYS(mailbox)` defines `say(text)`."""

    def __init__(self, folder: Path) -> None:
        self.path = str(folder / "mailbox")
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(self.path)
        self._socket.setblocking(False)

    async def next(self) -> str:
        async with asyncio.timeout(LIMIT):
            return (await asyncio.get_running_loop().sock_recv(self._socket, 65536)).decode()

    def says(self) -> str:
        return (
            "import socket\n"
            "def say(text):\n"
            "    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as box:\n"
            f"        box.sendto(str(text).encode(), {self.path!r})\n"
        )


def python(script: str, *arguments: str) -> list[str]:
    """An argv that runs a script in a bare interpreter."""
    return [sys.executable, "-I", "-S", "-c", script, *arguments]


def constant(value: object) -> Expression:
    if isinstance(value, (list, tuple)):
        return ListOf(tuple(constant(each) for each in value))
    if isinstance(value, dict):
        return MapOf(tuple((name, constant(each)) for name, each in value.items()))
    return value if isinstance(value, Expression) else Constant(value)  # type: ignore[arg-type]


def constants(settings: dict[str, object]) -> tuple[tuple[str, Expression], ...]:
    return tuple((name, constant(value)) for name, value in settings.items())


def an_agent(
    name: str,
    command: list[str] | None = None,
    *,
    health: Check | None = None,
    ready: Check | None = None,
    **settings: object,
) -> Agent:
    unit = Unit("process", constants({"command": command, **settings})) if command else None
    return Agent(name, "", unit, health, ready, 10.0, (), (), (), (), HERE)


def a_check(
    kind: str,
    *,
    every: float = 3600.0,
    timeout: float = LIMIT,
    expect: Expression | None = None,
    **settings: object,
) -> Check:
    return Check(kind, constants(settings), every, timeout, expect)


def gone(pid: int) -> bool:
    """Waits until a process of whatever parent has ended."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        ready, _, _ = select.select([descriptor], [], [], LIMIT)
        return bool(ready)
    finally:
        os.close(descriptor)


def zombies() -> list[int]:
    """Children of this process that ended and that nobody reaped."""
    found = []
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            stat = Path("/proc", entry, "stat").read_text()
        except OSError:
            continue
        state, parent = stat[stat.rindex(")") + 2 :].split()[:2]
        if state == "Z" and int(parent) == os.getpid():
            found.append(int(entry))
    return found


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


Serve = Callable[[bytes], bytes | None]


@asynccontextmanager
async def a_server(answer: Serve) -> AsyncIterator[str]:
    """A server of HTTP on a free port: the head of each request is given to `answer`; None keeps the client waiting."""
    never = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            reply = answer(await reader.readuntil(b"\r\n\r\n"))
            if reply is None:
                await never.wait()
            else:
                writer.write(reply)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        never.set()
        server.close()


def http_reply(
    body: str | bytes, status: str = "200 OK", kind: str = "application/json", **headers: str
) -> bytes:
    content = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(content)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode() + content
