"""Work on a real volexd: workflows of real processes, by schedule, by hand, interrupted by a kill."""

from __future__ import annotations

import json
from pathlib import Path

from tests.daemon.service.daemon import Daemon

RULES = """\
workflow build(word: text) {
    step first  { exec ["/bin/echo", '{"size": 3}'] }
    step second { after first; exec ["/bin/echo", word, steps.first.output.size] }
    step broken { after first; exec ["/bin/false"]; optional }
    step last   { after second, broken; exec ["/bin/true"] }
}
automation often {
    every 1s
    run   build(word: "scheduled")
}
"""
SLOW = """\
workflow slow {
    step sleep { exec ["/bin/sleep", "60"] { timeout 90s } }
}
automation by_hand {
    run slow
}
"""


def test_a_schedule_runs_a_workflow_of_real_steps(tmp_path: Path) -> None:
    with Daemon(tmp_path, RULES) as daemon:
        runs = daemon.wait_for(
            "SELECT id FROM workflow_run WHERE status = 'succeeded' LIMIT 2", "a run has succeeded"
        )
        steps = daemon.sql(f"SELECT step, status, output FROM step_run WHERE run_id = {runs[0]['id']}")
        assert {step["step"]: step["status"] for step in steps} == {
            "first": "succeeded",
            "second": "succeeded",
            "broken": "failed",
            "last": "succeeded",
        }
        (report,) = daemon.sql("SELECT * FROM workflow_report")
        assert "build" in report.values()
        why = daemon.call("why", str(runs[0]["id"]), "--db", str(daemon.database))
        assert why.returncode == 0, why.stderr
        assert "build" in why.stdout


def test_by_hand_with_arguments_and_paused_meanwhile(tmp_path: Path) -> None:
    with Daemon(tmp_path, RULES.replace("every 1s\n", "every 1d\n")) as daemon:
        assert daemon.call("pause", "often").returncode == 0
        done = daemon.call("run", "build", "--arguments", '{"word": "by hand"}')
        assert done.returncode == 0, done.stderr
        daemon.wait_for("SELECT id FROM workflow_run WHERE status = 'succeeded'", "the run has succeeded")
        (second,) = daemon.sql("SELECT output FROM step_run WHERE step = 'second'")
        assert json.loads(second["output"]) == "by hand 3"
        refused = daemon.call("run", "nobody")
        assert refused.returncode != 0
        assert "nobody" in refused.stderr


def test_a_run_under_way_is_interrupted_by_a_kill_and_not_done_twice(tmp_path: Path) -> None:
    with Daemon(tmp_path, SLOW) as daemon:
        assert daemon.call("run", "by_hand").returncode == 0
        daemon.wait_for("SELECT id FROM step_run WHERE status = 'running'", "the step runs")
        daemon.kill()
    with Daemon(tmp_path, SLOW) as daemon:
        (run,) = daemon.wait_for(
            "SELECT * FROM workflow_run WHERE status NOT IN ('queued', 'running')", "the run was given up"
        )
        assert run["status"] == "interrupted", run
        assert run["reason"]
        assert len(daemon.sql("SELECT id FROM action WHERE kind = 'exec'")) == 1
