"""Every code has its page, whose example gives this finding and whose mended text gives none, and its text as people read it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from daemon.config import Config
from daemon.rules.loading import load_rules
from daemon.rules.sources import read_rules
from daemon.vocabulary import vocabulary
from daemon.world.commands import Commands
from dsl.check import check
from dsl.codes import CODES, RANGES, RETIRED
from dsl.diagnostics import Finding
from dsl.render.text import as_text
from dsl.source import Source
from dsl.vocabulary.word import Vocabulary
from tests.dsl.expectations import MACHINE, TODAY

PAGES = Path(__file__).parents[2] / "docs" / "findings"
_HEADINGS = ["What it means", "Example", "Why it matters", "How to fix"]
_RULES = re.compile(r"^```rules\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def page(code: str) -> str:
    return (PAGES / f"{code}.md").read_text(encoding="utf-8")


def section(code: str, heading: str) -> str:
    return page(code).partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def rules_in(code: str, heading: str) -> str | None:
    """The first rules of a section."""
    found = _RULES.search(section(code, heading))
    return found[1] if found else None


def findings_of(text: str, words: Vocabulary | None = None) -> tuple[Finding, ...]:
    """What is found where the daemon runs all of the language, or in these words."""
    source = Source("example.rules", text)
    words = words or replace(vocabulary(), later={})
    return check([source], words, capacity=MACHINE, today=TODAY).findings


# --- what no rules on a page can show: bytes, sizes, and what is found out about the machine ------------------------------


def _no_text(directory: Path) -> tuple[Finding, ...]:
    (directory / "oncall.rules").write_bytes(b'channel oncall { url "log:B\374ro" }\n')
    return tuple(read_rules([directory / "oncall.rules"]).findings)


def _too_long(directory: Path) -> tuple[Finding, ...]:
    manual = "first look at the dashboard, " * 2500
    return findings_of(f'channel c {{ url "log:" }}\ndetection busy {{\n    message "{manual}"\n}}\n')


def _unreadable(directory: Path) -> tuple[Finding, ...]:
    return load_rules(Config(rules=(directory / "rulez",)), Commands()).findings


def _for_everybody(directory: Path) -> tuple[Finding, ...]:
    file = directory / "web.rules"
    file.write_text('channel oncall { url "log:" }\n', encoding="utf-8")
    file.chmod(0o666)
    return tuple(read_rules([file], distrust="warning").findings)


def _no_program(directory: Path) -> tuple[Finding, ...]:
    example = rules_in("V411", "Example")
    assert example
    (directory / "busy.rules").write_text(example, encoding="utf-8")
    return load_rules(Config(rules=(directory,)), Commands()).findings


SHOWN_OTHERWISE: dict[str, Callable[[Path], tuple[Finding, ...]]] = {
    "V100": _no_text,
    "V106": _too_long,
    "V118": _unreadable,
    "V410": _for_everybody,
    "V411": _no_program,
}
# What else their examples show: what there is too much of, and what a silence that has ended silenced.
_BESIDE = {"V107": {"V109"}, "V484": {"V407"}}


def shown(code: str, directory: Path) -> tuple[str, tuple[Finding, ...]]:
    """The rules of a page's example, and what is found in them."""
    if code in SHOWN_OTHERWISE:
        return "", SHOWN_OTHERWISE[code](directory)
    example = rules_in(code, "Example")
    assert example is not None, f"docs/findings/{code}.md shows no ```rules under *Example*"
    return example, findings_of(example, vocabulary() if code == "V190" else None)


# --- the pages --------------------------------------------------------------------------------------------------------------


def test_no_page_without_a_code() -> None:
    assert {path.stem for path in PAGES.glob("*.md")} == set(CODES)


def test_codes_are_in_their_ranges_and_never_given_again() -> None:
    assert all(re.fullmatch(r"V\d\d\d", code) and code[1] in RANGES for code in CODES)
    assert not RETIRED & set(CODES)
    assert list(CODES) == sorted(CODES)


@pytest.mark.parametrize("code", CODES)
def test_a_page_has_its_parts(code: str) -> None:
    known = CODES[code]
    severity = {"info": "note"}.get(known.severity, known.severity)
    head = f"# {code}: {known.title}\n\n*{severity} · {known.range.lower()}*\n\n## What it means\n"
    assert page(code).startswith(head)
    assert re.findall(r"^## (.*)$", page(code), re.MULTILINE) == _HEADINGS
    assert all(section(code, heading).strip() for heading in _HEADINGS)


@pytest.mark.parametrize("code", CODES)
def test_the_example_gives_this_finding(code: str, tmp_path: Path, snapshot: object) -> None:
    example, found = shown(code, tmp_path)
    codes = [finding.code for finding in found if finding.code not in _BESIDE.get(code, ())]
    assert codes == [code]
    text = as_text(
        [one for one in found if one.code == code], {"example.rules": Source("example.rules", example)}
    )
    assert re.sub(r"…?" + re.escape(str(tmp_path)), "rules", text) == snapshot


@pytest.mark.parametrize("code", CODES)
def test_the_mended_text_gives_none(code: str) -> None:
    mended = rules_in(code, "How to fix")
    if mended is None:
        assert code in SHOWN_OTHERWISE, f"docs/findings/{code}.md shows no ```rules under *How to fix*"
    else:
        assert [(one.code, one.message) for one in findings_of(mended)] == []


@pytest.mark.parametrize("code", CODES)
def test_a_fix_does_what_it_says(code: str, tmp_path: Path) -> None:
    example, found = shown(code, tmp_path)
    for finding in found:
        if finding.fix is not None:
            lines = example.split("\n")
            span = finding.fix.span
            before, after = (
                lines[span.line - 1][: span.column - 1],
                lines[span.end_line - 1][span.end_column - 1 :],
            )
            lines[span.line - 1 : span.end_line] = [before + finding.fix.text + after]
            again = [one.code for one in findings_of("\n".join(lines))]
            assert code not in again
