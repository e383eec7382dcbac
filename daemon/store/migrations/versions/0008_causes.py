"""What a run of an automation or orchestration follows from."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# As in the first revision.
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("automation_run", sa.Column("fault_id", NUMBER))
    op.add_column("automation_run", sa.Column("caused_by", NUMBER))


def downgrade() -> None:
    with op.batch_alter_table("automation_run") as table:
        table.drop_column("caused_by")
        table.drop_column("fault_id")
