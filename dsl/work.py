"""What a program sets in motion: workflows, automations, orchestrations, adaptations, maintenance. Frozen data, as in `dsl.program`."""

from __future__ import annotations

import msgspec

from dsl.equality import EqualInMeaning
from dsl.expressions import Expression
from dsl.parts import (
    Action,
    Binding,
    Condition,
    Keep,
    Limit,
    Moment,
    Place,
    Retry,
    RuleHead,
    Schedule,
    Selector,
)

ORDERS = ("priority", "topology", "cost")
WORK_TYPES = (
    "resource_optimization",
    "task_scheduling",
    "agent_coordination",
    "workflow_management",
    "system_maintenance",
)


class Reserve(msgspec.Struct, frozen=True, gc=False):
    """What a piece of work holds while it runs: cores, bytes, and named slots."""

    cpu: float = 0.0
    memory: float = 0.0
    slots: tuple[tuple[str, int], ...] = ()


class Step(EqualInMeaning, frozen=True, gc=False):
    """One step of a workflow. `action` is `exec`, `http`, `run`, `wait` or `approve`.

    `passes` (over `answer`, the action's reply) may say when it succeeded.
    """

    name: str
    after: tuple[str, ...]
    action: Action
    timeout: float
    retry: Retry
    reserve: Reserve
    optional: bool
    priority: str
    undo: tuple[Action, ...]
    passes: Condition | None
    binding: (
        Binding | None
    )  # `for each agent where …`: once for each, at the same time; `answers` are their replies
    place: Place


class Workflow(msgspec.Struct, frozen=True, gc=False):
    """Its graph is acyclic and every step is reachable: the checker saw to that. Steps stand as written."""

    head: RuleHead
    parameters: tuple[tuple[str, str], ...]  # name, type
    steps: tuple[Step, ...]
    learning: bool = True
    type: str = "workflow_management"
    strategy: str = "adaptive"  # of runs that no automation asks for


class Automation(msgspec.Struct, frozen=True, gc=False):
    """Runs a workflow (with `arguments`), or actions of its own, on a schedule; without one by hand or by a rule.

    `after` names automations that must have succeeded since its own last run. `deadline` seconds after its start it is cancelled.
    """

    head: RuleHead
    schedule: Schedule | None
    only_if: Expression | None
    workflow: str | None
    arguments: tuple[tuple[str, Expression], ...]
    actions: tuple[Action, ...]
    after: tuple[str, ...]
    reserve: Reserve
    strategy: str
    overlap: str
    deadline: float | None
    learning: bool = True
    type: str = "task_scheduling"
    unless: Condition | None = None


class Measure(msgspec.Struct, frozen=True, gc=False):
    """`measure host.cpu by at least 10% after 30s`: read before, acted, read after; kept only if it fell by so much, else `afterwards`."""

    path: tuple[str, ...]
    least: float
    settle: float


class Orchestration(msgspec.Struct, frozen=True, gc=False):
    """A state (`when`, with `afterwards` at its end) or a moment (`on`); exactly one of them."""

    head: RuleHead
    binding: Binding | None
    when: Condition | None
    on: Moment | None
    only_if: Expression | None
    unless: Condition | None
    then: tuple[Action, ...]
    afterwards: tuple[Action, ...]
    measure: Measure | None
    limits: tuple[Limit, ...]
    type: str = "workflow_management"
    keeps: tuple[Keep, ...] = ()


class Adjustment(EqualInMeaning, frozen=True, gc=False):
    """One change to a running workflow. `kind`:

    skip (step, `because`) · move (step, `after`, `before`) ·
    add (`new`, after `after`, before `before`; neither: at the end, `at_beginning`: at the beginning) ·
    replace (step, `new`'s action) · retry (step) · order (`by` one of ORDERS) · set (step, `what` timeout | retry | priority, `value`).
    `step` None is the step that the condition is about.
    """

    kind: str
    step: str | None = None
    because: str = ""
    new: Step | None = None
    after: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    at_beginning: bool = False
    by: str = ""
    what: str = ""
    value: Expression | None = None
    place: Place = Place("", 0)


class Adaptation(msgspec.Struct, frozen=True, gc=False):
    """`of workflow NAME`, None: of any. Its condition reads `steps.NAME`, `step` (each step in turn), `run`, the host, facts.

    With `on`, the moment in which every run of it under way is changed; `when` is then always true.
    """

    head: RuleHead
    workflow: str | None
    when: Condition
    then: tuple[Adjustment, ...]
    on: Moment | None = None
    only_if: Expression | None = None
    unless: Condition | None = None

    @property
    def binding(self) -> Binding | None:
        """It is about runs, and binds nothing else."""
        return None


class Maintenance(msgspec.Struct, frozen=True, gc=False):
    """A window of `lasting` seconds from each instant of the schedule; its subjects are detected, not notified, not recovered."""

    head: RuleHead
    schedule: Schedule
    lasting: float
    covers: Selector | None
    actions: tuple[Action, ...]
    only_if: Expression | None = None
    unless: Condition | None = None
