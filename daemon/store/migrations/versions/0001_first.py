"""The first revision: faults, what was done about them, and what was seen."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Instants are fixed-width UTC text. SQLite gives only an INTEGER its row number as primary key.
INSTANT = sa.Text
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OPEN = sa.text("outcome IS NULL")


def _action() -> None:
    op.create_table(
        "action",
        sa.Column("id", NUMBER, primary_key=True, autoincrement=False),
        sa.Column("attempt_id", NUMBER),
        sa.Column("fault_id", NUMBER),
        sa.Column("rule", sa.Text),
        sa.Column("kind", sa.Text),
        sa.Column("target", sa.Text),
        sa.Column("arguments", sa.Text),
        sa.Column("reason", sa.Text),
        sa.Column("intended_at", INSTANT),
        sa.Column("ended_at", INSTANT),
        sa.Column("outcome", sa.Text),
        sa.Column("detail", sa.Text),
    )
    op.create_index("action_by_fault", "action", ["fault_id"])
    op.create_index("action_by_target", "action", ["target"])
    op.create_index("action_open", "action", ["id"], sqlite_where=OPEN, postgresql_where=OPEN)


def _alert() -> None:
    op.create_table(
        "alert",
        sa.Column("id", NUMBER, primary_key=True, autoincrement=False),
        sa.Column("fault_id", NUMBER),
        sa.Column("channel", sa.Text),
        sa.Column("action_id", NUMBER),
        sa.Column("outcome", sa.Text),
        sa.Column("reason", sa.Text),
        sa.Column("at", INSTANT),
    )
    op.create_index("alert_by_fault", "alert", ["fault_id"])


def _attempt() -> None:
    op.create_table(
        "attempt",
        sa.Column("id", NUMBER, primary_key=True, autoincrement=False),
        sa.Column("recovery_id", NUMBER),
        sa.Column("fault_id", NUMBER),
        sa.Column("rule", sa.Text),
        sa.Column("step", sa.Text),
        sa.Column("number", sa.Integer),
        sa.Column("subject", sa.Text),
        sa.Column("scope", sa.Text),
        sa.Column("started_at", INSTANT),
        sa.Column("acted_at", INSTANT),
        sa.Column("verified_at", INSTANT),
        sa.Column("ended_at", INSTANT),
        sa.Column("outcome", sa.Text),
        sa.Column("reason", sa.Text),
    )
    op.create_index("attempt_by_fault", "attempt", ["fault_id"])
    op.create_index("attempt_by_start", "attempt", ["started_at"])
    op.create_index("attempt_open", "attempt", ["id"], sqlite_where=OPEN, postgresql_where=OPEN)


def _derivation() -> None:
    op.create_table(
        "derivation",
        sa.Column("id", NUMBER, primary_key=True, autoincrement=False),
        sa.Column("subject_id", NUMBER),
        sa.Column("depth", sa.Integer),
        sa.Column("line", sa.Text),
        sa.Column("at", INSTANT),
    )
    op.create_index("derivation_by_subject", "derivation", ["subject_id"])


def _fact() -> None:
    op.create_table(
        "fact",
        sa.Column("id", NUMBER, primary_key=True, autoincrement=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("field", sa.Text, nullable=False),
        sa.Column("value", sa.Text),
        sa.Column("from", INSTANT, nullable=False),
        sa.Column("until", INSTANT, nullable=False),
        sa.Column("samples", sa.Integer, nullable=False),
        sa.Column("source", sa.Text),
        sa.Column("failure", sa.Text),
    )
    op.create_index("fact_by_end", "fact", ["until"])
    op.create_index("fact_by_series", "fact", ["type", "field", "key", "id"])


def _fault() -> None:
    op.create_table(
        "fault",
        sa.Column("id", NUMBER, primary_key=True, autoincrement=False),
        sa.Column("rule", sa.Text),
        sa.Column("subject_type", sa.Text),
        sa.Column("subject", sa.Text),
        sa.Column("category", sa.Text),
        sa.Column("severity", sa.Text),
        sa.Column("began_at", INSTANT),
        sa.Column("raised_at", INSTANT),
        sa.Column("closed_at", INSTANT),
        sa.Column("outcome", sa.Text),
        sa.Column("message", sa.Text),
        sa.Column("evidence", sa.Text),
        sa.Column("inhibited_by", NUMBER),
        sa.Column("unconfirmed", sa.Boolean),
        sa.Column("acknowledged_at", INSTANT),
        sa.Column("acknowledged_by", sa.Text),
        sa.Column("attempts", sa.Integer),
    )
    op.create_index("fault_by_rule", "fault", ["rule", "raised_at"])
    op.create_index("fault_open", "fault", ["id"], sqlite_where=OPEN, postgresql_where=OPEN)


def _recovery() -> None:
    op.create_table(
        "recovery",
        sa.Column("id", NUMBER, primary_key=True, autoincrement=False),
        sa.Column("fault_id", NUMBER),
        sa.Column("rule", sa.Text),
        sa.Column("subject", sa.Text),
        sa.Column("outcome", sa.Text),
        sa.Column("reason", sa.Text),
        sa.Column("started_at", INSTANT),
        sa.Column("ended_at", INSTANT),
    )
    op.create_index("recovery_by_fault", "recovery", ["fault_id"])
    op.create_index("recovery_open", "recovery", ["id"], sqlite_where=OPEN, postgresql_where=OPEN)


def _reload() -> None:
    op.create_table(
        "reload",
        sa.Column("id", NUMBER, primary_key=True, autoincrement=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("findings", sa.Text),
        sa.Column("digest", sa.Text),
        sa.Column("kept", sa.Text),
        sa.Column("detail", sa.Text),
    )


def _rule() -> None:
    op.create_table(
        "rule",
        sa.Column("id", NUMBER, primary_key=True, autoincrement=False),
        sa.Column("rule_set_id", NUMBER, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("title", sa.Text),
        sa.Column("file", sa.Text),
        sa.Column("line", sa.Integer),
        sa.Column("priority", sa.Text),
        sa.Column("shadow", sa.Boolean),
        sa.Column("off", sa.Boolean),
        sa.Column("text", sa.Text),
    )
    op.create_index("rule_by_set", "rule", ["rule_set_id"])


def _rule_set() -> None:
    op.create_table(
        "rule_set",
        sa.Column("id", NUMBER, primary_key=True, autoincrement=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("loaded_at", INSTANT, nullable=False),
        sa.Column("rules", sa.Integer, nullable=False),
        sa.Column("files", sa.Integer, nullable=False),
    )


def _shadow_action() -> None:
    op.create_table(
        "shadow_action",
        sa.Column("id", NUMBER, primary_key=True, autoincrement=False),
        sa.Column("rule", sa.Text),
        sa.Column("fault_id", NUMBER),
        sa.Column("subject", sa.Text),
        sa.Column("step", sa.Text),
        sa.Column("at", INSTANT),
    )


def upgrade() -> None:
    _action()
    _alert()
    _attempt()
    _derivation()
    _fact()
    _fault()
    _recovery()
    _reload()
    _rule()
    _rule_set()
    _shadow_action()
