"""Reminders of events."""

import sqlalchemy as sa
from alembic import op

from storage.schema import Id, UtcDateTime

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reminder_choice",
        sa.Column("person_id", Id, nullable=False),
        sa.Column("event", Id, nullable=False),
        sa.Column("leads", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_reminder_choice_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", "event", name=op.f("pk_reminder_choice")),
    )
    op.create_table(
        "reminder",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("event_id", Id, nullable=False),
        sa.Column("occurrence", sa.String(length=16), nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("lead", sa.Integer(), nullable=False),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_reminder_event_id_event")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_reminder_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder")),
        sa.UniqueConstraint(
            "event_id", "occurrence", "person_id", "lead", name=op.f("uq_reminder_event_id_occurrence_person_id_lead")
        ),
    )
    with op.batch_alter_table("reminder", schema=None) as batch_op:
        batch_op.create_index(
            "ix_reminder_due",
            ["due_at"],
            unique=False,
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        )
        batch_op.create_index(batch_op.f("ix_reminder_person_id"), ["person_id"], unique=False)

    op.create_table(
        "reminder_plan",
        sa.Column("event_id", Id, nullable=False),
        sa.Column("occurrence", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("cursor", Id, nullable=True),
        sa.Column("written", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("stopped", sa.Boolean(), nullable=False),
        sa.Column("home_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_reminder_plan_event_id_event")),
        sa.PrimaryKeyConstraint("event_id", "occurrence", name=op.f("pk_reminder_plan")),
    )
    with op.batch_alter_table("reminder_plan", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reminder_plan_ends_at"), ["ends_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_reminder_plan_home_at"), ["home_at"], unique=False)

    op.create_table(
        "reminder_usual",
        sa.Column("event_id", Id, nullable=False),
        sa.Column("leads", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_reminder_usual_event_id_event")),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_reminder_usual")),
    )


def downgrade() -> None:
    op.drop_table("reminder_usual")
    with op.batch_alter_table("reminder_plan", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_reminder_plan_home_at"))
        batch_op.drop_index(batch_op.f("ix_reminder_plan_ends_at"))

    op.drop_table("reminder_plan")
    with op.batch_alter_table("reminder", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_reminder_person_id"))
        batch_op.drop_index(
            "ix_reminder_due", sqlite_where=sa.text("state = 'waiting'"), postgresql_where=sa.text("state = 'waiting'")
        )

    op.drop_table("reminder")
    op.drop_table("reminder_choice")
