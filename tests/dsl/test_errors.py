"""Every file of tests/dsl/errors says itself what has to be found in it: nothing missing, nothing too much."""

from __future__ import annotations

from pathlib import Path

import pytest

from daemon.vocabulary import vocabulary
from dsl.codes import CODES
from tests.dsl.expectations import Case, cases, differences, findings_of
from tests.dsl.test_findings import SHOWN_OTHERWISE

_CASES = [case for path in sorted((Path(__file__).parent / "errors").glob("*.rules")) for case in cases(path)]
# Besides what no text of rules can show: what does not run yet (test_later).
_ELSEWHERE = {*SHOWN_OTHERWISE, "V190"}


@pytest.mark.parametrize("case", _CASES, ids=lambda case: case.name)
def test_found_is_what_was_expected(case: Case) -> None:
    assert differences(case.expected, findings_of(case, vocabulary())) == []


def test_every_code_is_reached() -> None:
    reached = {one.code for case in _CASES for one in case.expected}
    assert set(CODES) - _ELSEWHERE - reached == set()


@pytest.mark.parametrize("case", _CASES, ids=lambda case: case.name)
def test_findings_lie_inside_their_files(case: Case) -> None:
    texts = {source.name: source.text.split("\n") for source in case.sources}
    for finding in findings_of(case, vocabulary()):
        for span in (finding.span, *(context.span for context in finding.context)):
            lines = texts[span.file]
            assert 1 <= span.line <= span.end_line <= len(lines)
            assert 1 <= span.column <= len(lines[span.line - 1]) + 1
            assert 1 <= span.end_column <= len(lines[span.end_line - 1]) + 1
