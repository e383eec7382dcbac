"""When rules change running work: adaptations are judged as steps change state, as facts that they read change, and as time passes.

A condition about the host and other facts alone is watched all the time, so that a run that begins while it holds is adapted at once. One
that reads the run is followed for each run (and, if it reads `step`, for each step) from its beginning.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from typing import Any

from dsl.expressions import Call, Constant, Expression, Field, nodes_of
from dsl.work import Adaptation
from engine.alarms import Alarm, Alarms
from engine.analysis.crossing import next_crossing, turnings
from engine.analysis.evaluate import evaluate
from engine.analysis.rewriting import rewritten
from engine.grounds import Lines, of_condition, of_moment
from engine.knowledge.facts import NOTHING, Fact
from engine.planning.workflows.adjusting import Adjusting
from engine.planning.workflows.state import StepRun, WorkflowRun
from engine.renaming import Names

_OF_A_RUN = frozenset({"steps", "step", "run"})


class Pending:
    """One adaptation, and what it is judged of: since when its condition holds, and when to look again."""

    __slots__ = ("alarm", "since")

    def __init__(self) -> None:
        self.since: float | None = None
        self.alarm: Alarm | None = None

    def call_off(self) -> None:
        if self.alarm is not None:
            self.alarm.call_off()
            self.alarm = None


class Rule:
    """An adaptation with what its condition reads."""

    __slots__ = ("about_steps", "momentary", "of_run", "plan", "reads", "watched")

    def __init__(self, plan: Adaptation) -> None:
        parts = [plan.when.expression, plan.only_if, plan.unless.expression if plan.unless else None]
        nodes = [node for part in parts if part is not None for node in nodes_of(part)]
        fields = [node for node in nodes if isinstance(node, Field)]
        self.plan = plan
        self.reads = frozenset(field.subject for field in fields)
        self.about_steps = "step" in self.reads
        self.of_run = bool(self.reads & _OF_A_RUN)
        self.momentary = plan.on is not None
        self.watched = Pending()  # where it reads nothing of a run: one for all

    def concerns(self, run: WorkflowRun) -> bool:
        return self.plan.workflow is None or self.plan.workflow == run.plan.head.name


class Adapting:
    """`runs` gives the runs under way."""

    def __init__(
        self, adjusting: Adjusting, runs: Callable[[], Iterable[WorkflowRun]], alarms: Alarms,
        singles: Mapping[str, Any], clock: Callable[[], float],
    ) -> None:  # fmt: skip
        self.rules: list[Rule] = []
        self.reads: frozenset[str] = frozenset()  # the facts of which a change may concern it
        self.texts: Mapping[str, str] = {}  # what the slots of conditions stand for
        self._adjusting = adjusting
        self._runs = runs
        self._alarms = alarms
        self._singles = singles
        self._clock = clock
        self._pending: dict[tuple[str, int, str], Pending] = {}  # rule, run, step

    def replace(self, plans: Iterable[Adaptation]) -> None:
        """Take the adaptations of a new program. Holds whose condition means the same go on."""
        former = {rule.plan.head.name: rule for rule in self.rules}
        self.rules = [Rule(plan) for plan in plans if not plan.head.off]
        same = set()
        for rule in self.rules:
            old = former.get(rule.plan.head.name)
            if old is not None and old.plan.when == rule.plan.when:
                same.add(rule.plan.head.name)
                rule.watched.since = old.watched.since
        for old in former.values():
            old.watched.call_off()
        for key in [key for key in self._pending if key[0] not in same]:
            self._pending.pop(key).call_off()
        self.reads = frozenset().union(*(rule.reads for rule in self.rules)) - _OF_A_RUN
        for rule in self.rules:
            self._look(rule)

    def rename(self, names: Names) -> None:
        """Rules are called otherwise."""
        for rule in self.rules:
            rule.plan = names.rule("adaptation", rule.plan)
        self._pending = {
            (names.of("adaptation", name), run, step): pending
            for (name, run, step), pending in self._pending.items()
        }

    def standing(self) -> Iterator[tuple[str, Hashable]]:
        """Holds of conditions that have begun: the rule, and by what it is found again."""
        for rule in self.rules:
            if rule.watched.since is not None and rule.plan.when.hold > 0:
                yield rule.plan.head.name, (rule.plan.head.name, rule.plan.when)
        for key, pending in self._pending.items():
            if pending.since is not None:
                yield key[0], key

    def fact_changed(self, kinds: Iterable[str]) -> None:
        """Facts of these types changed."""
        for rule in self.rules:
            if not rule.reads.isdisjoint(kinds):
                self._look(rule)

    def judge(self, run: WorkflowRun, touched: list[StepRun]) -> None:
        """The state of these steps changed: what do the rules make of it? In the order of the rules."""
        for rule in self.rules:
            if rule.concerns(run) and not rule.momentary:
                steps = touched if rule.about_steps else [None]
                for step in steps:
                    self._consider(rule, run, step)

    def moment(self, plan: Adaptation, subject: Fact | None, bindings: Mapping[str, Any]) -> None:
        """What a rule waits for happened: every run of its workflow that is under way is changed."""
        rule = next((rule for rule in self.rules if rule.plan.head.name == plan.head.name), None)
        for run in list(self._runs()) if rule is not None else ():
            if rule is not None and rule.concerns(run) and run.ending is None:
                for step in list(run.steps.values()) if rule.about_steps else [None]:
                    self._apply(rule, run, step, bindings)

    def ended(self, run: WorkflowRun) -> None:
        for key in [key for key in self._pending if key[1] == run.id]:
            self._pending.pop(key).call_off()

    # --- one rule --------------------------------------------------------------------------------------------------

    def _look(self, rule: Rule) -> None:
        """Of everything that it may be about."""
        if rule.momentary:
            return
        if not rule.of_run:
            self._follow(
                rule, rule.watched, rule.plan.when.expression, self._singles, lambda: self._look(rule)
            )
        for run in list(self._runs()):
            if rule.concerns(run) and run.ending is None:
                for step in list(run.steps.values()) if rule.about_steps else [None]:
                    self._consider(rule, run, step)

    def _consider(self, rule: Rule, run: WorkflowRun, step: StepRun | None) -> None:
        name = step.name if step is not None else ""
        if run.ending is not None or (rule.plan.head.name, name) in run.adapted:
            return
        if not rule.of_run:
            since = rule.watched.since
        else:
            since = self._since(rule, run, step)
        if since is not None and self._clock() >= since + rule.plan.when.hold:
            self._apply(rule, run, step)

    def _since(self, rule: Rule, run: WorkflowRun, step: StepRun | None) -> float | None:
        """Since when its condition holds of this run; looked at again when time alone may change that."""
        key = (rule.plan.head.name, run.id, step.name if step is not None else "")
        pending = self._pending.setdefault(key, Pending())
        bindings = run.bindings(self._singles, self._clock())
        if step is not None:
            bindings["step"] = step.values(self._clock())
        condition = rewritten(rule.plan.when.expression, lambda field: _as_time(field, run, step))
        self._follow(rule, pending, condition, bindings, lambda: self._time_came(rule, run, step))
        if pending.since is None and pending.alarm is None:
            del self._pending[key]
        return pending.since

    def _time_came(self, rule: Rule, run: WorkflowRun, step: StepRun | None) -> None:
        if run.ending is None and run.ended_at is None:
            self._consider(rule, run, step)

    def _follow(
        self, rule: Rule, pending: Pending, condition: Expression, bindings: Mapping[str, Any],
        again: Callable[[], None],
    ) -> None:  # fmt: skip
        """Does it hold, since when, and when must it be looked at again?"""
        now, hold = self._clock(), rule.plan.when.hold
        holds = evaluate(condition, bindings, now) is True
        if not holds:
            pending.since = None
        elif pending.since is None:
            pending.since = now
        dues = [next_crossing(turnings(list(nodes_of(condition))), bindings, now)]
        if pending.since is not None and now < pending.since + hold:
            dues.append(pending.since + hold)
        due = min((instant for instant in dues if instant is not None), default=None)
        pending.call_off()
        if due is not None:
            pending.alarm = self._alarms.at(due, again)

    def _apply(
        self, rule: Rule, run: WorkflowRun, step: StepRun | None, bindings: Mapping[str, Any] = NOTHING
    ) -> None:
        """Once for each rule, run and step; what blocks it now may let it pass later."""
        name = step.name if step is not None else ""
        if (rule.plan.head.name, name) in run.adapted or self._is_held_back(rule.plan, run, step, bindings):
            return
        run.adapted.add((rule.plan.head.name, name))
        pending = self._pending.pop((rule.plan.head.name, run.id, name), None)
        if pending is not None:
            pending.call_off()
        since = pending.since if pending is not None else rule.watched.since
        self._adjusting.apply(rule.plan, run, step, self._grounds(rule, run, step, bindings, since))

    def _grounds(
        self, rule: Rule, run: WorkflowRun, step: StepRun | None, bindings: Mapping[str, Any], since: float | None
    ) -> Lines:  # fmt: skip
        now, moment = self._clock(), rule.plan.on
        if moment is not None:
            return of_moment(moment, bindings, now)
        bound = run.bindings(self._singles, now)
        if step is not None:
            bound["step"] = step.values(now)
        return of_condition(rule.plan.when, bound, since, now, self.texts)

    def _is_held_back(
        self, plan: Adaptation, run: WorkflowRun, step: StepRun | None, bindings: Mapping[str, Any]
    ) -> bool:
        """By a guard that is not true, or by what it says `unless` of."""
        now = self._clock()
        bound = {**run.bindings(self._singles, now), **bindings}
        if step is not None:
            bound["step"] = step.values(now)
        if plan.only_if is not None and evaluate(plan.only_if, bound, now) is not True:
            return True
        return plan.unless is not None and evaluate(plan.unless.expression, bound, now) is True


def _as_time(field: Field, run: WorkflowRun, step: StepRun | None) -> Expression:
    """The duration of what is under way grows: it is the time since it began."""
    started_at: float | None = None
    if field == Field("run", ("duration",)):
        started_at = run.started_at
    elif field == Field("step", ("duration",)) and step is not None and step.ended_at is None:
        started_at = step.started_at
    elif field.subject == "steps" and len(field.path) == 2 and field.path[1] == "duration":
        other = run.steps.get(str(field.path[0]))
        started_at = other.started_at if other is not None and other.ended_at is None else None
    return field if started_at is None else Call("since", (Constant(started_at),))
