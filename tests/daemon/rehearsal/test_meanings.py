"""Meanings of the language that are easiest said in it: the `test` blocks of the files beside this one pass."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from daemon.rehearsal.rehearse import rehearse
from daemon.vocabulary import vocabulary
from dsl.check import check
from dsl.source import Source

FILES = sorted(Path(__file__).parent.glob("*.rules"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_file_proves_itself(file: Path) -> None:
    checked = check([Source(file.name, file.read_text(encoding="utf-8"))], vocabulary())
    assert checked.program is not None, checked.findings
    assert checked.program.tests
    rehearsals = [rehearse(checked.program, case, time.perf_counter) for case in checked.program.tests]
    assert [rehearsal.case.name for rehearsal in rehearsals if not rehearsal.passed] == []
