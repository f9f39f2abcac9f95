"""Surveys: the ledger, sealed answers, and counts."""

import sqlalchemy as sa
from alembic import op

from storage.schema import Id, UtcDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pulse_turn",
        sa.Column("person_id", Id, nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=True),
        sa.Column("asked_at", UtcDateTime(), nullable=True),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("stopped", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_pulse_turn_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_pulse_turn")),
    )
    with op.batch_alter_table("pulse_turn", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pulse_turn_due_at"), ["due_at"], unique=False)

    op.create_table(
        "survey",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("item_ids", sa.JSON(), nullable=False),
        sa.Column("framework", sa.String(length=40), nullable=False),
        sa.Column("wording", sa.JSON(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("least_scores", sa.Integer(), nullable=False),
        sa.Column("least_remarks", sa.Integer(), nullable=False),
        sa.Column("key_mark", sa.String(length=16), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("planned_by", Id, nullable=True),
        sa.Column("opened_at", UtcDateTime(), nullable=True),
        sa.Column("closes_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["planned_by"], ["person.id"], name=op.f("fk_survey_planned_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey")),
    )
    with op.batch_alter_table("survey", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_survey_state"), ["state"], unique=False)

    op.create_table(
        "pulse",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("survey_id", Id, nullable=False),
        sa.Column("item", sa.String(length=20), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("cycle", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=True),
        sa.Column("reminded", sa.Boolean(), nullable=False),
        sa.Column("unclear", sa.Boolean(), nullable=False),
        sa.Column("remarked", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_pulse_person_id_person")),
        sa.ForeignKeyConstraint(["survey_id"], ["survey.id"], name=op.f("fk_pulse_survey_id_survey")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pulse")),
        sa.UniqueConstraint("person_id", "cycle", "item", name=op.f("uq_pulse_person_id_cycle_item")),
        sa.UniqueConstraint("person_id", "survey_id", "item", name=op.f("uq_pulse_person_id_survey_id_item")),
    )
    with op.batch_alter_table("pulse", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pulse_due_at"), ["due_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_pulse_survey_id"), ["survey_id"], unique=False)

    op.create_table(
        "remark",
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("survey_id", Id, nullable=False),
        sa.Column("item", sa.String(length=20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["survey_id"], ["survey.id"], name=op.f("fk_remark_survey_id_survey")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_remark")),
    )
    with op.batch_alter_table("remark", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_remark_survey_id"), ["survey_id"], unique=False)

    op.create_table(
        "response_count",
        sa.Column("survey_id", Id, nullable=False),
        sa.Column("item", sa.String(length=20), nullable=False),
        sa.Column("region", sa.String(length=40), nullable=False),
        sa.Column("point", sa.Integer(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["survey_id"], ["survey.id"], name=op.f("fk_response_count_survey_id_survey")),
        sa.PrimaryKeyConstraint("survey_id", "item", "region", "point", name=op.f("pk_response_count")),
    )
    op.create_table(
        "sealed_response",
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("survey_id", Id, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["survey_id"], ["survey.id"], name=op.f("fk_sealed_response_survey_id_survey")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sealed_response")),
    )
    with op.batch_alter_table("sealed_response", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sealed_response_survey_id"), ["survey_id"], unique=False)

    op.create_table(
        "turnout",
        sa.Column("survey_id", Id, nullable=False),
        sa.Column("item", sa.String(length=20), nullable=False),
        sa.Column("region", sa.String(length=40), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("answered", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["survey_id"], ["survey.id"], name=op.f("fk_turnout_survey_id_survey")),
        sa.PrimaryKeyConstraint("survey_id", "item", "region", name=op.f("pk_turnout")),
    )


def downgrade() -> None:
    op.drop_table("turnout")
    with op.batch_alter_table("sealed_response", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sealed_response_survey_id"))

    op.drop_table("sealed_response")
    op.drop_table("response_count")
    with op.batch_alter_table("remark", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_remark_survey_id"))

    op.drop_table("remark")
    with op.batch_alter_table("pulse", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_pulse_survey_id"))
        batch_op.drop_index(batch_op.f("ix_pulse_due_at"))

    op.drop_table("pulse")
    with op.batch_alter_table("survey", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_survey_state"))

    op.drop_table("survey")
    with op.batch_alter_table("pulse_turn", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_pulse_turn_due_at"))

    op.drop_table("pulse_turn")
