"""Which rule somebody was told by."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("alert", sa.Column("rule", sa.Text))


def downgrade() -> None:
    op.drop_column("alert", "rule")
