"""The proofs for people: verdicts, ways around drawn with arrows, the most that can be done as a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import isinf
from typing import TypeVar

from dsl.proofs.blast import Radius, Row
from dsl.proofs.conflict import Conflict, Conflicts
from dsl.proofs.report import Proofs, said
from dsl.proofs.termination import Circle, Termination
from dsl.proofs.wording import seconds

T = TypeVar("T")
_WIDEST = 60
_MOST_SHOWN = 50  # of one kind; the rest is counted
_VERDICTS = {
    "ends": "ends: nothing that rules do sets them off again",
    "bounded": "bounded: rules can set each other off, and a limit ends it",
    "assuming": "ends, assuming that what is not declared does no harm",
    "open": "may go on: what a rule does may set it off again, and no limit ends it",
    "circle": "does not end: rules set each other off, and no limit ends it",
}


def as_text(proofs: Proofs) -> str:
    parts = (
        *_termination(proofs.termination),
        "",
        *_conflicts(proofs.conflicts),
        "",
        *_radius(proofs.radius),
    )
    return "\n".join(line.rstrip() for line in parts) + "\n"


# --- termination ----------------------------------------------------------------------------------------------------------


def _termination(found: Termination) -> Iterator[str]:
    yield f"Termination: {_VERDICTS[found.verdict]}"
    for circle in _few(found.circles):
        yield from _circle(circle)
    yield from _rest(found.circles)
    for bound in _few(found.bounds):
        yield f"  ↻ {_way(bound.way)}"
        for rule, limit in bound.limits:
            yield f"      bounded by {limit} of {rule}"
    yield from _rest(found.bounds)
    for one in _few(found.assumptions):
        yield f"  ? {one.rule}"
        action = one.actions[0]
        more = f" and {len(one.actions) - 1} more" if len(one.actions) > 1 else ""
        yield f"      assuming that `{_short(action.text or action.kind)}`{more} does not bring its condition about"
        yield "      (nothing says what it `affects`)"
    yield from _rest(found.assumptions)


def _short(text: str) -> str:
    return text if len(text) <= _WIDEST else text[: _WIDEST - 1] + "…"


def _circle(circle: Circle) -> Iterator[str]:
    yield f"  ∞ {_way(circle.way)}"
    if circle.round is not None:
        start = said(circle.round.facts, circle.round.world)
        if start is not None:
            yield f"      from: {start}"
        yield from (f"      {step}" for step in circle.round.steps)
        yield "      and so on, for ever"
    elif circle.facts is not None:
        yield f"      again whenever {said(circle.facts, circle.world)}"


def _way(way: Iterable[str]) -> str:
    return " ─▶ ".join(node.removeprefix("field ") for node in way)


# --- conflicts ------------------------------------------------------------------------------------------------------------


def _conflicts(found: Conflicts) -> Iterator[str]:
    if not (found.shown or found.open or found.rivals):
        yield "Conflicts: none" if found.whole else "Conflicts: none among the pairs that were looked at"
        return
    yield f"Conflicts: {len(found.shown)} shown, {len(found.open)} that could not be ruled out"
    for one in _few(found.shown):
        yield f"  {_names(one)}: {one.what}"
        yield f"      when {said(one.facts, one.world)}"
    yield from _rest(found.shown)
    for one in _few(found.open):
        yield f"  {_names(one)}: perhaps {one.what}"
    yield from _rest(found.open)
    for rival in _few(found.rivals):
        yield f"  {rival.one.key} ─┬─ fault {rival.fault}"
        yield f"  {rival.other.key} ─┘ of equal standing: the one written first is first"
    if not found.whole:
        yield "  There are more pairs than were looked at."


def _names(one: Conflict) -> str:
    return f"{one.one.key} ◀─▶ {one.other.key}"


# --- blast radius -----------------------------------------------------------------------------------------------------------


def _radius(found: Radius) -> Iterator[str]:
    yield "Blast radius: the most that can be done"
    if not found.rows:
        yield "  nothing"
        return
    rows = [
        (row.rule, row.action, _most(row.most), _window(row), row.scope, row.by) for row in _few(found.rows)
    ]
    yield from _table(("rule", "action", "at most", "in any", "for", "because of"), rows)
    yield from _rest(found.rows)
    if found.labels:
        yield ""
        yield "  By label: the most in any hour, by all recoveries and orchestrations together"
        labels = [(one.label, str(one.agents), one.action, _most(one.most)) for one in _few(found.labels)]
        yield from _table(("label", "agents", "action", "at most"), labels)
        yield from _rest(found.labels)


def _most(most: float) -> str:
    return "not bounded" if isinf(most) else f"{most:g}"


def _window(row: Row) -> str:
    if row.per is None:
        return "moment"
    return seconds(row.per) if row.per else "run"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    yield "  " + "  ".join(cell.ljust(width) for cell, width in zip(head, widths, strict=True))
    yield "  " + "  ".join("─" * width for width in widths)
    for row in rows:
        yield "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))


def _few(found: Sequence[T]) -> Sequence[T]:
    return found[:_MOST_SHOWN]


def _rest(found: Sequence[object]) -> Iterator[str]:
    if len(found) > _MOST_SHOWN:
        yield f"  and {len(found) - _MOST_SHOWN} more"
