"""Windows of maintenance: their subjects are watched, but nobody is told of their faults and nothing recovers them (meaning 14)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from dsl.operators import equal
from dsl.work import Maintenance
from engine.alarms import Alarm, Alarms
from engine.analysis.evaluate import evaluate
from engine.analysis.written import instant
from engine.grounds import titled
from engine.knowledge.facts import WorkingMemory
from engine.ledger import Ledger, as_json
from engine.planning.acting import Cause
from engine.planning.performing import Performance, Performing
from engine.planning.schedule import next_after
from engine.planning.shadows.rows import About, ShadowRows
from engine.renaming import Names, write


class Window:
    """One that is open. `covered` are the subjects at its beginning; what the selector chooses meanwhile is covered as well."""

    __slots__ = ("alarm", "covered", "ends_at", "id", "outcome", "plan", "started_at")

    def __init__(self, identity: int, plan: Maintenance, started_at: float, covered: frozenset[str]) -> None:
        self.id = identity
        self.plan = plan
        self.started_at = started_at
        self.ends_at = started_at + plan.lasting
        self.covered = covered
        self.outcome = "succeeded"
        self.alarm: Alarm | None = None


def _when(plan: Maintenance) -> tuple[object, ...]:
    """What an open window hangs on."""
    return plan.schedule, plan.lasting, plan.head.shadow


class Windows:
    """`ended` is called when one ends: what was held back may act."""

    def __init__(
        self, performing: Performing, memory: WorkingMemory, alarms: Alarms, ledger: Ledger, shadows: ShadowRows,
        singles: Mapping[str, Any], clock: Callable[[], float], ended: Callable[[], None],
    ) -> None:  # fmt: skip
        self.open: list[Window] = []  # also those in the shadow, which cover nothing but what is there too
        self._shadows = shadows
        self._performing = performing
        self._memory = memory
        self._alarms = alarms
        self._ledger = ledger
        self._singles = singles
        self._clock = clock
        self._ended = ended
        self._due: dict[str, tuple[Maintenance, Alarm]] = {}

    def replace(self, plans: Iterable[Maintenance]) -> None:
        """Take those of a new program. A window whose rule is gone or other ends; one that is open by now is entered."""
        wanted = {plan.head.name: plan for plan in plans if not plan.head.off}
        for window in list(self.open):
            plan = wanted.get(window.plan.head.name)
            if plan is None or _when(plan) != _when(window.plan):
                self._end(window, "withdrawn")
            else:
                window.plan = plan
        for _, alarm in self._due.values():
            alarm.call_off()
        self._due = {}
        for plan in wanted.values():
            self._enter(plan)
            self._wait(plan)

    def rename(self, names: Names) -> None:
        """Rules are called otherwise. A window that is open stays open."""
        for window in self.open:
            former, window.plan = window.plan.head.name, names.rule("maintenance", window.plan)
            name = window.plan.head.name
            if window.plan.head.shadow:
                self._shadows.rename(window.id, former, name)
            else:
                write(self._ledger, "maintenance_run", window.id, "maintenance", former, name, self._clock())

    def covers(self, kind: str, key: str, shadows: bool = False) -> str | None:
        """The window that a subject is in, in words; with those in the shadow, if they are asked for."""
        for window in self.open:
            if (shadows or not window.plan.head.shadow) and self._is_covered(window, kind, key):
                return f"maintenance {window.plan.head.name} until {instant(window.ends_at)}"
        return None

    def _is_covered(self, window: Window, kind: str, key: str) -> bool:
        covers = window.plan.covers
        if covers is None or covers.kind != kind:
            return False
        return key in window.covered or key in self._subjects(window.plan, only=key)

    def _subjects(self, plan: Maintenance, only: str | None = None) -> frozenset[str]:
        covers = plan.covers
        if covers is None:
            return frozenset()
        now = self._clock()
        facts = self._memory.all(covers.kind)
        name = evaluate(covers.name, self._singles, now) if covers.name is not None else None
        return frozenset(
            fact.key
            for fact in facts
            if (only is None or fact.key == only)
            and (covers.name is None or equal(fact.key, name) is True)
            and (
                covers.where is None
                or evaluate(covers.where, {**self._singles, covers.kind: fact.values}, now) is True
            )
        )

    # --- from beginning to end -----------------------------------------------------------------------------------------

    def _enter(self, plan: Maintenance) -> None:
        """A window that began before volexd, or this rule, was there: it covers, its actions are not done."""
        if any(window.plan.head.name == plan.head.name for window in self.open):
            return
        started_at = next_after(plan.schedule, self._clock() - plan.lasting)
        if started_at is not None and started_at < self._clock():
            self._open(plan, started_at) if plan.head.shadow else self._begin(plan, started_at)

    def _wait(self, plan: Maintenance) -> None:
        due = next_after(plan.schedule, self._clock())
        if due is not None:
            self._due[plan.head.name] = (plan, self._alarms.at(due, lambda: self._came(plan, due)))

    def _came(self, plan: Maintenance, due: float) -> None:
        self._wait(plan)
        refusal = self._refusal(plan)
        if plan.head.shadow:
            self._rehearse(plan, due, refusal)
            return
        if refusal:
            self._skip(plan, due, refusal)
            return
        window = self._begin(plan, due)
        cause = Cause(plan.head.name, f"maintenance {plan.head.name} began")
        self._performing.begin(
            plan.actions, dict(self._singles), cause, f"maintenance {plan.head.name}",
            lambda performance: self._acted(window, performance),
        )  # fmt: skip

    def _refusal(self, plan: Maintenance) -> str:
        """What speaks against a window at the instant at which it would begin."""
        now, unless = self._clock(), plan.unless
        if plan.only_if is not None and evaluate(plan.only_if, self._singles, now) is not True:
            return "what it only does if is not true"
        if unless is not None and evaluate(unless.expression, self._singles, now) is True:
            return f"{unless.text or 'its `unless`'} is true"
        return ""

    def _skip(self, plan: Maintenance, due: float, reason: str) -> None:
        identity = self._ledger.new_id()
        self._ledger.record(
            "maintenance_run", identity, maintenance=plan.head.name, started_at=due, ends_at=due, ended_at=due,
            covered="[]", outcome="skipped",
        )  # fmt: skip
        self._ledger.explain(identity, 0, f"maintenance {plan.head.name} is skipped: {reason}", due)

    def _rehearse(self, plan: Maintenance, due: float, refusal: str) -> None:
        name, about = plan.head.name, About(plan.covers.kind if plan.covers else None)
        if refusal:
            self._shadows.held_back("maintenance", name, "maintenance", about, refusal, at=due, ended_at=due)
            return
        deeds, failure = self._performing.foreseen(plan.actions, dict(self._singles))
        window = self._open(plan, due)
        self._shadows.would(
            "maintenance", name, "maintenance", about, deeds, identity=window.id, stands=True, at=due,
            reason=failure if plan.actions and failure else None,
        )  # fmt: skip

    def _open(self, plan: Maintenance, started_at: float) -> Window:
        window = Window(self._ledger.new_id(), plan, started_at, self._subjects(plan))
        self.open.append(window)
        window.alarm = self._alarms.at(window.ends_at, lambda: self._end(window, window.outcome))
        return window

    def _begin(self, plan: Maintenance, started_at: float) -> Window:
        window = self._open(plan, started_at)
        self._ledger.record(
            "maintenance_run", window.id, durable=True, maintenance=plan.head.name, started_at=started_at,
            ends_at=window.ends_at, covered=as_json(sorted(window.covered)),
        )  # fmt: skip
        count = len(window.covered)
        line = f"{titled('maintenance', plan.head)} until {instant(window.ends_at)}: {count} covered"
        self._ledger.explain(window.id, 0, line, self._clock())
        return window

    def _acted(self, window: Window, performance: Performance) -> None:
        for result in performance.results:
            line = f"action {result.action}: {result.deed.text or result.deed.kind} {result.ended.outcome}"
            self._ledger.explain(window.id, 1, line, self._clock())
        if performance.outcome != "succeeded":
            window.outcome = "failed"
            self._ledger.explain(window.id, 1, f"its actions failed: {performance.reason}", self._clock())

    def _end(self, window: Window, outcome: str) -> None:
        self.open.remove(window)
        if window.alarm is not None:
            window.alarm.call_off()
        if window.plan.head.shadow:
            self._shadows.end(window.id, "over" if outcome == "succeeded" else outcome)
            self._ended()
            return
        self._ledger.record(
            "maintenance_run", window.id, durable=True, ended_at=self._clock(), outcome=outcome
        )
        self._ledger.explain(window.id, 0, f"maintenance {window.plan.head.name} {outcome}", self._clock())
        self._ended()

    # --- after a restart -----------------------------------------------------------------------------------------------

    def restore(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Those that were open when volexd ended are closed; one that still lasts goes on in a row of its own."""
        for row in rows:
            self._ledger.record("maintenance_run", row["id"], ended_at=self._clock(), outcome="interrupted")
