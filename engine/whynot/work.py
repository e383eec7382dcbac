"""Why an automation does not run, an orchestration that waits for a moment does not act, an alert tells nobody, maintenance is not open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsl.expressions import Expression
from dsl.program import Condition
from dsl.routing import Alert
from dsl.work import Maintenance
from engine.analysis.written import duration, instant
from engine.faults import Fault
from engine.planning.automations.state import Known
from engine.planning.schedule import next_after
from engine.whynot.conditions import Bindings, Conditions
from engine.whynot.reason import Reason
from engine.whynot.states import of_moment

if TYPE_CHECKING:
    from engine.engine import Engine


class WorkLook:
    def __init__(self, engine: Engine, conditions: Conditions, now: float) -> None:
        self._engine = engine
        self._conditions = conditions
        self._now = now

    def at(self, rule: str, subject: str) -> Reason | None:
        """None: there is no such rule in force."""
        known = self._engine.work.automations.known.get(rule)
        if known is not None:
            return self._automation(known)
        plan = self._engine.work.orchestrations.plans.get(rule)
        if plan is not None and plan.on is not None:
            return Reason("no", [(0, f"it waits for its moment: {of_moment(plan.on, self._now)}")])
        alert = next(
            (one for one in self._engine.program.alerts if one.head.name == rule and not one.head.off), None
        )
        if alert is not None:
            return self._alert(alert, subject)
        window = next(
            (one for one in self._engine.program.maintenances if one.head.name == rule and not one.head.off),
            None,
        )
        return None if window is None else self._maintenance(window)

    # --- automations -------------------------------------------------------------------------------------------------

    def _automation(self, known: Known) -> Reason:
        plan, singles = known.plan, self._engine.situations.singles
        run = known.live[0] if known.live else None
        if run is not None and run.status == "running":
            return Reason(
                "acts",
                [(0, f"run {run.id} is under way for {duration(self._now - (run.started_at or 0.0))}")],
            )
        if known.paused:
            holders = ", ".join(self._engine.work.pauses.of("automation", known.name))
            return Reason("no", [(0, f"it is paused by {holders}")])
        if run is not None:
            return Reason("no", [(0, f"run {run.id} is {run.status}: {run.reason or run.because}")])
        guarded = self._guarded(plan.only_if, plan.unless, singles)
        if guarded is not None:
            return guarded
        if plan.head.shadow:
            return Reason("no", [(0, "it is in the shadow, what it would do is only recorded")])
        if known.next_at is None:
            return Reason("no", [(0, "it has no schedule: somebody, or a rule, has to run it")])
        return Reason(
            "waits",
            [(0, f"it is due at {instant(known.next_at)}, {duration(known.next_at - self._now)} left")],
        )

    def _guarded(
        self, only_if: Expression | None, unless: Condition | None, bindings: Bindings
    ) -> Reason | None:
        if only_if is not None and self._conditions.true(only_if, bindings) is not True:
            verdict, lines = self._conditions.failing(only_if, bindings, None, 1)
            return Reason(verdict, [(0, "its `only if` is not true"), *lines])
        if unless is not None and self._conditions.true(unless.expression, bindings) is True:
            return Reason("no", [(0, "its `unless` is true"), (1, self._conditions.text(unless.expression))])
        return None

    # --- maintenance -------------------------------------------------------------------------------------------------

    def _maintenance(self, plan: Maintenance) -> Reason:
        for window in self._engine.work.windows.open:
            if window.plan.head.name == plan.head.name:
                left = duration(window.ends_at - self._now)
                return Reason("acts", [(0, f"it is open until {instant(window.ends_at)}: {left} left")])
        due = next_after(plan.schedule, self._now)
        if due is None:
            return Reason("no", [(0, "it is never due again")])
        return Reason("waits", [(0, f"it opens at {instant(due)}, {duration(due - self._now)} left")])

    # --- alerts ------------------------------------------------------------------------------------------------------

    def _alert(self, plan: Alert, subject: str) -> Reason:
        faults = [fault for fault in self._engine.faults.open.values() if subject in ("", fault.key)]
        mine = [fault for fault in faults if not plan.detections or fault.name in plan.detections]
        if not mine:
            about = f" on {subject}" if subject else ""
            return Reason("no", [(0, f"no fault that it could be for{about} is open")])
        found = [self._of_fault(plan, fault) for fault in mine]
        return Reason(found[0].verdict, [line for reason in found for line in reason.lines])

    def _of_fault(self, plan: Alert, fault: Fault) -> Reason:
        about = f"fault {fault.id} ({fault.name} on {fault.key})"
        bindings = fault.bindings(self._engine.situations.singles)
        for name, condition in (("where", plan.where), ("only if", plan.only_if)):
            if condition is not None and self._conditions.true(condition, bindings) is not True:
                verdict, lines = self._conditions.failing(condition, bindings, None, 1)
                return Reason(verdict, [(0, f"{about}: its `{name}` leaves it out"), *lines])
        if fault.acknowledged:
            return Reason("no", [(0, f"{about}: somebody acknowledged it")])
        inhibited = self._engine.notices.inhibition(fault)
        if inhibited is not None:
            return Reason("no", [(0, f"{about}: {inhibited}")])
        if plan.unless is not None and self._conditions.true(plan.unless.expression, bindings) is True:
            text = self._conditions.text(plan.unless.expression)
            return Reason("no", [(0, f"{about}: its `unless` is true"), (1, text)])
        if plan.head.shadow:
            return Reason(
                "no", [(0, f"{about}: the alert is in the shadow, whom it would tell is only recorded")]
            )
        due = self._engine.alerts.due_of(plan.head.name, fault)
        if due is not None:
            return Reason(
                "waits", [(0, f"{about}: it is told at {instant(due)}, {duration(due - self._now)} left")]
            )
        return Reason("acts", [(0, f"{about}: people were told of it")])
