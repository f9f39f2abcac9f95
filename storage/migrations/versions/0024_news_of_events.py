"""Who has not heard yet that an event changed."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("rsvp", schema=None) as batch_op:
        batch_op.add_column(sa.Column("news", sa.String(length=10), server_default=sa.text("''"), nullable=False))
        batch_op.create_index(batch_op.f("ix_rsvp_news"), ["news"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("rsvp", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_rsvp_news"))
        batch_op.drop_column("news")
