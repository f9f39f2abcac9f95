"""What comes after an outcome."""

import sqlalchemy as sa
from alembic import op

from storage.schema import Id, UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "impact",
        sa.Column("question_id", Id, nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_impact_person_id_person")),
        sa.ForeignKeyConstraint(["question_id"], ["question.id"], name=op.f("fk_impact_question_id_question")),
        sa.PrimaryKeyConstraint("question_id", "person_id", name=op.f("pk_impact")),
    )
    with op.batch_alter_table("impact", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_impact_person_id"), ["person_id"], unique=False)

    with op.batch_alter_table("question", schema=None) as batch_op:
        batch_op.add_column(sa.Column("helped", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("minutes_saved", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("used", sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column("changed", sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column("followed_up", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("coached", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("question", schema=None) as batch_op:
        batch_op.drop_column("coached")
        batch_op.drop_column("followed_up")
        batch_op.drop_column("changed")
        batch_op.drop_column("used")
        batch_op.drop_column("minutes_saved")
        batch_op.drop_column("helped")

    with op.batch_alter_table("impact", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_impact_person_id"))

    op.drop_table("impact")
