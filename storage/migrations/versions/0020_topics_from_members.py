"""Topics from members."""

import sqlalchemy as sa
from alembic import op

from storage.schema import Id, UtcDateTime

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "topic_call",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("network_id", Id, nullable=False),
        sa.Column("opener_id", Id, nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("closes_at", UtcDateTime(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("tied", sa.JSON(), nullable=False),
        sa.Column("winner", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name=op.f("fk_topic_call_network_id_network")),
        sa.ForeignKeyConstraint(["opener_id"], ["person.id"], name=op.f("fk_topic_call_opener_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topic_call")),
    )
    with op.batch_alter_table("topic_call", schema=None) as batch_op:
        batch_op.create_index(
            "ix_topic_call_running",
            ["network_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('open', 'tied')"),
            postgresql_where=sa.text("state IN ('open', 'tied')"),
        )
        batch_op.create_index("ix_topic_call_state_closes_at", ["state", "closes_at"], unique=False)

    op.create_table(
        "proposal",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("proposer_id", Id, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("network_id", Id, nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("priority", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("moderator_id", Id, nullable=True),
        sa.Column("merged_into_id", Id, nullable=True),
        sa.Column("call_id", Id, nullable=True),
        sa.Column("endorsed", sa.Integer(), nullable=False),
        sa.Column("speaker", sa.String(length=5), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["topic_call.id"], name=op.f("fk_proposal_call_id_topic_call")),
        sa.ForeignKeyConstraint(["merged_into_id"], ["proposal.id"], name=op.f("fk_proposal_merged_into_id_proposal")),
        sa.ForeignKeyConstraint(["moderator_id"], ["person.id"], name=op.f("fk_proposal_moderator_id_person")),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name=op.f("fk_proposal_network_id_network")),
        sa.ForeignKeyConstraint(["proposer_id"], ["person.id"], name=op.f("fk_proposal_proposer_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
    )
    with op.batch_alter_table("proposal", schema=None) as batch_op:
        batch_op.create_index("ix_proposal_network_id_state", ["network_id", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_proposal_proposer_id"), ["proposer_id"], unique=False)

    op.create_table(
        "endorsement",
        sa.Column("proposal_id", Id, nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_endorsement_person_id_person")),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_endorsement_proposal_id_proposal")),
        sa.PrimaryKeyConstraint("proposal_id", "person_id", name=op.f("pk_endorsement")),
    )
    with op.batch_alter_table("endorsement", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_endorsement_person_id"), ["person_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("endorsement", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_endorsement_person_id"))

    op.drop_table("endorsement")
    with op.batch_alter_table("proposal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_proposal_proposer_id"))
        batch_op.drop_index("ix_proposal_network_id_state")

    op.drop_table("proposal")
    with op.batch_alter_table("topic_call", schema=None) as batch_op:
        batch_op.drop_index("ix_topic_call_state_closes_at")
        batch_op.drop_index(
            "ix_topic_call_running",
            sqlite_where=sa.text("state IN ('open', 'tied')"),
            postgresql_where=sa.text("state IN ('open', 'tied')"),
        )

    op.drop_table("topic_call")
