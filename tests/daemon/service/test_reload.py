"""Rules edited under a running volexd."""

from __future__ import annotations

import json
import os
import re
import signal
import time
from pathlib import Path

from tests.daemon.service.daemon import Daemon, eventually

AGENTS = """\
agent sleeper {
    unit process ["/bin/sleep", "1000"]
}
"""


def detection(name: str, hold: str, severity: str = "error") -> str:
    return f"""\
detection {name} {{
    for each agent
    severity {severity}
    category agent
    when     agent.status == "down" for {hold}
    notify   people
}}
"""


CHANNEL = 'channel people { url "log:" }\n'


def test_an_edit_takes_effect(tmp_path: Path) -> None:
    with Daemon(tmp_path, AGENTS) as daemon:
        pid = eventually(lambda: daemon.pid("sleeper"), "the sleeper runs")
        daemon.write(CHANNEL + detection("sleeper_down", "100ms"), "more.rules")
        daemon.wait_for("SELECT * FROM rule WHERE name = 'sleeper_down'", "the rule is in force")
        assert daemon.pid("sleeper") == pid, "an agent whose rules did not change runs on"
        os.kill(pid, signal.SIGKILL)
        daemon.wait_for("SELECT * FROM fault WHERE rule = 'sleeper_down'", "the new rule acts")


def test_a_broken_edit_changes_nothing_and_is_stored(tmp_path: Path) -> None:
    with Daemon(tmp_path, AGENTS) as daemon:
        daemon.write(CHANNEL + detection("sleeper_down", "100ms"), "more.rules")
        daemon.wait_for("SELECT * FROM rule WHERE name = 'sleeper_down'", "the rule is in force")
        daemon.write(CHANNEL + detection("sleeper_down", "100ms", severity="terrible"), "more.rules")
        (refused,) = daemon.wait_for(
            "SELECT * FROM reload WHERE outcome = 'refused'", "the refusal is stored"
        )
        (finding,) = json.loads(refused["findings"])
        assert finding["line"] == 4
        assert "terrible" in finding["message"]
        assert "terrible" in daemon.log()
        os.kill(daemon.pid("sleeper"), signal.SIGKILL)
        daemon.wait_for("SELECT * FROM fault WHERE rule = 'sleeper_down'", "what ran goes on")


def test_faults_and_holds_of_unchanged_rules_go_on(tmp_path: Path) -> None:
    kept = CHANNEL + detection("quick", "100ms") + detection("patient", "3s")
    with Daemon(tmp_path, AGENTS + kept) as daemon:
        os.kill(eventually(lambda: daemon.pid("sleeper"), "the sleeper runs"), signal.SIGKILL)
        (quick,) = daemon.wait_for("SELECT * FROM fault WHERE rule = 'quick'", "the quick one is raised")
        time.sleep(1.0)  # the hold of the other one is well under way
        daemon.write(AGENTS + kept + detection("another", "1h"))
        daemon.wait_for("SELECT * FROM rule WHERE name = 'another'", "the edit is in force")
        (patient,) = daemon.wait_for(
            "SELECT * FROM fault WHERE rule = 'patient'", "the patient one is raised"
        )
        assert patient["began_at"] == quick["began_at"], "its hold went on from when the condition began"
        assert len(daemon.sql("SELECT * FROM fault WHERE rule = 'quick'")) == 1
        assert daemon.sql("SELECT * FROM fault WHERE rule = 'quick'")[0]["closed_at"] is None


