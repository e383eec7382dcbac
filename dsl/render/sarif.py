"""SARIF 2.1.0 (OASIS): what code hosting platforms and editors read. Columns are counted in characters."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from urllib.parse import quote

from dsl.codes import CODES, Code
from dsl.diagnostics import Finding, Fix
from dsl.pages import page, sections
from dsl.render.format import Format
from dsl.source import Source, Span

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {"error": "error", "warning": "warning", "info": "note"}

Json = dict[str, object]


def as_sarif(findings: Sequence[Finding], names: Sequence[str]) -> Json:
    """The log of one run over the files of these names. Files that could not be parsed are in it like all others."""
    files = sorted({*names, *(finding.span.file for finding in findings)})
    codes = sorted({finding.code for finding in findings})
    driver: Json = {
        "name": "volexd",
        "semanticVersion": version("volexd"),
        "rules": [_rule(CODES[code]) for code in codes],
    }
    run: Json = {
        "tool": {"driver": driver},
        "invocations": [{"executionSuccessful": True}],
        "columnKind": "unicodeCodePoints",
        "artifacts": [{"location": {"uri": _uri(name)}, "roles": ["analysisTarget"]} for name in files],
        "results": [_result(finding, codes, files) for finding in findings],
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(code: Code) -> Json:
    return {
        "id": code.code,
        "name": "".join(word.capitalize() for word in code.title.split()),
        "shortDescription": {"text": code.title},
        "fullDescription": {"text": code.meaning},
        "help": {"text": _plain(code), "markdown": page(code.code)},
        "defaultConfiguration": {"level": _LEVELS[code.severity]},
        "properties": {"tags": [code.range]},
    }


def _plain(code: Code) -> str:
    """For those who show no Markdown: the page without its examples."""
    parts = sections(code.code)
    return "\n\n".join(
        re.sub(r"```\w*\n.*?```", "", parts[heading], flags=re.DOTALL).strip()
        for heading in ("What it means", "Why it matters", "How to fix")
    )


def _result(finding: Finding, codes: Sequence[str], files: Sequence[str]) -> Json:
    text = f"{finding.message}\n{finding.help}" if finding.help else finding.message
    result: Json = {
        "ruleId": finding.code,
        "ruleIndex": codes.index(finding.code),
        "level": _LEVELS[finding.severity],
        "message": {"text": text},
        "locations": [_location(finding.span, files, finding.label)],
    }
    if finding.context:
        result["relatedLocations"] = [
            {"id": number, **_location(one.span, files, one.label)}
            for number, one in enumerate(finding.context, 1)
        ]
    if finding.fix is not None:
        result["fixes"] = [_fix(finding.fix, finding.help or finding.message)]
    return result


def _location(span: Span, files: Sequence[str], label: str = "") -> Json:
    artifact: Json = {"uri": _uri(span.file)}
    if span.file in files:
        artifact["index"] = files.index(span.file)
    found: Json = {"physicalLocation": {"artifactLocation": artifact, "region": _region(span)}}
    return found | ({"message": {"text": label}} if label else {})


def _region(span: Span) -> Json:
    """Both count from 1 and end with the column behind what is meant."""
    return {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }


def _fix(fix: Fix, description: str) -> Json:
    replacement = {"deletedRegion": _region(fix.span), "insertedContent": {"text": fix.text}}
    change = {"artifactLocation": {"uri": _uri(fix.span.file)}, "replacements": [replacement]}
    return {"description": {"text": description}, "artifactChanges": [change]}


def _uri(name: str) -> str:
    """A file's name as a reference: relative ones stay so, relative to where the check ran."""
    prefix = "file://" if name.startswith("/") else ""
    return prefix + quote(posixpath.normpath(name), errors="surrogateescape")


def _render(findings: Sequence[Finding], sources: Mapping[str, Source], colour: bool) -> str:
    return json.dumps(as_sarif(findings, list(sources)), ensure_ascii=False, indent=2) + "\n"


FORMAT = Format("sarif", _render, for_repository=True)
