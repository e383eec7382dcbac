"""Runs of automations: refused, queued, waiting for what they come after and for resources, under way, ended; each with its reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from dsl.work import Automation, Reserve
from engine.alarms import Alarms
from engine.analysis.evaluate import evaluate
from engine.analysis.written import duration
from engine.grounds import titled
from engine.ledger import Ledger
from engine.planning.acting import Cause, Deed
from engine.planning.automations.state import AutomationRun, Known
from engine.planning.performing import Performance, Performing
from engine.planning.resources import NOTHING, Resources, Wish, envelope, within
from engine.planning.shadows.rows import About, ShadowRows
from engine.planning.workflows.runs import Runs
from engine.planning.workflows.state import Order, WorkflowRun

MOST_QUEUED = 16


class Running:
    """`told` is called with an automation of which a run began or ended."""

    def __init__(
        self, runs: Runs, performing: Performing, resources: Resources, alarms: Alarms, ledger: Ledger,
        shadows: ShadowRows, singles: Mapping[str, Any], clock: Callable[[], float],
    ) -> None:  # fmt: skip
        self.known: dict[str, Known] = {}
        self._shadows = shadows
        self.told: Callable[[Known], None] = lambda known: None
        self._runs = runs
        self._performing = performing
        self._resources = resources
        self._alarms = alarms
        self._ledger = ledger
        self._singles = singles
        self._clock = clock

    # --- before it begins ------------------------------------------------------------------------------------------

    def request(
        self, known: Known, cause: str, due_at: float, because: str, by_run: int | None = None
    ) -> AutomationRun | None:
        """A run is due, or asked for, by the run of a rule where that is known. None: it is skipped, and its row says why."""
        refusal = self._refusal(known)
        if known.plan.head.shadow:
            self._rehearse(known, due_at, refusal)
            return None
        if refusal is not None:
            self.skip(known, cause, due_at, refusal)
            return None
        run = AutomationRun(self._ledger.new_id(), known, cause, due_at, because)
        self._record(run, status="queued", reason=because, due_at=due_at, actions=0, caused_by=by_run)
        self._explain(run, 0, f"{titled('automation', known.plan.head)}, by {cause}: {because}")
        before = list(known.live)
        known.live.append(run)
        if before and known.plan.overlap == "replace":
            self._replace(known, run, before)
        if known.live[0] is run:
            self._proceed(run)
        elif known.plan.overlap != "replace":
            self._stay(run, "queued", f"run {known.live[0].id} is still under way")
        return run

    def _refusal(self, known: Known) -> str | None:
        plan = known.plan
        if known.paused:
            return "it is paused"
        if plan.only_if is not None and evaluate(plan.only_if, self._singles, self._clock()) is not True:
            return "what it only runs if is not true"
        if plan.unless is not None and evaluate(plan.unless.expression, self._singles, self._clock()) is True:
            return f"{plan.unless.text or 'its `unless`'} is true"
        if known.live and plan.overlap == "skip":
            return f"run {known.live[0].id} is still {known.live[0].status}"
        if len(known.live) > MOST_QUEUED:
            return f"{MOST_QUEUED} runs are queued already"
        return None

    def skip(self, known: Known, cause: str, due_at: float, reason: str) -> None:
        identity, now = self._ledger.new_id(), self._clock()
        self._ledger.record(
            "automation_run", identity, automation_id=known.id, automation=known.name, type=known.plan.type,
            cause=cause, status="skipped", reason=reason, priority=known.plan.head.priority, due_at=due_at,
            ended_at=now, actions=0,
        )  # fmt: skip
        self._ledger.explain(identity, 0, f"automation {known.name} ({cause}) is skipped: {reason}", now)

    def _rehearse(self, known: Known, due_at: float, refusal: str | None) -> None:
        """What it would run. How long that would take nobody knows, so nothing is said of what waits for its end."""
        about, plan = About(key=known.name), known.plan
        missing = [name for name in plan.after if not self._may_have_succeeded(name, known.last_run_at)]
        if refusal is None and missing:
            refusal = f"it comes after {', '.join(missing)}, of which no run succeeded since"
        if refusal is not None:
            self._shadows.held_back(
                "automation", known.name, "run", about, refusal, at=due_at, ended_at=due_at
            )
            return
        deeds, failure = self._foreseen(plan)
        failed: dict[str, Any] = {"outcome": "failed", "reason": failure} if failure else {}
        self._shadows.would(
            "automation", known.name, "run", about, deeds, at=due_at, ended_at=due_at, **failed
        )

    def _may_have_succeeded(self, name: str, instant: float) -> bool:
        """What is in the shadow itself does not run, and may have succeeded if it had."""
        other = self.known.get(name)
        return self._succeeded_since(name, instant) or (other is not None and other.plan.head.shadow)

    def _foreseen(self, plan: Automation) -> tuple[list[Deed], str]:
        if plan.workflow is None:
            return self._performing.foreseen(plan.actions, dict(self._singles))
        now = self._clock()
        arguments = {name: evaluate(value, self._singles, now) for name, value in plan.arguments}
        return [Deed("run", plan.workflow, arguments, 0.0, f"run {plan.workflow}")], ""

    def _replace(self, known: Known, run: AutomationRun, before: list[AutomationRun]) -> None:
        for other in before:
            self.cancel(other, f"run {run.id} replaces it")
        if known.live[0] is not run:
            self._stay(run, "queued", f"run {known.live[0].id} is being ended")

    def _proceed(self, run: AutomationRun) -> None:
        """As far as it gets: behind a pause, behind what it comes after, to the queue for resources."""
        known = run.known
        if run.status == "running" or run.asked or run is not known.live[0]:
            return
        missing = [name for name in known.plan.after if not self._succeeded_since(name, known.last_run_at)]
        if known.paused:
            self._stay(run, "queued", "it is paused")
        elif missing:
            self._stay(run, "queued", f"it comes after {', '.join(missing)}, of which no run succeeded since")
        else:
            self._ask(run)

    def _succeeded_since(self, name: str, instant: float) -> bool:
        other = self.known.get(name)
        return other is not None and other.last_success_at > instant

    def _ask(self, run: AutomationRun) -> None:
        reserve = self._reserve(run)
        never = self._resources.impossible(reserve)
        if never is not None:
            self._end(run, "failed", never)
            return
        run.asked = True
        place = (-float(run.known.rank()), float(run.id))
        self._resources.ask(
            Wish(
                place,
                run.id,
                reserve,
                lambda: self._begin(run, reserve),
                lambda why: self._stay(run, "waiting", why),
            )
        )

    def _reserve(self, run: AutomationRun) -> Reserve:
        """What it holds for all its steps, so that none of them waits for others while it holds something."""
        plan = run.known.plan
        workflow = self._runs.plans.get(plan.workflow or "")
        if plan.reserve == NOTHING or workflow is None:
            return plan.reserve
        return envelope(plan.reserve, [step.reserve for step in workflow.steps])

    def _stay(self, run: AutomationRun, status: str, reason: str) -> None:
        if (run.status, run.reason) != (status, reason):
            run.status, run.reason = status, reason
            self._record(run, status=status, reason=reason)
            self._explain(run, 1, f"{status}: {reason}")

    def paused(self, known: Known) -> None:
        """It is paused now, or no longer."""
        run = known.live[0] if known.live else None
        if run is None or run.status == "running":
            return
        if known.paused and run.asked:
            self._resources.withdraw(run.id)
            run.asked = False
        self._proceed(run)

    # --- under way -------------------------------------------------------------------------------------------------

    def _begin(self, run: AutomationRun, reserve: Reserve) -> None:
        known, now = run.known, self._clock()
        run.status, run.started_at, run.reason = "running", now, run.because
        known.last_run_at = now
        self._record(run, durable=True, status="running", reason=run.because, started_at=now)
        if known.plan.deadline is not None:
            reason = f"its deadline of {duration(known.plan.deadline)} passed"
            run.deadline = self._alarms.at(now + known.plan.deadline, lambda: self.cancel(run, reason))
        self.told(known)
        if known.plan.workflow is not None:
            self._begin_workflow(run, known.plan.workflow, reserve)
        else:
            self._begin_actions(run)

    def _begin_workflow(self, run: AutomationRun, workflow: str, reserve: Reserve) -> None:
        plan = run.known.plan
        arguments = {name: evaluate(value, self._singles, self._clock()) for name, value in plan.arguments}
        refusal = self._runs.refusal(workflow, arguments)
        if refusal is not None:
            self._end(run, "failed", refusal)
            return
        order = Order(
            arguments, plan.head.priority, plan.strategy, plan.learning, run.id,
            None if reserve == NOTHING else Resources(within(reserve)),
        )  # fmt: skip
        run.workflow_run = self._runs.start(
            workflow,
            order,
            f"automation {plan.head.name}, run {run.id}",
            lambda ended: self._workflow_ended(run, ended),
        )
        self._record(run, workflow_run_id=run.workflow_run.id)
        self._explain(run, 1, f"workflow {workflow} begins (run {run.workflow_run.id})")

    def _begin_actions(self, run: AutomationRun) -> None:
        plan = run.known.plan
        cause = Cause(plan.head.name, f"automation {plan.head.name}, run {run.id}", run=run.id)
        holder = f"automation {plan.head.name}"
        run.performance = self._performing.begin(
            plan.actions,
            dict(self._singles),
            cause,
            holder,
            lambda performance: self._acted(run, performance),
        )

    def _workflow_ended(self, run: AutomationRun, ended: WorkflowRun) -> None:
        run.actions = ended.actions
        self._end(run, ended.status, ended.ending.reason if ended.ending else "")

    def _acted(self, run: AutomationRun, performance: Performance) -> None:
        run.actions = performance.executed
        outcome, reason = performance.outcome or "failed", performance.reason
        if outcome == "succeeded" and performance.executed == 0:
            outcome, reason = "failed", "nothing was done: there was nobody to do it to"
        self._end(run, outcome, reason)

    def cancel(self, run: AutomationRun, reason: str) -> None:
        """End it: what is under way is ended first, and undone."""
        if run.ending or run not in run.known.live:
            return
        if run.status != "running":
            self._end(run, "cancelled", reason)
            return
        run.ending = reason
        self._explain(run, 1, f"it is ended: {reason}")
        if run.workflow_run is not None:
            self._runs.cancel(run.workflow_run, reason)
        elif run.performance is not None:
            self._performing.cancel(run.performance, reason)

    def cancel_waiting(self, known: Known, reason: str) -> None:
        for run in [run for run in known.live if run.status != "running"]:
            self.cancel(run, reason)

    def cancel_all(self, known: Known, reason: str) -> int:
        """How many there were."""
        runs = list(known.live)
        for run in runs:
            self.cancel(run, reason)
        return len(runs)

    def _end(self, run: AutomationRun, status: str, reason: str) -> None:
        known, now = run.known, self._clock()
        run.status = status
        if run.deadline is not None:
            run.deadline.call_off()
        self._resources.withdraw(run.id)
        known.live.remove(run)
        self._record(
            run,
            durable=True,
            status=status,
            reason=reason or run.because,
            ended_at=now,
            actions=run.actions,
        )
        self._explain(run, 0, f"automation {known.name} {status}" + (f": {reason}" if reason else ""))
        if status == "succeeded":
            known.last_success_at = now
        self.told(known)
        self._next(known)

    def _next(self, known: Known) -> None:
        """The next in its queue, and those that come after it."""
        for other in [known, *(o for o in self.known.values() if known.name in o.plan.after)]:
            if other.live:
                self._proceed(other.live[0])

    # --- its row -----------------------------------------------------------------------------------------------------

    def _record(self, run: AutomationRun, *, durable: bool = False, **columns: object) -> None:
        plan = run.known.plan
        whole = {
            "automation_id": run.known.id, "automation": plan.head.name, "type": plan.type, "cause": run.cause,
            "priority": plan.head.priority,
        } if "due_at" in columns else {}  # fmt: skip
        self._ledger.record("automation_run", run.id, durable=durable, **whole, **columns)

    def _explain(self, run: AutomationRun, depth: int, line: str) -> None:
        self._ledger.explain(run.id, depth, line, self._clock())
