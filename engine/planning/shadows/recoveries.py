"""Recoveries in the shadow: they wait for what would stand in their way, and then it is written down what they would do.

What the action would have changed nobody knows. So only the first step that could have been taken is claimed, never the next one;
and it counts as under way, in limits, cooldowns and locks, until the symptom went or its time to verify was over.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Container, Iterable, Mapping
from typing import Any

from dsl.program import PRIORITIES, Recovery
from engine.alarms import Alarms
from engine.analysis.situations import Situations
from engine.analysis.written import duration
from engine.faults import Fault
from engine.ledger import Ledger, as_json
from engine.planning.acting import Acting, Deed, ImpossibleError
from engine.planning.budgets import Budgets, buckets_of
from engine.planning.contract import Lock, Run, State
from engine.planning.obstacles import Obstacle, Obstacles
from engine.planning.order import Orders
from engine.planning.shadows.rows import HELD_BACK, ShadowFault, ShadowRows, about_fault
from engine.renaming import Names

Row = Mapping[str, Any]


class Rehearsal(Run, eq=False):
    """One recovery that would own one fault. `would_at`: when it would have acted."""

    held_by_need: bool = False
    would_at: float = 0.0


class ShadowRecoveries:
    """`runs` are those that wait, or whose time to verify runs. `real` are the recoveries that act: what they hold is held."""

    def __init__(
        self, rows: ShadowRows, situations: Situations, acting: Acting, obstacles: Obstacles, budgets: Budgets,
        orders: Orders, real: Mapping[Lock, Run], alarms: Alarms, ledger: Ledger, clock: Callable[[], float],
        stir: Callable[[], None],
    ) -> None:  # fmt: skip
        self.runs: dict[int, Rehearsal] = {}
        self._plans: Mapping[str, Recovery] = {}
        self._owners: dict[int, Rehearsal] = {}  # by the fault's id, as long as that is open
        self._next: dict[int, list[Recovery]] = {}  # who would take the fault over if its owner gave up
        self._former: dict[tuple[int, str], Row] = {}  # by fault and rule: written down in a former life
        self._rows = rows
        self._situations = situations
        self._acting = acting
        self._obstacles = obstacles
        self._budgets = budgets
        self._orders = orders
        self._real = real
        self._alarms = alarms
        self._ledger = ledger
        self._clock = clock
        self._stir = stir

    def take_plans(self, plans: Mapping[str, Recovery]) -> None:
        """The recoveries of a new program."""
        self._plans = plans
        windows = [limit.per for plan in plans.values() for limit in plan.limits if limit.per]
        self._budgets.remember_for(max(windows, default=0.0))
        for run in list(self.runs.values()):
            plan = plans.get(run.plan.head.name)
            if plan is None or not (plan.head.shadow or isinstance(run.fault, ShadowFault)):
                self._withdraw(run, "its rule is in the shadow no longer")
            elif run.state is State.WAITING:
                run.plan, run.order, run.buckets = plan, None, self._buckets(plan, run.fault)

    def rename(self, names: Names) -> None:
        """Rules are called otherwise."""
        self._plans = names.rules("recovery", self._plans)
        self._former = {
            (fault, names.of("recovery", rule)): row for (fault, rule), row in self._former.items()
        }
        self._next = {
            fault: [names.rule("recovery", plan) for plan in plans] for fault, plans in self._next.items()
        }
        for run in dict.fromkeys([*self._owners.values(), *self.runs.values()]):
            former, run.plan = run.plan.head.name, names.text("recovery", run.plan)
            run.buckets = names.buckets(run.buckets)
            run.order = run.order and run.order.under(names)
            if run.state is State.VERIFYING:
                self._rows.rename(run.id, former, run.plan.head.name)

    def _withdraw(self, run: Rehearsal, reason: str) -> None:
        self._owners.pop(run.fault.id, None)
        if run.state is State.WAITING:
            self._drop(run)
        else:
            self._end(run, "withdrawn", reason)

    # --- who would own a fault ---------------------------------------------------------------------------------------

    def offer(self, plan: Recovery, fault: Fault) -> None:
        """It would take this fault over, if nobody in the shadow has it."""
        if fault.outcome is not None:
            return
        if fault.id in self._owners:
            self._next.setdefault(fault.id, []).append(plan)
            return
        former = self._former.pop((fault.id, plan.head.name), None)
        if former is not None:
            self._take_up(plan, fault, former)
            return
        run = self._owned(self._ledger.new_id(), plan, fault)
        self.runs[run.id] = run
        self._stir()

    def _take_up(self, plan: Recovery, fault: Fault, row: Row) -> None:
        """It goes on where a former life left it; nothing is told twice."""
        run = self._owned(row["id"], plan, fault)
        if row["ended_at"] is None:
            steps = [step.verify.within for step in plan.tries if step.name == row["step"]]
            self._watch(run, row["at"], max(steps, default=0.0))

    def _owned(self, identity: int, plan: Recovery, fault: Fault) -> Rehearsal:
        run = self._owners[fault.id] = Rehearsal(
            identity, plan, fault, Lock(fault.type, fault.key), self._buckets(plan, fault)
        )
        return run

    def fault_closed(self, fault: Fault) -> None:
        self._next.pop(fault.id, None)
        run = self._owners.pop(fault.id, None)
        if run is None or run.id not in self.runs:
            return
        if run.state is not State.WAITING:
            self._symptom_went(run)
            return
        if run.obstacle:
            self._write_held_back(run, f"{run.obstacle}, until the fault was {fault.outcome}")
        self._drop(run)

    def _symptom_went(self, run: Rehearsal) -> None:
        after = duration(self._clock() - run.would_at)
        if run.fault.outcome == "cleared":
            self._end(run, "gone", f"the symptom went {after} after it")
        else:
            self._end(run, "withdrawn", f"the fault was {run.fault.outcome}")

    def _buckets(self, plan: Recovery, fault: Fault) -> dict[str, str]:
        return buckets_of(plan.limits, fault.bindings(self._situations.singles), fault.keys())

    # --- what stands in the way ----------------------------------------------------------------------------------------

    def look_around(self) -> None:
        """What nothing stands in the way of any more would be done now; the more urgent rule first, then the older fault."""
        for run in sorted(self.runs.values(), key=_urgency):
            if run.state is State.WAITING and run.id in self.runs:
                self._look(run)

    def _look(self, run: Rehearsal) -> None:
        now, bindings = self._clock(), self._bindings(run)
        obstacle = self._obstacles.of_fault(run, bindings, now)
        if self._need_is_back(run, obstacle, now):
            obstacle = self._obstacles.of_fault(run, bindings, now)
        if obstacle is not None:
            self._wait(run, obstacle)
            return
        if run.plan.order == "learned" and run.place == 0:
            run.order = self._orders.choose(run.plan.head.name, run.fault.id)
        try:
            deeds = self._acting.deeds(run.step.actions, bindings)
        except ImpossibleError as error:
            self._fail(run, str(error))
            return
        locks = tuple(dict.fromkeys([run.subject, *(Lock("agent", d.target) for d in deeds if d.target)]))
        obstacle = self._obstacles.of_step(run, locks, bindings, now) or self._in_use(run, locks)
        obstacle = obstacle or self._worn(deeds, now)
        if obstacle is not None:
            self._wait(run, obstacle)
        else:
            self._would(run, deeds, locks)

    def _bindings(self, run: Rehearsal) -> dict[str, Any]:
        return {**run.fault.bindings(self._situations.singles), "recovery": run.values()}

    def _need_is_back(self, run: Rehearsal, obstacle: Obstacle | None, now: float) -> bool:
        """Just now: that what needs it may come back by itself is an obstacle of its own, for a while."""
        if obstacle is not None and obstacle.need is not None:
            run.held_by_need, run.released_at = True, None
            return False
        was_held, run.held_by_need = run.held_by_need, False
        if was_held:
            run.released_at = now
        return was_held

    def _in_use(self, run: Rehearsal, locks: Iterable[Lock]) -> Obstacle | None:
        """By a recovery that acts, for another fault: of this one, it is what is compared."""
        for lock in locks:
            owner = self._real.get(lock)
            if owner is not None and owner.fault is not run.fault:
                return Obstacle(f"recovery {owner.plan.head.name} acts on {lock.kind} {lock.key}")
        return None

    def _worn(self, deeds: Iterable[Deed], now: float) -> Obstacle | None:
        found = (self._obstacles.of_agent(deed.target, now) for deed in deeds)
        return next((obstacle for obstacle in found if obstacle is not None), None)

    def _wait(self, run: Rehearsal, obstacle: Obstacle) -> None:
        if obstacle.final:
            self._write_held_back(run, obstacle.reason)
            self._give_up(run, obstacle.reason)
            return
        if obstacle.reason.split(" for ")[0] != run.obstacle.split(" for ")[0]:
            self._explain(run, 2, f"would wait: {obstacle.reason}")
        run.obstacle = obstacle.reason
        if run.alarm is not None:
            run.alarm.call_off()
            run.alarm = None
        if obstacle.until is not None:
            run.alarm = self._alarms.at(obstacle.until, self._stir)

    # --- what would be done --------------------------------------------------------------------------------------------

    def said(self, plan: Recovery, fault: Fault, now: float) -> str | None:
        """What it would do about a fault just now, in words; None: it has nothing to do with it."""
        run = self._owners.get(fault.id)
        if run is None:
            return None
        if run.plan.head.name != plan.head.name:
            return f"recovery {run.plan.head.name} would own it"
        if run.state is State.WAITING:
            return f"would wait: {run.obstacle or run.reason or 'it is about to begin'}"
        ago = duration(now - run.would_at)
        return f"it would have tried {run.step.name} {ago} ago (row {run.id})"

    def _would(self, run: Rehearsal, deeds: list[Deed], locks: tuple[Lock, ...]) -> None:
        now, step = self._clock(), run.step
        self._rows.would(
            "recovery", run.plan.head.name, step.name, about_fault(run.fault), deeds, identity=run.id, stands=True,
            began_at=run.fault.raised_at, scope=as_json(run.buckets),
        )  # fmt: skip
        self._budgets.began(run.id, run.plan.head.name, now, run.buckets)
        for deed in deeds:
            if deed.target is not None and self._obstacles.limits_of(deed.target):
                self._budgets.touched(deed.target, now)
        for lock in locks:
            self._obstacles.locked[lock] = run
        self._explain(run, 1, f"recovery {run.plan.head.name} would try {step.name} (row {run.id})")
        self._watch(run, now, step.verify.within)

    def _watch(self, run: Rehearsal, would_at: float, within: float) -> None:
        """Whether the symptom goes by itself, in the time that the step would have had."""
        self.runs[run.id] = run
        run.state, run.would_at = State.VERIFYING, would_at
        if run.alarm is not None:
            run.alarm.call_off()
        reason = f"the symptom had not gone within {duration(within)}"
        due = max(would_at + within, self._clock())
        run.alarm = self._alarms.at(due, lambda: self._end(run, "stayed", reason))

    def _fail(self, run: Rehearsal, reason: str) -> None:
        """It cannot be done as it is written, so much is known: the next step would follow."""
        plan, step = run.plan, run.step
        now = self._clock()
        self._rows.would(
            "recovery", plan.head.name, step.name, about_fault(run.fault), began_at=run.fault.raised_at,
            outcome="failed", reason=reason, scope=as_json(run.buckets),
        )  # fmt: skip
        self._budgets.began(run.id, plan.head.name, now, run.buckets)
        self._budgets.ended(run.id, plan.head.name, run.fault.key, now, failed=True)
        if run.place + 1 < len(plan.tries):
            run.place += 1
            self._stir()
        else:
            self._give_up(run, reason)

    def _give_up(self, run: Rehearsal, reason: str) -> None:
        """`otherwise`, and the next one who would take the fault over."""
        fault, plan = run.fault, run.plan
        run.reason = reason
        if plan.otherwise:
            try:
                deeds = self._acting.deeds(plan.otherwise, self._bindings(run))
            except ImpossibleError:
                deeds = []
            self._rows.would(
                "recovery", plan.head.name, "otherwise", about_fault(fault), deeds, reason=reason,
                began_at=fault.raised_at,
            )  # fmt: skip
        self._drop(run)
        waiting = self._next.get(fault.id)
        if waiting:
            del self._owners[fault.id]
            self.offer(waiting.pop(0), fault)

    def _write_held_back(self, run: Rehearsal, reason: str) -> None:
        step = run.step.name
        self._rows.held_back(
            "recovery", run.plan.head.name, step, about_fault(run.fault), reason, began_at=run.fault.raised_at
        )
        self._explain(run, 1, f"recovery {run.plan.head.name} would have been held back: {reason}")

    def _drop(self, run: Rehearsal) -> None:
        if run.alarm is not None:
            run.alarm.call_off()
        self.runs.pop(run.id, None)

    def _end(self, run: Rehearsal, outcome: str, reason: str) -> None:
        self._drop(run)
        run.state = State.ENDED
        self._rows.end(run.id, outcome, reason)
        self._budgets.ended(run.id, run.plan.head.name, run.fault.key, self._clock(), failed=False)
        for lock in [lock for lock, owner in self._obstacles.locked.items() if owner is run]:
            del self._obstacles.locked[lock]
        self._stir()

    def _explain(self, run: Rehearsal, depth: int, line: str) -> None:
        self._ledger.explain(run.fault.id, depth, f"in the shadow: {line}", self._clock())

    # --- after a restart -----------------------------------------------------------------------------------------------

    def restore(self, rows: Iterable[Row], real: Container[int], shadows: Container[int]) -> None:
        """Limits stay spent; what is about one of these open faults goes on when that is offered again."""
        for row in rows:
            if row["outcome"] != HELD_BACK and row["scope"] is not None:
                self._count(row)
            plan, about = self._plans.get(row["rule"]), row["fault_id"] or row["shadow_id"]
            goes_on = about in shadows or (about in real and plan is not None and plan.head.shadow)
            if goes_on and row["step"] != "otherwise":
                self._former[about, row["rule"]] = row
            elif row["ended_at"] is None:
                self._rows.end(row["id"], "withdrawn", "its fault is open no longer, or its rule acts now")

    def _count(self, row: Row) -> None:
        self._budgets.began(row["id"], row["rule"], row["at"], json.loads(row["scope"]))
        ended_at = row["ended_at"] or self._clock()
        failed = row["outcome"] == "failed"
        self._budgets.ended(row["id"], row["rule"], row["subject"] or "", ended_at, failed=failed)
        for done in json.loads(row["actions"] or "[]"):
            if done["target"] is not None and self._obstacles.limits_of(done["target"]):
                self._budgets.touched(done["target"], row["at"])


def _urgency(run: Rehearsal) -> tuple[int, int]:
    return -PRIORITIES.index(run.plan.head.priority), run.id
