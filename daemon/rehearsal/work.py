"""Whether work went as a test expects: runs of workflows and automations, steps, adaptations; if not, how it went instead."""

from __future__ import annotations

from typing import NamedTuple

from daemon.rehearsal.rows import Row, Rows
from dsl.program import ExpectWork


class _Table(NamedTuple):
    """Where a kind of work is recorded: the table, the column of its name, and that of what became of it."""

    name: str
    called: str
    became: str


KINDS = {
    "workflow": _Table("workflow_run", "workflow", "status"),
    "step": _Table("step_run", "step", "status"),
    "automation": _Table("automation_run", "automation", "status"),
    "adaptation": _Table("adaptation", "rule", "outcome"),
    "maintenance": _Table("maintenance_run", "maintenance", "outcome"),
}


def runs(kind: str, name: str | None, workflow: str | None, rows: Rows) -> list[Row]:
    """Everything of this kind and name that was recorded; of a step, in runs of that workflow."""
    table = KINDS[kind]
    return [
        row
        for row in rows.all(table.name)
        if name in (None, row[table.called]) and workflow in (None, _workflow(row, rows))
    ]


def found_instead(expected: ExpectWork, rows: Rows) -> str | None:
    """None: it is so. Else what is so instead, in words."""
    became = KINDS[expected.kind].became
    found = runs(expected.kind, expected.name, expected.of, rows)
    so = [row for row in found if expected.outcome in ("", row[became])]
    if expected.kind == "step" and not expected.outcome:
        so = [row for row in so if row.get("started_at") is not None]  # its row is there from the beginning
    if bool(so) is expected.present:
        return None
    if found:
        return "; ".join(f"{expected.name}: {_told(row, became)}" for row in found)
    return f"no run of it began{_others(expected, rows)}"


def _told(row: Row, became: str) -> str:
    reason = row.get("reason") or row.get("error")
    return f"{row[became]} ({reason})" if reason else str(row[became])


def _others(expected: ExpectWork, rows: Rows) -> str:
    called = KINDS[expected.kind].called
    names = sorted({str(row[called]) for row in runs(expected.kind, None, expected.of, rows)})
    return f"; begun: {', '.join(names)}" if names else ""


def _workflow(row: Row, rows: Rows) -> str | None:
    run = rows.row("workflow_run", row.get("run_id"))
    return run["workflow"] if run is not None else None
