"""Why a rule does nothing about a subject just now: the first thing that stands in its way, and how far it is from doing it.

Only looks: nothing here changes anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from dsl.expressions import And, Compare, Constant, Expression, Field, Not, Or, nodes_of
from dsl.operators import number
from engine.analysis.evaluate import evaluate
from engine.analysis.situations import OPEN, PENDING, Situation
from engine.analysis.spoken import as_written
from engine.analysis.watch import Watch
from engine.analysis.written import duration, plain, written
from engine.faults import Fault
from engine.knowledge.facts import Fact, bindings_of
from engine.planning.contract import State

if TYPE_CHECKING:
    from engine.engine import Engine

_MOST_KEYS = 20


class Reason(NamedTuple):
    """`verdict`: acts (it does, or is about to), waits (for time to pass), no, unknown. Lines as in `why`: depth and text."""

    verdict: str
    lines: list[tuple[int, str]]


def whynot(engine: Engine, rule: str, subject: str, now: float) -> Reason:
    """Of a detection, a recovery, or an orchestration with a `when`. Raises LookupError in words that name what there is."""
    watch = next((one for one in engine.situations.watches if one.rule.head.name == rule), None)
    if watch is not None:
        return _Look(engine, now).at_state(watch, subject)
    if rule in engine.recoveries.plans:
        return _Look(engine, now).at_recovery(rule, subject)
    raise LookupError(_no_such_rule(engine, rule))


def _no_such_rule(engine: Engine, rule: str) -> str:
    program = engine.program
    off = [one.head.name for kind in (program.detections, program.recoveries) for one in kind if one.head.off]
    if rule in off:
        return f"the rule {rule} is off"
    names = sorted({*(w.rule.head.name for w in engine.situations.watches), *engine.recoveries.plans})
    return f"there is no detection, recovery or orchestration in force called {rule}; there are: {', '.join(names) or 'none'}"


class _Look:
    def __init__(self, engine: Engine, now: float) -> None:
        self._engine = engine
        self._now = now
        self._texts = engine.derivation.plan.texts

    # --- states ------------------------------------------------------------------------------------------------------

    def at_state(self, watch: Watch, subject: str) -> Reason:
        fact = self._fact(watch, subject)
        if watch.momentary:
            return Reason("no", [(0, "it waits for its moment, and that did not come")])
        situation = fact.situations.get(watch)
        if situation is not None and situation.phase == OPEN:
            return self._open(watch, situation)
        bindings = {**self._engine.situations.singles, **bindings_of(fact, watch.subject)}
        for name, predicate, wanted in (("where", watch.where, True), ("when", watch.when, True)):
            if predicate is not None and evaluate(predicate.expression, bindings, self._now) is not wanted:
                verdict, lines = self._not_true(predicate.expression, bindings, 1)
                return Reason(verdict, [(0, f"its `{name}` is {_said(verdict)}"), *lines])
        if watch.unless is not None and evaluate(watch.unless.expression, bindings, self._now) is True:
            return Reason("no", [(0, "its `unless` is true"), (1, self._text(watch.unless.expression))])
        if situation is not None and situation.phase == PENDING:
            left = situation.since + watch.hold - self._now
            held = f"its condition has been true for {duration(self._now - situation.since)}"
            return Reason(
                "waits", [(0, f"{held}, and must be so for {duration(watch.hold)}: {duration(left)} left")]
            )
        return Reason("no", [(0, "its `only if` was not true when it was to begin")])

    def _open(self, watch: Watch, situation: Situation) -> Reason:
        fault = self._engine.faults.of(situation)
        if fault is not None:
            return Reason(
                "acts", [(0, f"fault {fault.id} is open since {duration(self._now - fault.raised_at)}")]
            )
        if watch.rule.head.shadow:
            return Reason("acts", [(0, "it is true, and only recorded: the rule is in the shadow")])
        return Reason("acts", [(0, f"it is true since {duration(self._now - situation.since)}")])

    def _fact(self, watch: Watch, subject: str) -> Fact:
        """Raises LookupError."""
        facts = list(self._engine.memory.all(watch.type))
        if not subject and len(facts) == 1:
            return facts[0]
        found = self._engine.memory.get(watch.type, subject)
        if found is None:
            keys = [fact.key for fact in facts]
            shown = ", ".join(keys[:_MOST_KEYS]) + (" …" if len(keys) > _MOST_KEYS else "")
            raise LookupError(
                f"nothing is known of {watch.type} {subject or '(name one)'}; known are: {shown or 'none'}"
            )
        return found

    # --- conditions --------------------------------------------------------------------------------------------------

    def _not_true(
        self, node: Expression, bindings: Mapping[str, Any], depth: int
    ) -> tuple[str, list[tuple[int, str]]]:
        """The first part that stands in the way, with its values."""
        verdict = evaluate(node, bindings, self._now)
        if isinstance(node, And):
            failing = next(part for part in node.operands if evaluate(part, bindings, self._now) is not True)
            return self._not_true(failing, bindings, depth)
        if isinstance(node, Or) and not any(part == Constant(None) for part in nodes_of(node)):
            lines = [line for part in node.operands for line in self._not_true(part, bindings, depth + 1)[1]]
            return _verdict(verdict), [(depth, "none of these is true"), *lines]
        said = f"{self._text(node)} is {'unknown' if verdict is None else 'false'}"
        return _verdict(verdict), [
            (depth, said),
            *((depth + 1, line) for line in self._values(node, bindings)),
        ]

    def _values(self, node: Expression, bindings: Mapping[str, Any]) -> Iterator[str]:
        """What it reads, and for numbers how far they are from what is asked for."""
        seen = set()
        for part in nodes_of(node):
            if isinstance(part, Field) and (name := self._text(part)) not in seen:
                seen.add(name)
                yield f"{name} is {written(evaluate(part, bindings, self._now))}"
        inner = node.operand if isinstance(node, Not) else node
        if isinstance(inner, Compare) and inner.operator in ("<", "<=", ">", ">="):
            left = number(evaluate(inner.left, bindings, self._now))
            right = number(evaluate(inner.right, bindings, self._now))
            if left is not None and right is not None:
                yield f"{plain(abs(left - right))} {'below' if left < right else 'above'} what is compared with"

    def _text(self, node: Expression) -> str:
        return as_written(node, self._texts)

    # --- recoveries --------------------------------------------------------------------------------------------------

    def at_recovery(self, rule: str, subject: str) -> Reason:
        plan = self._engine.recoveries.plans[rule]
        faults = [fault for fault in self._engine.faults.open.values() if subject in ("", fault.key)]
        mine = [fault for fault in faults if not plan.detections or fault.name in plan.detections]
        if not mine:
            about = f" on {subject}" if subject else ""
            names = ", ".join(plan.detections) or "that it is for"
            return Reason("no", [(0, f"no fault {names}{about} is open")])
        found = [self._of_fault(rule, fault) for fault in mine]
        return Reason(found[0].verdict, [line for reason in found for line in reason.lines])

    def _of_fault(self, rule: str, fault: Fault) -> Reason:
        about = f"fault {fault.id} ({fault.name} on {fault.key})"
        run = next((run for run in self._engine.recoveries.runs.values() if run.fault is fault), None)
        if run is None:
            given_up = "it was given up" if fault.given_up else "no recovery owns it"
            return Reason("no", [(0, f"{about}: {given_up}")])
        if run.plan.head.name != rule:
            return Reason("no", [(0, f"{about} is owned by recovery {run.plan.head.name}")])
        if run.state is not State.WAITING:
            return Reason("acts", [(0, f"{about}: attempt {run.attempts} is {run.state.value}")])
        bindings = fault.bindings(self._engine.situations.singles)
        obstacle = self._engine.obstacles.of_fault(run, bindings, self._now)
        if obstacle is None:
            return Reason("waits", [(0, f"{about}: {run.obstacle or 'it is about to begin'}")])
        until = f", {duration(obstacle.until - self._now)} left" if obstacle.until is not None else ""
        return Reason("waits" if obstacle.until else "no", [(0, f"{about}: {obstacle.reason}{until}")])


def _verdict(value: object) -> str:
    return "unknown" if value is None else "no"


def _said(verdict: str) -> str:
    return "unknown" if verdict == "unknown" else "not true"
