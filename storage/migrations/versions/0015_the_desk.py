"""The facilitator's desk."""

import sqlalchemy as sa
from alembic import op

from storage.schema import Id, UtcDateTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "desk_move",
        sa.Column("person_id", Id, nullable=False),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.Column("about", sa.String(length=40), nullable=False),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_desk_move_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_desk_move")),
    )
    op.create_table(
        "desk_note",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("question_id", Id, nullable=False),
        sa.Column("author_id", Id, nullable=False),
        sa.Column("network_id", Id, nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_desk_note_author_id_person")),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name=op.f("fk_desk_note_network_id_network")),
        sa.ForeignKeyConstraint(["question_id"], ["question.id"], name=op.f("fk_desk_note_question_id_question")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_note")),
    )
    with op.batch_alter_table("desk_note", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_desk_note_author_id"), ["author_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_desk_note_question_id"), ["question_id"], unique=False)

    with op.batch_alter_table("question", schema=None) as batch_op:
        batch_op.add_column(sa.Column("network_id", Id, nullable=True))
        batch_op.add_column(sa.Column("merged_into_id", Id, nullable=True))
        batch_op.create_index(batch_op.f("ix_question_merged_into_id"), ["merged_into_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_question_merged_into_id_question"), "question", ["merged_into_id"], ["id"]
        )
        batch_op.create_foreign_key(batch_op.f("fk_question_network_id_network"), "network", ["network_id"], ["id"])

    with op.batch_alter_table("role_grant", schema=None) as batch_op:
        batch_op.add_column(sa.Column("by_id", Id, nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_role_grant_by_id_person"), "person", ["by_id"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("role_grant", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_role_grant_by_id_person"), type_="foreignkey")
        batch_op.drop_column("by_id")

    with op.batch_alter_table("question", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_question_network_id_network"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_question_merged_into_id_question"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_question_merged_into_id"))
        batch_op.drop_column("merged_into_id")
        batch_op.drop_column("network_id")

    with op.batch_alter_table("desk_note", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_desk_note_question_id"))
        batch_op.drop_index(batch_op.f("ix_desk_note_author_id"))

    op.drop_table("desk_note")
    op.drop_table("desk_move")
