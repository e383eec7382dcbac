"""`volexd apply`: a suggestion becomes a rule that fits, or it is said why not."""

from __future__ import annotations

from pathlib import Path

import pytest

from daemon.cli import main
from daemon.store.store import Store
from tests.daemon.reports.work import Run, workflow_rows

RULES = 'workflow a { step only { exec ["/bin/true"] } }\n'
POST = 'workflow a { step only { http post "http://127.0.0.1:1/" } }\n'


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A directory of rules; beside it a database in which half of the runs of a/only failed."""
    told = [Run("a", status, 1.0, 1.0, 1, None, 0, 0) for status in ("succeeded", "failed") * 3]
    with Store.open(str(tmp_path / "v.db")) as store:
        store.writer.submit(workflow_rows(told)).result(30)
    directory = tmp_path / "rules"
    directory.mkdir()
    (directory / "a.rules").write_text(RULES, encoding="utf-8")
    return directory


def apply(rules: Path, name: str = "a/only") -> int:
    return main(["apply", name, "--db", str(rules.parent / "v.db"), "--rules", str(rules)])


def test_what_is_suggested_becomes_a_rule(rules: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert apply(rules) == 0
    assert "a/only succeeded in 50% of 6 runs" in capsys.readouterr().out
    written = (rules / "suggested.rules").read_text(encoding="utf-8")
    assert "adaptation retry_a_only {\n    of   workflow a\n" in written
    assert main(["check", "--strict", str(rules)]) == 0


def test_what_is_applied_already_is_not_applied_again(
    rules: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert apply(rules) == 0
    before = (rules / "suggested.rules").read_text(encoding="utf-8")
    assert apply(rules) == 2
    assert "retry_a_only" in capsys.readouterr().err
    assert (rules / "suggested.rules").read_text(encoding="utf-8") == before


@pytest.mark.parametrize(
    ("text", "name", "said"),
    [
        (RULES, "a/other", "nothing is suggested of 'a/other'; there is a/only"),
        (RULES.replace("only", "changed"), "a/only", "no step only of a workflow a"),
        (RULES + "adaptation retry_a_only\n", "a/only", "it would not fit"),
        (POST, "a/only", "may have done so though it failed"),
        (POST.replace('1/"', '1/" { repeatable }'), "a/only", ""),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_not_written(
    rules: Path, capsys: pytest.CaptureFixture[str], text: str, name: str, said: str
) -> None:
    (rules / "a.rules").write_text(text, encoding="utf-8")
    assert apply(rules, name) == (2 if said else 0)
    assert said in capsys.readouterr().err
    assert (rules / "suggested.rules").exists() is (not said)
