"""`volexd explain`: the pages of the findings, and the list of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from daemon.cli import main
from dsl.codes import CODES

PAGES = Path(__file__).parents[3] / "docs" / "findings"


def _printed(words: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["explain", *words]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("written", ["V404", "v404", "404"])
def test_the_page_as_it_stands_in_the_documentation(written: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert _printed([written], capsys) == (PAGES / "V404.md").read_text(encoding="utf-8")


def test_all_codes_with_severity_and_title(capsys: pytest.CaptureFixture[str]) -> None:
    lines = _printed([], capsys).splitlines()
    for code in CODES.values():
        assert f"  {code.code}  {code.severity:<7}  {code.title}" in lines


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    listed = json.loads(_printed(["--format", "json"], capsys))["codes"]
    assert [one["code"] for one in listed] == list(CODES)
    one = json.loads(_printed(["V404", "--format", "json"], capsys))
    assert one == {
        **listed[list(CODES).index("V404")],
        "page": (PAGES / "V404.md").read_text(encoding="utf-8"),
    }
    assert set(one) == {"code", "severity", "range", "title", "meaning", "page"}
