"""All that is set in motion, wired: workflows, automations, orchestrations, adaptations, maintenance. The engine's one door to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from dsl.program import Detection, Program
from engine.alarms import Alarms
from engine.analysis.agents import Agents
from engine.analysis.situations import Situation, Situations
from engine.events import CapacityKnown, Commanded, Restored
from engine.faults import Fault
from engine.knowledge.facts import Fact, WorkingMemory
from engine.knowledge.learned import Learned
from engine.ledger import Ledger
from engine.planning.acting import Acting, Deed
from engine.planning.answers import Answers
from engine.planning.automations.automations import Automations
from engine.planning.automations.running import Running
from engine.planning.budgets import Budgets
from engine.planning.contract import Lock
from engine.planning.maintenance import Windows
from engine.planning.moments import Moments
from engine.planning.obstacles import Obstacles
from engine.planning.orchestrations import Orchestrations
from engine.planning.pauses import Pauses
from engine.planning.performing import Performing
from engine.planning.resources import Capacity, Resources
from engine.planning.shadows.rows import ShadowRows
from engine.planning.steering import Steering
from engine.planning.workflows.adapting import Adapting
from engine.planning.workflows.adjusting import Adjusting
from engine.planning.workflows.known import Workflows
from engine.planning.workflows.newest import Newest
from engine.planning.workflows.runs import INTERRUPTED, Runs
from engine.planning.workflows.steps import Steps
from engine.renaming import Names

Row = Mapping[str, Any]


class Work:
    """`forget(kind, key)` takes a fact away with all that rests on it."""

    def __init__(
        self, situations: Situations, memory: WorkingMemory, agents: Agents, acting: Acting, obstacles: Obstacles,
        budgets: Budgets, alarms: Alarms, ledger: Ledger, clock: Callable[[], float],
        forget: Callable[[str, str], None], released: Callable[[], None],
    ) -> None:  # fmt: skip
        self.reads: frozenset[str] = frozenset()  # the types of facts of which a change may concern it
        singles = situations.singles
        self._obstacles = obstacles
        self._ledger = ledger
        self._clock = clock
        answers = Answers(memory, ledger, clock)
        self._performing = performing = Performing(acting, answers, self._in_the_way)
        shadows = ShadowRows(ledger, clock)
        self.resources = Resources()
        self.learned = Learned(ledger)
        self._steps = Steps(acting, answers, memory, self.learned, alarms, ledger, singles, clock)
        self.runs = Runs(self._steps, performing, self.resources, self.learned, ledger, singles, clock)
        newest = Newest(self.learned)
        self.workflows = Workflows(memory, ledger, clock, self.runs.is_running, newest, forget)
        self.runs.watch = newest.ended
        self.runs.tell = self.workflows.tell
        adjusting = Adjusting(self._steps, ledger, shadows, singles, clock)
        self.adapting = Adapting(adjusting, self.runs.under_way.values, alarms, singles, clock)
        self.runs.adapt = self.adapting.judge
        self.runs.forget = self.adapting.ended
        self.running = Running(self.runs, performing, self.resources, alarms, ledger, shadows, singles, clock)
        self.automations = Automations(self.running, memory, alarms, ledger, clock, forget)
        self.pauses = Pauses({"agent": agents.pause, "automation": self.automations.paused})
        self.automations.pauses = self.pauses
        self.steering = Steering(
            self.automations, self.running, self.runs, self.pauses, acting, lambda: agents.states, clock
        )
        acting.steering = self.steering
        self.orchestrations = Orchestrations(
            situations, performing, budgets, memory, alarms, ledger, shadows, clock, obstacles.too_few
        )
        self.moments = Moments(self.orchestrations.moment, memory, alarms, singles, clock)
        self.adaptive = Moments(self.adapting.moment, memory, alarms, singles, clock)
        self.windows = Windows(performing, memory, alarms, ledger, shadows, singles, clock, released)
        self._budgets = budgets

    # --- the program -------------------------------------------------------------------------------------------------

    def replace(self, program: Program, texts: Mapping[str, str]) -> None:
        """Workflows before automations, for these ask whether they can run. `texts`: what slots stand for."""
        self.adapting.texts = texts
        self.runs.plans = {plan.head.name: plan for plan in program.workflows}
        self.orchestrations.replace(program.orchestrations)
        self.moments.replace(program.orchestrations)
        self.adapting.replace(program.adaptations)
        self.adaptive.replace(program.adaptations)
        self.reads = self.moments.reads | self.adapting.reads | self.adaptive.reads
        limits = [limit for recovery in program.recoveries for limit in recovery.limits]
        limits += [limit for rule in program.orchestrations for limit in rule.limits]
        limits += [limit for agent in program.agents for limit in agent.limits]
        self._budgets.remember_for(max((limit.per for limit in limits if limit.per), default=0.0))
        self.automations.replace(program.automations)
        self.workflows.replace(program.workflows)
        self.windows.replace(program.maintenances)

    def rename(self, names: Names) -> None:
        """Rules are called otherwise."""
        self._performing.rename(names)
        self.pauses.rename(names)
        self.learned.rename(names)
        self.workflows.rename(names)
        self.runs.rename(names)
        self.automations.rename(names)
        self.orchestrations.rename(names)
        self.moments.rename("orchestration", names)
        self.adapting.rename(names)
        self.adaptive.rename("adaptation", names)
        self.windows.rename(names)

    # --- what happens --------------------------------------------------------------------------------------------------

    @property
    def stirred(self) -> bool:
        """Whether something may follow."""
        if self._steps.touched or self.resources.stirred:
            return True
        return bool(self.workflows.unwritten) and self.automations.announced

    def look_around(self) -> None:
        """Let everything follow from what happened, until nothing does any more."""
        if self.automations.announced:
            self.workflows.write()
        while self.runs.stirred or self.resources.stirred:
            self.runs.look_around()
            if self.resources.stirred:
                self.resources.serve()

    def capacity(self, event: CapacityKnown) -> None:
        self.resources.known(Capacity(event.cpu, event.memory, event.slots))

    def commanded(self, event: Commanded) -> None:
        """An unknown subject is no error here: the shell checked it before it asked."""
        match event.command:
            case "run" if (
                event.subject in self.orchestrations.plans and event.subject not in self.running.known
            ):
                self.orchestrations.by_hand(event.subject, event.by)
            case "run":
                self.steering.run_by_hand(event.subject, event.arguments, event.by)
            case "pause" | "resume":
                self.steering.pause_by_hand(event.command, event.subject)
            case "cancel":
                self.steering.cancel_by_hand(event.subject, event.by)

    def changed(self, fact: Fact, names: list[str]) -> None:
        """Fields of a fact of one of the types that it reads changed."""
        self.moments.changed(fact, names)
        self.adaptive.changed(fact, names)
        if fact.type in self.adapting.reads:
            self.adapting.fact_changed((fact.type,))

    def withdrawn(self, fact: Fact) -> None:
        self.moments.withdrawn(fact)
        self.adaptive.withdrawn(fact)

    def happened(self, kind: str, values: Mapping[str, Any]) -> None:
        """An event."""
        self.moments.happened(kind, values)
        self.adaptive.happened(kind, values)

    def began(self, situation: Situation) -> None:
        self.orchestrations.began(situation)

    def ended(self, situation: Situation) -> None:
        if not isinstance(situation.watch.rule, Detection):
            self.orchestrations.ended(situation)

    def covered(self, fault: Fault) -> str | None:
        """The maintenance that the subject of a fault is in, in words."""
        return self.windows.covers(fault.type, fault.key) if self.windows.open else None

    def would_cover(self, fault: Fault) -> str | None:
        """The same, with the windows in the shadow."""
        return self.windows.covers(fault.type, fault.key, shadows=True) if self.windows.open else None

    def _in_the_way(self, deed: Deed) -> str | None:
        """Why an agent must not be touched just now: its own limit, or a recovery that acts on it."""
        worn = self._obstacles.of_agent(deed.target, self._clock())
        if worn is not None:
            return worn.reason
        run = self._obstacles.locked.get(Lock("agent", deed.target)) if deed.target is not None else None
        if run is None or deed.kind not in ("restart", "start", "stop", "signal"):
            return None
        return f"recovery {run.plan.head.name} acts on agent {deed.target}"

    # --- after a restart -----------------------------------------------------------------------------------------------

    def restore(self, event: Restored) -> None:
        """What was under way is interrupted, with its reason; nothing runs twice, and due times go on."""
        for row in _rows(event.learned):
            if row["kind"] == "step":
                self.learned.restore(row)
        self.workflows.restore(event.workflows)
        self._interrupt(event)
        self.orchestrations.restore(event.automation_runs, event.shadow_actions)
        self.windows.restore(event.maintenance_runs)
        self.automations.restore(event.automations, event.automation_runs)

    def _interrupt(self, event: Restored) -> None:
        steps: dict[int, list[Row]] = {}
        for row in _rows(event.step_runs):
            steps.setdefault(row["run_id"], []).append(row)
        for row in _rows(event.workflow_runs):
            if row["ended_at"] is None:
                self.runs.interrupt(row, steps.get(row["id"], []))
        for row in _rows(event.automation_runs):
            if row["ended_at"] is None:
                self._ledger.record(
                    "automation_run", row["id"], durable=True, status="interrupted", reason=INTERRUPTED,
                    ended_at=self._clock(),
                )  # fmt: skip
                self._ledger.explain(row["id"], 0, f"interrupted: {INTERRUPTED}", self._clock())


def _rows(rows: Iterable[Row]) -> Iterable[Row]:
    """Rows as the store has them: what a column holds is known by its name."""
    return rows
