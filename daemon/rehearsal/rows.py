"""What the engine recorded so far, as the store would have it: the ground on which expectations are judged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dsl.program import Program
from engine.effects import Record

Row = Mapping[str, Any]


class Rows:
    """Tables of rows by id. An outcome of None says that it goes on."""

    def __init__(self, program: Program) -> None:
        self._tables: dict[str, dict[int, dict[str, Any]]] = {}
        self.happened: list[str] = []  # types of events
        self.called: dict[str, str] = {}  # what a test calls a fact with several keys, and its key
        self._own = _own_kinds(program)
        self._written = _written_kinds(program)

    def take(self, record: Record) -> Row:
        """The row as it is now."""
        row = self._tables.setdefault(record.table, {}).setdefault(
            record.id, {"id": record.id, "outcome": None}
        )
        row.update(record.values)
        if "severity" in record.values:
            row.setdefault("severities", []).append(record.values["severity"])  # all that it ever had
        return row

    def all(self, table: str) -> list[Row]:
        return list(self._tables.get(table, {}).values())

    def row(self, table: str, identity: object) -> Row | None:
        return self._tables.get(table, {}).get(identity) if isinstance(identity, int) else None

    def faults(self, name: str | None, subject: str | None) -> list[Row]:
        """Faults that were ever raised; `name` None stands for any."""
        return [
            row
            for row in self.all("fault")
            if name in (None, row["rule"]) and self._is(subject, row["subject"])
        ]

    def _is(self, subject: str | None, key: str) -> bool:
        return subject is None or key in (subject, self.called.get(subject))

    def told(self, channel: str | None, rule: str | None) -> list[Row]:
        """Who was told, by which alert or detection."""
        return [
            row
            for row in self.all("alert")
            if channel in (None, row["channel"]) and rule in (None, row.get("rule")) and row.get("action_id")
        ]

    def actions(self, kind: str, subject: str | None) -> list[Row]:
        """Actions begun, on that target or for a fault of that subject."""
        return [
            row for row in self.all("action") if kind in self.kinds(row) and subject in self._subjects(row)
        ]

    def recoveries(self, name: str | None) -> list[Row]:
        return [row for row in self.all("recovery") if name in (None, row["rule"])]

    def last_attempt(self, recovery: Row) -> Row | None:
        attempts = [row for row in self.all("attempt") if row["recovery_id"] == recovery["id"]]
        return attempts[-1] if attempts else None

    def kinds(self, action: Row) -> Iterator[str]:
        """What an action is called: by its own kind, and by the agent's own action (`reconnect`) that it belongs to."""
        yield action["kind"]
        attempt = self.row("attempt", action.get("attempt_id"))
        place = (attempt["rule"], attempt["step"]) if attempt else (action.get("rule"), None)
        written = self._written.get(place, set())
        yield from (kind for kind in written if action["kind"] in self._own.get(kind, ()))

    def _subjects(self, action: Row) -> tuple[str | None, ...]:
        fault = self.row("fault", action.get("fault_id"))
        return (None, action["target"], fault["subject"] if fault else None)


def _written_kinds(program: Program) -> dict[tuple[str | None, str | None], set[str]]:
    """The actions as they are written in each step of a recovery, and, without a step, in whatever else a rule does."""
    found: dict[tuple[str | None, str | None], set[str]] = {}
    for recovery in program.recoveries:
        for step in recovery.tries:
            found[recovery.head.name, step.name] = {action.kind for action in step.actions}
    others = [
        *((recovery.head.name, recovery.otherwise) for recovery in program.recoveries),
        *((rule.head.name, (*rule.then, *rule.afterwards)) for rule in program.orchestrations),
        *((rule.head.name, rule.actions) for rule in program.automations),
        *((rule.head.name, rule.actions) for rule in program.maintenances),
    ]
    for name, actions in others:
        found.setdefault((name, None), set()).update(action.kind for action in actions)
    return found


def _own_kinds(program: Program) -> dict[str, set[str]]:
    """The agents' own actions, by name: the kinds of what they do."""
    found: dict[str, set[str]] = {}
    for agent in program.agents:
        for own in agent.actions:
            found.setdefault(own.name, set()).update(action.kind for action in own.actions)
    return found
