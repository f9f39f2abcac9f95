"""The first tables."""

import sqlalchemy as sa
from alembic import op

from storage.schema import Id, UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "heard",
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=300), nullable=False),
        sa.Column("twin", sa.String(length=64), nullable=False),
        sa.Column("arrived_at", UtcDateTime(), nullable=False),
        sa.Column("done_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "key", name=op.f("pk_heard")),
    )
    op.create_index("ix_heard_done_at", "heard", ["done_at"], unique=False)
    op.create_index("ix_heard_twin", "heard", ["twin"], unique=False)
    op.create_table(
        "network",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("audience", sa.Integer(), nullable=False),
        sa.Column("region", sa.String(length=40), nullable=False),
        sa.Column("topics", sa.JSON(), nullable=False),
        sa.Column("about", sa.JSON(), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_network")),
        sa.UniqueConstraint("key", name=op.f("uq_network_key")),
    )
    op.create_table(
        "person",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("key", sa.String(length=320), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("speaks", sa.JSON(), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("region", sa.String(length=40), nullable=False),
        sa.Column("office", sa.String(length=120), nullable=False),
        sa.Column("reach", sa.Integer(), nullable=False),
        sa.Column("topics", sa.JSON(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("key", name=op.f("uq_person_key")),
    )
    op.create_table(
        "topic",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.Column("aliases", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topic")),
        sa.UniqueConstraint("key", name=op.f("uq_topic_key")),
    )
    op.create_table(
        "version",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("number", Id, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_version")),
    )
    op.create_table(
        "conversation",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("remote_id", sa.String(length=300), nullable=False),
        sa.Column("person_id", Id, nullable=True),
        sa.Column("address", sa.JSON(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=False),
        sa.Column("last_number", Id, nullable=False),
        sa.Column("unreachable", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_conversation_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation")),
        sa.UniqueConstraint("channel", "remote_id", name=op.f("uq_conversation_channel_remote_id")),
    )
    op.create_index(op.f("ix_conversation_person_id"), "conversation", ["person_id"], unique=False)
    op.create_table(
        "identity",
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("remote_id", sa.String(length=200), nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_identity_person_id_person")),
        sa.PrimaryKeyConstraint("channel", "remote_id", name=op.f("pk_identity")),
    )
    op.create_index(op.f("ix_identity_person_id"), "identity", ["person_id"], unique=False)
    op.create_table(
        "item",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("topics", sa.JSON(), nullable=False),
        sa.Column("audience", sa.Integer(), nullable=False),
        sa.Column("network_id", Id, nullable=True),
        sa.Column("region", sa.String(length=40), nullable=False),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name=op.f("fk_item_network_id_network")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item")),
        sa.UniqueConstraint("key", name=op.f("uq_item_key")),
    )
    op.create_table(
        "membership",
        sa.Column("person_id", Id, nullable=False),
        sa.Column("network_id", Id, nullable=False),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name=op.f("fk_membership_network_id_network")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_membership_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", "network_id", name=op.f("pk_membership")),
    )
    op.create_table(
        "role_grant",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("network_id", Id, nullable=True),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name=op.f("fk_role_grant_network_id_network")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_role_grant_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grant")),
    )
    op.create_index(op.f("ix_role_grant_person_id"), "role_grant", ["person_id"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("conversation_id", Id, nullable=True),
        sa.Column("person_id", Id, nullable=True),
        sa.Column("number", Id, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("about", Id, nullable=False),
        sa.Column("card", sa.String(length=80), nullable=False),
        sa.Column("only_edit", sa.Boolean(), nullable=False),
        sa.Column("anew", sa.Boolean(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("lease_until", UtcDateTime(), nullable=True),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_outbox_conversation_id_conversation")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_outbox_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("conversation_id", "number", name=op.f("uq_outbox_conversation_id_number")),
    )
    op.create_index("ix_outbox_ended_at", "outbox", ["ended_at"], unique=False)
    op.create_index("ix_outbox_state_due_at", "outbox", ["state", "due_at"], unique=False)
    op.create_index(
        "ix_outbox_unfinished",
        "outbox",
        ["conversation_id", "number"],
        unique=False,
        sqlite_where=sa.text("state IN ('waiting', 'leased')"),
        postgresql_where=sa.text("state IN ('waiting', 'leased')"),
    )
    op.create_table(
        "question",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("asker_id", Id, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("audience", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("expert_id", Id, nullable=True),
        sa.Column("asker_named", sa.Boolean(), nullable=False),
        sa.Column("expert_named", sa.Boolean(), nullable=False),
        sa.Column("outcome", sa.String(length=8), nullable=True),
        sa.Column("item_id", Id, nullable=True),
        sa.Column("relayed", sa.Integer(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("waiting_since", UtcDateTime(), nullable=True),
        sa.Column("taken_at", UtcDateTime(), nullable=True),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("due_at", UtcDateTime(), nullable=True),
        sa.Column("reminded", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["asker_id"], ["person.id"], name=op.f("fk_question_asker_id_person")),
        sa.ForeignKeyConstraint(["expert_id"], ["person.id"], name=op.f("fk_question_expert_id_person")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_question_item_id_item")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question")),
    )
    op.create_index(op.f("ix_question_asker_id"), "question", ["asker_id"], unique=False)
    op.create_index(op.f("ix_question_due_at"), "question", ["due_at"], unique=False)
    op.create_index(op.f("ix_question_expert_id"), "question", ["expert_id"], unique=False)
    op.create_index(op.f("ix_question_state"), "question", ["state"], unique=False)
    op.create_table(
        "sent",
        sa.Column("conversation_id", Id, nullable=False),
        sa.Column("card", sa.String(length=80), nullable=False),
        sa.Column("remote_id", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_sent_conversation_id_conversation")
        ),
        sa.PrimaryKeyConstraint("conversation_id", "card", name=op.f("pk_sent")),
    )
    op.create_table(
        "web_message",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("conversation_id", Id, nullable=False),
        sa.Column("delivery", Id, nullable=True),
        sa.Column("revision", Id, nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_web_message_conversation_id_conversation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_web_message")),
        sa.UniqueConstraint("conversation_id", "revision", name=op.f("uq_web_message_conversation_id_revision")),
        sa.UniqueConstraint("delivery", name=op.f("uq_web_message_delivery")),
    )
    op.create_index(op.f("ix_web_message_conversation_id"), "web_message", ["conversation_id"], unique=False)
    op.create_table(
        "offer",
        sa.Column("question_id", Id, nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("offered_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_offer_person_id_person")),
        sa.ForeignKeyConstraint(["question_id"], ["question.id"], name=op.f("fk_offer_question_id_question")),
        sa.PrimaryKeyConstraint("question_id", "person_id", name=op.f("pk_offer")),
    )
    op.create_index(op.f("ix_offer_person_id"), "offer", ["person_id"], unique=False)
    op.create_table(
        "relay",
        sa.Column("question_id", Id, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("side", sa.String(length=6), nullable=False),
        sa.Column("author_id", Id, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_relay_author_id_person")),
        sa.ForeignKeyConstraint(["question_id"], ["question.id"], name=op.f("fk_relay_question_id_question")),
        sa.PrimaryKeyConstraint("question_id", "number", name=op.f("pk_relay")),
    )


def downgrade() -> None:
    op.drop_table("relay")
    op.drop_index(op.f("ix_offer_person_id"), table_name="offer")
    op.drop_table("offer")
    op.drop_index(op.f("ix_web_message_conversation_id"), table_name="web_message")
    op.drop_table("web_message")
    op.drop_table("sent")
    op.drop_index(op.f("ix_question_state"), table_name="question")
    op.drop_index(op.f("ix_question_expert_id"), table_name="question")
    op.drop_index(op.f("ix_question_due_at"), table_name="question")
    op.drop_index(op.f("ix_question_asker_id"), table_name="question")
    op.drop_table("question")
    op.drop_index(
        "ix_outbox_unfinished",
        table_name="outbox",
        sqlite_where=sa.text("state IN ('waiting', 'leased')"),
        postgresql_where=sa.text("state IN ('waiting', 'leased')"),
    )
    op.drop_index("ix_outbox_state_due_at", table_name="outbox")
    op.drop_index("ix_outbox_ended_at", table_name="outbox")
    op.drop_table("outbox")
    op.drop_index(op.f("ix_role_grant_person_id"), table_name="role_grant")
    op.drop_table("role_grant")
    op.drop_table("membership")
    op.drop_table("item")
    op.drop_index(op.f("ix_identity_person_id"), table_name="identity")
    op.drop_table("identity")
    op.drop_index(op.f("ix_conversation_person_id"), table_name="conversation")
    op.drop_table("conversation")
    op.drop_table("version")
    op.drop_table("topic")
    op.drop_table("person")
    op.drop_table("network")
    op.drop_index("ix_heard_twin", table_name="heard")
    op.drop_index("ix_heard_done_at", table_name="heard")
    op.drop_table("heard")
