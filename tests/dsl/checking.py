"""Short ways to check rules in tests."""

from __future__ import annotations

from textwrap import dedent

from msgspec.structs import replace

from daemon.vocabulary import vocabulary
from dsl.check import Checked, check
from dsl.diagnostics import Finding
from dsl.program import Program
from dsl.source import Source


def checked(text: str, name: str = "main.rules", *, all_runs: bool = False) -> Checked:
    """`all_runs`: as if the daemon ran all of the language."""
    words = replace(vocabulary(), later={}) if all_runs else vocabulary()
    return check([Source(name, dedent(text))], words)


def program(text: str, *, all_runs: bool = False) -> Program:
    """The program of rules that have to be right."""
    found = checked(text, all_runs=all_runs)
    assert found.program is not None, [(f.code, f.span.line, f.message) for f in found.findings]
    return found.program


def short(findings: tuple[Finding, ...]) -> list[tuple[int, int, str]]:
    return [(finding.span.line, finding.span.column, finding.code) for finding in findings]
