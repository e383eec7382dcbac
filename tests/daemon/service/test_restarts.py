"""A real volexd ends, clean or killed, while something of everything is under way; the next one goes on with it (docs/restarts.md)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.daemon.service.daemon import PATIENCE, Daemon, eventually

RULES = """\
channel people { url "log:" }
agent one   { health http "http://127.0.0.1:1/" { every 500ms } }
agent two   { health http "http://127.0.0.1:1/" { every 500ms } }
agent three { health http "http://127.0.0.1:1/" { every 500ms } }
detection long_gone { for each agent where agent.name == "one"; category agent; notify people; when agent.status == "down" for 1d }
detection gone_1 { for each agent where agent.name == "one"; category agent; notify people; when agent.status == "down" for 100ms }
detection gone_2 { for each agent where agent.name == "two"; category agent; notify people; when agent.status == "down" for 100ms }
detection gone_3 { for each agent where agent.name == "three"; category agent; notify people; when agent.status == "down" for 100ms }
detection busy { category agent; notify people; when max(host.memory over 1h) > 99% }
recovery await_it { on fault gone_1; try wait { exec ["/bin/true"]; verify within 1h }; limit 2 per 1h by agent }
recovery give_up  { on fault gone_2; try no { exec ["/bin/false"] }; limit 1 per 1h by agent }
recovery cool     { on fault gone_3; try no { exec ["/bin/false"] }; try wait { exec ["/bin/true"] }; limit 9 per 1h by agent; cooldown 30m }
workflow taught { step one { exec ["/bin/true"] } }
workflow stuck { step one { exec ["/bin/false"]; retry 1 backoff 1h } }
automation hourly { every 1h; run taught }
automation daily { every 1d; run taught }
orchestration hold_back { when host.memory > 0%; then { pause automation hourly }; afterwards { resume automation } }
event began { field name: text }
event ended { field name: text }
probe beginnings { log "LOG" { matching 'began (?P<name>.*)' }; into began from reply.groups }
probe endings    { log "LOG" { matching 'ended (?P<name>.*)' }; into ended from reply.groups }
orchestration both { on event began followed by event ended where ended.name == began.name within 1h; limit 9 per 1h overall; then { exec ["/bin/echo", began.name] } }
"""


def kept(daemon: Daemon, part: str) -> dict[str, Any]:
    rows = daemon.sql(f"SELECT state FROM remembered WHERE part = '{part}'")
    return json.loads(rows[0]["state"]) if rows else {}


def count(daemon: Daemon, table: str, **like: object) -> int:
    where = " AND ".join(f"{column} = '{value}'" for column, value in like.items()) or "1"
    return int(daemon.sql(f"SELECT count(*) AS n FROM {table} WHERE {where}")[0]["n"])


def hold(daemon: Daemon) -> list[Any]:
    return next((one for one in kept(daemon, "conditions").get("holds", []) if one[0] == "long_gone"), [])


def everything(daemon: Daemon, log: Path) -> None:
    """Until something of everything is under way, and known to be by the database."""
    daemon.wait_for("SELECT id FROM recovery WHERE rule = 'give_up' AND outcome = 'exhausted'", "it gave up")
    daemon.wait_for("SELECT id FROM attempt WHERE rule = 'cool' AND outcome = 'failed'", "it cools down")
    daemon.wait_for("SELECT id FROM attempt WHERE rule = 'await_it' AND acted_at IS NOT NULL", "it verifies")
    for command in (("run", "taught"), ("run", "stuck"), ("pause", "daily")):
        assert daemon.call(*command).returncode == 0
    daemon.wait_for(
        "SELECT id FROM step_run WHERE status = 'ready' AND error IS NOT NULL", "it tries again later"
    )
    daemon.wait_for("SELECT id FROM learned WHERE name = 'taught/one' AND runs = 1", "it learned")
    with log.open("a", encoding="utf-8") as lines:
        lines.write("began it\n")
    eventually(lambda: kept(daemon, "conditions").get("firsts"), "the first event is stored")
    eventually(lambda: len(kept(daemon, "conditions").get("pauses", ())) == 2, "the pauses are stored")
    eventually(lambda: kept(daemon, "windows").get("series"), "what windows saw is stored")


@pytest.fixture(params=["clean", "killed"])
def lives(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[tuple[Daemon, Path, list[Any], list[Any]]]:
    """The second life; the log that it follows; the hold and the faults of the first one."""
    log = tmp_path / "things.log"
    log.touch()
    rules = RULES.replace("LOG", str(log))
    with Daemon(tmp_path, rules) as daemon:
        everything(daemon, log)
        before = hold(daemon)
        faults = daemon.sql("SELECT id, rule, raised_at FROM fault ORDER BY id")
        if request.param == "killed":
            daemon.kill()
        else:
            daemon.process.terminate()
            assert daemon.process.wait(PATIENCE) == 0
    with Daemon(tmp_path, rules) as daemon:
        yield daemon, log, before, faults


def test_everything_goes_on(lives: tuple[Daemon, Path, list[Any], list[Any]]) -> None:
    daemon, log, before, faults = lives
    said = next(line for line in daemon.log().splitlines() if "of the former life: kept: " in line)
    for what in (
        "holds 1",
        "faults 3",
        "windows ",
        "sequences 1",
        "pauses 2",
        "states 1",
        "budgets 3",
        "learned values 2",
    ):
        assert what in said
    # a fault is the same one, a hold counts from when it began
    assert daemon.sql("SELECT id, rule, raised_at FROM fault ORDER BY id") == faults
    assert eventually(lambda: hold(daemon), "the hold is stored again")[:5] == before[:5]
    # a budget stays spent, and what waited for its symptom to go is taken up anew, and not repeated meanwhile
    refused = daemon.call("whynot", "give_up", "two").stdout
    assert "its limit of 1 per 1h by agent (two) is used up, free again in" in refused
    assert count(daemon, "attempt", rule="give_up") == 1
    waits = daemon.call("whynot", "await_it", "one").stdout
    assert "what was under way when volexd ended may have helped" in waits
    assert count(daemon, "attempt", rule="await_it") == 1
    assert "it cools down, 29m" in daemon.call("whynot", "cool", "three").stdout
    assert count(daemon, "attempt", rule="cool") == 1
    # a state is not acted on twice, and what it holds back stays so, as does what a person paused
    assert count(daemon, "automation_run", automation="hold_back") == 1
    assert "paused by orchestration hold_back" in daemon.call("whynot", "hourly").stdout
    assert "paused by hand" in daemon.call("whynot", "daily").stdout
    # a run under way is interrupted, what was learned is added to
    assert [
        row["status"] for row in daemon.sql("SELECT status FROM workflow_run WHERE workflow = 'stuck'")
    ] == ["interrupted"]
    assert daemon.call("run", "taught").returncode == 0
    daemon.wait_for("SELECT id FROM learned WHERE name = 'taught/one' AND runs = 2", "it learned more")
    # the second event of a sequence completes it
    with log.open("a", encoding="utf-8") as lines:
        lines.write("ended it\n")
    daemon.wait_for(
        "SELECT id FROM automation_run WHERE automation = 'both' AND status = 'succeeded'", "both events came"
    )
