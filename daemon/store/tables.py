"""The tables of the database, as docs/database.md describes them. The migrations build them; a test compares the two.

Nothing that runs all day imports this file: sqlmodel alone takes half a second and 50 MB. The writer learns the columns from the
database itself, and `schema.sql` (made from this file) is what a new SQLite database begins with.

The columns of the engine's tables may be NULL, apart from `id`: a row is created by the first record of it and filled by later ones.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, Text
from sqlmodel import Field, SQLModel

from daemon.store import work_tables
from daemon.store.columns import Instant, Number
from daemon.store.columns import column as _column
from daemon.store.columns import identity as _id
from daemon.store.columns import index_of_open as _open
from daemon.store.columns import needed as _needed

WORK = work_tables.TABLES  # the other half of METADATA


# --- what the engine records; one counter gives the ids of all but `derivation` ---------------------------------------------------


class Fault(SQLModel, table=True):
    __table_args__ = (Index("fault_by_rule", "rule", "raised_at"), _open("fault"))

    id: int = _id()
    rule: str | None = _column(Text)
    subject_type: str | None = _column(Text)
    subject: str | None = _column(Text)
    category: str | None = _column(Text)
    severity: str | None = _column(Text)
    began_at: float | None = _column(Instant)
    raised_at: float | None = _column(Instant)
    closed_at: float | None = _column(Instant)
    outcome: str | None = _column(Text)
    message: str | None = _column(Text)
    evidence: str | None = _column(Text)
    inhibited_by: int | None = _column(Number)
    unconfirmed: bool | None = _column(Boolean)
    acknowledged_at: float | None = _column(Instant)
    acknowledged_by: str | None = _column(Text)
    attempts: int | None = _column(Integer)


class Recovery(SQLModel, table=True):
    __table_args__ = (Index("recovery_by_fault", "fault_id"), _open("recovery"))

    id: int = _id()
    fault_id: int | None = _column(Number)
    rule: str | None = _column(Text)
    subject: str | None = _column(Text)
    outcome: str | None = _column(Text)
    reason: str | None = _column(Text)
    started_at: float | None = _column(Instant)
    ended_at: float | None = _column(Instant)


class Attempt(SQLModel, table=True):
    __table_args__ = (
        Index("attempt_by_fault", "fault_id"),
        Index("attempt_by_start", "started_at"),
        _open("attempt"),
    )

    id: int = _id()
    recovery_id: int | None = _column(Number)
    fault_id: int | None = _column(Number)
    rule: str | None = _column(Text)
    step: str | None = _column(Text)
    number: int | None = _column(Integer)
    subject: str | None = _column(Text)
    scope: str | None = _column(Text)
    started_at: float | None = _column(Instant)
    acted_at: float | None = _column(Instant)
    verified_at: float | None = _column(Instant)
    ended_at: float | None = _column(Instant)
    outcome: str | None = _column(Text)
    reason: str | None = _column(Text)


class Action(SQLModel, table=True):
    __table_args__ = (
        Index("action_by_fault", "fault_id"),
        Index("action_by_target", "target"),
        _open("action"),
    )

    id: int = _id()
    attempt_id: int | None = _column(Number)
    fault_id: int | None = _column(Number)
    rule: str | None = _column(Text)
    kind: str | None = _column(Text)
    target: str | None = _column(Text)
    arguments: str | None = _column(Text)
    reason: str | None = _column(Text)
    intended_at: float | None = _column(Instant)
    ended_at: float | None = _column(Instant)
    outcome: str | None = _column(Text)
    detail: str | None = _column(Text)


class Derivation(SQLModel, table=True):
    __table_args__ = (Index("derivation_by_subject", "subject_id"),)

    id: int = _id()
    subject_id: int | None = _column(Number)
    depth: int | None = _column(Integer)
    line: str | None = _column(Text)
    at: float | None = _column(Instant)


class Alert(SQLModel, table=True):
    __table_args__ = (Index("alert_by_fault", "fault_id"),)

    id: int = _id()
    fault_id: int | None = _column(Number)
    channel: str | None = _column(Text)
    action_id: int | None = _column(Number)
    outcome: str | None = _column(Text)
    reason: str | None = _column(Text)
    at: float | None = _column(Instant)


class ShadowAction(SQLModel, table=True):
    __tablename__ = "shadow_action"

    id: int = _id()
    rule: str | None = _column(Text)
    fault_id: int | None = _column(Number)
    subject: str | None = _column(Text)
    step: str | None = _column(Text)
    at: float | None = _column(Instant)


# --- what the daemon records; ids are the table's own --------------------------------------------------------------------


class RuleSet(SQLModel, table=True):
    __tablename__ = "rule_set"

    id: int = _id()
    digest: str = _needed(Text)
    loaded_at: float = _needed(Instant)
    rules: int = _needed(Integer)
    files: int = _needed(Integer)


class Rule(SQLModel, table=True):
    __table_args__ = (Index("rule_by_set", "rule_set_id"),)

    id: int = _id()
    rule_set_id: int = _needed(Number)
    kind: str = _needed(Text)
    name: str = _needed(Text)
    title: str | None = _column(Text)
    file: str | None = _column(Text)
    line: int | None = _column(Integer)
    priority: str | None = _column(Text)
    shadow: bool | None = _column(Boolean)
    off: bool | None = _column(Boolean)
    text: str | None = _column(Text)


class Reload(SQLModel, table=True):
    id: int = _id()
    at: float = _needed(Instant)
    outcome: str = _needed(Text)
    findings: str | None = _column(Text)
    digest: str | None = _column(Text)
    kept: str | None = _column(Text)
    detail: str | None = _column(Text)


class Fact(SQLModel, table=True):
    """A run: one series had one value from an instant until another, by so many samples."""

    __table_args__ = (Index("fact_by_series", "type", "field", "key", "id"), Index("fact_by_end", "until"))

    id: int = _id()
    type: str = _needed(Text)
    key: str = _needed(Text)
    field: str = _needed(Text)
    value: str | None = _column(Text)
    from_: float = Field(sa_column=Column("from", Instant, nullable=False))
    until: float = _needed(Instant)
    samples: int = _needed(Integer)
    source: str | None = _column(Text)
    failure: str | None = _column(Text)


METADATA = SQLModel.metadata
