"""What is set in motion by a state or a moment: done once, taken back at the state's end, kept only if it helped where that is measured."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from math import inf
from typing import Any

from dsl.operators import number, walk
from dsl.parts import Keep
from dsl.work import Orchestration
from engine.alarms import Alarms
from engine.analysis.evaluate import evaluate
from engine.analysis.situations import Situation, Situations
from engine.analysis.watch import SINGLE
from engine.analysis.written import duration
from engine.grounds import Lines, of_moment, of_situation, titled
from engine.knowledge.facts import Fact, WorkingMemory, bindings_of, keys_of
from engine.ledger import Ledger, as_json
from engine.planning.acting import Cause
from engine.planning.budgets import Budgets, buckets_of
from engine.planning.occasion import Bindings, Occasion, budget_of, number_of, why_of
from engine.planning.performing import Performance, Performing
from engine.planning.shadows.orchestrations import RehearsedOrchestrations
from engine.planning.shadows.rows import ShadowRows
from engine.renaming import Names, write

_MOST_AT_ONCE = 10
# Why these agents must not be touched, by what a rule keeps.
TooFew = Callable[[Sequence[Keep], Collection[str], Bindings, float], str | None]


class Orchestrations:
    def __init__(
        self, situations: Situations, performing: Performing, budgets: Budgets, memory: WorkingMemory, alarms: Alarms,
        ledger: Ledger, shadows: ShadowRows, clock: Callable[[], float], too_few: TooFew,
    ) -> None:  # fmt: skip
        self._too_few = too_few
        self._rehearsing = RehearsedOrchestrations(shadows, performing, budgets, clock)
        self.plans: dict[str, Orchestration] = {}
        self._situations = situations
        self._performing = performing
        self._budgets = budgets
        self._memory = memory
        self._alarms = alarms
        self._ledger = ledger
        self._clock = clock
        self._states: dict[Situation, Occasion] = {}
        self._under_way: dict[int, Occasion] = {}
        self._at_once: dict[
            tuple[str, str], tuple[float, int]
        ] = {}  # by rule and subject: when it acted last, how often then

    def replace(self, plans: Iterable[Orchestration]) -> None:
        """Take those of a new program. What is under way ends under its old text."""
        self.plans = {plan.head.name: plan for plan in plans if not plan.head.off}
        self._rehearsing.replace(self.plans)
        self._at_once.clear()

    def rename(self, names: Names) -> None:
        """Rules are called otherwise. What is under way goes on under its own text."""
        self.plans = names.rules("orchestration", self.plans)
        self._rehearsing.rename(names)
        for occasion in dict.fromkeys([*self._states.values(), *self._under_way.values()]):
            former, occasion.plan = occasion.plan.head.name, names.text("orchestration", occasion.plan)
            if not occasion.concluded:
                name = occasion.plan.head.name
                write(self._ledger, "automation_run", occasion.id, "automation", former, name, self._clock())

    # --- occasions -------------------------------------------------------------------------------------------------

    def began(self, situation: Situation) -> None:
        """Its condition held long enough."""
        plan = self.plans.get(situation.watch.rule.head.name)
        if plan is not None:
            bindings = self._of(situation.fact, situation.watch.subject)
            self._set_in_motion(plan, situation.fact, bindings, "rule", state=situation)

    def ended(self, situation: Situation) -> None:
        """Its condition holds no longer, or its subject or rule is gone: what it did is taken back."""
        self._rehearsing.ended(situation)
        occasion = self._states.pop(situation, None)
        if occasion is not None:
            occasion.over = True
            if occasion.concluded:
                self._take_back(occasion, "it is over")

    def moment(self, plan: Orchestration, subject: Fact | None, bindings: Bindings) -> None:
        """What it waits for happened."""
        self._set_in_motion(plan, subject, {**self._situations.singles, **bindings}, "rule")

    def by_hand(self, name: str, by: str) -> None:
        """Somebody asks for it now: it acts where its conditions are true, on each subject of which they are."""
        plan, acted = self.plans[name], False
        kind, variable = (plan.binding.type, plan.binding.name) if plan.binding else (SINGLE, SINGLE)
        for fact in (
            list(self._memory.all(kind)) if plan.when is not None or plan.binding is not None else [None]
        ):
            bindings = self._of(fact, variable) if fact is not None else dict(self._situations.singles)
            if self._true_of(plan, bindings):
                acted = True
                self._set_in_motion(plan, fact, bindings, "hand", by=by)
        if not acted:
            self._skip(plan, "hand", "its condition is true of nothing")

    def _true_of(self, plan: Orchestration, bindings: Bindings) -> bool:
        conditions = [
            plan.binding.where if plan.binding else None,
            plan.when.expression if plan.when else None,
        ]
        return all(c is None or evaluate(c, bindings, self._clock()) is True for c in conditions)

    def _of(self, fact: Fact, variable: str) -> dict[str, Any]:
        return {**self._situations.singles, **bindings_of(fact, variable)}

    # --- acting ------------------------------------------------------------------------------------------------------

    def _set_in_motion(
        self, plan: Orchestration, subject: Fact | None, bindings: Bindings, cause: str, *,
        state: Situation | None = None, by: str = "",
    ) -> None:  # fmt: skip
        """Act, unless something speaks against it. What it does may end the state at once, so that is known of before."""
        variable = plan.binding.name if plan.binding else SINGLE
        keys = keys_of(subject, variable) if subject is not None else {}
        buckets = buckets_of(plan.limits, bindings, keys)
        refusal = self._runaway(plan, subject) or self._refusal(plan, subject, bindings, buckets)
        if plan.head.shadow:
            self._rehearsing.acts(plan, subject, bindings, buckets, refusal, state)
            return
        if refusal is not None:
            self._skip(plan, cause, refusal)
            return
        occasion, now = Occasion(self._ledger.new_id(), plan, subject, bindings), self._clock()
        self._under_way[occasion.id] = occasion
        if state is not None:
            self._states[state] = occasion
        self._budgets.began(occasion.id, budget_of(plan), now, buckets)
        self._ledger.record(
            "automation_run", occasion.id, durable=True, automation=plan.head.name, type=plan.type, cause=cause,
            status="running", priority=plan.head.priority, due_at=now, started_at=now, actions=0,
            fault_id=_fault_of(plan, bindings),
        )  # fmt: skip
        self._begin(occasion, f"asked for by {by or 'somebody'}" if cause == "hand" else why_of(plan), state)

    def _runaway(self, plan: Orchestration, subject: Fact | None) -> str | None:
        """A rule that brings its own condition about would go on for ever without any time passing."""
        key, now = (plan.head.name, subject.key if subject is not None else ""), self._clock()
        instant, count = self._at_once.get(key, (now, 0))
        count = count + 1 if instant == now else 1
        self._at_once[key] = (now, count)
        if count <= _MOST_AT_ONCE:
            return None
        return (
            f"it acted {_MOST_AT_ONCE} times in this very moment: what it does brings its own condition about"
        )

    def _refusal(
        self, plan: Orchestration, subject: Fact | None, bindings: Bindings, buckets: Mapping[str, str]
    ) -> str | None:
        now = self._clock()
        if plan.only_if is not None and evaluate(plan.only_if, bindings, now) is not True:
            return "what it only acts if is not true"
        if plan.unless is not None and evaluate(plan.unless.expression, bindings, now) is True:
            return f"{plan.unless.text or 'its `unless`'} is true"
        touched = {subject.key} if subject is not None and subject.type == "agent" else set()
        too_few = self._too_few(plan.keeps, touched, bindings, now)
        if too_few:
            return too_few
        used_up = self._budgets.used_up(budget_of(plan), plan.limits, buckets, now)
        return used_up or self._budgets.crowded(budget_of(plan), plan.limits, buckets)

    def _skip(self, plan: Orchestration, cause: str, reason: str) -> None:
        identity, now = self._ledger.new_id(), self._clock()
        self._ledger.record(
            "automation_run", identity, automation=plan.head.name, type=plan.type, cause=cause, status="skipped",
            reason=reason, priority=plan.head.priority, due_at=now, ended_at=now, actions=0,
        )  # fmt: skip
        self._ledger.explain(identity, 0, f"orchestration {plan.head.name} does nothing: {reason}", now)

    def _begin(self, occasion: Occasion, why: str, state: Situation | None) -> None:
        plan = occasion.plan
        on = f" on {occasion.key}" if plan.binding is not None else ""
        self._explain(occasion, 0, f"{titled('orchestration', plan.head)}{on}: {why}")
        for depth, line in self._grounds(occasion, state):
            self._explain(occasion, depth, line)
        if plan.measure is not None:
            occasion.before = self._read(occasion, -inf)
            self._explain(
                occasion, 1, f"{'.'.join(plan.measure.path)} is {number_of(occasion.before)} before it"
            )
        cause = self._cause(occasion, f"orchestration {plan.head.name}{on}: {why}")
        self._performing.begin(
            plan.then, occasion.bindings, cause, occasion.holder, lambda done: self._acted(occasion, done)
        )

    def _grounds(self, occasion: Occasion, state: Situation | None) -> Lines:
        if state is not None:
            yield from of_situation(state, occasion.bindings, self._clock())
        elif occasion.plan.on is not None:
            yield from of_moment(occasion.plan.on, occasion.bindings, self._clock())

    def _acted(self, occasion: Occasion, performance: Performance) -> None:
        self._count(occasion, performance)
        if performance.outcome != "succeeded":
            self._conclude(occasion, "failed", performance.reason)
        elif performance.executed == 0:
            self._conclude(occasion, "failed", "nothing was done: there was nobody to do it to")
        elif occasion.plan.measure is None:
            self._conclude(occasion, "succeeded", "")
        else:
            acted_at = self._clock()
            due = acted_at + occasion.plan.measure.settle
            self._alarms.at(due, lambda: self._measure(occasion, acted_at))

    def _count(self, occasion: Occasion, performance: Performance) -> None:
        occasion.actions += performance.executed
        self._ledger.record("automation_run", occasion.id, actions=occasion.actions)
        for result in performance.results:
            said = f"{result.deed.text or result.deed.kind} {result.ended.outcome}"
            self._explain(occasion, 1, f"action {result.action}: {said}")

    # --- measuring ---------------------------------------------------------------------------------------------------

    def _measure(self, occasion: Occasion, acted_at: float) -> None:
        """Kept only if it fell by as much as was asked for, on a sample taken after it."""
        measure = occasion.plan.measure
        assert measure is not None
        path, before, after = ".".join(measure.path), occasion.before, self._read(occasion, acted_at)
        kept = before is not None and after is not None and before - after >= measure.least
        occasion.measured = {"path": path, "before": before, "after": after, "kept": kept}
        self._ledger.record("automation_run", occasion.id, measured=as_json(occasion.measured))
        said = f"{path} was {number_of(before)} before it and {number_of(after)} {duration(measure.settle)} after it"
        self._explain(occasion, 1, f"{said}: {'kept' if kept else 'taken back'}")
        if kept:
            self._conclude(occasion, "succeeded", "")
        else:
            self._conclude(
                occasion, "failed", f"{said}, and should have fallen by {number_of(measure.least)}"
            )
            self._take_back(occasion, "it did not help")

    def _read(self, occasion: Occasion, sampled_after: float) -> float | None:
        assert occasion.plan.measure is not None
        variable, *path = occasion.plan.measure.path
        fact = occasion.subject
        bound = occasion.plan.binding.name if occasion.plan.binding else SINGLE
        if fact is None or variable != bound:
            fact = next(iter(self._memory.all(variable)), None)
        if fact is None or fact.sampled_at <= sampled_after:
            return None
        return number(walk(fact.values, path))

    # --- its end -------------------------------------------------------------------------------------------------------

    def _conclude(self, occasion: Occasion, status: str, reason: str) -> None:
        now, plan = self._clock(), occasion.plan
        occasion.concluded = True
        del self._under_way[occasion.id]
        self._budgets.ended(occasion.id, budget_of(plan), occasion.key, now, failed=status == "failed")
        self._ledger.record(
            "automation_run", occasion.id, durable=True, status=status, reason=reason or None, ended_at=now
        )
        self._explain(
            occasion, 0, f"orchestration {plan.head.name} {status}" + (f": {reason}" if reason else "")
        )
        if occasion.over:
            self._take_back(occasion, "it is over")

    def _take_back(self, occasion: Occasion, why: str) -> None:
        """`afterwards`, once."""
        if occasion.taken_back or not occasion.plan.afterwards:
            return
        occasion.taken_back = True
        self._explain(occasion, 1, f"afterwards: {why}")
        cause = self._cause(occasion, f"orchestration {occasion.plan.head.name}, afterwards: {why}")
        self._performing.begin(
            occasion.plan.afterwards, occasion.bindings, cause, occasion.holder,
            lambda performance: self._took_back(occasion, performance),
        )  # fmt: skip

    def _took_back(self, occasion: Occasion, performance: Performance) -> None:
        self._count(occasion, performance)
        if performance.outcome != "succeeded":
            self._explain(occasion, 1, f"afterwards {performance.outcome}: {performance.reason}")

    def _cause(self, occasion: Occasion, reason: str) -> Cause:
        return Cause(occasion.plan.head.name, f"{reason} (run {occasion.id})", run=occasion.id)

    def _explain(self, occasion: Occasion, depth: int, line: str) -> None:
        self._ledger.explain(occasion.id, depth, line, self._clock())

    # --- across a restart ----------------------------------------------------------------------------------------------

    def of(self, situation: Situation) -> Occasion | None:
        """What was done about a state that goes on."""
        return self._states.get(situation)

    def refusal_of(self, situation: Situation) -> str | None:
        """Why nothing would be done about a state that holds, in words; only looks."""
        plan = self.plans.get(situation.watch.rule.head.name)
        if plan is None:
            return "its rule is gone"
        bindings = self._of(situation.fact, situation.watch.subject)
        keys = keys_of(situation.fact, situation.watch.subject)
        return self._refusal(plan, situation.fact, bindings, buckets_of(plan.limits, bindings, keys))

    def resume(self, situation: Situation, run: int, *, taken_back: bool) -> None:
        """A state goes on from a former life: what was done about it is not done again, and is taken back at its end."""
        plan = self.plans.get(situation.watch.rule.head.name)
        if plan is None:
            return
        bindings = self._of(situation.fact, situation.watch.subject)
        occasion = self._states[situation] = Occasion(run, plan, situation.fact, bindings)
        occasion.concluded, occasion.taken_back = True, taken_back
        self._explain(occasion, 1, "volexd started again: it goes on until its end is seen")

    # --- after a restart -----------------------------------------------------------------------------------------------

    def restore(self, rows: Iterable[Mapping[str, Any]], shadows: Iterable[Mapping[str, Any]]) -> None:
        """Limits over all stay spent."""
        self._rehearsing.restore(shadows)
        for row in rows:
            plan = self.plans.get(row["automation"])
            if plan is not None and row["cause"] in ("rule", "hand") and row["started_at"] is not None:
                self._budgets.began(
                    row["id"], budget_of(plan), row["started_at"], buckets_of(plan.limits, {}, {})
                )
                self._budgets.ended(
                    row["id"], budget_of(plan), "", row["ended_at"] or self._clock(), failed=False
                )


def _fault_of(plan: Orchestration, bindings: Bindings) -> int | None:
    """The fault that set it in motion, by itself or by a recovery that gave up on it."""
    fault = bindings.get("fault") if plan.on is not None and plan.on.kind in ("fault", "exhausted") else None
    return None if fault is None else int(fault["id"])
