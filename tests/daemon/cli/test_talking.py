"""The commands that talk to a running daemon, against the real socket with a desk that answers by heart."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from daemon.cli import main
from daemon.control.controls import Document, Refused
from daemon.control.server import serve
from tests.daemon.cli.session import quiet_surroundings

NOTHING: Document = {"kept": {}, "reset": []}
TEN = 1795341600.0  # 2026-11-22T10:00:00Z


class Desk:
    """One open fault, one agent, and rules that are refused the second time."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []
        self.open: list[Document] = [
            {"id": 12, "name": "agent_down", "subject": "vault", "category": "agent", "severity": "critical",
             "since": TEN, "attempts": 2, "message": "vault is down: connection refused"},
        ]  # fmt: skip

    def status(self) -> Document:
        rules = {"detections": 14, "recoveries": 1}
        return {
            "version": "0.1.0",
            "since": TEN,
            "rules": rules,
            "agents": {"vault": "down"},
            "probes": {},
            "open_faults": 1,
        }

    def faults(self) -> list[Document]:
        return self.open

    def facts(self, kind: str | None) -> list[Document]:
        return []

    def whynot(self, rule: str, subject: str) -> Document:
        if rule != "agent_down":
            raise Refused(f"there is no detection, recovery or orchestration in force called {rule}")
        lines = [{"depth": 0, "line": "its `when` is not true"}, {"depth": 1, "line": f"{subject} is up"}]
        return {"rule": rule, "subject": subject, "verdict": "no", "lines": lines}

    def command(self, name: str, subject: str, by: str, given: Document) -> Document:
        if subject not in ("12", "vault", "hourly"):
            raise Refused(f"nothing is called {subject}")
        self.asked.append((name, subject, json.dumps(given)) if given else (name, subject))
        kind = "agent" if subject == "vault" else "automation"
        return {"done": name, "subject": subject, "kind": kind, "by": by, "report": "automation"}

    async def call(self, name: str, arguments: Document, by: str) -> Document:
        return {"called": name}

    async def reload(self, by: str) -> Document:
        self.asked.append(("reload",))
        if len(self.asked) == 1:
            return {"outcome": "applied", "detail": "kept: holds 2", "carried": NOTHING, "findings": []}
        finding = {
            "file": "a.rules",
            "line": 3,
            "column": 5,
            "severity": "error",
            "code": "V201",
            "message": "unknown \x1b[2J",
        }
        return {"outcome": "refused", "detail": "1 error", "carried": NOTHING, "findings": [finding]}


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A daemon's end of the socket, in a loop of its own."""
    quiet_surroundings(tmp_path, monkeypatch)
    desk, loop, listens, ended = Desk(), asyncio.new_event_loop(), threading.Event(), asyncio.Event()

    async def answer() -> None:
        server = await serve(desk, tmp_path / "run/control.sock", 0o660)
        listens.set()
        await ended.wait()
        await server.close()

    thread = threading.Thread(target=lambda: loop.run_until_complete(answer()))
    thread.start()
    assert listens.wait(30)
    yield desk
    loop.call_soon_threadsafe(ended.set)
    thread.join(30)
    loop.close()


def said(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What a command prints, and how it ends."""
    status = main(words)
    printed = capsys.readouterr()
    return f"{printed.out}{printed.err}= {status}\n"


@pytest.mark.usefixtures("desk")
def test_what_people_read(capsys: pytest.CaptureFixture[str], snapshot: SnapshotAssertion) -> None:
    commands = (
        ["status"],
        ["faults"],
        ["whynot", "agent_down", "vault"],
        ["whynot", "agent_gone"],
        ["pause", "vault"],
        ["pause", "valt"],
        ["resume", "vault"],
        ["ack", "12"],
        ["ack", "13"],
        ["run", "hourly"],
        ["run", "hourly", "--arguments", "[1]"],
        ["run", "hourly", "--arguments", "{"],
        ["pause", "hourly"],
        ["cancel", "hourly"],
    )
    assert "".join(f"$ volexd {' '.join(words)}\n{said(capsys, *words)}" for words in commands) == snapshot


def test_what_the_daemon_is_asked(desk: Desk) -> None:
    given = '{"symbols": ["BTC-USD"]}'
    asked = (
        ["ack", "12"],
        ["pause", "vault"],
        ["resume", "vault"],
        ["run", "hourly", "--arguments", given],
        ["cancel", "hourly"],
    )
    for words in asked:
        assert main(words) == 0
    assert desk.asked == [
        ("acknowledge", "12"),
        ("pause", "vault"),
        ("resume", "vault"),
        ("run", "hourly", given),
        ("cancel", "hourly"),
    ]


def test_a_reload_that_is_refused_fails_and_says_why(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "reload") == "the rules are in force (kept: holds 2)\n= 0\n"
    assert said(capsys, "reload") == (
        "the rules are refused, and what ran goes on (1 error)\na.rules:3:5: error V201: unknown  [2J\n= 1\n"
    )
    assert desk.asked == [("reload",), ("reload",)]


def test_programs_get_documents(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    for name, document in (("status", desk.status()), ("faults", {"faults": desk.open})):
        assert main([name, "--format", "json"]) == 0
        assert json.loads(capsys.readouterr().out) == document


def test_no_open_faults(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.open = []
    assert said(capsys, "faults") == "no open faults\n= 0\n"


def test_an_ordinary_user_without_a_daemon_of_their_own_means_the_one_of_the_system(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("daemon.config.places.SYSTEM_SOCKET", tmp_path / "run/control.sock")
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path / "mine"))
    assert main(["pause", "vault"]) == 0
    assert desk.asked == [("pause", "vault")]
