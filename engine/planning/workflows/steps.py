"""One step of a run: it waits, asks for its resources, acts, is judged, and tries again after a pause if it may."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from msgspec.structs import replace

from dsl.work import Step
from engine.alarms import Alarms
from engine.analysis.evaluate import evaluate
from engine.analysis.written import duration
from engine.knowledge.facts import WorkingMemory
from engine.knowledge.learned import Learned
from engine.ledger import Ledger
from engine.planning.acting import Acting, Cause, Deed, Ended, ImpossibleError
from engine.planning.answers import Answers
from engine.planning.resources import Wish
from engine.planning.workflows import judging
from engine.planning.workflows.state import TERMINAL, StepRun, WorkflowRun

HARD_LIMIT = (
    86400.0  # of an action, for the shell: the timeout of a step is the engine's, for it may still be moved
)
_LEARNING = frozenset({"efficient", "adaptive"})


class Steps:
    """`touched` are the runs of which the state of a step changed, by their ids."""

    def __init__(
        self, acting: Acting, answers: Answers, memory: WorkingMemory, learned: Learned, alarms: Alarms, ledger: Ledger,
        singles: Mapping[str, Any], clock: Callable[[], float],
    ) -> None:  # fmt: skip
        self.touched: dict[int, WorkflowRun] = {}
        self._acting = acting
        self._answers = answers
        self._memory = memory
        self._learned = learned
        self._alarms = alarms
        self._ledger = ledger
        self._singles = singles
        self._clock = clock
        self._ends = 0

    # --- before it acts --------------------------------------------------------------------------------------------

    def add(self, run: WorkflowRun, plan: Step) -> StepRun:
        """A new step of a run; it waits."""
        step = StepRun(self._ledger.new_id(), plan, self._timeout(run, plan))
        run.steps[step.name] = step
        run.unfinished += 1
        self._ledger.record(
            "step_run",
            step.id,
            run_id=run.id,
            step=step.name,
            kind=plan.action.kind,
            status="waiting",
            attempt=0,
        )
        self.touch(run, step)
        return step

    def replace(self, run: WorkflowRun, step: StepRun, plan: Step) -> None:
        """It does something else from now on."""
        step.take(plan, self._timeout(run, plan))
        self._ledger.record("step_run", step.id, kind=plan.action.kind)
        self.touch(run, step)

    def _timeout(self, run: WorkflowRun, plan: Step) -> float:
        """Learned, where a further try is left: the last one gets all that was written."""
        if not run.learning or run.order.strategy not in _LEARNING or plan.retry.count == 0:
            return plan.timeout
        return self._learned.timeout(run.lesson(plan.name), plan.timeout)

    def make_ready(self, run: WorkflowRun, step: StepRun) -> None:
        """Nothing it comes after is missing any more: it asks for what it reserves."""
        never = run.pool.impossible(step.plan.reserve)
        if never is not None:
            self._fail(run, step, never)
            return
        self.turn(run, step, "ready")
        self.ask(run, step)

    def ask(self, run: WorkflowRun, step: StepRun) -> None:
        place = (-float(run.rank()), float(run.id), *run.places.get(step.name, (0.0,)))
        run.pool.ask(
            Wish(
                place,
                step.id,
                step.plan.reserve,
                lambda: self._begin(run, step),
                lambda reason: self._explain(run, 2, f"step {step.name} waits: {reason}"),
            )
        )

    def ask_again(self, run: WorkflowRun, step: StepRun) -> None:
        run.pool.withdraw(step.id)
        self.ask(run, step)

    def anew(self, run: WorkflowRun, step: StepRun) -> None:
        """What it is has changed while it waited: a pause before its next attempt is over, and it asks for what it reserves now."""
        step.call_off()
        run.pool.withdraw(step.id)
        self.make_ready(run, step)

    def again(self, run: WorkflowRun, step: StepRun) -> None:
        """A failed step begins anew; the run has not failed yet."""
        step.ended_at = None
        self.make_ready(run, step)

    # --- acting ----------------------------------------------------------------------------------------------------

    def _begin(self, run: WorkflowRun, step: StepRun) -> None:
        now = self._clock()
        step.attempt += 1
        step.attempt_at = now
        step.timed_out, step.answers = False, []
        if step.started_at is None:
            step.started_at = now
        self.turn(run, step, "running", attempt=step.attempt, started_at=step.started_at)
        again = f" again (attempt {step.attempt})" if step.attempt > 1 else ""
        self._explain(run, 1, f"step {step.name} begins{again}")
        try:
            deeds = self._deeds(run, step)
        except ImpossibleError as error:
            self._failed_attempt(run, step, str(error))
            return
        step.alarm = self._alarms.at(now + step.timeout, lambda: self._too_late(run, step))
        for member, deed in deeds:
            self._act(run, step, member, deed)
        if not deeds:
            self._judge(run, step)

    def _deeds(self, run: WorkflowRun, step: StepRun) -> list[tuple[str | None, Deed]]:
        """What it comes to: once, or once for each member that it is for."""
        now = self._clock()
        bindings = {**run.bindings(self._singles, now), "step": step.values(now)}
        binding = step.plan.binding
        if binding is None:
            return [(deed.target, deed) for deed in self._acting.deeds((step.plan.action,), bindings)]
        found: list[tuple[str | None, Deed]] = []
        for fact in self._memory.all(binding.type):
            bound = {**bindings, binding.name: fact.values}
            if binding.where is None or evaluate(binding.where, bound, self._clock()) is True:
                found += [(fact.key, deed) for deed in self._acting.deeds((step.plan.action,), bound)]
        return found

    def _act(self, run: WorkflowRun, step: StepRun, member: str | None, deed: Deed) -> None:
        attempt = f", attempt {step.attempt}" if step.attempt > 1 else ""
        reason = f"step {step.name} of workflow {run.plan.head.name}{attempt}"
        cause = Cause(run.plan.head.name, reason, holder=f"workflow {run.id}")
        bounded = replace(deed, timeout=max(HARD_LIMIT, step.timeout))
        identity = self._acting.begin(
            bounded, cause, lambda ended: self._answered(run, step, identity, deed, ended)
        )
        step.running[identity] = member
        step.action = identity
        run.actions += 1
        self._ledger.record("step_run", step.id, action_id=identity)
        self._explain(run, 2, f"action {identity}: {deed.text or deed.kind}")

    def _too_late(self, run: WorkflowRun, step: StepRun) -> None:
        step.alarm = None
        step.timed_out = True
        for action in list(step.running):
            self._acting.cancel(action)

    def more_time(self, run: WorkflowRun, step: StepRun, timeout: float) -> None:
        """Its timeout is another; of one that runs the alarm moves."""
        step.timeout = timeout
        if step.status == "running" and step.alarm is not None:
            step.alarm.call_off()
            step.alarm = self._alarms.at(step.attempt_at + timeout, lambda: self._too_late(run, step))

    def cancel(self, step: StepRun) -> None:
        """End what is under way; what became of it nobody knows."""
        for action in list(step.running):
            self._acting.cancel(action)

    # --- what became of it -------------------------------------------------------------------------------------------

    def _answered(self, run: WorkflowRun, step: StepRun, action: int, deed: Deed, ended: Ended) -> None:
        member = step.running.pop(action)
        answer = judging.answer_of(member, ended)
        answer["ok"] = judging.is_ok(step.plan, answer, ended, self._bindings(run), self._clock())
        step.answers.append(answer)
        if deed.kind == "http" and member is not None:
            self._answers.tell(run.plan.head.name, member, answer["ok"], ended)
        if not step.running:
            self._judge(run, step)

    def _bindings(self, run: WorkflowRun) -> dict[str, Any]:
        return run.bindings(self._singles, self._clock())

    def _judge(self, run: WorkflowRun, step: StepRun) -> None:
        step.call_off()
        step.output = judging.output_of(step)
        error = judging.error_of(step, self._bindings(run), self._clock())
        if error is None:
            self._succeeded(run, step)
        elif run.ending is not None and not step.timed_out and judging.was_cancelled(step):
            step.unsure = True
            self._over(run, step, "cancelled", run.ending.reason)
        else:
            self._failed_attempt(run, step, error)

    def _succeeded(self, run: WorkflowRun, step: StepRun) -> None:
        if run.learning:
            now = self._clock()
            self._learned.ended(run.lesson(step.name), now - step.attempt_at, True, now)
        self._over(run, step, "succeeded", "")

    def _failed_attempt(self, run: WorkflowRun, step: StepRun, error: str) -> None:
        """It tries again after a pause, if it may; if not, it failed."""
        self._learn_failure(run, step)
        run.pool.give_back(step.id)
        step.error = error
        if step.retries > 0 and run.ending is None:
            self._pause(run, step, error)
        else:
            self._fail(run, step, error)

    def _learn_failure(self, run: WorkflowRun, step: StepRun) -> None:
        if not run.learning:
            return
        now, lesson = self._clock(), run.lesson(step.name)
        if step.timed_out:
            self._learned.too_slow(lesson, step.plan.timeout, now)
        else:
            self._learned.ended(lesson, now - step.attempt_at, False, now)

    def _pause(self, run: WorkflowRun, step: StepRun, error: str) -> None:
        step.retries -= 1
        if step.retries == 0 and step.timeout < step.plan.timeout:
            step.timeout = step.plan.timeout
        pause = _pause_of(step)
        self.turn(run, step, "ready", error=error)
        self._explain(run, 2, f"step {step.name}: {error}; again in {duration(pause)}")
        step.alarm = self._alarms.at(self._clock() + pause, lambda: self._pause_over(run, step))

    def _pause_over(self, run: WorkflowRun, step: StepRun) -> None:
        step.alarm = None
        if step.status == "ready":
            self.ask(run, step)

    def _fail(self, run: WorkflowRun, step: StepRun, error: str) -> None:
        step.unsure = step.timed_out or judging.was_cancelled(step)
        self._over(run, step, "failed", error)

    def _over(self, run: WorkflowRun, step: StepRun, status: str, error: str) -> None:
        """It ended, for now: adaptations may still let a failed one begin anew."""
        run.pool.give_back(step.id)
        now = self._clock()
        self._ends += 1
        step.number, step.ended_at, step.error = self._ends, now, error
        took = step.duration(now)
        self.turn(
            run,
            step,
            status,
            ended_at=now,
            duration_s=took,
            error=error or None,
            output=judging.written_output(step.output),
        )
        after = f" after {duration(took)}" if took is not None else ""
        self._explain(run, 1, f"step {step.name} {status}{after}" + (f": {error}" if error else ""))

    def leave_out(self, run: WorkflowRun, step: StepRun, status: str, reason: str) -> None:
        """It does not begin any more: skipped, or cancelled with its run."""
        step.call_off()
        run.pool.withdraw(step.id)
        if step.status not in TERMINAL:
            self._over(run, step, status, reason)
        else:
            self.turn(run, step, status, error=reason)

    # --- its row -----------------------------------------------------------------------------------------------------

    def turn(self, run: WorkflowRun, step: StepRun, status: str, **columns: object) -> None:
        run.unfinished += (step.status in TERMINAL) - (status in TERMINAL)
        step.status = status
        self._ledger.record("step_run", step.id, durable=False, status=status, **columns)
        self.touch(run, step)

    def touch(self, run: WorkflowRun, step: StepRun) -> None:
        run.touched[step.name] = None
        self.touched[run.id] = run

    def _explain(self, run: WorkflowRun, depth: int, line: str) -> None:
        self._ledger.explain(run.id, depth, line, self._clock())


def _pause_of(step: StepRun) -> float:
    retry = step.plan.retry
    if retry.doubling_to is None:
        return retry.backoff
    return min(retry.backoff * 2.0 ** min(max(step.attempt - 1, 0), 60), retry.doubling_to)
