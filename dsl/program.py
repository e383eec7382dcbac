"""What the engine runs: a checked rule set as plain frozen data. Durations are seconds, sizes bytes, percents fractions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from dsl.equality import EqualInMeaning
from dsl.expressions import Expression
from dsl.parts import (
    CATEGORIES,
    NO_RETRY,
    PRIORITIES,
    RISKS,
    SEVERITIES,
    STATUSES,
    Action,
    Binding,
    Condition,
    Keep,
    Limit,
    Moment,
    Place,
    Retry,
    RuleHead,
    Selector,
)
from dsl.routing import Alert
from dsl.work import Adaptation, Automation, Maintenance, Orchestration, Workflow


class Notice(msgspec.Struct, frozen=True, gc=False):
    """`notify CHANNEL [after D]` in a detection."""

    channel: str
    after: float = 0.0
    text: Expression | None = None
    shadow: bool = False  # it is written down, and nobody is told


# --- what is watched --------------------------------------------------------------------------------------------


class FactField(msgspec.Struct, frozen=True, gc=False):
    """`type` is the text of the type: number percent duration size time flag text list map any, or `one of […]`."""

    name: str
    type: str
    choices: tuple[str, ...] = ()
    computed: Expression | None = None  # over the item's own members, bound as `item`


class FactType(msgspec.Struct, frozen=True, gc=False):
    name: str
    title: str
    keys: tuple[FactField, ...]
    fields: tuple[FactField, ...]
    builtin: bool = False
    series_of: str = (
        ""  # `from prometheus PROBE`: the probe whose scraped series its fields are computed from
    )


class EventType(msgspec.Struct, frozen=True, gc=False):
    """What happens, and passes: it is never in working memory, but counted and waited for."""

    name: str
    title: str
    fields: tuple[FactField, ...]


class Derive(msgspec.Struct, frozen=True, gc=False):
    """A type of facts computed from others: one for each subject of `binding`, its key, withdrawn when its ground goes.

    Its fact type (in `fact_types`) has the same name; `fields` are name and value, read over the bound variables.
    """

    head: RuleHead
    binding: Binding
    fields: tuple[tuple[str, Expression], ...]


class Hours(msgspec.Struct, frozen=True, gc=False):
    """On `days` (0 = Monday; none: every day) from `start` until `end`, seconds of the day; an `end` before `start` is on the next day."""

    days: tuple[int, ...]
    start: float
    end: float


class Calendar(msgspec.Struct, frozen=True, gc=False):
    """Times of the week in `timezone` (an IANA name), less the days in `without` (ISO dates)."""

    name: str
    hours: tuple[Hours, ...]
    timezone: str = "UTC"
    without: tuple[str, ...] = ()


class Check(msgspec.Struct, frozen=True, gc=False):
    """A way to look at the world: a probe's, or an agent's `health` and `ready`. `settings` are the kind's own, resolved."""

    kind: str
    settings: tuple[tuple[str, Expression], ...]
    every: float
    timeout: float
    expect: Expression | None = None  # over `reply`; `every` 0 is what comes by itself


class Probe(EqualInMeaning, frozen=True, gc=False):
    name: str
    check: Check
    into: str | None  # a fact type, or an event type
    from_path: tuple[str | int, ...]  # a path into `reply`
    stale_after: float  # infinite where nothing is said of what comes by itself
    place: Place


class Unit(msgspec.Struct, frozen=True, gc=False):
    """How an agent runs: `process` {command: list, directory, environment}, `systemd` {name}, `docker` {name}, `commands`."""

    kind: str
    settings: tuple[tuple[str, Expression], ...]


class AgentAction(msgspec.Struct, frozen=True, gc=False):
    """What an agent can do for itself; its parameters are bound by name inside its actions."""

    name: str
    parameters: tuple[tuple[str, str], ...]  # name, type
    actions: tuple[Action, ...]
    affects: tuple[str, ...] | None


class Agent(EqualInMeaning, frozen=True, gc=False):
    name: str
    title: str
    unit: Unit | None
    health: Check | None
    ready: Check | None
    starts_within: float
    needs: tuple[str, ...]
    labels: tuple[tuple[str, object], ...]
    actions: tuple[AgentAction, ...]
    limits: tuple[Limit, ...]
    place: Place


class Channel(msgspec.Struct, frozen=True, gc=False):
    name: str
    settings: tuple[tuple[str, Expression], ...]


