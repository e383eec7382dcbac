"""What would have been done, in full: until when it would have stood, with which actions, and what would have held it back."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# As in the first revision.
INSTANT = sa.Text
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_NEW = (
    ("kind", sa.Text),
    ("shadow_id", NUMBER),
    ("subject_type", sa.Text),
    ("began_at", INSTANT),
    ("ended_at", INSTANT),
    ("outcome", sa.Text),
    ("reason", sa.Text),
    ("severity", sa.Text),
    ("category", sa.Text),
    ("message", sa.Text),
    ("would", sa.Text),
    ("actions", sa.Text),
    ("scope", sa.Text),
)
# What the former rows are, as far as they say; they told of an instant, so none of them goes on.
_KINDS = """
    UPDATE shadow_action SET ended_at = at, kind = CASE
        WHEN fault_id IS NOT NULL AND step = 'notify' THEN 'notice'
        WHEN fault_id IS NOT NULL THEN 'recovery'
        WHEN step = 'fault' THEN 'fault'
        WHEN step = 'then' THEN 'orchestration'
        WHEN step = 'run' THEN 'automation'
        WHEN step = 'adapt' THEN 'adaptation'
        ELSE 'maintenance' END
"""


def upgrade() -> None:
    for name, kind in _NEW:
        op.add_column("shadow_action", sa.Column(name, kind))
    op.execute(_KINDS)
    op.create_index("shadow_action_by_rule", "shadow_action", ["rule", "at"])
    open_ones = sa.text("ended_at IS NULL")
    op.create_index(
        "shadow_action_open", "shadow_action", ["id"], sqlite_where=open_ones, postgresql_where=open_ones
    )
    op.add_column("rule_set", sa.Column("shadow", sa.Boolean))


def downgrade() -> None:
    op.drop_column("rule_set", "shadow")
    op.drop_index("shadow_action_open", "shadow_action")
    op.drop_index("shadow_action_by_rule", "shadow_action")
    for name, _ in reversed(_NEW):
        op.drop_column("shadow_action", name)
