"""What was learned of the steps of recoveries, and the order in which they were tried."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_LEARNED = {
    "meaning": sa.Text,
    "place": sa.Integer,
    "recent_runs": sa.Integer,
    "recent_successes": sa.Integer,
    "recent": sa.Text,
}


def upgrade() -> None:
    for name, kind in _LEARNED.items():
        op.add_column("learned", sa.Column(name, kind()))
    op.add_column("recovery", sa.Column("step_order", sa.Text()))


def downgrade() -> None:
    with op.batch_alter_table("recovery") as table:
        table.drop_column("step_order")
    with op.batch_alter_table("learned") as table:
        for name in reversed(_LEARNED):
            table.drop_column(name)
