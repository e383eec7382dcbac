"""Recovery as a contract: try, verify that the symptom went, else the next step, else `otherwise`; within its budgets, or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from math import inf
from typing import Any

from dsl.program import PRIORITIES, Recovery
from engine.accounts import (
    ActionBegan,
    ActionEnded,
    AttemptBegan,
    AttemptEnded,
    RecoveryEnded,
    TakenOver,
    how_it_ended,
)
from engine.alarms import Alarms
from engine.analysis.evaluate import evaluate
from engine.analysis.situations import Situations
from engine.analysis.written import duration
from engine.faults import Fault, Faults
from engine.ledger import Ledger, as_json
from engine.planning.acting import Acting, Cause, Deed, Ended, ImpossibleError, nothing
from engine.planning.budgets import AGENT, Budgets, buckets_of
from engine.planning.contract import (
    ACTING,
    DECIDING,
    ENDED,
    VERIFYING,
    WAITING,
    Attempt,
    Lock,
    Ready,
    Run,
    guarded_by,
)
from engine.planning.obstacles import Obstacle, Obstacles
from engine.planning.order import Orders
from engine.planning.turns import Turns
from engine.productions import is_for
from engine.renaming import Names, write

Follow = Callable[[str, Run, str], None]  # kind of token, run, detail: what the chaining makes of it


class Recoveries:
    """`follow` hands outcomes to the chaining, which answers by `next_step`, `give_up`, `otherwise` and `next_owner`. `go_on` lets whoever
    waits look again, since something is over."""

    def __init__(
        self, situations: Situations, faults: Faults, acting: Acting, obstacles: Obstacles, budgets: Budgets,
        orders: Orders, alarms: Alarms, ledger: Ledger, clock: Callable[[], float], follow: Follow,
        go_on: Callable[[], None],
    ) -> None:  # fmt: skip
        self.plans: dict[str, Recovery] = {}
        self._ready: dict[str, Ready] = {}
        self.runs: dict[int, Run] = {}
        self.waiting: dict[int, Run] = {}  # those of them that have not begun their next attempt
        self._owners: dict[int, Run] = {}  # by the fault's id
        self.stirred = False  # something happened that may have cleared an obstacle
        self._kept: frozenset[str] = frozenset()  # what a `keep at least` counts, and a guard reads
        self.awaiting: dict[int, Run] = {}  # whose symptom went and whose written condition is not true yet
        self._situations = situations
        self._faults = faults
        self._acting = acting
        self._obstacles = obstacles
        self._budgets = budgets
        self._orders = orders
        self._alarms = alarms
        self._ledger = ledger
        self._clock = clock
        self._follow = follow
        self._go_on = go_on
        # called with a recovery in the shadow that would take this fault over
        self.rehearse: Callable[[Recovery, Fault], None] = lambda plan, fault: None

    def take_plans(self, plans: Iterable[Recovery]) -> None:
        """The recoveries of a new program."""
        self.plans = {plan.head.name: plan for plan in plans}
        self._ready.clear()
        windows = [limit.per for plan in self.plans.values() for limit in plan.limits if limit.per]
        self._budgets.remember_for(max(windows, default=0.0))
        kept = [keep.type for plan in self.plans.values() for keep in plan.keeps]
        self._kept = frozenset(kept).union(*map(guarded_by, self.plans.values()))
        for run in list(self.runs.values()):
            self._take_text(run)

    def rename(self, names: Names) -> None:
        """Rules are called otherwise. What is under way goes on under its own text."""
        self.plans = names.rules("recovery", self.plans)
        self._ready.clear()
        now = self._clock()
        for run in self.runs.values():
            former, run.plan = run.plan.head.name, names.text("recovery", run.plan)
            run.buckets, run.ready = names.buckets(run.buckets), self._made_ready(run.plan)
            run.order = run.order and run.order.under(names)
            run.subject = Lock(run.fault.type, run.fault.key)
            write(self._ledger, "recovery", run.id, "rule", former, run.plan.head.name, now)
            if run.attempt is not None:
                write(self._ledger, "attempt", run.attempt.id, "rule", former, run.plan.head.name, now)

    def _ready_for(self, plan: Recovery) -> Ready:
        """Of one of the program. Of many rules few are ever needed."""
        ready = self._ready.get(plan.head.name)
        if ready is None:
            ready = self._ready[plan.head.name] = self._made_ready(plan)
        return ready

    def _made_ready(self, plan: Recovery) -> Ready:
        overall = all(limit.scope is None for limit in plan.limits)
        buckets = buckets_of(plan.limits, {}, {}) if overall else None
        scope = "" if buckets is None else as_json(buckets)
        return Ready(buckets, scope, [self._acting.fixed(step.actions) for step in plan.tries])

    def _take_text(self, run: Run) -> None:
        """A recovery that did nothing yet takes its new text, or ends with its rule; what was begun ends as it began."""
        plan = self.plans.get(run.plan.head.name)
        if plan == run.plan:
            run.plan = plan
        elif run.state is WAITING and run.attempts == 0:
            if plan is not None and _may_own(plan, run) and self._selects(plan, run.fault):
                run.plan, run.ready, run.order = plan, self._ready_for(plan), None
                run.buckets = self._buckets(plan, run.fault)
            else:
                self._end(run, "failed", "its rule is gone", self._clock())
                self.next_owner(run.fault)

    def is_current(self, run: Run) -> bool:
        """Whether it runs under the text of the program; else it ends under its own."""
        return self.plans.get(run.plan.head.name) is run.plan

    def take_up(self) -> None:
        """Faults that nobody owns, and that a new program offers to somebody."""
        for fault in list(self._faults.open.values()):
            if fault.offers and fault.id not in self._owners:
                fault.given_up = False
                self.next_owner(fault)

    def fact_changed(self, kind: str) -> None:
        """Whether an obstacle is gone, or a written condition true, may follow from facts of these types."""
        if self.runs and (kind == "agent" or kind in self._kept or self.awaiting):
            self.stirred = True

    # --- who owns a fault ------------------------------------------------------------------------------------------

    def offer(self, fault: Fault, name: str) -> None:
        """A recovery may own this fault, if those before it gave up."""
        plan = self.plans[name]
        if name in fault.spent:
            return
        if plan.where is None or self._selects(plan, fault):
            fault.offers += (name,)
            fault.given_up = False

    def _selects(self, plan: Recovery, fault: Fault) -> bool:
        return plan.where is None or evaluate(plan.where, self._bindings(fault), self._clock()) is True

    def next_owner(self, fault: Fault) -> None:
        """The next of its offers takes the fault over."""
        self._owners.pop(fault.id, None)
        while fault.offers and fault.outcome is None:
            name, fault.offers = fault.offers[0], fault.offers[1:]
            plan = self.plans.get(name)
            if plan is not None and not plan.head.shadow:
                self._owners[fault.id] = self._open(plan, fault)
                return
            if plan is not None:
                self.rehearse(plan, fault)
        if fault.outcome is None:
            fault.given_up = fault.owned or bool(fault.spent)
            self.stirred = True

    def _open(self, plan: Recovery, fault: Fault) -> Run:
        fault.owned = True
        head, now, ledger = plan.head, self._clock(), self._ledger
        ready = self._ready_for(plan)
        buckets = self._buckets(plan, fault) if ready.buckets is None else ready.buckets
        run = Run(ledger.new_id(), plan, fault, Lock(fault.type, fault.key), buckets, ready=ready)
        self.runs[run.id] = self.waiting[run.id] = run
        row = {"fault_id": fault.id, "rule": head.name, "subject": fault.key, "started_at": now}
        account = TakenOver(fault.id, head.name, head.place)
        ledger.enter("recovery", run.id, row, account, 1, now, durable=False)
        self.stirred = True
        return run

    def _buckets(self, plan: Recovery, fault: Fault) -> dict[str, str]:
        return buckets_of(plan.limits, self._bindings(fault), fault.keys())

    def _bindings(self, fault: Fault, run: Run | None = None) -> dict[str, Any]:
        bindings = fault.bindings(self._situations.singles)
        if run is not None:
            bindings["recovery"] = run.values()
        return bindings

    # --- attempts --------------------------------------------------------------------------------------------------

    def look_around(self) -> None:
        """Begin what nothing stands in the way of any more; the more urgent rule first, then the older fault."""
        while self.stirred:
            self.stirred = False
            for run in self._in_turn() if self.waiting or self.awaiting else ():
                if run.state is WAITING:
                    self._try_to_begin(run, self._clock())
                elif run.state is VERIFYING:
                    self._verify(run, self._clock())

    def _in_turn(self) -> list[Run]:
        """Those that wait for something: to begin, or for their written condition."""
        runs = [*self.waiting.values(), *self.awaiting.values()]
        return sorted(runs, key=_urgency) if len(runs) > 1 else runs

    def _try_to_begin(self, run: Run, now: float) -> None:
        guarded = run.plan.only_if is not None or run.plan.unless is not None
        bindings = self._bindings(run.fault, run) if guarded else {}
        obstacle = self._obstacles.of_fault(run, bindings, now)
        if obstacle is None and run.fault.inhibited_by is None:
            self._try_step(run, now)
            return
        if self._mark_inhibited(run, obstacle):
            # Its need is back: that is an obstacle of its own, for a while.
            obstacle = self._obstacles.of_fault(run, bindings, now)
        if obstacle is not None:
            self._wait(run, obstacle)
        else:
            self._try_step(run, now)

    def _try_step(self, run: Run, now: float) -> None:
        if run.plan.order == "learned" and not run.attempts:
            run.order = self._orders.choose(run.plan.head.name, run.fault.id)
        fixed = run.ready.deeds[run.at]
        if fixed is not None and not run.plan.keeps:
            self._begin(run, fixed, (run.subject,), "", now)  # it acts upon nothing else, and that is free
            return
        bindings = self._bindings(run.fault, run)
        deeds: list[Deed] = []
        impossible = ""
        try:
            deeds = self._acting.deeds(run.step.actions, bindings)
        except ImpossibleError as error:
            impossible = str(error)
        locks = self._locks(run, deeds)
        obstacle = self._obstacles.of_step(run, locks, bindings, now) or self._worn(deeds, now)
        if obstacle is not None:
            self._wait(run, obstacle)
        else:
            self._begin(run, deeds, locks, impossible, now)

    def in_the_way(self, run: Run) -> Obstacle | None:
        """What stands in the way of the next attempt of one that waits; only looks."""
        now, bindings = self._clock(), self._bindings(run.fault, run)
        obstacle = self._obstacles.of_fault(run, bindings, now)
        if obstacle is not None:
            return obstacle
        try:
            deeds = self._acting.deeds(run.step.actions, bindings)
        except ImpossibleError:
            return None
        return self._obstacles.of_step(run, self._locks(run, deeds), bindings, now) or self._worn(deeds, now)

    def spent(self, plan: Recovery, fault: Fault) -> tuple[str, float] | None:
        """The limit of a recovery that is used up for a fault, in words, and when it is not any more."""
        return self._budgets.free_at(plan.head.name, plan.limits, self._buckets(plan, fault), self._clock())

    def _worn(self, deeds: Iterable[Deed], now: float) -> Obstacle | None:
        """The first agent to which nothing more may be done for a while."""
        found = (self._obstacles.of_agent(deed.target, now) for deed in deeds)
        return next((obstacle for obstacle in found if obstacle is not None), None)

    def _locks(self, run: Run, deeds: list[Deed]) -> tuple[Lock, ...]:
        """The fault's subject, and everything the step touches."""
        locks = [run.subject, *(Lock("agent", deed.target) for deed in deeds if deed.target)]
        return tuple(dict.fromkeys(locks))

    def _wait(self, run: Run, obstacle: Obstacle) -> None:
        if obstacle.final:
            self._end_failed(run, obstacle.reason, self._clock())
            return
        kind = obstacle.reason.split(" for ")[0]
        if kind != run.obstacle:
            run.obstacle = kind
            self._explain(run, 2, f"waits: {obstacle.reason}")
        if run.alarm is not None:
            run.alarm.call_off()
            run.alarm = None
        if obstacle.until is not None:
            run.alarm = self._alarms.at(obstacle.until, self.stir)

    def _mark_inhibited(self, run: Run, obstacle: Obstacle | None) -> bool:
        """Remember which need stands in the way, and since when it does no longer; whether that was just now."""
        fault = run.fault
        need = obstacle.need if obstacle else None
        if need is not None and fault.inhibited_by != need:
            fault.inhibited_by = need
            run.released_at = None
            self._faults.mark(fault, inhibited_by=need or None)
        elif need is None and fault.inhibited_by is not None:
            fault.inhibited_by = None
            run.released_at = self._clock()
            self._faults.mark(fault, inhibited_by=None)
            return True
        return False

    def stir(self) -> None:
        self.stirred = True

    def _begin(
        self, run: Run, deeds: Sequence[Deed], locks: tuple[Lock, ...], impossible: str, now: float
    ) -> None:
        fault, rule, step = run.fault, run.plan.head.name, run.step
        run.attempts += 1
        fault.attempts += 1
        run.obstacle, run.state, run.released_at = "", ACTING, None
        del self.waiting[run.id]
        turns = Turns(list(deeds), at_once=1)
        run.attempt = attempt = Attempt(self._ledger.new_id(), step, run.attempts, locks, turns, now)
        for lock in locks:
            self._obstacles.locked[lock] = run
        self._budgets.began(attempt.id, rule, now, run.buckets)
        row = {
            "recovery_id": run.id, "fault_id": fault.id, "rule": rule, "step": step.name, "number": run.attempts,
            "subject": fault.key, "scope": self._scope(run, deeds), "started_at": now,
        }  # fmt: skip
        self._ledger.put("attempt", attempt.id, row, durable=True)
        self._faults.mark(fault, attempts=fault.attempts)
        if run.order is not None and run.attempts == 1:
            self._orders.begun(run.id, fault.id, rule, run.order)
        self._ledger.tell(AttemptBegan(fault.id, run.attempts, step.name), 1, now)
        if fault.type == "agent" and any(deed.target == fault.key for deed in deeds):
            # While its process is being replaced, what is seen of it proves nothing.
            self._situations.demand_proof(fault.situation, inf)
        if impossible:
            self._failed(run, impossible, now)
        else:
            self._act(run, attempt, now)

    def _scope(self, run: Run, deeds: Iterable[Deed]) -> str:
        """What an attempt counts for, also after a restart: its buckets, and the agents with a limit of their own."""
        touched = [deed.target for deed in deeds if deed.target and self._obstacles.limits_of(deed.target)]
        if not touched:
            return run.ready.scope or as_json(run.buckets)
        return as_json({**run.buckets, **{f"{AGENT} {name}": str(touched.count(name)) for name in touched}})

    def _act(self, run: Run, attempt: Attempt, now: float) -> None:
        """The next actions of the step, or, when all are done, verification."""
        turns = attempt.turns
        for deed in turns.next() if turns.waiting and not attempt.failure else ():
            worn = self._obstacles.of_agent(deed.target, now) if deed.target is not None else None
            if worn is not None:  # by what this very attempt did before
                attempt.failure = worn.reason
                break
            self._do(run, attempt, deed, now)
        if turns.running:
            return
        if not attempt.failure:
            self._acted(run, attempt, now)
        elif run.fault.outcome is not None:
            self._unneeded(run, now)
        else:
            self._failed(run, attempt.failure, now)

    def _do(self, run: Run, attempt: Attempt, deed: Deed, now: float) -> None:
        rule, fault = run.plan.head.name, run.fault
        reason = f"step {attempt.step.name} of {rule} for fault {fault.name} on {fault.key}"
        holder = run.holder if deed.inside is not None else ""
        cause = Cause(rule, reason, fault.id, attempt.id, holder=holder)
        action = self._acting.begin(
            deed,
            cause,
            lambda ended: self._action_ended(run, attempt, action, ended),
            lambda: self._not_again(run, deed),
        )
        attempt.turns.running[action] = deed
        self._ledger.tell(ActionBegan(fault.id, action, deed.kind, deed.target, deed.text), 1, now)

    def _not_again(self, run: Run, deed: Deed) -> str | None:
        """Why an action that failed must not be done again, whatever its `retry` says."""
        if run.fault.outcome is not None:
            return f"the fault was {run.fault.outcome}"
        obstacle = self._obstacles.of_further_try(deed.kind, deed.target, self._clock())
        return None if obstacle is None else obstacle.reason

    def _action_ended(self, run: Run, attempt: Attempt, action: int, ended: Ended) -> None:
        deed = attempt.turns.running.pop(action)
        if run.state is not ACTING:
            return
        now = self._clock()
        self._ledger.tell(ActionEnded(run.fault.id, deed.kind, ended.outcome, ended.detail), 1, now)
        if ended.outcome != "succeeded" and not attempt.failure:
            attempt.failure = how_it_ended(deed.kind, ended.outcome, ended.detail)
        self._act(run, attempt, now)

    def _acted(self, run: Run, attempt: Attempt, now: float) -> None:
        """The actions ended; that alone is no success. The symptom has to go, on samples taken from now on."""
        attempt.acted_at = now
        self._ledger.put("attempt", attempt.id, {"acted_at": now}, durable=False)
        if run.fault.outcome is not None:
            self._unneeded(run, now)
            return
        run.state = VERIFYING
        within = attempt.step.verify.within
        attempt.deadline = self._alarms.at(now + within, lambda: self._too_late(run, attempt, within))
        self._situations.demand_proof(run.fault.situation, now)

    def _too_late(self, run: Run, attempt: Attempt, within: float) -> None:
        now, gone = self._clock(), attempt.symptom_gone_at is not None
        if gone and run.attempt is attempt:
            self._verify(run, now)  # time alone may have made its condition true
        if run.attempt is attempt and run.state is VERIFYING:
            unmet = attempt.step.verify.text or "its condition was not true"
            what = unmet if gone else "the symptom had not gone"
            self._failed(run, f"{what} within {duration(within)}", now)

    # --- how faults end --------------------------------------------------------------------------------------------

    def fault_closed(self, fault: Fault, now: float) -> None:
        run = self._owners.get(fault.id)
        if run is None or run.state in (ACTING, ENDED):
            return  # what is under way is finished first, then it turns out to have been unneeded
        if run.state is VERIFYING and fault.outcome == "cleared":
            assert run.attempt is not None
            run.attempt.symptom_gone_at = now
            self._verify(run, now)
        else:
            self._unneeded(run, now)

    def _verify(self, run: Run, now: float) -> None:
        """The symptom went; a written condition must be true as well."""
        attempt = run.attempt
        assert attempt is not None
        condition = attempt.step.verify.condition
        if condition is None or evaluate(condition, self._bindings(run.fault, run), now) is True:
            after = duration(now - (attempt.acted_at or 0.0))
            self._end_attempt(run, attempt, "succeeded", f"the symptom went {after} after it", now)
            self._end(run, "succeeded", "the symptom went", now)
        else:
            self.awaiting[run.id] = run

    def _failed(self, run: Run, reason: str, now: float) -> None:
        assert run.attempt is not None
        self._end_attempt(run, run.attempt, "failed", reason, now)
        self._go_on()
        run.reason = reason
        run.state = DECIDING
        if run.fault.outcome is None:
            self._situations.demand_proof(run.fault.situation, -inf)
        else:
            self._end(run, "failed", reason, now)
        if run.state is DECIDING:
            self._follow("outcome", run, f"failed:{run.place}")

    def _unneeded(self, run: Run, now: float) -> None:
        reason = (
            "the symptom went by itself"
            if run.fault.outcome == "cleared"
            else f"the fault was {run.fault.outcome}"
        )
        if run.attempt is not None:
            self._end_attempt(run, run.attempt, "unneeded", reason, now)
        self._end(run, "unneeded", reason, now)

    def _end_attempt(self, run: Run, attempt: Attempt, outcome: str, reason: str, now: float) -> None:
        run.attempt = None
        self.awaiting.pop(run.id, None)
        if attempt.deadline is not None:
            attempt.deadline.call_off()
        for lock in attempt.locks:
            self._obstacles.locked.pop(lock, None)
        self._budgets.ended(attempt.id, run.plan.head.name, run.fault.key, now, failed=outcome == "failed")
        if run.order is not None:
            self._orders.ended(run.order, run.place, attempt.step, now - attempt.began_at, outcome)
        row: dict[str, Any] = {"ended_at": now, "outcome": outcome, "reason": reason}
        if outcome == "succeeded":
            row["verified_at"] = now
        fault, step = run.fault.id, attempt.step.name
        account = AttemptEnded(attempt.id, fault, attempt.number, step, outcome, reason)
        self._ledger.enter("attempt", attempt.id, row, account, 2, now)

    # --- what the chaining answers -----------------------------------------------------------------------------------

    def next_step(self, run: Run, place: int) -> None:
        if run.state is not ENDED:  # else that was before its turn came
            run.state, run.place = WAITING, place
            self.waiting[run.id] = run
            self.stirred = True

    def give_up(self, run: Run) -> None:
        """All steps were tried."""
        if run.state is not ENDED:
            self._end_failed(run, run.reason, self._clock())

    def _end_failed(self, run: Run, reason: str, now: float) -> None:
        run.reason = reason
        self._end(run, "exhausted", reason, now)
        self._follow("exhausted", run, "")

    def otherwise(self, run: Run) -> None:
        """Once per fault and recovery, when it gave up."""
        reason = f"{run.plan.head.name} gave up: {run.reason}"
        cause = Cause(run.plan.head.name, reason, run.fault.id, holder=run.holder)
        try:
            deeds = self._acting.deeds(run.plan.otherwise, self._bindings(run.fault, run))
        except ImpossibleError as error:
            self._explain(run, 2, f"otherwise: {error}")
            return
        for deed in deeds:
            action = self._acting.begin(deed, cause, nothing)
            self._explain(run, 2, f"otherwise: action {action}: {deed.text or deed.kind}")

    def _end(self, run: Run, outcome: str, reason: str, now: float) -> None:
        run.state = ENDED
        if run.alarm is not None:
            run.alarm.call_off()
        self.runs.pop(run.id, None)
        self.waiting.pop(run.id, None)
        fault, rule = run.fault, run.plan.head.name
        if self._owners.get(fault.id) is run:
            del self._owners[fault.id]
        row = {"ended_at": now, "outcome": outcome, "reason": reason}
        account = RecoveryEnded(run.id, fault.id, rule, fault.name, fault.key, outcome, reason)
        self._ledger.enter("recovery", run.id, row, account, 2, now)
        self._go_on()

    def _explain(self, run: Run, depth: int, line: str) -> None:
        self._ledger.explain(run.fault.id, depth, line, self._clock())


def _urgency(run: Run) -> tuple[int, int]:
    return -PRIORITIES.index(run.plan.head.priority), run.id


def _may_own(plan: Recovery, run: Run) -> bool:
    """Whether the new text of a recovery is still for the fault that its old text took over."""
    return is_for(run.fault.name, plan) or bool(plan.exhausted and run.plan.exhausted)
