"""Indexes without entries that nobody asks for: each costs every event with an action a page that has to be safe on disk.

What runs is found by the index of ends. Actions of orchestrations have no fault, and those that are no restart and the like no target.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_OF_RUNNING = ("automation_run", "workflow_run")
_OF_ACTIONS = {"action_by_fault": "fault_id", "action_by_target": "target"}


def upgrade() -> None:
    for table in _OF_RUNNING:
        op.drop_index(f"{table}_open", table)
    for name, column in _OF_ACTIONS.items():
        op.drop_index(name, "action")
        known = sa.text(f"{column} IS NOT NULL")
        op.create_index(name, "action", [column], sqlite_where=known, postgresql_where=known)


def downgrade() -> None:
    for name, column in _OF_ACTIONS.items():
        op.drop_index(name, "action")
        op.create_index(name, "action", [column])
    running = sa.text("ended_at IS NULL")
    for table in _OF_RUNNING:
        op.create_index(f"{table}_open", table, ["id"], sqlite_where=running, postgresql_where=running)
