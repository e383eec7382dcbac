from __future__ import annotations

import json
from pathlib import Path

import pytest

from daemon.cli import main

RULES = """\
agent api { health tcp "127.0.0.1:1" }
detection agent_down { for each agent; severity info; category agent; when agent.status == "down" for 15s }
test "it is raised" {
    given  agent api status: "down"
    at 20s expect fault agent_down
}
test "it is not raised" {
    given  agent api status: "down"
    at 20s expect no fault agent_down
}
"""


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    path = tmp_path / "down.rules"
    path.write_text(RULES, encoding="utf-8")
    return path


def test_results_are_written_with_duration_error_and_success_rate(
    rules: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "results"
    for times in (1, 2):
        assert main(["test", str(rules), "--format", "json", "--output", str(output)]) == 1
        written = Path(capsys.readouterr().out.strip())
        assert written.parent == output
        assert len(list(output.iterdir())) == times
    assert written.name.startswith("volexd-test-2")
    document = json.loads(written.read_text(encoding="utf-8"))
    assert document["summary"] | {"duration_s": 0} == {
        "tests": 2, "passed": 1, "failed": 1, "success_rate": 0.5, "duration_s": 0,
    }  # fmt: skip
    good, bad = document["results"]
    assert (good["name"], good["passed"], good["error"]) == ("it is raised", True, None)
    assert good["duration_s"] > 0
    assert not bad["passed"]
    assert bad["error"].startswith(f"{rules}:9: ")
    assert bad["failures"][0]["line"] == 9


def test_a_place_that_cannot_be_written_is_named(rules: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["test", str(rules), "--output", str(rules)]) == 2
    assert "name another directory with --output" in capsys.readouterr().err


def test_json_is_printed_where_no_directory_is_named(rules: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["test", str(rules), "--format", "json"]) == 1
    assert json.loads(capsys.readouterr().out)["summary"]["tests"] == 2
