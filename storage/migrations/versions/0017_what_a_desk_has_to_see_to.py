"""What a desk has to see to."""

import sqlalchemy as sa
from alembic import op

from storage.schema import Id, UtcDateTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "chore",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_chore")),
    )
    op.create_table(
        "work_item",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("cause", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("network_id", Id, nullable=True),
        sa.Column("question_id", Id, nullable=True),
        sa.Column("person_id", Id, nullable=True),
        sa.Column("topic", sa.String(length=80), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("assigned_id", Id, nullable=True),
        sa.Column("raised_at", UtcDateTime(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["assigned_id"], ["person.id"], name=op.f("fk_work_item_assigned_id_person")),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name=op.f("fk_work_item_network_id_network")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_work_item_person_id_person")),
        sa.ForeignKeyConstraint(["question_id"], ["question.id"], name=op.f("fk_work_item_question_id_question")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_item")),
        sa.UniqueConstraint("cause", "key", name=op.f("uq_work_item_cause_key")),
    )
    with op.batch_alter_table("work_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_work_item_assigned_id"), ["assigned_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_work_item_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_work_item_question_id"), ["question_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_work_item_state"), ["state"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("work_item", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_work_item_state"))
        batch_op.drop_index(batch_op.f("ix_work_item_question_id"))
        batch_op.drop_index(batch_op.f("ix_work_item_person_id"))
        batch_op.drop_index(batch_op.f("ix_work_item_assigned_id"))

    op.drop_table("work_item")
    op.drop_table("chore")
