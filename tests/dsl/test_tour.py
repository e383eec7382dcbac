"""The tour of the language: all of it is understood, and what this version does not run is refused by name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from msgspec.structs import replace

from daemon.vocabulary import vocabulary
from dsl.check import Checked, check
from dsl.program import Program
from dsl.source import Source

_TOUR = Path(__file__).with_name("tour.rules").read_text(encoding="utf-8")
_STANDARD = """\
detection agent_down { for each agent; category agent; when agent.status == "down"; severity info }
"""


class Standard:
    def read(self, name: str) -> Source | None:
        return Source("std/healing.rules", _STANDARD) if name == "std.healing" else None


@pytest.fixture(scope="module")
def found() -> Checked:
    return check([Source("tour.rules", _TOUR)], vocabulary(), library=Standard())


def test_all_of_it_is_understood() -> None:
    whole = check([Source("tour.rules", _TOUR)], replace(vocabulary(), later={}), library=Standard())
    assert [(finding.code, finding.severity) for finding in whole.findings] == [("V408", "info")]
    assert whole.program is not None
    for kind, rules in _rules(whole.program).items():
        assert len(rules) == len(re.findall(rf"^{kind}\b", _TOUR, re.MULTILINE)), kind


def _rules(program: Program) -> dict[str, tuple[object, ...]]:
    return {
        "agent": program.agents,
        "alert": program.alerts,
        "automation": program.automations,
        "calendar": program.calendars,
        "channel": program.channels,
        "derive": program.derives,
        "detection": program.detections,
        "event": program.events,
        "maintenance": program.maintenances,
        "orchestration": program.orchestrations,
        "adaptation": program.adaptations,
        "probe": program.probes,
        "recovery": program.recoveries,
        "test": program.tests,
        "workflow": program.workflows,
    }


def test_nothing_but_refusals(found: Checked) -> None:
    assert {finding.code for finding in found.errors} <= {"V190"}


def test_every_refusal_names_what_it_refuses(found: Checked) -> None:
    lines = _TOUR.split("\n")
    for finding in found.errors:
        span = finding.span
        marked = lines[span.line - 1][span.column - 1 : span.end_column - 1]
        assert marked.strip('"').split(":")[0] in finding.message


def test_what_is_no_error_does_not_cry_wolf(found: Checked) -> None:
    assert [(finding.code, finding.severity) for finding in found.findings if finding.code != "V190"] == [
        ("V408", "info")
    ]
