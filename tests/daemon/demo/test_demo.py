"""The demonstration, as it is seen from outside: its verdict, its database, its end."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from daemon.demo.story import Story
from daemon.demo.work import adapted
from engine.effects import Record
from engine.events import TimePassed

VOLEXD = Path(sys.executable).parent / "volexd"
VIEWS = (
    "automation_report",
    "workflow_report",
    "healing_report",
    "open_faults",
    "recent_actions",
    "mttr",
    "why",
    "rule_activity",
    "agent_health",
)


@pytest.mark.slow
def test_everything_happens_as_the_rules_promise(tmp_path: Path) -> None:
    database = tmp_path / "demo.db"
    done = subprocess.run(
        [VOLEXD, "demo", "--json", "--db", database], capture_output=True, text=True, timeout=120, check=False
    )
    document = json.loads(done.stdout)
    assert done.returncode == 0, (document, done.stderr)
    assert document["ok"]
    assert all(scenario["as_promised"] for scenario in document["scenarios"])
    connection = sqlite3.connect(database)
    for view in VIEWS:
        assert connection.execute(f"SELECT count(*) FROM {view}").fetchone()[0] > 0, view
    assert [row[0] for row in connection.execute("SELECT subject FROM open_faults")] == ["gateway"]
    page = json.loads((Path(document["rules"]).parent / "pages.jsonl").read_text().splitlines()[0])
    assert "gateway needs you" in page["text"]
    shutil.rmtree(Path(document["rules"]).parents[1])


@pytest.mark.parametrize(("outcome", "answered"), [("applied", True), ("late", False), ("refused", False)])
def test_a_change_that_came_too_late_is_no_answer(outcome: str, answered: bool) -> None:
    story = Story()
    changed = {"run_id": 1, "rule": "lean_when_busy", "kind": "skip", "step": "sentiment", "outcome": outcome}
    rows = [
        Record("workflow_run", 1, {"workflow": "rebalance", "status": "succeeded"}),
        Record("adaptation", 2, changed),
    ]
    story.observe(TimePassed(0.0), rows)
    assert adapted(story, 0, "lean_when_busy") is answered
    assert not adapted(story, 2, "lean_when_busy")
