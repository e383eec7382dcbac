"""What has happened so far, read off the engine's effects as they come: faults, recoveries, attempts, actions, and how agents are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.effects import Effect, Inferred, Record
from engine.events import Event

Row = dict[str, Any]
_TOLD = ("fault", "recovery", "attempt", "action", "workflow_run", "adaptation")


@dataclass
class Story:
    """An observer of the engine's loop. `tell` is called with a line for people whenever something happens."""

    tell: Callable[[str, str], None] = field(default=lambda style, line: None)
    tables: dict[str, dict[int, Row]] = field(default_factory=lambda: {name: {} for name in _TOLD})
    agents: dict[str, Row] = field(default_factory=dict)

    def observe(self, event: Event, effects: Sequence[Effect]) -> None:
        for effect in effects:
            if isinstance(effect, Inferred) and effect.type == "agent":
                self.agents.setdefault(effect.key, {}).update(effect.values)
            elif isinstance(effect, Record) and effect.table in self.tables:
                row = self.tables[effect.table].setdefault(effect.id, {"id": effect.id})
                row.update(effect.values)
                self._tell(effect.table, row, effect.values)

    def faults(self, subject: str, since: int) -> list[Row]:
        """The faults of a subject whose id is above `since`."""
        return [f for f in self.tables["fault"].values() if f["subject"] == subject and f["id"] > since]

    def last_id(self) -> int:
        return max((identity for rows in self.tables.values() for identity in rows), default=0)

    def _tell(self, table: str, row: Row, changed: Mapping[str, Any]) -> None:
        line = _LINES[table](row, changed)
        if line is not None:
            self.tell(*line)


def _fault(row: Row, changed: Mapping[str, Any]) -> tuple[str, str] | None:
    if "raised_at" in changed:
        return "red", f"fault {row['rule']}: {row['message']}"
    if "outcome" in changed:
        return "green", f"fault {row['rule']} on {row['subject']}: {row['outcome']}"
    if changed.get("inhibited_by"):
        return "yellow", f"{row['subject']} is left alone: what it needs has failed"
    return None


def _attempt(row: Row, changed: Mapping[str, Any]) -> tuple[str, str] | None:
    if "started_at" in changed:
        return "cyan", f"{row['subject']}: {row['rule']} tries {row['step']}"
    if "outcome" in changed:
        style = "green" if row["outcome"] == "succeeded" else "yellow"
        return style, f"{row['subject']}: {row['step']} {row['outcome']} ({row['reason']})"
    return None


def _recovery(row: Row, changed: Mapping[str, Any]) -> tuple[str, str] | None:
    if changed.get("outcome") == "exhausted":
        return "magenta", f"{row['subject']}: {row['rule']} gives up: {row['reason']}"
    return None


def _action(row: Row, changed: Mapping[str, Any]) -> tuple[str, str] | None:
    if "intended_at" in changed and row["kind"] == "notify":
        return "magenta", "the people on call are paged"
    if "intended_at" in changed and row["kind"] in ("pause", "resume"):
        return "yellow", f"{row['rule']}: {row['kind']} {row.get('target') or ''}".rstrip()
    return None


def _workflow_run(row: Row, changed: Mapping[str, Any]) -> tuple[str, str] | None:
    if changed.get("status") in ("succeeded", "failed", "cancelled"):
        style = "blue" if row["status"] == "succeeded" else "red"
        return style, f"workflow {row['workflow']} {row['status']}"
    return None


def _adaptation(row: Row, changed: Mapping[str, Any]) -> tuple[str, str] | None:
    if "outcome" in changed:
        return (
            "yellow",
            f"{row['rule']}: {row['kind']} {row['step']} in the running workflow ({row['outcome']})",
        )
    return None


_LINES = {
    "fault": _fault,
    "attempt": _attempt,
    "recovery": _recovery,
    "action": _action,
    "workflow_run": _workflow_run,
    "adaptation": _adaptation,
}