def test_a_reload_says_what_goes_on_and_what_it_resets(tmp_path: Path) -> None:
    kept = CHANNEL + detection("quick", "100ms") + detection("patient", "1h")
    with Daemon(tmp_path, AGENTS + kept) as daemon:
        os.kill(eventually(lambda: daemon.pid("sleeper"), "the sleeper runs"), signal.SIGKILL)
        daemon.wait_for("SELECT * FROM fault WHERE rule = 'quick'", "the quick one is raised")
        daemon.write(AGENTS + kept.replace("for 1h", "for 2h"))
        (row,) = daemon.wait_for(
            "SELECT * FROM reload WHERE carried LIKE '%patient%'", "the edit is in force"
        )
        assert json.loads(row["carried"]) == {
            "kept": {"faults": 1},
            "reset": [
                {"what": "holds", "rule": "patient", "count": 1, "about": "", "why": "it must hold for 2h now, and not for 1h"}
            ],
        }  # fmt: skip
        assert row["detail"] == "kept: faults 1; reset: holds 1"
        assert "reset: holds of patient (1): it must hold for 2h now" in daemon.log()


HEALED = (
    CHANNEL
    + 'agent gone { health http "http://127.0.0.1:1/" { every 500ms } }\n'
    + """
detection dead  { WAS_dead  for each agent; severity error; category agent; notify people; when agent.status == "down" for 100ms }
detection slow  { WAS_slow  for each agent; severity error; category agent; notify people; when agent.status == "down" for 1h }
recovery revive { WAS_revive on fault dead; try it { exec ["/bin/false"] }; limit 1 per 1h by agent }
automation daily { WAS_daily every 1d; do { exec ["/bin/true"] } }
"""
)
NAMES = ("dead", "slow", "revive", "daily")


def called(prefix: str, former: str) -> str:
    """The same rules under other names."""
    text = HEALED
    for name in NAMES:
        text = text.replace(f"WAS_{name}", f"was {former}{name};" if former else "")
        text = re.sub(rf"\b(detection|recovery|automation|fault) {name}\b", rf"\1 {prefix}{name}", text)
    return text


def test_renamed_rules_go_on_over_a_reload_and_over_a_restart(tmp_path: Path) -> None:
    with Daemon(tmp_path, called("a_", "")) as daemon:
        daemon.wait_for(
            "SELECT id FROM recovery WHERE rule = 'a_revive' AND outcome = 'exhausted'", "it gave up"
        )
        eventually(lambda: "a_slow" in str(daemon.sql("SELECT state FROM remembered")), "the hold is stored")
        assert daemon.call("pause", "a_daily").returncode == 0
        (fault,) = daemon.sql("SELECT id, began_at FROM fault WHERE outcome IS NULL")
        (automation,) = daemon.sql("SELECT id, next_at FROM automation")
        told = len(daemon.sql("SELECT id FROM alert"))
        daemon.write(called("b_", "a_"))
        (row,) = daemon.wait_for(
            "SELECT detail FROM reload WHERE outcome = 'applied' AND detail <> ''", "it is in force"
        )
        assert "reset" not in row["detail"]
        daemon.wait_for("SELECT id FROM fault WHERE rule = 'b_dead'", "its row has the new name")
        assert daemon.sql("SELECT id, rule FROM fault") == [{"id": fault["id"], "rule": "b_dead"}]
        assert daemon.sql("SELECT id, name, next_at, status FROM automation") == [
            {**automation, "name": "b_daily", "status": "paused"}
        ]
        assert daemon.sql("SELECT line FROM derivation WHERE line LIKE '%called `b_dead` from now on'")
        eventually(
            lambda: '"a_revive":"b_revive"' in str(daemon.sql("SELECT state FROM remembered")), "it is stored"
        )
        daemon.kill()
    with Daemon(tmp_path, called("c_", "b_")) as daemon:
        daemon.wait_for("SELECT id FROM fault WHERE rule = 'c_dead' AND unconfirmed = 0", "it is seen again")
        time.sleep(1.5)  # time for a recovery that would be tried again
        assert daemon.sql("SELECT id, began_at, outcome FROM fault") == [{**fault, "outcome": None}]
        assert daemon.sql("SELECT rule, outcome FROM recovery") == [
            {"rule": "a_revive", "outcome": "exhausted"}
        ]
        assert daemon.sql("SELECT id, name, status FROM automation") == [
            {"id": automation["id"], "name": "c_daily", "status": "paused"}
        ]
        assert len(daemon.sql("SELECT id FROM alert")) == told
