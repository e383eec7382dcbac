"""`volexd call`: JSON in, JSON out, with a daemon and without."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from daemon.cli import main
from daemon.cli.call import CALLS
from daemon.intelligence.calls import Calls
from tests.daemon.service.daemon import Daemon

CONFIG = {
    "orchestration_rules": [
        {"type": "system_maintenance", "maintenance_type": "x", "command": ["/bin/echo", "hello"]},
    ]
}


def given(path: Path, document: Any) -> str:
    path.write_text(json.dumps(document), encoding="utf-8")
    return str(path)


def printed(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    return document


def test_without_a_daemon_what_is_defined_stays_in_the_database(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    database = ("--db", str(tmp_path / "volexd.db"))
    file = given(tmp_path / "a.json", {"automation_type": "system_maintenance", "config": CONFIG})
    assert main(["call", "create_system_automation", file, *database]) == 0
    name = printed(capsys)["automation_id"]
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(json.dumps(name).encode())))
    assert main(["call", "execute_intelligent_orchestration", *database]) == 0
    assert printed(capsys)["actions_executed"] == 1
    assert main(["call", "get_automation_report", *database]) == 0
    assert printed(capsys)["average_success_rate"] == 1.0


def test_what_did_not_succeed_is_1_and_wrong_input_is_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    database = ("--db", str(tmp_path / "volexd.db"))
    step = {"name": "a", "type": "exec", "command": ["/bin/false"]}
    assert (
        main(
            [
                "call",
                "create_intelligent_workflow",
                given(tmp_path / "w", {"name": "w", "steps": [step]}),
                *database,
            ]
        )
        == 0
    )
    capsys.readouterr()
    assert (
        main(["call", "execute_intelligent_workflow", given(tmp_path / "x", {"workflow_id": "w"}), *database])
        == 1
    )
    assert printed(capsys)["success"] is False
    assert main(["call", "create_intelligent_workflow", given(tmp_path / "y", {"name": "w"}), *database]) == 2
    told = capsys.readouterr()
    assert (told.out, told.err) == (
        "",
        "volexd: workflow_config.steps: it is missing; it is a list of at least one step\n",
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "this is no JSON"),
        ("7", "create_system_automation takes a JSON object with the keys: automation_type, config"),
    ],
)
def test_what_is_no_json_object(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, message: str
) -> None:
    (tmp_path / "x").write_text(text)
    assert main(["call", "create_system_automation", str(tmp_path / "x"), "--db", ":memory:"]) == 2
    assert message in capsys.readouterr().err


def test_a_file_that_is_not_there_and_a_call_that_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["call", "detect_system_faults", "/nowhere/at/all"]) == 2
    assert "no such file" in capsys.readouterr().err
    assert main(["call", "create_system_automatio"]) == 2
    assert "did you mean create_system_automation?" in capsys.readouterr().err


def test_a_running_daemon_is_asked_through_its_socket(tmp_path: Path) -> None:
    with Daemon(tmp_path, 'agent nobody { health tcp "127.0.0.1:1" { every 1h } }\n') as daemon:
        file = given(tmp_path / "a.json", {"automation_type": "system_maintenance", "config": CONFIG})
        made = daemon.call("call", "create_system_automation", file)
        assert made.returncode == 0, made.stderr
        name = json.loads(made.stdout)["automation_id"]
        assert daemon.call("reload").returncode == 0  # what calls made outlives a reload of the files
        done = daemon.call("call", "execute_intelligent_orchestration", given(tmp_path / "b.json", name))
        assert (done.returncode, json.loads(done.stdout)["success"]) == (0, True)
        wrong = daemon.call("call", "execute_intelligent_orchestration", given(tmp_path / "c.json", "nope"))
        assert (wrong.returncode, wrong.stderr) == (2, f"volexd: automation_id: 'nope' is none of {name}\n")
        (row,) = daemon.wait_for(
            "SELECT * FROM automation_run WHERE ended_at IS NOT NULL", "the run is stored"
        )
    assert (row["automation"], row["status"], row["cause"]) == (name, "succeeded", "hand")
    with Daemon(tmp_path, 'agent nobody { health tcp "127.0.0.1:1" { every 1h } }\n') as again:
        done = again.call("call", "execute_intelligent_orchestration", given(tmp_path / "b.json", name))
        assert done.returncode == 0, done.stderr


def test_the_command_knows_the_calls_and_what_they_take() -> None:
    from inspect import signature

    from daemon.intelligence import SystemIntelligence

    for name, taken in CALLS.items():
        method = getattr(SystemIntelligence, name)
        assert tuple(signature(method).parameters)[1:] == taken
    with SystemIntelligence() as system:
        system.get_automation_report()
        assert system._life is not None
        assert isinstance(system._life._calls, Calls)
        assert system._life._calls.by_name.keys() == CALLS.keys()
