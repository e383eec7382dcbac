"""What the engine is told. Every event carries its instant (seconds since 1970 UTC); the engine knows no other clock."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from dsl.program import Program

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


class TimePassed(msgspec.Struct, frozen=True, tag=True, tag_field="event"):
    """Nothing happened until now; what was due by then is due."""

    at: float


class ActionFinished(msgspec.Struct, frozen=True, tag=True, tag_field="event"):
    """`outcome` is succeeded, failed or timed_out; of an action that `Cancel` ended: cancelled."""

    at: float
    action: int
    outcome: str
    detail: str = ""


class Commanded(msgspec.Struct, frozen=True, tag=True, tag_field="event"):
    """A person asked: acknowledge, pause, resume. `subject` is a fault's id or an agent's name."""

    at: float
    command: str
    subject: str
    by: str = ""


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


Event = (
    Reported
    | Withdrawn
    | UnitObserved
    | HealthObserved
    | TimePassed
    | ActionFinished
    | Commanded
    | ProgramReplaced
    | Restored
)
