"""The weekly top 5."""

import sqlalchemy as sa
from alembic import op

from storage.schema import Id, UtcDateTime

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "digest_rule",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("set", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_digest_rule")),
    )
    op.create_table(
        "digest",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("network_id", Id, nullable=False),
        sa.Column("week", sa.String(length=8), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("picks", sa.JSON(), nullable=False),
        sa.Column("approved_by_id", Id, nullable=True),
        sa.Column("second_by_id", Id, nullable=True),
        sa.Column("approved_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("planned_up_to", Id, nullable=False),
        sa.Column("planned", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["approved_by_id"], ["person.id"], name=op.f("fk_digest_approved_by_id_person")),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name=op.f("fk_digest_network_id_network")),
        sa.ForeignKeyConstraint(["second_by_id"], ["person.id"], name=op.f("fk_digest_second_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digest")),
        sa.UniqueConstraint("network_id", "week", name=op.f("uq_digest_network_id_week")),
    )
    with op.batch_alter_table("digest", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_digest_state"), ["state"], unique=False)

    op.create_table(
        "digest_reminder",
        sa.Column("person_id", Id, nullable=False),
        sa.Column("week", sa.String(length=8), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_digest_reminder_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", "week", name=op.f("pk_digest_reminder")),
    )
    op.create_table(
        "digest_sending",
        sa.Column("digest_id", Id, nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("channel", sa.String(length=5), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("done_at", UtcDateTime(), nullable=True),
        sa.Column("sent", sa.Boolean(), nullable=False),
        sa.Column("picks", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["digest_id"], ["digest.id"], name=op.f("fk_digest_sending_digest_id_digest")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_digest_sending_person_id_person")),
        sa.PrimaryKeyConstraint("digest_id", "person_id", "channel", name=op.f("pk_digest_sending")),
    )
    with op.batch_alter_table("digest_sending", schema=None) as batch_op:
        batch_op.create_index("ix_digest_sending_done_at_due_at", ["done_at", "due_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_digest_sending_person_id"), ["person_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("digest_sending", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_digest_sending_person_id"))
        batch_op.drop_index("ix_digest_sending_done_at_due_at")

    op.drop_table("digest_sending")
    op.drop_table("digest_reminder")
    with op.batch_alter_table("digest", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_digest_state"))

    op.drop_table("digest")
    op.drop_table("digest_rule")
