"""A service and rules that nobody wrote for the demonstration, healed by a real volexd: killed, hung, unhealthy under HTTP 200."""

from __future__ import annotations

import json
import os
import signal
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.daemon.service.daemon import Daemon, eventually, free_port

THING = Path(__file__).with_name("thing.py")

RULES = """\
agent thing {{
    unit   process [{python}, "-S", {thing}, "{port}"]
    health http "http://127.0.0.1:{port}/state" {{
        every   200ms
        timeout 500ms
        expect  reply.status == 200 and reply.body.state == "fine"
    }}
    starts within 20s
}}
detection thing_ill {{
    for each agent
    severity error
    category agent
    when     agent.status == "down" for 300ms
    until    agent.status == "up"
    message  "{{agent.name}}: {{agent.last_error}}"
}}
recovery cure_thing {{
    on    fault thing_ill
    try again {{ restart agent; verify within 30s }}
    limit 10 per 1h by agent
}}
"""


def quoted(text: str) -> str:
    """As a rule writes a text that may hold anything."""
    return json.dumps(text, ensure_ascii=False).replace("{", "\\{").replace("}", "\\}")


def rules(port: int) -> str:
    return RULES.format(python=quoted(sys.executable), thing=quoted(str(THING)), port=port)


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def daemon(tmp_path: Path, port: int) -> Iterator[Daemon]:
    with Daemon(tmp_path, rules(port)) as daemon:
        eventually(lambda: daemon.agent("thing").get("status") == "up", "the thing is up")
        yield daemon


def healed(daemon: Daemon, pid: int, faults: int) -> None:
    """A new healthy process, and rows that agree about it."""
    daemon.wait_for(
        f"SELECT * FROM fault GROUP BY rule HAVING count(closed_at) = {faults}",
        f"{faults} faults are cleared",
    )
    assert daemon.pid("thing") not in (0, pid)
    assert daemon.agent("thing")["status"] == "up"
    (fault,) = daemon.sql("SELECT * FROM fault ORDER BY id DESC LIMIT 1")
    assert (fault["rule"], fault["subject"], fault["outcome"]) == ("thing_ill", "thing", "cleared")
    (recovery,) = daemon.wait_for(
        f"SELECT * FROM recovery WHERE fault_id = {fault['id']} AND outcome IS NOT NULL", "the recovery ended"
    )
    assert (recovery["rule"], recovery["outcome"]) == ("cure_thing", "succeeded")
    (attempt,) = daemon.sql(f"SELECT * FROM attempt WHERE recovery_id = {recovery['id']}")
    assert (attempt["step"], attempt["outcome"]) == ("again", "succeeded")
    (action,) = daemon.sql(f"SELECT * FROM action WHERE attempt_id = {attempt['id']}")
    assert (action["kind"], action["target"], action["outcome"]) == ("restart", "thing", "succeeded")
    assert action["intended_at"] >= fault["raised_at"]
    assert attempt["verified_at"] >= action["ended_at"]


def test_killed(daemon: Daemon) -> None:
    pid = daemon.pid("thing")
    os.kill(pid, signal.SIGKILL)
    healed(daemon, pid, faults=1)


def test_hung(daemon: Daemon) -> None:
    pid = daemon.pid("thing")
    os.kill(pid, signal.SIGSTOP)
    healed(daemon, pid, faults=1)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_unhealthy_under_200_and_again(daemon: Daemon, port: int) -> None:
    for faults in (1, 2):
        pid = daemon.pid("thing")
        urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{port}/", method="POST")).close()
        healed(daemon, pid, faults)


def test_why_is_told_from_the_database(daemon: Daemon) -> None:
    os.kill(daemon.pid("thing"), signal.SIGKILL)
    (fault,) = daemon.wait_for("SELECT id FROM fault WHERE closed_at IS NOT NULL", "the fault is cleared")
    told = daemon.call("why", str(fault["id"]), "--db", str(daemon.database))
    assert told.returncode == 0, told.stderr
    for words in (
        "thing_ill on agent thing",
        'agent.status == "down"',
        "step again",
        "restart succeeded",
        "cleared",
    ):
        assert words in told.stdout
    lines = daemon.sql(f"SELECT line FROM why WHERE subject_id = {fault['id']}")
    assert len(lines) > 5
