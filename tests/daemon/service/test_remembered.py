"""Holds, windows and what somebody stopped go on after a real volexd was killed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.daemon.service.daemon import PATIENCE, Daemon, eventually

RULES = """\
agent absent {
    health   http "http://127.0.0.1:1/"
}
detection long_absent {
    for each agent
    category agent
    when     agent.status == "down" for 1d
    notify   people
}
detection busy {
    category agent
    when     max(host.memory over 1h) > 100%
    notify   people
}
channel people { url "log:" }
"""


def kept(daemon: Daemon, part: str) -> dict[str, Any]:
    rows = daemon.sql(f"SELECT state FROM remembered WHERE part = '{part}'")
    return json.loads(rows[0]["state"]) if rows else {}


def holds(daemon: Daemon) -> list[list[Any]]:
    return [hold for hold in kept(daemon, "conditions").get("holds", []) if hold[0] == "long_absent"]


def test_what_was_pending_goes_on_after_a_kill(tmp_path: Path) -> None:
    with Daemon(tmp_path, RULES) as daemon:
        daemon.wait_for("SELECT * FROM agent_health WHERE name = 'absent' AND status = 'down'", "it is down")
        assert daemon.call("pause", "absent").returncode == 0
        eventually(lambda: kept(daemon, "conditions").get("pauses"), "the pause is stored")
        (before,) = eventually(lambda: holds(daemon), "the hold is stored")
        daemon.wait_for("SELECT * FROM remembered WHERE part = 'windows'", "what windows saw is stored")
        daemon.kill()
        (row,) = daemon.sql("SELECT kept_at FROM remembered WHERE id = 1")
    with Daemon(tmp_path, RULES) as daemon:
        assert "of the former life: kept: " in daemon.log()
        assert "holds 1" in daemon.log()
        daemon.wait_for(
            f"SELECT * FROM remembered WHERE id = 1 AND kept_at > '{row['kept_at']}'", "it is stored again"
        )
        (after,) = holds(daemon)
        assert after[:5] == before[:5], "since when, of whom, and what it means"
        daemon.process.terminate()
        assert daemon.process.wait(PATIENCE) == 0
    assert kept(daemon, "conditions")["pauses"] == [["agent", "absent", "hand"]]
