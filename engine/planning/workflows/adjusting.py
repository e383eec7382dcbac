"""One change to a running workflow: applied, refused with its reason, or too late. Each is a row with the graph before and after."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from dsl.operators import number
from dsl.parts import PRIORITIES
from dsl.work import ORDERS, Adaptation, Adjustment, Step
from engine.analysis.evaluate import evaluate
from engine.analysis.written import written
from engine.grounds import Lines, titled
from engine.ledger import Ledger, as_json
from engine.planning.shadows.rows import About, ShadowRows
from engine.planning.workflows import graph
from engine.planning.workflows.graph import NoGraphError
from engine.planning.workflows.state import NOT_BEGUN, StepRun, WorkflowRun
from engine.planning.workflows.steps import Steps

_MOST_RETRIES = 100
_MOST_STEPS = 10_000


class RefusedError(Exception):
    """The change is not made; the text says why."""


class TooLateError(RefusedError):
    """It would have been made earlier."""


class Adjusting:
    def __init__(
        self, steps: Steps, ledger: Ledger, shadows: ShadowRows, singles: Mapping[str, Any],
        clock: Callable[[], float],
    ) -> None:  # fmt: skip
        self._steps = steps
        self._shadows = shadows
        self._ledger = ledger
        self._singles = singles
        self._clock = clock
        self._kinds: Mapping[str, Callable[[WorkflowRun, Adjustment, StepRun | None], str]] = {
            "skip": self._skip,
            "add": self._add,
            "replace": self._replace,
            "retry": self._retry,
            "order": self._order,
            "set": self._set,
        }

    def apply(self, rule: Adaptation, run: WorkflowRun, about: StepRun | None, grounds: Lines) -> None:
        """All the changes of a rule, in order; one that is refused does not keep the others from being made."""
        if rule.head.shadow:
            changes = ", ".join(_said(adjustment, about) for adjustment in rule.then)
            about_run = About("workflow", run.plan.head.name)
            self._shadows.would("adaptation", rule.head.name, "adapt", about_run, would=changes)
            return
        rests_on = list(grounds)  # before anything changes
        for adjustment in rule.then:
            self._apply_one(rule, run, adjustment, about, rests_on)

    def _apply_one(
        self, rule: Adaptation, run: WorkflowRun, adjustment: Adjustment, about: StepRun | None,
        grounds: Sequence[tuple[int, str]],
    ) -> None:  # fmt: skip
        before, outcome = dict(run.graph), "applied"
        try:
            said = self._kinds[adjustment.kind](run, adjustment, self._step(run, adjustment, about))
        except TooLateError as late:
            outcome, said = "late", str(late)
        except (RefusedError, NoGraphError) as refused:
            outcome, said = "refused", str(refused)
        if outcome == "applied":
            run.adaptations += 1
        identity = self._record(rule, run, adjustment, about, before, outcome, said)
        for depth, line in grounds:
            self._ledger.explain(identity, depth, line, self._clock())

    def _record(
        self, rule: Adaptation, run: WorkflowRun, adjustment: Adjustment, about: StepRun | None,
        before: graph.Graph, outcome: str, said: str,
    ) -> int:  # fmt: skip
        name = adjustment.new.name if adjustment.kind == "add" and adjustment.new else adjustment.step
        name = name or (about.name if about is not None else None)
        because = adjustment.because or rule.when.text or "its condition is true"
        identity, now = self._ledger.new_id(), self._clock()
        reason = f"{said}, because {because}" if outcome == "applied" else said
        self._ledger.record(
            "adaptation", identity, run_id=run.id, rule=rule.head.name, kind=adjustment.kind, step=name,
            reason=reason, outcome=outcome, graph_before=as_json(before), graph_after=as_json(run.graph), at=now,
        )  # fmt: skip
        self._ledger.record("workflow_run", run.id, adaptations=run.adaptations)
        title = f"{titled('adaptation', rule.head)} {outcome}: {reason}"
        self._ledger.explain(run.id, 1, f"{title} (adaptation {identity})", now)
        self._ledger.explain(identity, 0, f"{title}, in run {run.id} of workflow {run.plan.head.name}", now)
        return identity

    def _step(self, run: WorkflowRun, adjustment: Adjustment, about: StepRun | None) -> StepRun | None:
        """The step that is to be changed: the one named, or the one that the condition is about."""
        if adjustment.kind in ("add", "order"):
            return None
        if adjustment.step is None and about is None:
            raise RefusedError("the condition is about no step, and none is named")
        found = about if adjustment.step is None else run.steps.get(adjustment.step)
        if found is None:
            raise RefusedError(f"there is no step {adjustment.step}")
        return found

    # --- the kinds ---------------------------------------------------------------------------------------------------

    def _skip(self, run: WorkflowRun, adjustment: Adjustment, step: StepRun | None) -> str:
        assert step is not None
        if not step.plan.optional:
            raise RefusedError(f"step {step.name} is not optional")
        if step.status != "failed":
            _not_begun(step)
        run.graph, run.reshaped = graph.removed(run.graph, step.name), True
        self._steps.leave_out(run, step, "skipped", adjustment.because)
        return f"step {step.name} is skipped"

    def _add(self, run: WorkflowRun, adjustment: Adjustment, _: StepRun | None) -> str:
        new = adjustment.new
        if new is None:
            raise RefusedError("it adds no step")
        if len(run.steps) >= _MOST_STEPS:
            raise RefusedError(f"the run has {_MOST_STEPS} steps already")
        if new.name in run.steps:
            raise RefusedError(f"there is a step {new.name} already")
        after, before = self._between(run, adjustment)
        for name in before:
            self._hold_back(run, run.steps[name])
        never = run.pool.impossible(new.reserve)
        if never is not None:
            raise RefusedError(never)
        run.graph, run.reshaped = graph.inserted(run.graph, new.name, after, before), True
        self._steps.add(run, replace(new, after=after))
        return f"step {new.name} is added"

    def _hold_back(self, run: WorkflowRun, step: StepRun) -> None:
        """It has something to wait for again."""
        if step.attempt:
            raise TooLateError(f"step {step.name} has begun already")
        _not_begun(step)
        if step.status == "ready":
            run.pool.withdraw(step.id)
            self._steps.turn(run, step, "waiting")

    def _between(self, run: WorkflowRun, adjustment: Adjustment) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """What the new step comes after, and before."""
        for name in (*adjustment.after, *adjustment.before):
            if name not in run.graph:
                raise RefusedError(f"there is no step {name}")
        if adjustment.at_beginning:
            return (), _first_to_begin(run)
        if not adjustment.after and not adjustment.before:
            return tuple(graph.leaves(run.graph)), ()
        return adjustment.after, adjustment.before

    def _replace(self, run: WorkflowRun, adjustment: Adjustment, step: StepRun | None) -> str:
        """It keeps its name and its place, whether it is optional, and its priority; everything else is the new one's."""
        assert step is not None
        new = adjustment.new
        if new is None:
            raise RefusedError("it puts nothing in its place")
        if step.status != "failed":
            _not_begun(step)
        never = run.pool.impossible(new.reserve)
        if never is not None:
            raise RefusedError(never)
        self._steps.replace(run, step, _in_place_of(step.plan, new, step.priority))
        if step.status == "failed":
            self._steps.again(run, step)
        elif step.status == "ready":
            self._steps.anew(run, step)
        return f"step {step.name} is replaced by {new.action.text or new.action.kind}"

    def _retry(self, run: WorkflowRun, adjustment: Adjustment, step: StepRun | None) -> str:
        assert step is not None
        if step.status != "failed":
            raise TooLateError(f"step {step.name} is {step.status}: only what failed is tried again")
        self._steps.again(run, step)
        return f"step {step.name} is tried again"

    def _order(self, run: WorkflowRun, adjustment: Adjustment, _: StepRun | None) -> str:
        if adjustment.by not in ORDERS:
            raise RefusedError(f"there is no order by {adjustment.by}")
        run.order_by, run.unplaced = adjustment.by, True
        self._steps.touched[run.id] = run
        return f"what is ready is served by {adjustment.by}"

    def _set(self, run: WorkflowRun, adjustment: Adjustment, step: StepRun | None) -> str:
        assert step is not None
        assert adjustment.value is not None
        bindings = run.bindings(self._singles, self._clock())
        value = evaluate(adjustment.value, {**bindings, "step": step.values(self._clock())}, self._clock())
        if adjustment.what == "timeout":
            self._set_timeout(run, step, value)
        elif adjustment.what == "retry":
            _not_begun(step)
            step.retries = int(_positive("retry", value, least=0, most=_MOST_RETRIES))
        else:
            self._set_priority(run, step, value)
        said = written(value, "duration" if adjustment.what == "timeout" else "")
        return f"{adjustment.what} of step {step.name} is {said}"

    def _set_timeout(self, run: WorkflowRun, step: StepRun, value: object) -> None:
        timeout = _positive("timeout", value, least=0.001, most=86400.0)
        if step.status == "running" and timeout < step.timeout:
            raise TooLateError(
                f"step {step.name} is running: it may only get more time than {step.timeout:g} s"
            )
        if step.status != "running":
            _not_begun(step)
        step.plan = replace(step.plan, timeout=timeout)
        self._steps.more_time(run, step, timeout)

    def _set_priority(self, run: WorkflowRun, step: StepRun, value: object) -> None:
        if value not in PRIORITIES:
            raise RefusedError(f"{value} is no priority: {', '.join(PRIORITIES)}")
        _not_begun(step)
        step.priority, run.unplaced = str(value), True
        self._steps.touched[run.id] = run


