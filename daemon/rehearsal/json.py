"""How rehearsals went, as one JSON document: each test with its duration and its error, and the success rate."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from daemon.rehearsal.rehearse import Failure, Rehearsal
from daemon.store.instants import as_text


def as_json(rehearsals: Sequence[Rehearsal], at: float, coverage: Mapping[str, object] | None = None) -> str:
    """`at` is the instant of the tests, in seconds since 1970. Durations are seconds; the success rate of no tests is 0."""
    passed = sum(rehearsal.passed for rehearsal in rehearsals)
    document = {
        "timestamp": as_text(at),
        "summary": {
            "tests": len(rehearsals),
            "passed": passed,
            "failed": len(rehearsals) - passed,
            "success_rate": passed / len(rehearsals) if rehearsals else 0.0,
            "duration_s": round(sum(rehearsal.took for rehearsal in rehearsals), 6),
        },
        "results": [_result(rehearsal) for rehearsal in rehearsals],
        **({} if coverage is None else {"coverage": coverage}),
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _result(rehearsal: Rehearsal) -> dict[str, object]:
    """`error` is the first expectation that was not met, None of a test that passed."""
    place, failures = rehearsal.case.place, rehearsal.failures
    return {
        "name": rehearsal.case.name,
        "file": place.file,
        "line": place.line,
        "passed": rehearsal.passed,
        "duration_s": round(rehearsal.took, 6),
        "rule_time_s": rehearsal.lasted,
        "error": _said(failures[0]) if failures else None,
        "failures": [
            {
                "line": one.place.line,
                "at_s": one.at,
                "expected": one.expected,
                "found": one.found,
                "why": list(one.reasons),
            }
            for one in failures
        ],
    }


def _said(failure: Failure) -> str:
    return f"{failure.place.file}:{failure.place.line}: {failure.expected}; found: {failure.found}"
