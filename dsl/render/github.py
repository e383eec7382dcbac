"""Workflow commands of GitHub Actions: a line for each finding, which becomes a note beside the line of the change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dsl.diagnostics import Finding
from dsl.render.format import Format
from dsl.source import Source

_COMMANDS = {"error": "error", "warning": "warning", "info": "notice"}


def _render(findings: Sequence[Finding], sources: Mapping[str, Source], colour: bool) -> str:
    return "".join(f"{_command(finding)}\n" for finding in findings)


def _command(finding: Finding) -> str:
    properties = ",".join(f"{name}={_property(value)}" for name, value in _properties(finding).items())
    text = f"{finding.message}\n{finding.help}" if finding.help else finding.message
    return f"::{_COMMANDS[finding.severity]} {properties}::{_data(text)}"


def _properties(finding: Finding) -> dict[str, str]:
    """Columns only within one line: over several GitHub refuses them. Its last column belongs to what is marked."""
    span = finding.span
    found = {"file": span.file, "line": str(span.line), "endLine": str(span.end_line)}
    if span.line == span.end_line:
        found |= {"col": str(span.column), "endColumn": str(max(span.column, span.end_column - 1))}
    return found | {"title": f"volexd {finding.code}"}


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


FORMAT = Format("github", _render, for_repository=True)
