"""The log of what the catalogue's versions changed."""

import sqlalchemy as sa
from alembic import op

from storage.schema import Id

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "change",
        sa.Column("version", Id, nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("number", Id, nullable=False),
        sa.PrimaryKeyConstraint("version", "kind", "number", name=op.f("pk_change")),
    )


def downgrade() -> None:
    op.drop_table("change")
