"""The rules of VolexSwarm as they ship, but for ports, intervals and docker: run by a real volexd, on servers like its agents."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.daemon.service.daemon import Daemon, eventually
from tests.rules.swarm import AGENTS, CONTAINER, Swarm, linked

RULES = Path(__file__).parents[2] / "rules/volexswarm"

# Shipped, and here: seconds become parts of a second. What an action may take (`within`, `timeout`) stays as it is.
SHORTER = {
    "let start_period = 40s": "let start_period = 500ms",
    "let look_every   = 10s": "let look_every   = 500ms",
    "let silence  = 60s": "let silence  = 2s",
    "start_period + 5s": "start_period + 100ms",
    "start_period + 80s": "start_period + 100ms",
    "for 20s": "for 500ms",
    "for 30s": "for 500ms",
    'for 5m\n    message  "{links.agent}': 'for 500ms\n    message  "{links.agent}',
    "every 30s; into links": "every 1s; into links",
}
OPERATORS = """\
use std.channels {{ without operators }}
channel operators {{ url "file:{notices}" }}
"""
# What volexd finds out about the machine that runs the tests is none of theirs.
FAULTS = "SELECT rule, subject, category FROM fault WHERE category IN ('agent', 'communication') ORDER BY id"


def adapted(text: str, swarm: Swarm) -> str:
    """Other ports, another docker, a shorter patience."""
    ports = "|".join(map(str, swarm.ports))
    text = re.sub(rf"127\.0\.0\.1:({ports})\b", lambda found: f"127.0.0.1:{swarm.ports[int(found[1])]}", text)
    for shipped, here in {**SHORTER, "/usr/bin/docker": str(swarm.docker)}.items():
        text = text.replace(shipped, here)
    return text


@pytest.fixture
def swarm(tmp_path: Path) -> Iterator[Swarm]:
    with Swarm(tmp_path) as swarm:
        yield swarm


@pytest.fixture
def daemon(tmp_path: Path, swarm: Swarm) -> Iterator[Daemon]:
    daemon = Daemon(tmp_path, OPERATORS.format(notices=tmp_path / "notices.jsonl"))
    for file in RULES.glob("*.rules"):
        daemon.write(adapted(file.read_text(encoding="utf-8"), swarm), file.name)
    with daemon:
        up = "SELECT count(*) AS up FROM agent_health WHERE status = 'up'"
        eventually(lambda: daemon.sql(up)[0]["up"] == len(AGENTS) + 2, f"all are up\n{daemon.log()}")
        yield daemon


def healed(daemon: Daemon, rule: str, subject: str) -> dict[str, Any]:
    """The row of the recovery that mended this fault."""
    mended = f"""
        SELECT fault.category, recovery.* FROM fault JOIN recovery ON recovery.fault_id = fault.id
        WHERE fault.rule = '{rule}' AND fault.subject = '{subject}' AND fault.outcome = 'cleared'
          AND recovery.outcome = 'succeeded'"""
    return daemon.wait_for(mended, f"{rule} on {subject} is mended")[0]


def faults(daemon: Daemon) -> set[tuple[str, str, str]]:
    return {(row["rule"], row["subject"], row["category"]) for row in daemon.sql(FAULTS)}


def test_every_shortening_is_of_something_that_is_there() -> None:
    shipped = "".join(file.read_text(encoding="utf-8") for file in RULES.glob("*.rules"))
    assert [text for text in SHORTER if text not in shipped] == []


def test_the_mode_of_trading_is_fenced() -> None:
    lines = [line for file in RULES.glob("*.rules") for line in file.read_text(encoding="utf-8").splitlines()]
    assert [line for line in lines if "switch" in line and not line.startswith("#")] == []


def test_dead_and_unhealthy_agents_are_restarted_and_constants_alarm_nobody(
    swarm: Swarm, daemon: Daemon
) -> None:
    swarm.agents["research"].answers = None
    swarm.agents["execution"].answers = "unhealthy"
    for agent in ("research", "execution"):
        recovery = healed(daemon, "agent_down", agent)
        assert (recovery["rule"], recovery["category"]) == ("revive_agent", "agent")
    assert sorted(swarm.restarts()) == ["volexswarm-execution-1", "volexswarm-research-1"]
    assert faults(daemon) == {("agent_down", "research", "agent"), ("agent_down", "execution", "agent")}
    (counted,) = daemon.wait_for(
        "SELECT value FROM fact WHERE type = 'sessions' AND field = 'connections'", "the database was asked"
    )
    assert float(counted["value"]) == swarm.sessions


def test_while_vault_is_sealed_the_agents_are_left_alone(swarm: Swarm, daemon: Daemon) -> None:
    swarm.sealed = True
    daemon.wait_for("SELECT id FROM fault WHERE rule = 'base_down' AND subject = 'vault'", "Vault is down")
    swarm.agents["signal"].answers = "unhealthy"
    swarm.agents["risk"].connectivity = {"vault": "error", "database": "connected", "websocket": "connected"}
    for rule, agent in (("agent_down", "signal"), ("agent_cut_off", "risk")):
        daemon.wait_for(
            f"SELECT id FROM fault WHERE rule = '{rule}' AND subject = '{agent}' AND inhibited_by IS NOT NULL",
            f"{rule} on {agent} is put down to Vault",
        )
    assert swarm.restarts() == []
    assert "vault is down" in (daemon.directory / "notices.jsonl").read_text(encoding="utf-8")

    swarm.sealed = False
    healed(daemon, "agent_down", "signal")
    healed(daemon, "agent_cut_off", "risk")
    assert sorted(swarm.restarts()) == [CONTAINER.format("risk"), CONTAINER.format("signal")]
    (vault,) = daemon.sql("SELECT closed_at, outcome FROM fault WHERE rule = 'base_down'")
    (first,) = daemon.sql("SELECT min(intended_at) AS at FROM action WHERE kind = 'exec'")
    assert vault["outcome"] == "cleared"
    assert first["at"] > vault["closed_at"]


def test_an_agent_that_is_cut_off_is_restarted_but_not_for_openai(swarm: Swarm, daemon: Daemon) -> None:
    swarm.agents["news_sentiment"].connectivity["openai"] = {"status": "error", "error": "no credit"}
    swarm.agents["strategy"].connectivity = linked(
        database="connected", vault="connected", websocket="not_initialized"
    )
    recovery = healed(daemon, "agent_cut_off", "strategy")
    assert (recovery["rule"], recovery["category"]) == ("rejoin_agent", "communication")
    daemon.wait_for("SELECT id FROM fault WHERE rule = 'openai_cut_off'", "OpenAI is missed")
    assert faults(daemon) == {
        ("agent_cut_off", "strategy", "communication"),
        ("openai_cut_off", "news_sentiment", "communication"),
    }
    assert swarm.restarts() == ["volexswarm-strategy-1"]


def test_streams_are_connected_anew(swarm: Swarm, daemon: Daemon) -> None:
    connect = ("/connect", {"exchange_name": "binance", "symbols": ["BTCUSDT", "ETHUSDT"]})
    swarm.exchange.fall_silent()
    daemon.wait_for(
        "SELECT id FROM recovery WHERE rule = 'reconnect_stream' AND outcome = 'succeeded'",
        "prices come again",
    )
    daemon.wait_for(
        "SELECT count(*) FROM fault WHERE rule = 'stream_stale' GROUP BY rule HAVING count(closed_at) = 2",
        "both streams go on",
    )
    still = "SELECT id FROM recovery WHERE ended_at IS NULL"
    eventually(lambda: not daemon.sql(still), "nothing more is done about them")
    asked = len(swarm.exchange.posts)
    # Once, or once more: the second stream may be looked at a moment later than the first.
    assert swarm.exchange.posts in ([connect], [connect] * 2)

    swarm.exchange.age_hours = 22.5
    recovery = healed(daemon, "connection_expires", "binance")
    assert (recovery["rule"], recovery["category"]) == ("renew_connection", "communication")
    assert swarm.exchange.posts == [connect] * (asked + 1)

    swarm.exchange.connected = False
    healed(daemon, "nothing_connected", "realtime_data")
    assert swarm.exchange.posts == [connect] * (asked + 2)
    assert swarm.restarts() == []


def test_the_routine_by_hand(swarm: Swarm, daemon: Daemon) -> None:
    for name in ("daily", "backup"):
        assert daemon.call("run", name).returncode == 0
    for workflow in ("daily_check", "weekly_backup"):
        (run,) = daemon.wait_for(
            f"SELECT status, ended_at FROM workflow_run WHERE workflow = '{workflow}' AND ended_at IS NOT NULL",
            f"{workflow} is done",
        )
        assert run["status"] == "succeeded"
    inside = [words[2] for _, words in swarm.docker_calls if words[0] == "exec" and words[2] != "psql"]
    assert inside == ["mkdir", "pg_dump", "pg_restore", "mv"]
    logs = {words[-1] for _, words in swarm.docker_calls if words[0] == "logs"}
    assert logs == {CONTAINER.format(name) for name in AGENTS}
