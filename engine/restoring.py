"""After a restart: open faults stay open, budgets stay spent, and what was under way is verified, not repeated (meaning 20)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.analysis.situations import Situation
from engine.analysis.watch import Watch
from engine.events import Restored
from engine.faults import Fault

if TYPE_CHECKING:
    from engine.engine import Engine

Row = Mapping[str, Any]


class Restoring:
    """Takes the rows of the former life and puts the engine where it was."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def take(self, event: Restored) -> None:
        engine = self._engine
        engine.ledger.next_id = max(engine.ledger.next_id, event.next_id)
        engine.ledger.next_line = max(engine.ledger.next_line, event.next_line)
        actions: tuple[Row, ...] = event.actions
        for row in actions:
            engine.ledger.record(
                "action",
                row["id"],
                durable=True,
                ended_at=engine.now,
                outcome="interrupted",
                detail="volexd ended",
            )
        for row in event.attempts:
            self._attempt(row)
        faults = {row["id"]: self._fault(row) for row in event.faults}
        for row in event.recoveries:
            self._recovery(row, faults.get(row["fault_id"]))
        for row in event.alerts:
            fault = faults.get(row["fault_id"])
            if fault is not None and row["outcome"] == "sent":
                fault.told.add(str(row["channel"]))
        for fault in faults.values():
            if fault is not None:
                engine.hold_fault(fault)

    def _attempt(self, row: Row) -> None:
        """Past attempts count in limits and cooldowns; one without outcome is not repeated as if it had not been."""
        engine = self._engine
        engine.budgets.began(row["id"], row["rule"], row["started_at"], json.loads(row["scope"] or "{}"))
        ended_at = row["ended_at"] or engine.now
        outcome = row["outcome"]
        engine.budgets.ended(row["id"], row["rule"], row["subject"], ended_at, failed=outcome != "succeeded")
        if outcome is None:
            reason = "volexd ended while it was under way"
            engine.ledger.record(
                "attempt", row["id"], durable=True, ended_at=engine.now, outcome="failed", reason=reason
            )

    def _fault(self, row: Row) -> Fault | None:
        engine = self._engine
        watch = next((w for w in engine.situations.watches if w.name == row["rule"]), None)
        if watch is None or watch.type != row["subject_type"]:
            engine.ledger.record("fault", row["id"], durable=True, closed_at=engine.now, outcome="withdrawn")
            return None
        situation = self._situation(watch, row)
        fault = Fault(row["id"], situation, row["raised_at"])
        fault.message = row["message"] or ""
        fault.attempts = row["attempts"] or 0
        fault.acknowledged = row["acknowledged_at"] is not None
        engine.faults.open[fault.id] = fault
        engine.faults.mark(fault, unconfirmed=True)
        engine.ledger.explain(
            fault.id, 1, "still open when volexd started again: unconfirmed until seen", engine.now
        )
        return fault

    def _situation(self, watch: Watch, row: Row) -> Situation:
        engine = self._engine
        fact = engine.memory.fact(row["subject_type"], row["subject"])
        return engine.situations.restore(watch, fact, row["began_at"])

    def _recovery(self, row: Row, fault: Fault | None) -> None:
        """A contract under way is taken up by a new recovery; one that gave up stays given up."""
        if row["outcome"] is not None:
            if fault is not None and row["outcome"] == "exhausted":
                fault.spent.add(row["rule"])
            return
        reason = "volexd ended while it was under way; the fault is taken up anew"
        self._engine.ledger.record(
            "recovery", row["id"], durable=True, ended_at=self._engine.now, outcome="failed", reason=reason
        )
        if fault is not None:
            self._engine.ledger.explain(fault.id, 1, reason, self._engine.now)
