"""How rehearsals went, as JUnit XML: one suite a file of rules, one case a test."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.etree import ElementTree

from daemon.rehearsal.rehearse import Failure, Rehearsal
from daemon.rehearsal.timeline import around
from dsl.render.junit import document, printable


def as_junit(rehearsals: Sequence[Rehearsal]) -> str:
    root = ElementTree.Element("testsuites", _counts(rehearsals))
    for file in dict.fromkeys(rehearsal.case.place.file for rehearsal in rehearsals):
        inside = [rehearsal for rehearsal in rehearsals if rehearsal.case.place.file == file]
        suite = ElementTree.SubElement(root, "testsuite", {"name": printable(file), **_counts(inside)})
        for rehearsal in inside:
            _add(suite, rehearsal)
    return document(root)


def _counts(rehearsals: Sequence[Rehearsal]) -> dict[str, str]:
    failures = sum(not rehearsal.passed for rehearsal in rehearsals)
    took = sum(rehearsal.took for rehearsal in rehearsals)
    return {"tests": str(len(rehearsals)), "failures": str(failures), "errors": "0", "time": f"{took:.3f}"}


def _add(suite: ElementTree.Element, rehearsal: Rehearsal) -> None:
    place = rehearsal.case.place
    attributes = {
        "name": printable(rehearsal.case.name),
        "classname": printable(place.file),
        "file": printable(place.file),
        "line": str(place.line),
        "time": f"{rehearsal.took:.3f}",
    }
    case = ElementTree.SubElement(suite, "testcase", attributes)
    if not rehearsal.passed:
        first = rehearsal.failures[0]
        failure = ElementTree.SubElement(
            case, "failure", {"message": printable(f"{first.expected}: {first.found}")}
        )
        failure.text = printable("\n".join(_details(rehearsal)))


def _details(rehearsal: Rehearsal) -> list[str]:
    lines = [line for failure in rehearsal.failures for line in _failure(failure)]
    return [*lines, "what happened:", *around(rehearsal.timeline)]


def _failure(failure: Failure) -> Iterator[str]:
    yield f"{failure.place.file}:{failure.place.line}: {failure.expected}"
    yield from (f"    {line}" for line in failure.lines())
