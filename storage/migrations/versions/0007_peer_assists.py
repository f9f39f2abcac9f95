"""Peer assists."""

import sqlalchemy as sa
from alembic import op

from storage.schema import Id, UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "assist",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("asker_id", Id, nullable=False),
        sa.Column("question_id", Id, nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("audience", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("named", sa.Boolean(), nullable=False),
        sa.Column("place", sa.String(length=8), nullable=False),
        sa.Column("note_taker_id", Id, nullable=True),
        sa.Column("reminded", sa.Boolean(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("gather_until", UtcDateTime(), nullable=True),
        sa.Column("ends_at", UtcDateTime(), nullable=True),
        sa.Column("due_at", UtcDateTime(), nullable=True),
        sa.Column("opening_until", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["asker_id"], ["person.id"], name=op.f("fk_assist_asker_id_person")),
        sa.ForeignKeyConstraint(["note_taker_id"], ["person.id"], name=op.f("fk_assist_note_taker_id_person")),
        sa.ForeignKeyConstraint(["question_id"], ["question.id"], name=op.f("fk_assist_question_id_question")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assist")),
    )
    with op.batch_alter_table("assist", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_assist_asker_id"), ["asker_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_assist_due_at"), ["due_at"], unique=False)

    op.create_table(
        "invitation",
        sa.Column("assist_id", Id, nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("reply", sa.String(length=6), nullable=False),
        sa.Column("invited_at", UtcDateTime(), nullable=False),
        sa.Column("replied_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["assist_id"], ["assist.id"], name=op.f("fk_invitation_assist_id_assist")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_invitation_person_id_person")),
        sa.PrimaryKeyConstraint("assist_id", "person_id", name=op.f("pk_invitation")),
    )
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_invitation_person_id"), ["person_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_invitation_person_id"))

    op.drop_table("invitation")
    with op.batch_alter_table("assist", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_assist_due_at"))
        batch_op.drop_index(batch_op.f("ix_assist_asker_id"))

    op.drop_table("assist")
