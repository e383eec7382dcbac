"""One JSON document: what editors and continuous integration read."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from dsl.diagnostics import Finding
from dsl.render.format import Format, summary
from dsl.source import Source


def as_json(findings: Sequence[Finding]) -> dict[str, object]:
    """The document as a dictionary; lines and columns count from 1, the end is exclusive."""
    return {"findings": [_one(finding) for finding in findings], "summary": summary(findings)}


def _one(finding: Finding) -> dict[str, object]:
    return {
        "code": finding.code,
        "severity": finding.severity,
        "message": finding.message,
        "file": finding.span.file,
        "line": finding.span.line,
        "column": finding.span.column,
        "end_line": finding.span.end_line,
        "end_column": finding.span.end_column,
        "help": finding.help,
    }


def _render(findings: Sequence[Finding], sources: Mapping[str, Source], colour: bool) -> str:
    return json.dumps(as_json(findings), ensure_ascii=False, indent=2) + "\n"


FORMAT = Format("json", _render)
