"""Calls are told of page by page."""

import sqlalchemy as sa
from alembic import op

from storage.schema import Id

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("topic_call", schema=None) as batch_op:
        batch_op.add_column(sa.Column("told_up_to", Id, nullable=True))
        batch_op.add_column(sa.Column("mended_up_to", Id, nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("topic_call", schema=None) as batch_op:
        batch_op.drop_column("mended_up_to")
        batch_op.drop_column("told_up_to")
