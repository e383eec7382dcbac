"""What the engine is told when volexd starts again: what was open, what is under way, what counts against limits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from daemon.store.instants import as_seconds, as_text, is_instant
from daemon.store.query import Found, Reader
from daemon.store.remembered import remembered
from daemon.store.store import Store
from engine.events import Restored, Value
from engine.knowledge.remembered import Conditions, Windows

# One counter gives the ids of all these; the lines of `derivation` have one of their own.
COUNTED = (
    "fault",
    "recovery",
    "attempt",
    "action",
    "alert",
    "shadow_action",
    "automation",
    "automation_run",
    "workflow",
    "workflow_run",
    "step_run",
    "adaptation",
    "maintenance_run",
    "learned",
)
FLAGS = frozenset({"unconfirmed", "learning"})
# Limits, cooldowns and what an automation comes after look back no further.
ATTEMPTS_FOR_S = 31 * 86_400.0
_RUNNING = "ended_at IS NULL"
# What goes on, what was said of a fault that goes on, and what counts against limits.
_SHADOWS = (
    "ended_at IS NULL OR fault_id IN (SELECT id FROM fault WHERE outcome IS NULL)"
    " OR shadow_id IN (SELECT id FROM shadow_action WHERE ended_at IS NULL)"
    " OR kind IN ('recovery', 'orchestration') AND at >= :since"
)
_OF_RUNNING = "run_id IN (SELECT id FROM workflow_run WHERE ended_at IS NULL)"


def first_ids(store: Store) -> tuple[int, int]:
    """The ids of the engine's next row and next line of `why`. StoreError if they cannot be read."""
    with store.reader() as reader:
        return _next_id(reader), _next_line(reader)


def restored(store: Store, at: float) -> Restored:
    """StoreError if it cannot be read: then volexd had better not act."""
    since = as_text(at - ATTEMPTS_FOR_S)
    with store.reader() as reader:
        return Restored(
            at=at,
            faults=_open(reader, "fault"),
            recoveries=_of_open_faults(reader, "recovery"),
            alerts=_of_open_faults(reader, "alert"),
            attempts=_attempts(reader, since),
            actions=_open(reader, "action"),
            automations=_newest(reader, "automation"),
            automation_runs=_where(
                reader, "automation_run", f"{_RUNNING} OR ended_at >= :since", since=since
            ),
            workflows=_newest(reader, "workflow"),
            workflow_runs=_where(reader, "workflow_run", _RUNNING),
            step_runs=_where(reader, "step_run", _OF_RUNNING),
            maintenance_runs=_where(reader, "maintenance_run", _RUNNING),
            shadow_actions=_where(reader, "shadow_action", _SHADOWS, since=since),
            learned=_where(reader, "learned", "name IS NOT NULL"),
            conditions=remembered(reader, Conditions),
            windows=remembered(reader, Windows),
        )


def _next_id(reader: Reader) -> int:
    ids = [f"SELECT max(id) AS id FROM {table}" for table in COUNTED]
    ids.append("SELECT max(subject_id) FROM derivation")  # a line may be about what left no other row
    found = reader.row(f"SELECT coalesce(max(id), 0) AS id FROM ({' UNION ALL '.join(ids)}) AS ids")
    return 1 + int(str(found["id"]))


def _next_line(reader: Reader) -> int:
    return 1 + int(str(reader.row("SELECT coalesce(max(id), 0) AS id FROM derivation")["id"]))


def _open(reader: Reader, table: str) -> tuple[Mapping[str, Value], ...]:
    return _where(reader, table, "outcome IS NULL")


def _newest(reader: Reader, table: str) -> tuple[Mapping[str, Value], ...]:
    """Of each name the one row that counts."""
    return _where(reader, table, f"id IN (SELECT max(id) FROM {table} GROUP BY name)")


def _where(
    reader: Reader, table: str, condition: str, /, **parameters: object
) -> tuple[Mapping[str, Value], ...]:
    return _plain(reader.rows(f"SELECT * FROM {table} WHERE {condition} ORDER BY id", **parameters))


def _of_open_faults(reader: Reader, table: str) -> tuple[Mapping[str, Value], ...]:
    """What was done about them, and what was not finished."""
    return _plain(
        reader.rows(
            f"SELECT * FROM {table} WHERE outcome IS NULL"
            " OR fault_id IN (SELECT id FROM fault WHERE outcome IS NULL) ORDER BY id"
        )
    )


def _attempts(reader: Reader, since: str) -> tuple[Mapping[str, Value], ...]:
    return _where(reader, "attempt", "started_at >= :since OR outcome IS NULL", since=since)


def _plain(rows: Iterable[Found]) -> tuple[Mapping[str, Value], ...]:
    return tuple({column: _value(column, value) for column, value in row.items()} for row in rows)


def _value(column: str, value: object) -> Value:
    if value is None:
        return None
    if is_instant(column):
        return as_seconds(str(value))
    return bool(value) if column in FLAGS else value
