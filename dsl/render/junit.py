"""JUnit XML: each file is a test case. Errors fail it; warnings and notes are its output."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from xml.etree import ElementTree

from dsl.diagnostics import Finding
from dsl.render.format import Format
from dsl.render.text import as_text
from dsl.source import Source

_SUITE = "volexd check"
# What XML 1.0 cannot hold in any spelling.
_UNPRINTABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _render(findings: Sequence[Finding], sources: Mapping[str, Source], colour: bool) -> str:
    names = sorted({*sources, *(finding.span.file for finding in findings)})
    failed = {finding.span.file for finding in findings if finding.severity == "error"}
    counts = {"tests": str(len(names)), "failures": str(len(failed)), "errors": "0"}
    root = ElementTree.Element("testsuites", counts)
    suite = ElementTree.SubElement(root, "testsuite", {"name": _SUITE, **counts, "skipped": "0"})
    for name in names:
        case = ElementTree.SubElement(suite, "testcase", {"name": printable(name), "classname": _SUITE})
        _add(case, [finding for finding in findings if finding.span.file == name], sources)
    return document(root)


def _add(case: ElementTree.Element, findings: Sequence[Finding], sources: Mapping[str, Source]) -> None:
    errors = [finding for finding in findings if finding.severity == "error"]
    others = [finding for finding in findings if finding.severity != "error"]
    if errors:
        failure = ElementTree.SubElement(
            case, "failure", {"type": errors[0].code, "message": printable(_message(errors))}
        )
        failure.text = printable(as_text(errors, sources))
    if others:
        ElementTree.SubElement(case, "system-out").text = printable(as_text(others, sources))


def _message(errors: Sequence[Finding]) -> str:
    first = errors[0]
    more = f", and {len(errors) - 1} more" if len(errors) > 1 else ""
    return f"line {first.span.line}: {first.message}{more}"


def document(root: ElementTree.Element) -> str:
    """The whole document, to be written as UTF-8. ElementTree itself would declare the encoding of the locale."""
    ElementTree.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ElementTree.tostring(root, encoding="unicode")}\n'


def printable(text: str) -> str:
    """The text, with a sign in the place of every character that XML has no place for."""
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text)


FORMAT = Format("junit", _render, for_repository=True)
