"""The tables of the database, as docs/database.md describes them. The migrations build them; a test compares the two.

Nothing that runs all day imports this file: sqlmodel alone takes half a second and 50 MB. The writer learns the columns from the
database itself, and `schema.sql` (made from this file) is what a new SQLite database begins with.

The columns of the engine's tables may be NULL, apart from `id`: a row is created by the first record of it and filled by later ones.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, Text
from sqlmodel import Field, SQLModel

from daemon.store import work_tables
from daemon.store.columns import Instant, Number, column, identity, index_of_known, index_of_open, needed

# --- what the engine records; one counter gives the ids of all but `derivation` ---------------------------------------------------


class Fault(SQLModel, table=True):
    __table_args__ = (Index("fault_by_rule", "rule", "raised_at"), index_of_open("fault"))

    id: int = identity()
    rule: str | None = column(Text)
    subject_type: str | None = column(Text)
    subject: str | None = column(Text)
    category: str | None = column(Text)
    severity: str | None = column(Text)
    began_at: float | None = column(Instant)
    raised_at: float | None = column(Instant)
    closed_at: float | None = column(Instant)
    outcome: str | None = column(Text)
    message: str | None = column(Text)
    evidence: str | None = column(Text)
    inhibited_by: int | None = column(Number)
    unconfirmed: bool | None = column(Boolean)
    acknowledged_at: float | None = column(Instant)
    acknowledged_by: str | None = column(Text)
    attempts: int | None = column(Integer)


class Recovery(SQLModel, table=True):
    __table_args__ = (Index("recovery_by_fault", "fault_id"), index_of_open("recovery"))

    id: int = identity()
    fault_id: int | None = column(Number)
    rule: str | None = column(Text)
    subject: str | None = column(Text)
    outcome: str | None = column(Text)
    reason: str | None = column(Text)
    started_at: float | None = column(Instant)
    ended_at: float | None = column(Instant)
    step_order: str | None = column(Text)


class Attempt(SQLModel, table=True):
    __table_args__ = (
        Index("attempt_by_fault", "fault_id"),
        Index("attempt_by_start", "started_at"),
        index_of_open("attempt"),
    )

    id: int = identity()
    recovery_id: int | None = column(Number)
    fault_id: int | None = column(Number)
    rule: str | None = column(Text)
    step: str | None = column(Text)
    number: int | None = column(Integer)
    subject: str | None = column(Text)
    scope: str | None = column(Text)
    started_at: float | None = column(Instant)
    acted_at: float | None = column(Instant)
    verified_at: float | None = column(Instant)
    ended_at: float | None = column(Instant)
    outcome: str | None = column(Text)
    reason: str | None = column(Text)


class Action(SQLModel, table=True):
    __table_args__ = (
        index_of_known("action", "fault", "fault_id"),
        index_of_known("action", "target", "target"),
        index_of_open("action"),
    )

    id: int = identity()
    attempt_id: int | None = column(Number)
    fault_id: int | None = column(Number)
    rule: str | None = column(Text)
    kind: str | None = column(Text)
    target: str | None = column(Text)
    arguments: str | None = column(Text)
    reason: str | None = column(Text)
    intended_at: float | None = column(Instant)
    ended_at: float | None = column(Instant)
    outcome: str | None = column(Text)
    detail: str | None = column(Text)


class Derivation(SQLModel, table=True):
    __table_args__ = (Index("derivation_by_subject", "subject_id"),)

    id: int = identity()
    subject_id: int | None = column(Number)
    depth: int | None = column(Integer)
    line: str | None = column(Text)
    at: float | None = column(Instant)


class Alert(SQLModel, table=True):
    __table_args__ = (Index("alert_by_fault", "fault_id"),)

    id: int = identity()
    fault_id: int | None = column(Number)
    channel: str | None = column(Text)
    action_id: int | None = column(Number)
    outcome: str | None = column(Text)
    reason: str | None = column(Text)
    at: float | None = column(Instant)
    rule: str | None = column(Text)  # the alert or the detection that says who is told


class ShadowAction(SQLModel, table=True):
    """What would have been done, and was not. It stands as long as it has no `ended_at`."""

    __tablename__ = "shadow_action"
    __table_args__ = (
        Index("shadow_action_by_rule", "rule", "at"),
        index_of_open("shadow_action", "ended_at IS NULL"),
    )

    id: int = identity()
    rule: str | None = column(Text)
    fault_id: int | None = column(Number)
    subject: str | None = column(Text)
    step: str | None = column(Text)
    at: float | None = column(Instant)
    kind: str | None = column(Text)
    shadow_id: int | None = column(Number)  # the row of the fault that would have been there
    subject_type: str | None = column(Text)
    began_at: float | None = column(Instant)
    ended_at: float | None = column(Instant)
    outcome: str | None = column(Text)
    reason: str | None = column(Text)
    severity: str | None = column(Text)
    category: str | None = column(Text)
    message: str | None = column(Text)
    would: str | None = column(Text)
    actions: str | None = column(Text)
    scope: str | None = column(Text)


# --- what the daemon records; ids are the table's own --------------------------------------------------------------------


class RuleSet(SQLModel, table=True):
    __tablename__ = "rule_set"

    id: int = identity()
    digest: str = needed(Text)
    loaded_at: float = needed(Instant)
    rules: int = needed(Integer)
    files: int = needed(Integer)
    shadow: bool | None = column(Boolean)


class Rule(SQLModel, table=True):
    __table_args__ = (Index("rule_by_set", "rule_set_id"),)

    id: int = identity()
    rule_set_id: int = needed(Number)
    kind: str = needed(Text)
    name: str = needed(Text)
    title: str | None = column(Text)
    file: str | None = column(Text)
    line: int | None = column(Integer)
    priority: str | None = column(Text)
    shadow: bool | None = column(Boolean)
    off: bool | None = column(Boolean)
    text: str | None = column(Text)


class Reload(SQLModel, table=True):
    id: int = identity()
    at: float = needed(Instant)
    outcome: str = needed(Text)
    findings: str | None = column(Text)
    digest: str | None = column(Text)
    kept: str | None = column(Text)
    detail: str | None = column(Text)
    carried: str | None = column(Text)


class Remembered(SQLModel, table=True):
    """What the engine would need to go on if volexd ended now: a row for each part, the newest alone."""

    id: int = identity()
    part: str = needed(Text)
    state: str = needed(Text)
    kept_at: float = needed(Instant)


class Fact(SQLModel, table=True):
    """A run: one series had one value from an instant until another, by so many samples."""

    __table_args__ = (Index("fact_by_series", "type", "field", "key", "id"), Index("fact_by_end", "until"))

    id: int = identity()
    type: str = needed(Text)
    key: str = needed(Text)
    field: str = needed(Text)
    value: str | None = column(Text)
    from_: float = Field(sa_column=Column("from", Instant, nullable=False))
    until: float = needed(Instant)
    samples: int = needed(Integer)
    source: str | None = column(Text)
    failure: str | None = column(Text)


class Refusal(SQLModel, table=True):
    """What a source said of a type and was not taken in: how often for the same reason in one life of volexd."""

    __table_args__ = (Index("refusal_by_end", "last_at"),)

    id: int = identity()
    source: str = needed(Text)
    type: str = needed(Text)
    field: str | None = column(Text)
    reason: str = needed(Text)
    count: int = needed(Integer)
    detail: str | None = column(Text)
    first_at: float = needed(Instant)
    last_at: float = needed(Instant)


WORK = work_tables.TABLES  # defined there, and part of the same metadata
METADATA = SQLModel.metadata
