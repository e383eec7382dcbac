"""The commands that read the database, against a real one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from daemon.cli import main
from daemon.cli.failure import CommandFailed
from daemon.cli.report import instant
from daemon.store.rows import Row
from daemon.store.store import Store
from tests.daemon.store.samples import TEN, fault


@pytest.fixture
def database(tmp_path: Path) -> str:
    lines = ("fault agent_down on agent vault", "raised by \x1b[2J detection agent_down (a.rules:3)")
    rows = [fault(7, closed_at=TEN + 60, outcome="cleared")]
    rows += [
        Row("derivation", depth + 1, {"subject_id": 7, "depth": depth, "line": line, "at": TEN})
        for depth, line in enumerate(lines)
    ]
    with Store.open(str(tmp_path / "v.db")) as store:
        store.writer.submit(rows).result(30)
    return str(tmp_path / "v.db")


def test_why(database: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["why", "7", "--db", database]) == 0
    assert capsys.readouterr().out == (
        "2026-11-22 10:00:00  fault agent_down on agent vault\n"
        "2026-11-22 10:00:00    raised by  [2J detection agent_down (a.rules:3)\n"
    )
    assert main(["why", "7", "--db", f"sqlite:///{database}", "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [line["depth"] for line in document["lines"]] == [0, 1]


def test_why_of_what_is_not_there(database: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["why", "8", "--db", database]) == 2
    assert capsys.readouterr().err.startswith(f"volexd: {database}: nothing has the id 8")


def test_the_healing_report(database: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "healing", "--db", database]) == 0
    assert "agent_down" in capsys.readouterr().out
    assert main(["report", "healing", "--db", database, "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["total_faults_detected"] == 1


@pytest.mark.parametrize(
    ("since", "faults"), [("2026-11-22T09:59", 1), ("2026-11-22T10:01", 0), ("2026-11-22T11:59+02:00", 1)]
)
def test_since(database: str, capsys: pytest.CaptureFixture[str], since: str, faults: int) -> None:
    assert main(["report", "healing", "--db", database, "--since", since, "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["total_faults_detected"] == faults


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("90m", TEN - 5400),
        ("1h30m", TEN - 5400),
        ("0.5d", TEN - 43200),
        ("2026-11-22", TEN - 36000),
        ("2026-11-22T10:00Z", TEN),
    ],
)
def test_how_far_back(written: str, seconds: float) -> None:
    assert instant(written, TEN) == seconds


@pytest.mark.parametrize("written", ["", "1", "h", "1y", "1h ago", "-1h", "tomorrow", "2026-13-01", "1e9h"])
def test_what_is_no_time(written: str) -> None:
    with pytest.raises(CommandFailed, match="write how long ago"):
        instant(written, TEN)