# --- rules --------------------------------------------------------------------------------------------------------


class Tier(msgspec.Struct, frozen=True, gc=False):
    """`severity S when C`: one fault has the severity of the gravest tier that holds."""

    severity: str
    when: Condition


class Detection(msgspec.Struct, frozen=True, gc=False):
    """`settle` is the longest interval of the probes it reads: without `until`, a fault stays open that long (meaning 11).

    With `tiers` (mildest first), `when` is that one of them holds, and `severity` the mildest. With `on`, the fault is raised in that
    moment and `when` is always true: it stays open until `until`, which is then there. What is raised on a fault, or on a recovery that
    gave up, has no `binding`: it is about what that fault is about.
    """

    head: RuleHead
    binding: Binding | None
    severity: str
    category: str
    when: Condition
    until: Condition | None
    unless: Condition | None
    message: Expression | None
    notices: tuple[Notice, ...]
    inhibited_by: tuple[Selector, ...]
    settle: float
    tiers: tuple[Tier, ...] = ()
    on: Moment | None = None
    only_if: Expression | None = None


class Verify(EqualInMeaning, frozen=True, gc=False):
    """The symptom must be gone, and `condition` true, within so many seconds after the action ended."""

    condition: Expression | None
    within: float
    text: str = ""


class Try(msgspec.Struct, frozen=True, gc=False):
    name: str
    actions: tuple[Action, ...]
    verify: Verify
    undo: tuple[Action, ...] = ()  # done when the step did not help
    retry: Retry = NO_RETRY


class Cooldown(msgspec.Struct, frozen=True, gc=False):
    """Seconds between attempts on one subject; doubled after each failure up to `doubling_to`, where that is written."""

    base: float
    doubling_to: float | None = None


class Recovery(msgspec.Struct, frozen=True, gc=False):
    """`detections` are those named by `on fault NAME, …`; `where` (over `fault`) is the other form, then they are empty.

    With `exhausted` it takes over the faults that these recoveries gave up.
    """

    head: RuleHead
    detections: tuple[str, ...]
    where: Expression | None
    tries: tuple[Try, ...]
    otherwise: tuple[Action, ...]
    cooldown: Cooldown | None
    limits: tuple[Limit, ...]
    keeps: tuple[Keep, ...]
    order: str = "written"  # or learned
    exhausted: tuple[str, ...] = ()
    only_if: Expression | None = None
    unless: Condition | None = None


# --- tests ----------------------------------------------------------------------------------------------------------


class SetFact(msgspec.Struct, frozen=True, gc=False):
    """`given agent x status: "up"` and `at 5s set …`: values of one fact, key and fields.

    Of a type with several keys, `key` is only what the test calls it, and the keys stand among the values.
    """

    type: str
    key: str
    values: tuple[tuple[str, object], ...]


class Relative(msgspec.Struct, frozen=True, gc=False):
    """An instant in the values of a test, so many seconds from that of its step."""

    seconds: float


class HappenEvent(msgspec.Struct, frozen=True, gc=False):
    """`at 5s event deploy agent: "api"`."""

    type: str
    values: tuple[tuple[str, object], ...]


class LoseFact(msgspec.Struct, frozen=True, gc=False):
    """`lose agent x`: its samples stop; from then on it is stale."""

    type: str
    key: str


class ActionBehaves(msgspec.Struct, frozen=True, gc=False):
    """`action restart fails` / `action restart succeeds`, from that moment on."""

    kind: str
    outcome: str


class RunWork(msgspec.Struct, frozen=True, gc=False):
    """`at 5s run rebalance(symbols: [])`: a workflow, or an automation, by hand."""

    name: str
    arguments: tuple[tuple[str, object], ...]


class ExpectFault(msgspec.Struct, frozen=True, gc=False):
    """A fault is open (`present`) or not, with that severity if one is named."""

    name: str | None
    subject: str | None
    present: bool
    severity: str = ""


class ExpectAction(msgspec.Struct, frozen=True, gc=False):
    """An action was begun up to now (`present`), on that subject if one is named, with these arguments if any are."""

    kind: str
    subject: str | None
    present: bool
    arguments: tuple[tuple[str, object], ...] = ()


class ExpectAlert(msgspec.Struct, frozen=True, gc=False):
    """A channel was notified up to now (`present`), by that alert or detection if one is named."""

    channel: str | None
    rule: str | None
    present: bool


