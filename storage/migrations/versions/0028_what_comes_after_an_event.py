"""What comes after an event."""

import sqlalchemy as sa
from alembic import op

from storage.schema import Id, UtcDateTime

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "attendance",
        sa.Column("event_id", Id, nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("occurrence", sa.String(length=16), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_attendance_event_id_event")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_attendance_person_id_person")),
        sa.PrimaryKeyConstraint("event_id", "occurrence", "person_id", name=op.f("pk_attendance")),
    )
    with op.batch_alter_table("attendance", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attendance_person_id"), ["person_id"], unique=False)

    op.create_table(
        "event_held",
        sa.Column("event_id", Id, nullable=False),
        sa.Column("occurrence", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=True),
        sa.Column("survey_id", Id, nullable=True),
        sa.Column("cursor", Id, nullable=True),
        sa.Column("of_attended", sa.Boolean(), nullable=False),
        sa.Column("attended", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_event_held_event_id_event")),
        sa.ForeignKeyConstraint(["survey_id"], ["survey.id"], name=op.f("fk_event_held_survey_id_survey")),
        sa.PrimaryKeyConstraint("event_id", "occurrence", name=op.f("pk_event_held")),
    )
    with op.batch_alter_table("event_held", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_event_held_code"), ["code"], unique=False)
        batch_op.create_index(batch_op.f("ix_event_held_survey_id"), ["survey_id"], unique=False)

    op.create_table(
        "event_question",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("event_id", Id, nullable=False),
        sa.Column("occurrence", sa.String(length=16), nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("survey_id", Id, nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_event_question_event_id_event")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_event_question_person_id_person")),
        sa.ForeignKeyConstraint(["survey_id"], ["survey.id"], name=op.f("fk_event_question_survey_id_survey")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_question")),
        sa.UniqueConstraint(
            "event_id",
            "occurrence",
            "person_id",
            "survey_id",
            name=op.f("uq_event_question_event_id_occurrence_person_id_survey_id"),
        ),
    )
    with op.batch_alter_table("event_question", schema=None) as batch_op:
        batch_op.create_index(
            "ix_event_question_due",
            ["due_at"],
            unique=False,
            sqlite_where=sa.text("due_at IS NOT NULL"),
            postgresql_where=sa.text("due_at IS NOT NULL"),
        )
        batch_op.create_index(batch_op.f("ix_event_question_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_event_question_survey_id"), ["survey_id"], unique=False)

    op.create_table(
        "event_wish",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("event_id", Id, nullable=False),
        sa.Column("occurrence", sa.String(length=16), nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("got_at", UtcDateTime(), nullable=True),
        sa.Column("due_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_event_wish_event_id_event")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_event_wish_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_wish")),
        sa.UniqueConstraint(
            "event_id", "occurrence", "person_id", name=op.f("uq_event_wish_event_id_occurrence_person_id")
        ),
    )
    with op.batch_alter_table("event_wish", schema=None) as batch_op:
        batch_op.create_index(
            "ix_event_wish_due",
            ["due_at"],
            unique=False,
            sqlite_where=sa.text("due_at IS NOT NULL"),
            postgresql_where=sa.text("due_at IS NOT NULL"),
        )
        batch_op.create_index(batch_op.f("ix_event_wish_person_id"), ["person_id"], unique=False)

    op.create_table(
        "event_material",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("event_id", Id, nullable=False),
        sa.Column("occurrence", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by_id", Id, nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("draft_id", Id, nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_event_material_by_id_person")),
        sa.ForeignKeyConstraint(["draft_id"], ["draft.id"], name=op.f("fk_event_material_draft_id_draft")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_event_material_event_id_event")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_material")),
        sa.UniqueConstraint("event_id", "occurrence", "kind", name=op.f("uq_event_material_event_id_occurrence_kind")),
    )
    with op.batch_alter_table("event_material", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_event_material_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_event_material_by_id"), ["by_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("event_material", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_event_material_by_id"))
        batch_op.drop_index(batch_op.f("ix_event_material_at"))

    op.drop_table("event_material")
    with op.batch_alter_table("event_wish", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_event_wish_person_id"))
        batch_op.drop_index(
            "ix_event_wish_due",
            sqlite_where=sa.text("due_at IS NOT NULL"),
            postgresql_where=sa.text("due_at IS NOT NULL"),
        )

    op.drop_table("event_wish")
    with op.batch_alter_table("event_question", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_event_question_survey_id"))
        batch_op.drop_index(batch_op.f("ix_event_question_person_id"))
        batch_op.drop_index(
            "ix_event_question_due",
            sqlite_where=sa.text("due_at IS NOT NULL"),
            postgresql_where=sa.text("due_at IS NOT NULL"),
        )

    op.drop_table("event_question")
    with op.batch_alter_table("event_held", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_event_held_survey_id"))
        batch_op.drop_index(batch_op.f("ix_event_held_code"))

    op.drop_table("event_held")
    with op.batch_alter_table("attendance", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_attendance_person_id"))

    op.drop_table("attendance")