def _first_to_begin(run: WorkflowRun) -> tuple[str, ...]:
    """The steps that have not begun, and come after none that has not."""
    waiting = {
        name for name in run.graph if run.steps[name].status in NOT_BEGUN and not run.steps[name].attempt
    }
    first = tuple(name for name in run.graph if name in waiting and not waiting.intersection(run.graph[name]))
    if not first:
        raise TooLateError("every step has begun already")
    return first


def _not_begun(step: StepRun) -> None:
    if step.status not in NOT_BEGUN:
        raise TooLateError(f"step {step.name} is {step.status} already")


def _positive(what: str, value: object, least: float, most: float) -> float:
    plain = number(value)
    if plain is None:
        raise RefusedError(f"the {what} is unknown")
    if not least <= plain <= most:
        raise RefusedError(f"a {what} of {plain:g} is not between {least:g} and {most:g}")
    return float(plain)


def _said(adjustment: Adjustment, about: StepRun | None) -> str:
    step = adjustment.new.name if adjustment.kind == "add" and adjustment.new else adjustment.step
    name = step or (about.name if about is not None else adjustment.by)
    return f"{adjustment.kind} {name}".strip()


def _in_place_of(old: Step, new: Step, priority: str) -> Step:
    return replace(
        new,
        name=old.name,
        after=old.after,
        optional=old.optional,
        priority=priority,
    )
