"""Why a recovery does nothing: no fault, an owner that is another, or what stands in the way of its next attempt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsl.program import Recovery
from engine.analysis.written import duration
from engine.faults import Fault
from engine.planning.contract import Run, State
from engine.planning.shadows.rows import ShadowFault
from engine.whynot.conditions import Bindings, Conditions
from engine.whynot.reason import Line, Reason, deeper
from engine.whynot.states import StatesLook

if TYPE_CHECKING:
    from engine.engine import Engine


class RecoveriesLook:
    def __init__(self, engine: Engine, conditions: Conditions, states: StatesLook, now: float) -> None:
        self._engine = engine
        self._conditions = conditions
        self._states = states
        self._now = now

    def at(self, rule: str, subject: str) -> Reason:
        plan = self._engine.recoveries.plans[rule]
        all_open = (*self._engine.faults.open.values(), *self._engine.shadows.open.values())
        faults = [fault for fault in all_open if subject in ("", fault.key)]
        mine = [fault for fault in faults if not plan.detections or fault.name in plan.detections]
        if not mine:
            return self._no_fault(plan, subject)
        found = [self._of_fault(plan, fault) for fault in mine]
        return Reason(found[0].verdict, [line for reason in found for line in reason.lines])

    def _no_fault(self, plan: Recovery, subject: str) -> Reason:
        """And why its detections raise none, where there is something that they could be about."""
        about = f" on {subject}" if subject else ""
        names = ", ".join(plan.detections) or "that it is for"
        lines: list[Line] = [(0, f"no fault {names}{about} is open")]
        for watch in self._engine.situations.watches:
            if watch.name in plan.detections:
                try:
                    reason = self._states.at(watch, subject)
                except LookupError:
                    continue
                lines += [(1, f"detection {watch.name}:"), *deeper(reason.lines, 2)]
        return Reason("no", lines)

    def _of_fault(self, plan: Recovery, fault: Fault) -> Reason:
        about = f"fault {fault.id} ({fault.name} on {fault.key})"
        bindings = fault.bindings(self._engine.situations.singles)
        if plan.head.shadow or isinstance(fault, ShadowFault):
            return self._in_the_shadow(plan, fault, about)
        run = next((run for run in self._engine.recoveries.runs.values() if run.fault is fault), None)
        if run is None:
            return self._not_owned(plan, fault, about, bindings)
        if run.plan.head.name != plan.head.name:
            return Reason("no", [(0, f"{about} is owned by recovery {run.plan.head.name}")])
        if run.state is not State.WAITING:
            return Reason("acts", [(0, f"{about}: attempt {run.attempts} is {run.state.value}")])
        return self._waiting(run, about, bindings)

    def _in_the_shadow(self, plan: Recovery, fault: Fault, about: str) -> Reason:
        what = "fault" if isinstance(fault, ShadowFault) else "recovery"
        title = f"{about}: the {what} is in the shadow, what it would do is only recorded"
        detail = self._engine.shadows.recoveries.said(plan, fault, self._now)
        return Reason("no", [(0, title), *([(1, detail)] if detail else [])])

    def _not_owned(self, plan: Recovery, fault: Fault, about: str, bindings: Bindings) -> Reason:
        if plan.where is not None and self._conditions.true(plan.where, bindings) is not True:
            verdict, lines = self._conditions.failing(plan.where, bindings, None, 1)
            return Reason(verdict, [(0, f"{about}: its `where` leaves it out"), *lines])
        spent = self._engine.recoveries.spent(plan, fault)
        if spent is not None:
            reason, free_at = spent
            until = f", free again in {duration(free_at - self._now)}" if free_at > self._now else ""
            return Reason("no", [(0, f"{about}: it was given up: {reason}{until}")])
        return Reason(
            "no", [(0, f"{about}: {'it was given up' if fault.given_up else 'no recovery owns it'}")]
        )

    def _waiting(self, run: Run, about: str, bindings: Bindings) -> Reason:
        plan = run.plan
        obstacle = self._engine.recoveries.in_the_way(run)
        if obstacle is None:
            return Reason("waits", [(0, f"{about}: {run.obstacle or 'it is about to begin'}")])
        until = f", {duration(obstacle.until - self._now)} left" if obstacle.until is not None else ""
        reason = (
            obstacle.reason.split(" for ")[0]
            if until and obstacle.reason.startswith("it cools")
            else obstacle.reason
        )
        lines: list[Line] = [(0, f"{about}: {reason}{until}")]
        guard = plan.only_if
        if guard is not None and self._conditions.true(guard, bindings) is not True:
            lines += self._conditions.failing(guard, bindings, None, 1)[1]
        elif plan.unless is not None and self._conditions.true(plan.unless.expression, bindings) is True:
            lines += [(1, line) for line in self._conditions.values(plan.unless.expression, bindings, None)]
        return Reason("waits" if obstacle.until else "no", lines)
