"""How the digest reaches people."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("preference", schema=None) as batch_op:
        batch_op.add_column(sa.Column("digest", sa.String(length=5), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("preference", schema=None) as batch_op:
        batch_op.drop_column("digest")
