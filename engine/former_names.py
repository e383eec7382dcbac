"""What a former life of volexd left behind, under the names that its rules have now (`was OLD_NAME`)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple, TypeVar

from msgspec.structs import replace

from engine.events import Restored
from engine.knowledge.remembered import Conditions, FirstEvent, Hold, State, Windows
from engine.ledger import as_json
from engine.renaming import Names

Row = Mapping[str, Any]
T = TypeVar("T", Hold, State, FirstEvent)


class Change(NamedTuple):
    """A row that goes on, and carries another name from now on."""

    table: str
    id: int
    column: str
    former: str
    name: str


class _Rows(NamedTuple):
    """Rows under the names of rules of a kind. `goes_on`: the others are over, or end now; they are history, and only counted.
    `alone`: of each name there is one, and what stands under the new name already stays."""

    table: str
    column: str
    kind: Callable[[Row], str]
    goes_on: Callable[[Row], bool] = lambda row: False
    alone: bool = False


def _always(kind: str) -> Callable[[Row], str]:
    return lambda row: kind


def _of_run(row: Row) -> str:
    return "automation" if row.get("automation_id") is not None else "orchestration"


def _of_lesson(row: Row) -> str:
    return "recovery/" if row["kind"] == "recovery" else "workflow/"


def _in_the_shadow(row: Row) -> str:
    return {"fault": "detection", "notice": "alert"}.get(str(row["kind"]), str(row["kind"]))


_ROWS = {
    "faults": _Rows("fault", "rule", _always("detection"), lambda row: True),
    "recoveries": _Rows("recovery", "rule", _always("recovery")),
    "attempts": _Rows("attempt", "rule", _always("recovery")),
    "automations": _Rows("automation", "name", _always("automation"), lambda row: True, alone=True),
    "automation_runs": _Rows("automation_run", "automation", _of_run),
    "workflows": _Rows("workflow", "name", _always("workflow"), lambda row: True, alone=True),
    "workflow_runs": _Rows("workflow_run", "workflow", _always("workflow")),
    "maintenance_runs": _Rows("maintenance_run", "maintenance", _always("maintenance")),
    "learned": _Rows("learned", "name", _of_lesson, lambda row: True, alone=True),
    "shadow_actions": _Rows("shadow_action", "rule", _in_the_shadow, lambda row: row["ended_at"] is None),
}


def under_new_names(event: Restored, names: Names) -> tuple[Restored, list[Change]]:
    """The same event, and the rows that have to be written."""
    changes: list[Change] = []
    found: dict[str, Any] = {}
    for field, kind in _ROWS.items():
        found[field] = tuple(_renamed(getattr(event, field), kind, names, changes))
    conditions = None if event.conditions is None else _conditions(event.conditions, names)
    windows = None if event.windows is None else _windows(event.windows, names)
    return replace(event, conditions=conditions, windows=windows, **found), changes


def _renamed(rows: Iterable[Row], kind: _Rows, names: Names, changes: list[Change]) -> Iterator[Row]:
    rows = list(rows)
    there = {(kind.kind(row), row[kind.column]) for row in rows} if kind.alone else ()
    for row in rows:
        columns = _columns(row, kind, names)
        if (kind.kind(row), columns.get(kind.column)) in there:
            columns = {}
        if kind.goes_on(row):
            changes += [
                Change(kind.table, row["id"], column, str(row[column]), name)
                for column, name in columns.items()
                if column != "scope"
            ]
        yield {**row, **columns} if columns else row


def _columns(row: Row, kind: _Rows, names: Names) -> dict[str, str]:
    """What of a row is called otherwise."""
    of = kind.kind(row)
    former = str(row[kind.column])
    name = names.lesson(former, of[:-1]) if of.endswith("/") else names.of(of, former)
    found = {kind.column: name}
    if row.get("kind") == "notice":
        found[kind.column] = names.of("detection", name)
    if row.get("subject_type") and row["subject"] is not None:
        found["subject"] = names.subject(str(row["subject_type"]), str(row["subject"]))
        found["subject_type"] = names.type(str(row["subject_type"]))
    if row.get("scope"):
        found["scope"] = as_json(names.buckets(json.loads(row["scope"])))
    return {column: value for column, value in found.items() if value != row[column]}


def _windows(former: Windows, names: Names) -> Windows:
    return replace(former, series=[replace(one, type=names.type(one.type)) for one in former.series])


def _conditions(former: Conditions, names: Names) -> Conditions:
    return Conditions(
        [replace(_about(one, names), rule=names.within(one.rule, "detection")) for one in former.holds],
        former.unwanted,
        [
            replace(one, name=names.subject(one.kind, one.name), holder=names.within(one.holder))
            for one in former.pauses
        ],
        [replace(_about(one, names), rule=names.within(one.rule, "detection")) for one in former.states],
        [replace(_about(one, names), rule=names.of(one.kind, one.rule)) for one in former.firsts],
        former.renamed,
    )


def _about(one: T, names: Names) -> T:
    """What it is about has its new type and key."""
    return replace(one, type=names.type(one.type), key=names.subject(one.type, one.key))
