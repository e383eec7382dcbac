"""Cutting a source into blocks, without parsing."""

from __future__ import annotations

from dsl.blocks import Block, cut
from dsl.source import Source

_WORDS = {"agent", "let", "detection"}


def _cut(text: str) -> tuple[Block, ...]:
    return cut(Source("a.rules", text), _WORDS).blocks


def test_a_block_runs_from_its_word_to_the_next_in_column_1() -> None:
    blocks = _cut("# top\nlet a = 1\nagent b {\n    unit x\n}\n\n# about c\nlet c = 2\n")
    assert [(block.word, block.line, block.text) for block in blocks] == [
        ("let", 2, "let a = 1"),
        ("agent", 3, "agent b {\n    unit x\n}"),
        ("let", 8, "let c = 2"),
    ]


def test_a_digest_depends_on_nothing_but_the_text() -> None:
    first, second = _cut("let a = 1\n\n# comment\nlet a = 1")
    assert first.digest == second.digest
    assert first.digest != _cut("let a = 2")[0].digest


def test_a_broken_block_leaves_the_others_as_they_are() -> None:
    blocks = _cut("agent a {\n    unit ((\nlet b = 1\nagent c { }\n")
    assert [block.text for block in blocks] == ["agent a {\n    unit ((", "let b = 1", "agent c { }"]


def test_what_lost_its_indentation_stays_with_its_declaration() -> None:
    found = cut(Source("a.rules", "detection a {\nfor each x\nwhen y\n}\nlet b = 1\n"), _WORDS)
    assert [block.text for block in found.blocks] == ["detection a {\nfor each x\nwhen y\n}", "let b = 1"]
    assert [(finding.code, finding.span.line) for finding in found.findings] == [("V108", 2)]


def test_spans_count_from_1_and_end_behind_the_piece() -> None:
    block = _cut("\n\nlet a = 1\nagent b {\n    unit x\n}")[1]
    span = block.span(14, 18)
    assert (span.line, span.column, span.end_line, span.end_column) == (5, 5, 5, 9)
    assert block.text[14:18] == "unit"


def test_a_word_that_is_no_declaration_begins_a_block_of_its_own() -> None:
    assert [block.word for block in _cut("let a = 1\nagnet b { }\n")] == ["let", "agnet"]


def test_many_stray_lines_are_one_finding() -> None:
    text = "detection a {\n" + "x\n" * 20_000
    found = cut(Source("a.rules", text), _WORDS)
    assert len(found.blocks) == 1
    assert len(found.findings) == 1
