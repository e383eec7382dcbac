"""The life of a real volexd: ready, asked, told to end, killed, started again."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

from tests.daemon.service.daemon import PATIENCE, VOLEXD, Daemon, eventually

SLEEPER = """\
agent sleeper {
    unit process ["/bin/sleep", "1000"]
}
"""
DOWN = """\
detection sleeper_down {
    for each agent
    severity error
    category agent
    when     agent.status == "down" for 100ms
    notify   people
}
channel people { url "log:" }
"""


def gone(pid: int) -> bool:
    """A process that ended, or is nobody's any more and only waits to be reaped."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def running(daemon: Daemon) -> int:
    return eventually(lambda: daemon.pid("sleeper"), "the sleeper runs")


def test_agents_end_with_volexd(tmp_path: Path) -> None:
    with Daemon(tmp_path, SLEEPER) as daemon:
        pid = running(daemon)
        daemon.process.terminate()
        assert daemon.process.wait(PATIENCE) == 0
        assert gone(pid)
        assert daemon.heard("STOPPING=1")
    stops = daemon.sql("SELECT * FROM action WHERE kind = 'stop'")
    assert [(stop["target"], stop["outcome"]) for stop in stops] == [("sleeper", "succeeded")]
    assert daemon.agent("sleeper")["status"] == "stopped"


def test_agents_end_even_when_volexd_is_killed(tmp_path: Path) -> None:
    with Daemon(tmp_path, SLEEPER) as daemon:
        pid = running(daemon)
        daemon.kill()
        eventually(lambda: gone(pid), "the sleeper ended with volexd")


def test_what_was_open_goes_on_after_a_kill(tmp_path: Path) -> None:
    with Daemon(tmp_path, SLEEPER + DOWN) as daemon:
        os.kill(running(daemon), signal.SIGKILL)
        (fault,) = daemon.wait_for("SELECT * FROM fault", "the fault is raised")
        daemon.wait_for(
            "SELECT * FROM action WHERE kind = 'notify' AND outcome = 'succeeded'", "people were told"
        )
        daemon.kill()
    with Daemon(tmp_path, SLEEPER + DOWN) as daemon:
        # volexd starts its agents again, so the symptom goes, and the very same fault is closed.
        (closed,) = daemon.wait_for("SELECT * FROM fault WHERE closed_at IS NOT NULL", "the fault is cleared")
        assert (closed["id"], closed["raised_at"], closed["outcome"]) == (
            fault["id"],
            fault["raised_at"],
            "cleared",
        )
        assert len(daemon.sql("SELECT * FROM fault")) == 1
        ids = daemon.sql(
            "SELECT id FROM action UNION ALL SELECT id FROM fault UNION ALL SELECT id FROM alert"
        )
        assert len({row["id"] for row in ids}) == len(ids)


def test_status_faults_and_commands_over_the_socket(tmp_path: Path) -> None:
    with Daemon(tmp_path, SLEEPER + DOWN) as daemon:
        os.kill(running(daemon), signal.SIGKILL)
        (fault,) = daemon.wait_for("SELECT * FROM fault", "the fault is raised")
        status = json.loads(daemon.call("status", "--format", "json").stdout)
        assert status["agents"] == {"sleeper": "down"}
        assert status["open_faults"] == 1
        assert "sleeper_down" in daemon.call("faults").stdout
        assert daemon.call("ack", str(fault["id"])).returncode == 0
        daemon.wait_for("SELECT * FROM fault WHERE acknowledged_at IS NOT NULL", "it is acknowledged")
        refused = daemon.call("ack", "4711")
        assert refused.returncode != 0
        assert "no open fault has the id 4711" in refused.stderr
        assert daemon.call("pause", "nobody").returncode != 0


def test_hangup_reloads_and_the_watchdog_is_fed(tmp_path: Path) -> None:
    with Daemon(tmp_path, SLEEPER, WATCHDOG_USEC="400000") as daemon:
        assert daemon.heard("WATCHDOG=1")
        daemon.process.send_signal(signal.SIGHUP)
        assert "MONOTONIC_USEC=" in daemon.heard("RELOADING=1")
        assert daemon.heard("READY=1")
        daemon.wait_for("SELECT * FROM reload WHERE outcome = 'unchanged'", "the reload is stored")


def test_refused_rules_and_configurations_end_with_78(tmp_path: Path) -> None:
    daemon = Daemon(tmp_path, "detection broken {\n    when host.cpu > 90\n}\n")
    daemon.start()
    assert daemon.process.wait(PATIENCE) == 78
    assert "90%" in daemon.log()
    assert "Traceback" not in daemon.log()
    daemon.__exit__(None, None, None)
    assert VOLEXD.exists()
