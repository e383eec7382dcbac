"""The proofs of one program, together, and as plain data."""

from __future__ import annotations

from math import isinf

import msgspec

from dsl.program import Program
from dsl.proofs.acting import Rules
from dsl.proofs.blast import Radius, Row, radius
from dsl.proofs.conflict import Conflict, Conflicts, conflicts
from dsl.proofs.example import Example
from dsl.proofs.termination import Circle, Termination, termination
from dsl.proofs.wording import in_words
from dsl.proofs.world import World


class Proofs(msgspec.Struct, frozen=True):
    termination: Termination
    conflicts: Conflicts
    radius: Radius


def prove(program: Program) -> Proofs:
    """Everything that can be said of the whole set. Raises nothing; linear in the number of rules."""
    rules = Rules(program)
    return Proofs(termination(rules), conflicts(rules), radius(program))


def as_json(proofs: Proofs) -> dict[str, object]:
    """Only texts, numbers, lists and dictionaries; a figure that nothing bounds is null."""
    ends, apart, most = proofs.termination, proofs.conflicts, proofs.radius
    return {
        "termination": {
            "verdict": ends.verdict,
            "bounded": [
                {"rules": list(one.rules), "way": list(one.way), "limits": dict(one.limits)}
                for one in ends.bounds
            ],
            "circles": [_circle(one) for one in ends.circles],
            "assumptions": [
                {"rule": one.rule, "undeclared": [action.text or action.kind for action in one.actions]}
                for one in ends.assumptions
            ],
        },
        "conflicts": {
            "shown": [_conflict(one) for one in apart.shown],
            "undecided": [_conflict(one) for one in apart.open],
            "equal_standing": [
                {"rules": [one.one.key, one.other.key], "fault": one.fault} for one in apart.rivals
            ],
            "complete": apart.whole,
        },
        "blast_radius": {
            "rules": [_row(row) for row in most.rows],
            "labels": [
                {
                    "label": one.label,
                    "agents": one.agents,
                    "action": one.action,
                    "per_hour": _figure(one.most),
                }
                for one in most.labels
            ],
        },
    }


def said(facts: Example | None, world: World) -> str | None:
    return None if facts is None else in_words(facts, world)


def _circle(one: Circle) -> dict[str, object]:
    steps = list(one.round.steps) if one.round is not None else None
    facts = said(one.facts, one.world)
    return {
        "rules": list(one.rules),
        "way": list(one.way),
        "certain": steps is not None,
        "round": steps,
        "facts": facts,
    }


def _conflict(one: Conflict) -> dict[str, object]:
    return {"rules": [one.one.key, one.other.key], "effects": one.what, "facts": said(one.facts, one.world)}


def _row(row: Row) -> dict[str, object]:
    return {
        "rule": row.rule, "action": row.action, "scope": row.scope, "per_seconds": row.per,
        "most": _figure(row.most), "by": row.by,
    }  # fmt: skip


def _figure(most: float) -> float | None:
    return None if isinf(most) else most
