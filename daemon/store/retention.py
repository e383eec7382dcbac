"""Letting go of what is old: closed faults and what was done about them, runs of work, runs of facts, earlier rule sets.

What belongs to a fault that is still open, or to a run under way, stays, however old. What was learned from runs outlives
them. The row with the highest id of a table stays too: ids go on from it.
"""

from __future__ import annotations

from concurrent.futures import Future

from loguru import logger

from daemon.store.database import Connection
from daemon.store.instants import as_text
from daemon.store.writer import Writer

BATCH = 2_000
DAY_S = 86_400.0

_FAULT_GONE = "NOT EXISTS (SELECT 1 FROM fault WHERE fault.id = {table}.fault_id)"
_EXPLAINED = ("fault", "recovery", "attempt", "action", "automation_run", "workflow_run", "shadow_action")
_SUBJECT_GONE = " AND ".join(
    f"NOT EXISTS (SELECT 1 FROM {table} WHERE {table}.id = derivation.subject_id)" for table in _EXPLAINED
)
_RUN_GONE = "NOT EXISTS (SELECT 1 FROM workflow_run WHERE workflow_run.id = {table}.run_id)"
_NOT_IN_FORCE = "< (SELECT max(id) FROM rule_set)"

# In this order: what belongs to a fault goes after it.
_OLD = {
    "fault": "closed_at < '{before}'",
    "recovery": f"ended_at < '{{before}}' AND {_FAULT_GONE}",
    "attempt": f"ended_at < '{{before}}' AND {_FAULT_GONE}",
    "action": f"ended_at < '{{before}}' AND {_FAULT_GONE}",
    "alert": f"at < '{{before}}' AND {_FAULT_GONE}",
    "shadow_action": f"ended_at < '{{before}}' AND {_FAULT_GONE}",
    "automation_run": "ended_at < '{before}'",
    "workflow_run": "ended_at < '{before}'",
    "step_run": _RUN_GONE,
    "adaptation": f"at < '{{before}}' AND {_RUN_GONE}",
    "maintenance_run": "ended_at < '{before}'",
    "derivation": f"at < '{{before}}' AND {_SUBJECT_GONE}",
    "fact": "until < '{before}'",
    "refusal": "last_at < '{before}'",
    "reload": "at < '{before}'",
    "rule_set": f"loaded_at < '{{before}}' AND id {_NOT_IN_FORCE}",
    "rule": "NOT EXISTS (SELECT 1 FROM rule_set WHERE rule_set.id = rule.rule_set_id)",
}


def let_go(writer: Writer, now: float, retention_days: float) -> Future[int]:
    """Delete, in small transactions between those of the writer, what ended more than so many days ago. Gives how many rows that were.

    ValueError for less than a day: limits and cooldowns are counted from the rows of the last one.
    """
    if retention_days < 1:
        raise ValueError(f"retention_days: {retention_days} is less than 1, the time that limits look back")
    done: Future[int] = Future()
    _step(writer, as_text(now - retention_days * DAY_S), 0, done)
    return done


def _step(writer: Writer, before: str, deleted: int, done: Future[int]) -> None:
    def go_on(step: Future[int]) -> None:
        error = step.exception()
        if error is not None:
            done.set_exception(error)
        elif step.result() == 0:
            logger.debug("retention: {} rows ended before {}", deleted, before)
            done.set_result(deleted)
        else:
            _step(writer, before, deleted + step.result(), done)

    writer.perform(lambda connection: delete_some(connection, before)).add_done_callback(go_on)


def delete_some(connection: Connection, before: str) -> int:
    """At most BATCH rows of the first table that has old ones; how many."""
    for table, condition in _OLD.items():
        where = condition.format(before=before, table=table)
        chosen = f"SELECT id FROM {table} WHERE {where} AND id < (SELECT max(id) FROM {table}) LIMIT {BATCH}"
        deleted = int(connection.execute(f"DELETE FROM {table} WHERE id IN ({chosen})").rowcount)
        if deleted:
            return deleted
    return 0
