"""What must hold whatever is thrown at the checker: no crash, every finding inside the text, the same again with a memory of the last text."""

from __future__ import annotations

from contextlib import suppress

from daemon.vocabulary import vocabulary
from dsl.check import check
from dsl.diagnostics import Finding
from dsl.memory import Memory
from dsl.render.text import as_text
from dsl.source import NotText, Source, decode

NAME = "x.rules"


def examine(text: str, memory: Memory | None = None) -> None:
    """Raises AssertionError, or whatever the checker raises."""
    source = Source(NAME, text)
    found = check([source], vocabulary())
    lines = text.split("\n")
    for finding in found.findings:
        _is_inside(finding, lines)
    assert (found.program is None) == any(finding.severity == "error" for finding in found.findings)
    as_text(found.findings, {NAME: source})
    again = check([source], vocabulary(), memory=memory)
    assert (again.program, again.findings) == (found.program, found.findings)


def examine_bytes(data: bytes, memory: Memory | None = None) -> None:
    """The same from a file's bytes on, most of which are refused."""
    with suppress(NotText):
        examine(decode(data), memory)


def _is_inside(finding: Finding, lines: list[str]) -> None:
    span = finding.span
    assert 1 <= span.line <= span.end_line <= len(lines), finding
    assert 1 <= span.column <= len(lines[span.line - 1]) + 1, finding
    assert 1 <= span.end_column <= len(lines[span.end_line - 1]) + 1, finding
