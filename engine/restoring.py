"""After a restart: open faults stay open, budgets stay spent, and what was under way is verified, not repeated (meaning 20)."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from typing import Any

from dsl.program import SEVERITIES, Recovery
from engine.analysis.situations import Situation, Situations
from engine.analysis.watch import Watch
from engine.carried import GONE, Carried, Reset
from engine.events import Restored
from engine.faults import Fault, Faults
from engine.knowledge.facts import WorkingMemory
from engine.ledger import Ledger
from engine.planning.budgets import AGENT, Budgets

Row = Mapping[str, Any]


class Restoring:
    """Takes the rows of the former life and puts the parts of the engine where they were."""

    def __init__(
        self,
        situations: Situations,
        faults: Faults,
        budgets: Budgets,
        memory: WorkingMemory,
        ledger: Ledger,
        clock: Callable[[], float],
    ) -> None:
        self._situations = situations
        self._faults = faults
        self._budgets = budgets
        self._memory = memory
        self._ledger = ledger
        self._clock = clock

    def take(self, event: Restored, plans: Mapping[str, Recovery]) -> list[Fault]:
        """The faults that are still open; what follows from them is for the caller to follow."""
        for row in event.actions:
            self._action(row)
        for row in event.attempts:
            self._attempt(row)
        faults = {row["id"]: self._fault(row) for row in event.faults}
        for row in event.attempts:
            self._verify_first(row, faults.get(row["fault_id"]), plans)
        for row in event.recoveries:
            self._recovery(row, faults.get(row["fault_id"]))
        for row in event.alerts:
            fault = faults.get(row["fault_id"])
            if fault is not None and row["outcome"] == "sent":
                fault.told |= {str(row["channel"])}
        return [fault for fault in faults.values() if fault is not None]

    def _action(self, row: Row) -> None:
        values = {"ended_at": self._clock(), "outcome": "interrupted", "detail": "volexd ended"}
        self._ledger.record("action", row["id"], durable=True, **values)

    def _attempt(self, row: Row) -> None:
        """Past attempts count in limits and cooldowns; one without outcome is not repeated as if it had not been."""
        scope = json.loads(row["scope"] or "{}")
        agents = {name: scope.pop(name) for name in list(scope) if name.startswith(f"{AGENT} ")}
        self._budgets.began(row["id"], row["rule"], row["started_at"], scope)
        for name, count in agents.items():
            for _ in range(int(count)):
                self._budgets.touched(name.removeprefix(f"{AGENT} "), row["started_at"])
        ended_at = row["ended_at"] or self._clock()
        outcome = row["outcome"]
        self._budgets.ended(
            row["id"], row["rule"], row["subject"], ended_at, failed=outcome not in ("succeeded", "unneeded")
        )
        if outcome is None:
            reason = "volexd ended while it was under way"
            self._ledger.record(
                "attempt", row["id"], durable=True, ended_at=self._clock(), outcome="failed", reason=reason
            )

    def _verify_first(self, row: Row, fault: Fault | None, plans: Mapping[str, Recovery]) -> None:
        """What was under way may have helped: its fault gets the time in which that would have been seen."""
        if fault is None or row["outcome"] is not None:
            return
        plan = plans.get(row["rule"])
        steps = [one.verify.within for one in plan.tries if one.name == row["step"]] if plan else []
        fault.verify_until = self._clock() + max(steps, default=0.0)

    def _fault(self, row: Row) -> Fault | None:
        watch = self._situations.watch_of(row["rule"], row["subject_type"])
        if watch is None or watch.type != row["subject_type"]:
            self._ledger.record(
                "fault", row["id"], durable=True, closed_at=self._clock(), outcome="withdrawn"
            )
            return None
        situation = self._situation(watch, row)
        fault = Fault.of(row["id"], situation, row["raised_at"])
        fault.message = row["message"] or ""
        fault.attempts = row["attempts"] or 0
        fault.acknowledged = row["acknowledged_at"] is not None
        self._faults.keep(fault)
        self._faults.mark(fault, unconfirmed=True)
        self._ledger.explain(
            fault.id, 1, "still open when volexd started again: unconfirmed until seen", self._clock()
        )
        return fault

    def _situation(self, watch: Watch, row: Row) -> Situation:
        fact = self._memory.fact(row["subject_type"], row["subject"])
        situation = self._situations.restore(watch, fact, row["began_at"])
        if watch.tiers and row.get("severity") in SEVERITIES:
            situation.severity = str(row["severity"])
        return situation

    def _recovery(self, row: Row, fault: Fault | None) -> None:
        """A contract under way is taken up by a new recovery; one that gave up stays given up."""
        if row["outcome"] is not None:
            if fault is not None and row["outcome"] == "exhausted":
                fault.spent |= {row["rule"]}
            return
        reason = "volexd ended while it was under way; the fault is taken up anew"
        self._ledger.record(
            "recovery", row["id"], durable=True, ended_at=self._clock(), outcome="failed", reason=reason
        )
        if fault is not None:
            self._ledger.explain(fault.id, 1, reason, self._clock())


def of_rows(event: Restored, open_faults: Collection[int]) -> Carried:
    """What of the rows of a former life goes on, and what was given up with it."""
    going = {
        "faults": len(open_faults),
        "budgets": len(event.attempts),
        "schedules": sum(1 for row in event.automations if row["status"] != "off" and row.get("next_at")),
        "learned values": len(event.learned),
    }
    resets = [
        Reset("faults", str(row["rule"]), 1, GONE, str(row["subject"]))
        for row in event.faults
        if row["id"] not in open_faults
    ]
    for what, name, rows, why in (
        ("recoveries", "rule", event.recoveries, "volexd ended while it was under way; the fault is taken up anew"),
        ("automation runs", "automation", event.automation_runs, "volexd ended while it was under way"),
        ("workflow runs", "workflow", event.workflow_runs, "volexd ended while it was under way; what it did is undone"),
    ):  # fmt: skip
        under_way = [row for row in rows if row["ended_at"] is None]
        resets += [Reset(what, str(row[name]), 1, why, str(row["id"])) for row in under_way]
    return Carried({what: count for what, count in going.items() if count}, tuple(resets))
