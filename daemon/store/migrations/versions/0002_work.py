"""What is set in motion: automations, workflows, their runs, what was adapted, covered, learned, and made by calls."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# As in the first revision.
INSTANT = sa.Text
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
RUNNING = sa.text("ended_at IS NULL")


def _adaptation() -> None:
    op.create_table(
        "adaptation",
        sa.Column("id", NUMBER, primary_key=True, autoincrement=False),
        sa.Column("run_id", NUMBER),
        sa.Column("rule", sa.Text),
        sa.Column("kind", sa.Text),
        sa.Column("step", sa.Text),
        sa.Column("reason", sa.Text),
        sa.Column("outcome", sa.Text),
        sa.Column("graph_before", sa.Text),
        sa.Column("graph_after", sa.Text),
        sa.Column("at", INSTANT),
    )
    op.create_index("adaptation_by_run", "adaptation", ["run_id"])


def _automation() -> None:
    op.create_table(
        "automation",
        sa.Column("id", NUMBER, primary_key=True, autoincrement=False),
        sa.Column("name", sa.Text),
        sa.Column("type", sa.Text),
        sa.Column("status", sa.Text),
        sa.Column("priority", sa.Text),
        sa.Column("schedule", sa.Text),
        sa.Column("paused_by", sa.Text),
        sa.Column("next_at", INSTANT),
        sa.Column("created_at", INSTANT),
        sa.Column("updated_at", INSTANT),
    )
    op.create_index("automation_by_name", "automation", ["name"])


def _automation_run() -> None:
    op.create_table(
        "automation_run",
        sa.Column("id", NUMBER, primary_key=True, autoincrement=False),
        sa.Column("automation_id", NUMBER),
        sa.Column("automation", sa.Text),
        sa.Column("type", sa.Text),
        sa.Column("cause", sa.Text),
        sa.Column("status", sa.Text),
        sa.Column("reason", sa.Text),
        sa.Column("priority", sa.Text),
        sa.Column("due_at", INSTANT),
        sa.Column("started_at", INSTANT),
        sa.Column("ended_at", INSTANT),
        sa.Column("actions", sa.Integer),
        sa.Column("workflow_run_id", NUMBER),
        sa.Column("measured", sa.Text),
    )
    op.create_index("automation_run_by_end", "automation_run", ["ended_at"])
    op.create_index("automation_run_by_name", "automation_run", ["automation", "id"])
    op.create_index(
        "automation_run_open", "automation_run", ["id"], sqlite_where=RUNNING, postgresql_where=RUNNING
    )


def _definition() -> None:
    op.create_table(
        "definition",
        sa.Column("id", NUMBER, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("config", sa.Text, nullable=False),
        sa.Column("rules", sa.Text, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
    )
    op.create_index("definition_by_name", "definition", ["name"])


def _learned() -> None:
    op.create_table(
        "learned",
        sa.Column("id", NUMBER, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.Text),
        sa.Column("name", sa.Text),
        sa.Column("runs", sa.Integer),
        sa.Column("successes", sa.Integer),
        sa.Column("duration_mean_s", sa.Float),
        sa.Column("duration_p90_s", sa.Float),
        sa.Column("updated_at", INSTANT),
    )
    op.create_index("learned_by_name", "learned", ["kind", "name"])


def _maintenance_run() -> None:
    op.create_table(
        "maintenance_run",
        sa.Column("id", NUMBER, primary_key=True, autoincrement=False),
        sa.Column("maintenance", sa.Text),
        sa.Column("started_at", INSTANT),
        sa.Column("ends_at", INSTANT),
        sa.Column("ended_at", INSTANT),
        sa.Column("covered", sa.Text),
        sa.Column("outcome", sa.Text),
    )


def _step_run() -> None:
    op.create_table(
        "step_run",
        sa.Column("id", NUMBER, primary_key=True, autoincrement=False),
        sa.Column("run_id", NUMBER),
        sa.Column("step", sa.Text),
        sa.Column("kind", sa.Text),
        sa.Column("status", sa.Text),
        sa.Column("attempt", sa.Integer),
        sa.Column("started_at", INSTANT),
        sa.Column("ended_at", INSTANT),
        sa.Column("duration_s", sa.Float),
        sa.Column("output", sa.Text),
        sa.Column("error", sa.Text),
        sa.Column("action_id", NUMBER),
    )
    op.create_index("step_run_by_run", "step_run", ["run_id"])


def _task() -> None:
    op.create_table(
        "task",
        sa.Column("id", NUMBER, primary_key=True, autoincrement=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("automation", sa.Text, nullable=False),
        sa.Column("priority", sa.Text, nullable=False),
        sa.Column("schedule", sa.Text, nullable=False),
        sa.Column("dependencies", sa.Text),
        sa.Column("resources", sa.Text),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
    )


def _workflow() -> None:
    op.create_table(
        "workflow",
        sa.Column("id", NUMBER, primary_key=True, autoincrement=False),
        sa.Column("name", sa.Text),
        sa.Column("type", sa.Text),
        sa.Column("steps", sa.Integer),
        sa.Column("learning", sa.Boolean),
        sa.Column("digest", sa.Text),
        sa.Column("created_at", INSTANT),
    )
    op.create_index("workflow_by_name", "workflow", ["name"])


def _workflow_run() -> None:
    op.create_table(
        "workflow_run",
        sa.Column("id", NUMBER, primary_key=True, autoincrement=False),
        sa.Column("workflow", sa.Text),
        sa.Column("automation_run_id", NUMBER),
        sa.Column("arguments", sa.Text),
        sa.Column("status", sa.Text),
        sa.Column("reason", sa.Text),
        sa.Column("started_at", INSTANT),
        sa.Column("ended_at", INSTANT),
        sa.Column("adaptations", sa.Integer),
        sa.Column("critical_path_s", sa.Float),
    )
    op.create_index("workflow_run_by_end", "workflow_run", ["ended_at"])
    op.create_index("workflow_run_by_name", "workflow_run", ["workflow", "id"])
    op.create_index(
        "workflow_run_open", "workflow_run", ["id"], sqlite_where=RUNNING, postgresql_where=RUNNING
    )


def upgrade() -> None:
    _adaptation()
    _automation()
    _automation_run()
    _definition()
    _learned()
    _maintenance_run()
    _step_run()
    _task()
    _workflow()
    _workflow_run()
