"""A real `volexd --shadow` beside a real service that is killed: it sees and says everything, and does nothing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.daemon.service.daemon import Daemon, eventually, free_port
from tests.daemon.service.test_healing import THING, quoted, rules

WORK = """\
channel people {{ url "file:{pages}" }}
detection told {{ for each agent; category agent; when agent.status == "down" for 500ms; notify people }}
automation often {{ every 1s; run errand }}
orchestration at_once {{ when count(agent where agent.status == "down") > 0; then {{ exec ["/usr/bin/touch", {touched}] }} }}
workflow errand {{ step touch {{ exec ["/usr/bin/touch", {touched}] }} }}
agent sleeper {{ unit process ["/bin/sleep", "1000"] }}
"""


def with_work(port: int, directory: Path) -> str:
    pages, touched = directory / "pages", directory / "touched"
    work = WORK.format(pages=pages, touched=quoted(str(touched)))
    return rules(port).replace("verify within 30s", "verify within 2s") + work


@contextmanager
def thing_at(port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Somebody else's service."""
    with subprocess.Popen([sys.executable, "-S", str(THING), str(port)]) as process:
        try:
            yield process
        finally:
            process.kill()


def test_it_decides_and_records_and_does_nothing(tmp_path: Path) -> None:
    port = free_port()
    with (
        thing_at(port) as service,
        Daemon(tmp_path, with_work(port, tmp_path), "", "--shadow") as daemon,
    ):
        eventually(lambda: daemon.agent("thing").get("status") == "up", "the thing is seen")
        assert daemon.agent("sleeper")["status"] is None
        status = json.loads(daemon.call("status", "--format", "json").stdout)
        assert (status["shadow"], status["agents"]) == (True, {"thing": "up", "sleeper": None})

        os.kill(service.pid, signal.SIGKILL)
        (row,) = daemon.wait_for(
            "SELECT * FROM shadow_action WHERE kind = 'recovery' AND outcome IS NOT NULL", "its time is over"
        )
        (fault,) = daemon.sql("SELECT * FROM fault WHERE rule = 'thing_ill'")
        assert (row["rule"], row["step"], row["fault_id"], row["subject"]) == (
            "cure_thing",
            "again",
            fault["id"],
            "thing",
        )
        assert (row["would"], row["outcome"]) == ("restart thing", "stayed")
        asked = daemon.call("run", "errand")
        assert asked.returncode == 0, asked.stderr
        (refused,) = daemon.wait_for("SELECT * FROM workflow_run", "the run is refused")
        assert "in the shadow" in refused["reason"]
        (tmp_path / "asked.json").write_text('{"workflow_id": "errand", "context": {}}')
        call = daemon.call("call", "execute_intelligent_workflow", str(tmp_path / "asked.json"))
        assert call.returncode != 0
        assert "nothing is executed" in call.stderr
        kinds = {one["kind"] for one in daemon.sql("SELECT DISTINCT kind FROM shadow_action")}
        assert {"notice", "automation", "orchestration", "recovery"} <= kinds

        with thing_at(port):
            daemon.wait_for("SELECT * FROM fault WHERE outcome = 'cleared'", "somebody else repaired it")
        assert daemon.sql("SELECT * FROM action") == []
        assert daemon.sql("SELECT shadow FROM rule_set") == [{"shadow": 1}]
        assert not (tmp_path / "touched").exists()
        assert not (tmp_path / "pages").exists()
        assert "runs in the shadow" in daemon.log()
        why = daemon.call("why", str(row["id"]), "--db", str(daemon.database))
        assert "recovery cure_thing on thing would do: restart thing" in why.stdout
        whynot = daemon.call("whynot", "thing_ill", "thing")
        assert whynot.returncode == 0, whynot.stderr
    assert daemon.sql("SELECT * FROM action") == []


def test_what_is_promoted_acts_on_what_is_open(tmp_path: Path) -> None:
    port = free_port()
    with Daemon(tmp_path, with_work(port, tmp_path), "", "--shadow") as daemon:
        (row,) = daemon.wait_for("SELECT * FROM shadow_action WHERE kind = 'recovery'", "it would be started")
        daemon.kill()
    with Daemon(tmp_path, rules(port)) as daemon:
        daemon.wait_for("SELECT * FROM fault WHERE outcome = 'cleared'", "the thing was started")
        (closed,) = daemon.sql(f"SELECT * FROM shadow_action WHERE id = {row['id']}")
        assert closed["ended_at"] is not None
        assert len(daemon.sql("SELECT * FROM shadow_action WHERE kind = 'recovery'")) == 1
