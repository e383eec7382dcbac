"""What the engine is told. Every event carries its instant (seconds since 1970 UTC); the engine knows no other clock."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from dsl.program import Program
from engine.knowledge.remembered import Conditions, Windows

Value = object  # float | str | bool | list | dict | None, as JSON has them


class Reported(msgspec.Struct, frozen=True, tag=True, tag_field="event"):
    """Fields of one fact were sampled: merged into what is known of it. Fresh for so many seconds (None: until replaced)."""

    at: float
    type: str
    key: str
    values: Mapping[str, Value]
    source: str = ""  # the probe's name, or what set it
    fresh_for: float | None = None


class Withdrawn(msgspec.Struct, frozen=True, tag=True, tag_field="event"):
    """A fact is gone from its source."""

    at: float
    type: str
    key: str


class Happened(msgspec.Struct, frozen=True, tag=True, tag_field="event"):
    """An event: it is not kept as a fact, but counted and waited for. `happened_at` may lie before `at`, when volexd learned of it."""

    at: float
    type: str
    values: Mapping[str, Value]
    happened_at: float
    source: str = ""


class UnitObserved(msgspec.Struct, frozen=True, tag=True, tag_field="event"):
    """How the unit of an agent runs, told when it changes. `running` None: volexd could not find out."""

    at: float
    agent: str
    running: bool | None
    pid: int | None = None
    detail: str = ""  # "exit status 3", "killed by SIGKILL"


class HealthObserved(msgspec.Struct, frozen=True, tag=True, tag_field="event"):
    """A health or ready check of an agent ended. `ok` None: a failure of volexd's own, the health is unknown."""

    at: float
    agent: str
    check: str  # health | ready
    ok: bool | None
    started_at: float
    error: str = ""
    fresh_for: float | None = None


class Looked(msgspec.Struct, frozen=True, tag=True, tag_field="event"):
    """What one look saw, or what was said in one instant, taken in as one: rules are told when all of it is known.

    No fact is in it twice, unless different fields of it are told.
    """

    at: float
    seen: tuple[Reported | Withdrawn | HealthObserved, ...]


class TimePassed(msgspec.Struct, frozen=True, tag=True, tag_field="event"):
    """Nothing happened until now; what was due by then is due."""

    at: float


class ActionFinished(msgspec.Struct, frozen=True, tag=True, tag_field="event"):
    """`outcome` is succeeded, failed or timed_out; of an action that `Cancel` ended: cancelled.

    `reply` is what it said, as a JSON value that the shell bounds: of an exec {status, output, body}, of an http request {status, body};
    `body` is None where it was no JSON.
    """

    at: float
    action: int
    outcome: str
    detail: str = ""
    reply: Value = None


class Commanded(msgspec.Struct, frozen=True, tag=True, tag_field="event"):
    """A person asked: acknowledge a fault (its id); start, stop, restart an agent; pause, resume an agent or an automation; run an
    automation, an orchestration or a workflow (with `arguments`) by its name; cancel an automation, or a run by its id."""

    at: float
    command: str
    subject: str
    by: str = ""
    arguments: Mapping[str, Value] = {}


class CapacityKnown(msgspec.Struct, frozen=True, tag=True, tag_field="event"):
    """What work may reserve: cores, bytes, named slots. None is without end; a slot that is not named here counts as one."""

    at: float
    cpu: float | None = None
    memory: float | None = None
    slots: Mapping[str, int] = {}


class ProgramReplaced(msgspec.Struct, frozen=True, tag=True, tag_field="event"):
    at: float
    program: Program


class Restored(msgspec.Struct, frozen=True, tag=True, tag_field="event"):
    """What the store still knew when volexd started: told once, after the first program.

    Rows are column to value as the tables have them, instants as seconds.
    """

    at: float
    faults: tuple[Mapping[str, Value], ...] = ()  # open ones
    recoveries: tuple[Mapping[str, Value], ...] = ()  # open ones, and all of open faults
    alerts: tuple[Mapping[str, Value], ...] = ()  # of open faults
    attempts: tuple[
        Mapping[str, Value], ...
    ] = ()  # recent, for limits and cooldowns; those without outcome are verified
    actions: tuple[Mapping[str, Value], ...] = ()  # those without outcome
    automations: tuple[Mapping[str, Value], ...] = ()  # all: ids, pauses and due times go on
    automation_runs: tuple[Mapping[str, Value], ...] = ()  # under way, and those that ended in the last day
    workflows: tuple[Mapping[str, Value], ...] = ()  # the newest of each name: ids go on
    workflow_runs: tuple[Mapping[str, Value], ...] = ()  # under way
    step_runs: tuple[Mapping[str, Value], ...] = ()  # of those runs
    maintenance_runs: tuple[Mapping[str, Value], ...] = ()  # under way
    learned: tuple[Mapping[str, Value], ...] = ()  # all
    # of what stands, of open faults, and what counts against limits
    shadow_actions: tuple[Mapping[str, Value], ...] = ()
    conditions: Conditions | None = None  # as the engine gave them last
    windows: Windows | None = None


Event = (
    Reported
    | Withdrawn
    | Happened
    | UnitObserved
    | HealthObserved
    | Looked
    | TimePassed
    | ActionFinished
    | Commanded
    | CapacityKnown
    | ProgramReplaced
    | Restored
)
