"""The demonstration, as it is seen from outside: its verdict, its database, its end."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

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
