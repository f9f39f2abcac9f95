"""Widenings."""

import sqlalchemy as sa
from alembic import op

from storage.schema import Id

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "widening",
        sa.Column("question_id", Id, nullable=False),
        sa.Column("audience", sa.Integer(), nullable=False),
        sa.Column("asker_agreed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["question_id"], ["question.id"], name=op.f("fk_widening_question_id_question")),
        sa.PrimaryKeyConstraint("question_id", name=op.f("pk_widening")),
    )


def downgrade() -> None:
    op.drop_table("widening")
