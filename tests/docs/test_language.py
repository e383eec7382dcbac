"""The language reference holds what it says: every example passes the check, every test in it passes, every link leads somewhere."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from msgspec.structs import replace

from daemon.rehearsal.rehearse import rehearse
from daemon.vocabulary import vocabulary
from dsl.check import Checked, check
from dsl.source import Source
from tests.docs.examples import PAGES, Example, examples

# What follows from what an excerpt leaves out: who acts, who reports, who uses it. Information is no objection.
_OF_EXCERPTS = {"V403", "V404", "V407", "V428", "V435", "V438", "V190"}
_ALL = examples()
_LINK = re.compile(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)")
_RULES = Path(__file__).parent.parent.parent / "rules"


class _Standard:
    """What `use std.NAME` takes in."""

    def read(self, name: str) -> Source | None:
        path = _RULES / "std" / f"{name.removeprefix('std.')}.rules"
        return Source(name, path.read_text(encoding="utf-8")) if path.exists() else None


def _checked(example: Example, *, all_runs: bool) -> Checked:
    words = replace(vocabulary(), later={}) if all_runs else vocabulary()
    return check(example.sources, words, library=_Standard())


@pytest.mark.parametrize("example", _ALL, ids=lambda example: example.name)
def test_the_example_is_right(example: Example) -> None:
    found = [
        finding
        for finding in _checked(example, all_runs=True).findings
        if finding.code == example.expected or finding.code not in _OF_EXCERPTS
    ]
    found = [finding for finding in found if finding.severity != "info" or finding.code == example.expected]
    expected = [] if example.expected is None else [example.expected]
    assert [finding.code for finding in found] == expected, [(f.span.line, f.message) for f in found]


@pytest.mark.parametrize(
    "example", [one for one in _ALL if re.search(r"^test ", one.text, re.MULTILINE)], ids=lambda one: one.name
)
def test_what_it_tests_is_so(example: Example) -> None:
    program = _checked(example, all_runs=False).program
    assert program is not None, [finding.message for finding in _checked(example, all_runs=False).errors]
    for case in program.tests:
        rehearsal = rehearse(program, case, time.perf_counter)
        assert rehearsal.passed, (case.name, rehearsal.failures)


@pytest.mark.parametrize("page", sorted(PAGES.glob("*.md")), ids=lambda page: page.name)
def test_its_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    links = _LINK.findall(re.sub(r"`[^`\n]*`", "", text))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_page_is_reached_from_the_first() -> None:
    index = (PAGES / "README.md").read_text(encoding="utf-8")
    assert [
        page.name for page in PAGES.glob("*.md") if page.name not in index and page.name != "README.md"
    ] == []


def test_the_tests_that_prove_the_meanings_are_there() -> None:
    text = (PAGES / "meanings.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(tests/[^`]+)`", text))
    assert named
    assert [path for path in sorted(named) if not (_RULES.parent / path).exists()] == []
    assert re.findall(r"^\| (\d+) \|", text, re.MULTILINE) == [str(number) for number in range(1, 30)]
