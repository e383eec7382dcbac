"""The tables of what is set in motion: automations, workflows and their runs, what was adapted, covered and learned.

As in `tables`: the columns of the engine's tables may be NULL, because a row is created by the first record of it.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Float, Index, Integer, Text
from sqlmodel import SQLModel

from daemon.store.columns import Instant, Number, column, identity, needed

# --- what the engine records; its one counter gives the ids ----------------------------------------------------------------------


class Automation(SQLModel, table=True):
    """One for each automation that was ever in force; its name keeps its id."""

    __table_args__ = (Index("automation_by_name", "name"),)

    id: int = identity()
    name: str | None = column(Text)
    type: str | None = column(Text)
    status: str | None = column(Text)
    priority: str | None = column(Text)
    schedule: str | None = column(Text)
    paused_by: str | None = column(Text)
    next_at: float | None = column(Instant)
    created_at: float | None = column(Instant)
    updated_at: float | None = column(Instant)


class AutomationRun(SQLModel, table=True):
    __tablename__ = "automation_run"
    __table_args__ = (
        Index("automation_run_by_name", "automation", "id"),
        Index("automation_run_by_end", "ended_at"),
    )

    id: int = identity()
    automation_id: int | None = column(Number)
    automation: str | None = column(Text)
    type: str | None = column(Text)
    cause: str | None = column(Text)
    status: str | None = column(Text)
    reason: str | None = column(Text)
    priority: str | None = column(Text)
    due_at: float | None = column(Instant)
    started_at: float | None = column(Instant)
    ended_at: float | None = column(Instant)
    actions: int | None = column(Integer)
    workflow_run_id: int | None = column(Number)
    measured: str | None = column(Text)
    fault_id: int | None = column(Number)
    caused_by: int | None = column(Number)


class Workflow(SQLModel, table=True):
    __table_args__ = (Index("workflow_by_name", "name"),)

    id: int = identity()
    name: str | None = column(Text)
    type: str | None = column(Text)
    steps: int | None = column(Integer)
    learning: bool | None = column(Boolean)
    digest: str | None = column(Text)
    created_at: float | None = column(Instant)


class WorkflowRun(SQLModel, table=True):
    __tablename__ = "workflow_run"
    __table_args__ = (
        Index("workflow_run_by_name", "workflow", "id"),
        Index("workflow_run_by_end", "ended_at"),
    )

    id: int = identity()
    workflow: str | None = column(Text)
    automation_run_id: int | None = column(Number)
    arguments: str | None = column(Text)
    status: str | None = column(Text)
    reason: str | None = column(Text)
    started_at: float | None = column(Instant)
    ended_at: float | None = column(Instant)
    adaptations: int | None = column(Integer)
    critical_path_s: float | None = column(Float)


class StepRun(SQLModel, table=True):
    __tablename__ = "step_run"
    __table_args__ = (Index("step_run_by_run", "run_id"),)

    id: int = identity()
    run_id: int | None = column(Number)
    step: str | None = column(Text)
    kind: str | None = column(Text)
    status: str | None = column(Text)
    attempt: int | None = column(Integer)
    started_at: float | None = column(Instant)
    ended_at: float | None = column(Instant)
    duration_s: float | None = column(Float)
    output: str | None = column(Text)
    error: str | None = column(Text)
    action_id: int | None = column(Number)


class Adaptation(SQLModel, table=True):
    __table_args__ = (Index("adaptation_by_run", "run_id"),)

    id: int = identity()
    run_id: int | None = column(Number)
    rule: str | None = column(Text)
    kind: str | None = column(Text)
    step: str | None = column(Text)
    reason: str | None = column(Text)
    outcome: str | None = column(Text)
    graph_before: str | None = column(Text)
    graph_after: str | None = column(Text)
    at: float | None = column(Instant)


class MaintenanceRun(SQLModel, table=True):
    __tablename__ = "maintenance_run"

    id: int = identity()
    maintenance: str | None = column(Text)
    started_at: float | None = column(Instant)
    ends_at: float | None = column(Instant)
    ended_at: float | None = column(Instant)
    covered: str | None = column(Text)
    outcome: str | None = column(Text)


class Learned(SQLModel, table=True):
    __table_args__ = (Index("learned_by_name", "kind", "name"),)

    id: int = identity()
    kind: str | None = column(Text)
    name: str | None = column(Text)
    runs: int | None = column(Integer)
    successes: int | None = column(Integer)
    duration_mean_s: float | None = column(Float)
    duration_p90_s: float | None = column(Float)
    updated_at: float | None = column(Instant)
    meaning: str | None = column(Text)
    place: int | None = column(Integer)
    recent_runs: int | None = column(Integer)
    recent_successes: int | None = column(Integer)
    recent: str | None = column(Text)


# --- what the daemon records, when it is called; ids are the table's own ----------------------------------------------------------


class Definition(SQLModel, table=True):
    """What was made by a call: the dictionary as it came, and the rules that it became."""

    __table_args__ = (Index("definition_by_name", "name"),)

    id: int = identity()
    kind: str = needed(Text)
    name: str = needed(Text)
    config: str = needed(Text)
    rules: str = needed(Text)
    created_at: float = needed(Instant)


class Task(SQLModel, table=True):
    id: int = identity()
    name: str = needed(Text)
    type: str = needed(Text)
    automation: str = needed(Text)
    priority: str = needed(Text)
    schedule: str = needed(Text)
    dependencies: str | None = column(Text)
    resources: str | None = column(Text)
    status: str = needed(Text)
    created_at: float = needed(Instant)


TABLES = (
    Automation,
    AutomationRun,
    Workflow,
    WorkflowRun,
    StepRun,
    Adaptation,
    MaintenanceRun,
    Learned,
    Definition,
    Task,
)
