"""What a reload left of what was under way."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("reload", sa.Column("carried", sa.Text))


def downgrade() -> None:
    with op.batch_alter_table("reload") as table:
        table.drop_column("carried")
