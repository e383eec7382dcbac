"""The shadow: faults that rules in it would raise, with who would be told of them and what would be done. Nothing follows from them.

A fault in the shadow is known to no other rule: no condition counts it, no orchestration waits for it, it inhibits nothing. The
recoveries and notices that it would have are found out as if it were real, those of rules in force too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dsl.program import Program, Recovery
from engine.alarms import Alarms
from engine.analysis.evaluate import evaluate
from engine.analysis.situations import Situation, Situations
from engine.analysis.written import duration
from engine.events import Restored
from engine.faults import Faults
from engine.knowledge.facts import WorkingMemory
from engine.ledger import Ledger
from engine.planning.acting import Acting
from engine.planning.alerts import Alerts
from engine.planning.budgets import Budgets
from engine.planning.contract import Lock, Run
from engine.planning.notices import Notices
from engine.planning.obstacles import Obstacles
from engine.planning.order import Orders
from engine.planning.shadows.recoveries import ShadowRecoveries
from engine.planning.shadows.rows import ShadowFault, ShadowRows, about_fact
from engine.productions import owners
from engine.renaming import Names

Row = Mapping[str, Any]


class Shadows:
    """`obstacles` and `budgets` are the shadow's own: what would have been done counts, and holds up nothing real."""

    def __init__(
        self, rows: ShadowRows, situations: Situations, faults: Faults, memory: WorkingMemory, acting: Acting,
        obstacles: Obstacles, budgets: Budgets, orders: Orders, real: Mapping[Lock, Run], notices: Notices, alerts: Alerts,
        alarms: Alarms, ledger: Ledger, clock: Callable[[], float], stir: Callable[[], None],
    ) -> None:  # fmt: skip
        self.open: dict[Situation, ShadowFault] = {}
        self.budgets = budgets
        self.obstacles = obstacles
        self.recoveries = ShadowRecoveries(
            rows, situations, acting, obstacles, budgets, orders, real, alarms, ledger, clock, stir
        )
        self._program = Program()
        self._plans: dict[str, Recovery] = {}
        self._rows = rows
        self._situations = situations
        self._faults = faults
        self._memory = memory
        self._notices = notices
        self._alerts = alerts
        self._ledger = ledger
        self._clock = clock

    def replace(self, program: Program) -> None:
        """The rules of a new program, before anything follows from them."""
        self._program = program
        self._plans = {plan.head.name: plan for plan in program.recoveries if not plan.head.off}
        self.recoveries.take_plans(self._plans)

    def rename(self, names: Names) -> None:
        """Rules are called otherwise."""
        for fault in self.open.values():
            former = fault.name
            fault.rename(names)
            self._rows.rename(fault.id, former, fault.name)
        self._rows.rename_former(names)
        self.budgets.rename(names)
        self.recoveries.rename(names)

    # --- faults ------------------------------------------------------------------------------------------------------

    def raised(self, situation: Situation) -> None:
        """A rule in the shadow would raise a fault; of one that is open as a real one, or stands already, there is nothing to tell."""
        if self._faults.of(situation) is not None or situation in self.open:
            return
        fault = ShadowFault.of(self._ledger.new_id(), situation, self._clock())
        detection = situation.watch.detection
        if detection.message is not None:
            bindings = fault.bindings(self._situations.singles)
            fault.message = str(evaluate(detection.message, bindings, self._clock()))
        self._rows.would(
            "fault", fault.name, "fault", about_fact(situation.fact), identity=fault.id, stands=True,
            began_at=fault.began_at, severity=fault.severity, category=fault.category, message=fault.message,
        )  # fmt: skip
        held = (
            f", held for {duration(fault.raised_at - fault.began_at)}"
            if fault.raised_at > fault.began_at
            else ""
        )
        line = f"because {detection.when.text or 'its condition'} was true{held}"
        self._ledger.explain(fault.id, 1, line, self._clock())
        self.open[situation] = fault
        self._follow(fault)

    def _follow(self, fault: ShadowFault) -> None:
        """Who would be told, and who would take it over."""
        for place in range(len(fault.situation.watch.detection.notices)):
            self._notices.owe(fault, place)
        for rule in self._program.alerts:
            if not rule.head.off and (not rule.detections or fault.name in rule.detections):
                self._alerts.route(rule.head.name, fault)
        for plan in owners(fault.name, list(self._plans.values())):
            bindings = fault.bindings(self._situations.singles)
            if plan.where is None or evaluate(plan.where, bindings, self._clock()) is True:
                self.recoveries.offer(plan, fault)

    def ended(self, situation: Situation, outcome: str, reason: str = "") -> None:
        """What it would have stood for is over; nothing happens if it stood for nothing."""
        fault = self.open.pop(situation, None)
        if fault is None:
            return
        fault.outcome = outcome
        self._rows.end(fault.id, outcome, reason)
        self.recoveries.fault_closed(fault)
        self._alerts.closed(fault)

    def promoted(self, situation: Situation) -> None:
        """Its rule left the shadow: from now on there is a fault."""
        self.ended(situation, "withdrawn", "its rule is in the shadow no longer")

    def graded(self, situation: Situation) -> None:
        fault = self.open.get(situation)
        if fault is not None:
            fault.severity = situation.severity
            self._rows.change(fault.id, severity=fault.severity)

    # --- after a restart -----------------------------------------------------------------------------------------------

    def restore(self, event: Restored) -> list[Situation]:
        """What would still have been open goes on in its row, unconfirmed until it is seen. What follows is for the caller to follow."""
        rows: Sequence[Row] = event.shadow_actions
        kinds: dict[str, list[Row]] = {}
        for row in rows:
            kinds.setdefault(row["kind"], []).append(row)
        for row in kinds.get("fault", []):
            self._fault(row)
        for row in kinds.get("notice", []):
            self._rows.former.add((row["rule"], row["step"], row["fault_id"] or row["shadow_id"]))
        here = {fault.id for fault in self.open.values()}
        self.recoveries.restore(kinds.get("recovery", []), self._faults.open, here)
        for kind in ("orchestration", "automation", "adaptation", "maintenance"):
            for row in kinds.get(kind, []):
                if row["ended_at"] is None:
                    self._rows.end(row["id"], "interrupted", "volexd ended")
        return list(self.open)

    def _fault(self, row: Row) -> None:
        watch = self._situations.watch_of(row["rule"], row["subject_type"])
        if row["ended_at"] is not None:
            return
        if watch is None or watch.type != row["subject_type"] or not watch.rule.head.shadow:
            self._rows.end(row["id"], "withdrawn", "its rule is in the shadow no longer")
            return
        fact = self._memory.fact(row["subject_type"], row["subject"])
        situation = self._situations.restore(watch, fact, row["began_at"])
        fault = self.open[situation] = ShadowFault.of(row["id"], situation, row["at"])
        fault.message = row["message"] or ""
        line = "still there when volexd started again: unconfirmed until seen"
        self._ledger.explain(fault.id, 1, line, self._clock())

    def follow_again(self) -> None:
        """What follows from those of a former life, once all of it is known."""
        for fault in list(self.open.values()):
            self._follow(fault)
