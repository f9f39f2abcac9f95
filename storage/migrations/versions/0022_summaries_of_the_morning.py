"""Summaries of the morning."""

import sqlalchemy as sa
from alembic import op

from storage.schema import Id

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "morning",
        sa.Column("person_id", Id, nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_morning_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", "day", name=op.f("pk_morning")),
    )
    op.create_table(
        "no_morning",
        sa.Column("person_id", Id, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_no_morning_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_no_morning")),
    )


def downgrade() -> None:
    op.drop_table("no_morning")
    op.drop_table("morning")