class ExpectRecovery(msgspec.Struct, frozen=True, gc=False):
    name: str
    outcome: str  # succeeded failed unneeded exhausted
    step: str | None


class ExpectWork(msgspec.Struct, frozen=True, gc=False):
    """A run of it began up to now (`present`), and is so now, if an outcome is named ("": any).

    `kind` is workflow, step (`of` that workflow), automation, adaptation or maintenance; outcomes are the statuses of its rows.
    """

    kind: str
    name: str
    of: str | None
    outcome: str
    present: bool


class ExpectCount(msgspec.Struct, frozen=True, gc=False):
    """`expect count(action restart) == 1`."""

    what: str  # action fault recovery workflow step (WORKFLOW/STEP) automation adaptation maintenance alert notify event
    name: str | None
    operator: str
    number: float


Scene = (
    SetFact
    | HappenEvent
    | LoseFact
    | ActionBehaves
    | RunWork
    | ExpectFault
    | ExpectAction
    | ExpectAlert
    | ExpectRecovery
    | ExpectWork
    | ExpectCount
)


class TestStep(EqualInMeaning, frozen=True, gc=False):
    """`at` seconds from the start, None is `end`. `repeat` is the interval of an `every`."""

    __test__ = False  # not a test of pytest's

    at: float | None
    what: Scene
    place: Place
    text: str = ""
    repeat: float | None = None


class TestCase(EqualInMeaning, frozen=True, gc=False):
    __test__ = False

    name: str
    steps: tuple[TestStep, ...]
    place: Place


# --- the whole -----------------------------------------------------------------------------------------------------------


class Program(msgspec.Struct, frozen=True, gc=False):
    """Rules stand in their order: priority, file by name, place. `fact_types` include the built-in ones."""

    fact_types: Mapping[str, FactType] = msgspec.field(default_factory=dict)
    probes: tuple[Probe, ...] = ()
    agents: tuple[Agent, ...] = ()
    channels: tuple[Channel, ...] = ()
    detections: tuple[Detection, ...] = ()
    recoveries: tuple[Recovery, ...] = ()
    workflows: tuple[Workflow, ...] = ()
    automations: tuple[Automation, ...] = ()
    orchestrations: tuple[Orchestration, ...] = ()
    adaptations: tuple[Adaptation, ...] = ()
    maintenances: tuple[Maintenance, ...] = ()
    events: tuple[EventType, ...] = ()
    derives: tuple[Derive, ...] = ()  # each after those it reads
    calendars: tuple[Calendar, ...] = ()
    alerts: tuple[Alert, ...] = ()
    tests: tuple[TestCase, ...] = ()
    digest: str = ""  # of the sources
    shadow: bool = False  # nothing of it acts: see `dsl.shadow`

    def rules(self) -> Iterator[tuple[str, Any]]:
        """All that has a head and comes into force, with its kind."""
        for kind, rules in (
            ("detection", self.detections), ("recovery", self.recoveries), ("workflow", self.workflows),
            ("automation", self.automations), ("orchestration", self.orchestrations), ("adaptation", self.adaptations),
            ("maintenance", self.maintenances), ("alert", self.alerts),
        ):  # fmt: skip
            for rule in rules:
                yield kind, rule


__all__ = [
    "CATEGORIES",
    "PRIORITIES",
    "RISKS",
    "SEVERITIES",
    "STATUSES",
    "Action",
    "ActionBehaves",
    "Agent",
    "AgentAction",
    "Alert",
    "Binding",
    "Calendar",
    "Channel",
    "Check",
    "Condition",
    "Cooldown",
    "Derive",
    "Detection",
    "EventType",
    "ExpectAction",
    "ExpectAlert",
    "ExpectCount",
    "ExpectFault",
    "ExpectRecovery",
    "ExpectWork",
    "FactField",
    "FactType",
    "HappenEvent",
    "Hours",
    "Keep",
    "Limit",
    "LoseFact",
    "Moment",
    "Notice",
    "Place",
    "Probe",
    "Program",
    "Recovery",
    "Relative",
    "Retry",
    "RuleHead",
    "RunWork",
    "Scene",
    "Selector",
    "SetFact",
    "TestCase",
    "TestStep",
    "Tier",
    "Try",
    "Unit",
    "Verify",
]
