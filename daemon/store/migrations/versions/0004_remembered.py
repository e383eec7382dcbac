"""What the engine goes on with after a restart: holds, windows."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# As in the first revision.
INSTANT = sa.Text
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "remembered",
        sa.Column("id", NUMBER, primary_key=True, autoincrement=False),
        sa.Column("part", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("kept_at", INSTANT, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("remembered")
