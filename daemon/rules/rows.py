"""What the store keeps of rule sets: which was in force since when, its rules as written, and every reload with its findings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec

from daemon.store.rows import Row
from dsl.diagnostics import Finding
from dsl.program import Program
from engine.carried import Carried

TakeId = Callable[[str], int]


def of_program(program: Program, files: int, take_id: TakeId, at: float) -> list[Row]:
    """A row of the rule set, and one for each rule in it."""
    identity = take_id("rule_set")
    rules = list(_rules(program))
    head = {
        "digest": program.digest, "loaded_at": at, "rules": len(rules), "files": files, "shadow": program.shadow,
    }  # fmt: skip
    rows = [Row("rule_set", identity, head)]
    rows += [Row("rule", take_id("rule"), {"rule_set_id": identity, **rule}) for rule in rules]
    return rows


def of_reload(
    outcome: str, findings: Sequence[Finding], digest: str, carried: Carried, detail: str, take_id: TakeId, at: float
) -> Row:  # fmt: skip
    """`outcome` is applied, refused or unchanged."""
    found = [
        {
            "code": finding.code,
            "severity": finding.severity,
            "message": finding.message,
            "file": finding.span.file,
            "line": finding.span.line,
            "column": finding.span.column,
        }
        for finding in findings
    ]
    values = {
        "at": at, "outcome": outcome, "findings": found, "digest": digest, "detail": detail,
        "carried": as_document(carried),
    }  # fmt: skip
    return Row("reload", take_id("reload"), values, durable=True)


def as_document(carried: Carried) -> dict[str, Any]:
    """What was under way and goes on, by kind; and what does not, with its rule and the reason."""
    return {"kept": dict(carried.kept), "reset": [msgspec.structs.asdict(one) for one in carried.resets]}


def _rules(program: Program) -> Iterator[dict[str, Any]]:
    for kind, rule in program.rules():
        head = rule.head
        yield {
            "kind": kind,
            "name": head.name,
            "title": head.title,
            "file": head.place.file,
            "line": head.place.line,
            "priority": head.priority,
            "shadow": head.shadow,
            "off": head.off,
            "text": head.text,
        }
    for kind, things in (("agent", program.agents), ("probe", program.probes)):
        for thing in things:
            title = getattr(thing, "title", "")
            yield {
                "kind": kind,
                "name": thing.name,
                "title": title,
                "file": thing.place.file,
                "line": thing.place.line,
            }
