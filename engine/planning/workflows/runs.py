"""Runs of workflows as state machines: the world does, the engine decides.

Ready steps begin as resources allow, in the order of the run's strategy; a step that ended is first seen by the adaptations, then by its
dependants, then by the run, which fails with a required step. What has to be undone is undone in reverse before the run ends.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from dsl.parts import PRIORITIES, Place, RuleHead
from dsl.work import Step, Workflow
from engine.analysis.written import duration
from engine.grounds import titled
from engine.knowledge.learned import Learned
from engine.ledger import Ledger, as_json
from engine.planning.acting import Cause
from engine.planning.performing import Performance, Performing
from engine.planning.resources import Resources
from engine.planning.workflows import graph
from engine.planning.workflows.state import NOT_BEGUN, Ending, Order, StepRun, WorkflowRun
from engine.planning.workflows.steps import Steps
from engine.renaming import Names, write

INTERRUPTED = "volexd ended while it was under way"


class Runs:
    """`adapt(run, steps)` is called with the steps whose state changed, before anything follows from that."""

    def __init__(
        self, steps: Steps, performing: Performing, resources: Resources, learned: Learned,
        ledger: Ledger, singles: Mapping[str, Any], clock: Callable[[], float],
    ) -> None:  # fmt: skip
        self.plans: Mapping[str, Workflow] = {}
        self.under_way: dict[int, WorkflowRun] = {}
        self.adapt: Callable[[WorkflowRun, list[StepRun]], None] = lambda run, steps: None
        self.tell: Callable[[Workflow], None] = lambda plan: None  # called when a run began or ended
        self.watch: Callable[[WorkflowRun], None] = lambda run: None  # called before `tell` of an end
        self.forget: Callable[[WorkflowRun], None] = lambda run: None  # called when a run ended
        self._steps = steps
        self._performing = performing
        self._resources = resources
        self._learned = learned
        self._ledger = ledger
        self._singles = singles
        self._clock = clock

    def rename(self, names: Names) -> None:
        """Rules are called otherwise. What is under way goes on under its own text."""
        self.plans = names.rules("workflow", self.plans)
        for run in self.under_way.values():
            former, run.plan = run.plan.head.name, names.text("workflow", run.plan)
            run.adapted = {(names.of("adaptation", rule), step) for rule, step in run.adapted}
            write(self._ledger, "workflow_run", run.id, "workflow", former, run.plan.head.name, self._clock())

    # --- from its beginning --------------------------------------------------------------------------------------

    def refusal(self, name: str, arguments: Mapping[str, Any]) -> str | None:
        """Why a run cannot begin, in words."""
        plan = self.plans.get(name)
        if plan is None:
            return f"there is no workflow {name}"
        if plan.head.off or plan.head.shadow:
            return f"workflow {name} is {'off' if plan.head.off else 'in the shadow'}"
        missing = [parameter for parameter, _ in plan.parameters if arguments.get(parameter) is None]
        if missing:
            return f"workflow {name} needs {', '.join(missing)}, which is not known"
        return None

    def refuse(self, name: str, arguments: Mapping[str, Any], reason: str) -> None:
        """A run that somebody asked for and that cannot begin: a row that says so."""
        identity, now = self._ledger.new_id(), self._clock()
        self._ledger.record(
            "workflow_run", identity, workflow=name, arguments=as_json(arguments), status="failed", reason=reason,
            started_at=now, ended_at=now, adaptations=0,
        )  # fmt: skip
        self._ledger.explain(identity, 0, f"workflow {name} does not run: {reason}", now)

    def start(
        self, name: str, order: Order, because: str, ended: Callable[[WorkflowRun], None]
    ) -> WorkflowRun:
        """Begin a run; ask `refusal` before."""
        plan, now = self.plans[name], self._clock()
        run = WorkflowRun(self._ledger.new_id(), plan, order, order.pool or self._resources, now, ended)
        self.under_way[run.id] = run
        self._ledger.record(
            "workflow_run", run.id, durable=True, workflow=name, automation_run_id=order.automation_run,
            arguments=as_json(order.arguments), status="running", started_at=now, adaptations=0,
        )  # fmt: skip
        self._explain(run, 0, f"{titled('workflow', plan.head)} runs: {because}")
        self._steps.touched[run.id] = run
        for step in plan.steps:
            self._steps.add(run, step)
        self.tell(plan)
        return run

    def is_running(self, name: str) -> bool:
        return any(run.plan.head.name == name for run in self.under_way.values())

    def cancel(self, run: WorkflowRun, reason: str) -> None:
        """What has not begun does not, what runs is ended, what is done is undone."""
        if run.ending is None:
            self._begin_to_end(run, Ending("cancelled", reason))
            for step in run.steps.values():
                self._steps.cancel(step)
        elif run.ending.status == "failed":
            for step in run.steps.values():
                self._steps.cancel(step)

    # --- what follows ----------------------------------------------------------------------------------------------

    @property
    def stirred(self) -> bool:
        return bool(self._steps.touched)

    def look_around(self) -> None:
        """Let everything follow from what changed: the older run first."""
        while self._steps.touched:
            for run in sorted(self._steps.touched.values(), key=lambda run: run.id):
                self._steps.touched.pop(run.id, None)
                self._follow(run)

    def _follow(self, run: WorkflowRun) -> None:
        touched = [run.steps[name] for name in run.touched]
        run.touched.clear()
        if run.ending is None:
            self.adapt(run, touched)
        if run.ending is None:
            self._advance(run, touched)
        if run.ending is not None:
            self._end_if_quiet(run)
        elif run.unfinished == 0:
            self._finish(run, "succeeded", "")
        elif run.pool is not self._resources and run.pool.stirred:
            run.pool.serve()

    def _advance(self, run: WorkflowRun, touched: list[StepRun]) -> None:
        failed = next((s for s in touched if s.status == "failed" and not s.plan.optional), None)
        if failed is not None:
            self._begin_to_end(run, Ending("failed", f"step {failed.name} failed: {failed.error}"))
            return
        if run.reshaped:
            run.followers = graph.dependants(run.graph)
        if run.reshaped or run.unplaced:
            self._place(run)
        for step in self._candidates(run, touched):
            if step.status == "waiting" and all(run.steps[name].done for name in run.graph[step.name]):
                self._steps.make_ready(run, step)
        run.reshaped = False

    def _candidates(self, run: WorkflowRun, touched: list[StepRun]) -> list[StepRun]:
        """The steps of which a dependency may have ended just now."""
        if run.reshaped:
            return list(run.steps.values())
        return [run.steps[name] for step in touched if step.done for name in run.followers.get(step.name, ())]

    def _place(self, run: WorkflowRun) -> None:
        """In which order what is ready is served; asked anew for those who wait already."""
        run.unplaced = False
        run.places = places(run, self._learned)
        for step in run.steps.values():
            if step.status == "ready" and step.alarm is None:
                self._steps.ask_again(run, step)

    # --- to its end ------------------------------------------------------------------------------------------------

    def _begin_to_end(self, run: WorkflowRun, ending: Ending) -> None:
        """Nothing of it begins any more; what is under way is waited for."""
        run.ending = ending
        self._explain(run, 1, f"nothing more of it begins: {ending.reason}")
        for step in run.steps.values():
            if step.status in NOT_BEGUN:
                self._steps.leave_out(run, step, "cancelled", ending.reason)

    def _end_if_quiet(self, run: WorkflowRun) -> None:
        """Once nothing is under way: undo, then end."""
        if run.undoing is not None or run.unfinished:
            return
        done = [s for s in run.steps.values() if s.plan.undo and (s.status == "succeeded" or s.unsure)]
        run.undoing = sorted(done, key=lambda step: step.number)
        self._undo_next(run)

    def _undo_next(self, run: WorkflowRun) -> None:
        assert run.undoing is not None
        assert run.ending is not None
        if not run.undoing:
            self._finish(run, *run.ending)
            return
        step = run.undoing.pop()
        self._explain(run, 1, f"step {step.name} is undone")
        cause = Cause(run.plan.head.name, f"step {step.name} of workflow {run.plan.head.name} is undone")
        self._performing.begin(
            step.plan.undo, run.bindings(self._singles, self._clock()), cause, f"workflow {run.id}",
            lambda performance: self._undone(run, step, performance),
        )  # fmt: skip

    def _undone(self, run: WorkflowRun, step: StepRun, performance: Performance) -> None:
        run.actions += performance.executed
        if performance.outcome == "succeeded":
            self._steps.turn(run, step, "undone")
        else:
            step.error = f"{step.error}; undoing it failed: {performance.reason}".lstrip("; ")
            self._steps.turn(run, step, step.status, error=step.error)
            self._explain(run, 2, f"undoing step {step.name} failed: {performance.reason}")
        self._undo_next(run)

    def _finish(self, run: WorkflowRun, status: str, reason: str) -> None:
        now = self._clock()
        run.status, run.ended_at = status, now
        self.under_way.pop(run.id, None)
        self._steps.touched.pop(run.id, None)
        length = graph.critical_path(run.graph, lambda name: run.steps[name].duration(now) or 0.0)
        self._ledger.record(
            "workflow_run", run.id, durable=True, status=status, reason=reason or None, ended_at=now,
            adaptations=run.adaptations, critical_path_s=length,
        )  # fmt: skip
        took = duration(now - run.started_at)
        self._explain(
            run, 0, f"workflow {run.plan.head.name} {status} after {took}" + (f": {reason}" if reason else "")
        )
        self.forget(run)
        self.watch(run)
        if run.plan.head.name in self.plans:
            self.tell(run.plan)
        run.ended(run)

    def _explain(self, run: WorkflowRun, depth: int, line: str) -> None:
        self._ledger.explain(run.id, depth, line, self._clock())

    # --- after a restart -------------------------------------------------------------------------------------------

    def interrupt(self, row: Mapping[str, Any], rows: list[Mapping[str, Any]]) -> None:
        """A run that was under way when volexd ended: nothing of it is repeated; what is known or may be done is undone."""
        ending = Ending("interrupted", INTERRUPTED)
        plan = self.plans.get(row["workflow"])
        steps = {step.name: step for step in plan.steps} if plan else {}
        arguments = json.loads(row["arguments"] or "{}")
        run = WorkflowRun(
            row["id"],
            plan or _gone(row["workflow"]),
            Order(arguments),
            self._resources,
            row["started_at"],
            nobody,
        )
        run.graph = {name: after for name, after in run.graph.items() if name in {r["step"] for r in rows}}
        for step_row in rows:
            self._interrupt_step(run, step_row, steps.get(step_row["step"]), ending.reason)
        run.graph = {
            name: tuple(a for a in after if a in run.steps)
            for name, after in run.graph.items()
            if name in run.steps
        }
        run.adaptations = row["adaptations"] or 0
        run.ending = ending
        self.under_way[run.id] = run
        self._end_if_quiet(run)

    def _interrupt_step(
        self, run: WorkflowRun, row: Mapping[str, Any], plan: Step | None, reason: str
    ) -> None:
        """Rows of steps that are not in the rules any more are only closed."""
        status = {"running": "interrupted", "waiting": "cancelled", "ready": "cancelled"}.get(row["status"])
        if status is not None:
            self._ledger.record("step_run", row["id"], status=status, ended_at=self._clock(), error=reason)
        if plan is not None:
            step = run.steps[plan.name] = StepRun(row["id"], plan, plan.timeout)
            step.status, step.unsure = status or row["status"], status == "interrupted"
            step.attempt, step.started_at = row["attempt"] or 0, row["started_at"]
            step.ended_at, step.number = row["ended_at"] or self._clock(), row["ended_at"] or self._clock()
            step.output = json.loads(row["output"]) if row["output"] else None


def places(run: WorkflowRun, learned: Learned) -> dict[str, tuple[float, ...]]:
    """In which order the steps are served: the smaller first."""
    if run.order_by == "cost":
        return _by_cost(run, learned)
    topology = {name: float(place) for place, name in enumerate(graph.topological(run.graph))}
    if run.order_by == "topology":
        return {name: (place,) for name, place in topology.items()}
    ranks = {name: -float(PRIORITIES.index(run.steps[name].priority)) for name in run.graph}
    return {name: (ranks[name], topology[name]) for name in run.graph}


def _by_cost(run: WorkflowRun, learned: Learned) -> dict[str, tuple[float, ...]]:
    """The longest way to the end first. What was never learned counts like the mean of what was; without any, by number of steps."""
    known = {name: learned.cost(run.lesson(name)) if run.learning else None for name in run.graph}
    costs = [cost for cost in known.values() if cost is not None]
    usual = sum(costs) / len(costs) if costs else 1.0
    lengths = graph.lengths(run.graph, lambda name: usual if (cost := known[name]) is None else cost)
    return {name: (-length,) for name, length in lengths.items()}


def nobody(run: WorkflowRun) -> None:
    """Told of an end that nobody waits for."""


def _gone(name: str) -> Workflow:
    """A workflow that is not in the rules any more: its run can only be closed."""
    return Workflow(RuleHead(name, "", Place("", 0)), (), ())
