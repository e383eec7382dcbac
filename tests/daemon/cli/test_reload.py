"""What `volexd reload` prints of the daemon's answer."""

from __future__ import annotations

from daemon.cli.reload import lines
from daemon.rules.rows import as_document
from engine.carried import Carried, Reset


def test_what_does_not_go_on_is_said_as_in_the_log() -> None:
    lost = Reset("windows", "slow", 2, "nothing asks for it any more", "avg(item.x over 5m)")
    carried = Carried({"holds": 3}, (lost,))
    document = as_document(carried)
    said = list(lines({"outcome": "applied", "detail": carried.said(), "carried": document, "findings": []}))
    assert said == [
        "the rules are in force (kept: holds 3; reset: windows 2)",
        "reset: windows of avg(item.x over 5m) of slow (2): nothing asks for it any more",
    ]
    assert said[1] == f"reset: {lost.said()}"


def test_a_refusal_lists_the_findings() -> None:
    finding = {
        "file": "a.rules",
        "line": 3,
        "column": 1,
        "severity": "error",
        "code": "V101",
        "message": "what?",
    }
    document = {
        "outcome": "refused",
        "detail": "1 errors",
        "carried": as_document(Carried()),
        "findings": [finding],
    }
    assert list(lines(document)) == [
        "the rules are refused, and what ran goes on (1 errors)",
        "a.rules:3:1: error V101: what?",
    ]
