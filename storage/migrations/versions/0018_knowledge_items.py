"""Knowledge items."""

import sqlalchemy as sa
from alembic import op

from storage.schema import Id, UtcDateTime

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "item_use",
        sa.Column("item_id", Id, nullable=False),
        sa.Column("use", sa.String(length=8), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_item_use_item_id_item")),
        sa.PrimaryKeyConstraint("item_id", "use", "month", name=op.f("pk_item_use")),
    )
    op.create_table(
        "item_version",
        sa.Column("item_id", Id, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.JSON(), nullable=False),
        sa.Column("by_id", Id, nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_item_version_by_id_person")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_item_version_item_id_item")),
        sa.PrimaryKeyConstraint("item_id", "number", name=op.f("pk_item_version")),
    )
    op.create_table(
        "draft",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("question_id", Id, nullable=True),
        sa.Column("item_id", Id, nullable=True),
        sa.Column("text", sa.JSON(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("audience", sa.Integer(), nullable=False),
        sa.Column("network_id", Id, nullable=True),
        sa.Column("place_id", Id, nullable=True),
        sa.Column("moderator_id", Id, nullable=True),
        sa.Column("due_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_draft_item_id_item")),
        sa.ForeignKeyConstraint(["moderator_id"], ["person.id"], name=op.f("fk_draft_moderator_id_person")),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name=op.f("fk_draft_network_id_network")),
        sa.ForeignKeyConstraint(["place_id"], ["network.id"], name=op.f("fk_draft_place_id_network")),
        sa.ForeignKeyConstraint(["question_id"], ["question.id"], name=op.f("fk_draft_question_id_question")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft")),
    )
    with op.batch_alter_table("draft", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_draft_due_at"), ["due_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_draft_item_id"), ["item_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_draft_question_id"), ["question_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_draft_state"), ["state"], unique=False)

    op.create_table(
        "draft_voice",
        sa.Column("draft_id", Id, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("says", sa.String(length=10), nullable=False),
        sa.Column("shown", sa.Integer(), nullable=False),
        sa.Column("agreed", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["draft_id"], ["draft.id"], name=op.f("fk_draft_voice_draft_id_draft")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_draft_voice_person_id_person")),
        sa.PrimaryKeyConstraint("draft_id", "number", name=op.f("pk_draft_voice")),
        sa.UniqueConstraint("draft_id", "person_id", name=op.f("uq_draft_voice_draft_id_person_id")),
    )
    with op.batch_alter_table("draft_voice", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_draft_voice_person_id"), ["person_id"], unique=False)

    with op.batch_alter_table("item", schema=None) as batch_op:
        batch_op.add_column(sa.Column("state", sa.String(length=10), server_default="published", nullable=False))
        batch_op.add_column(sa.Column("version", sa.Integer(), server_default="1", nullable=False))
        batch_op.add_column(sa.Column("owner_id", Id, nullable=True))
        batch_op.add_column(sa.Column("place_id", Id, nullable=True))
        batch_op.add_column(sa.Column("published_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("review_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("retired_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("replaced_by_id", Id, nullable=True))
        batch_op.create_index(batch_op.f("ix_item_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_item_review_at"), ["review_at"], unique=False)
        batch_op.create_foreign_key(batch_op.f("fk_item_replaced_by_id_item"), "item", ["replaced_by_id"], ["id"])
        batch_op.create_foreign_key(batch_op.f("fk_item_owner_id_person"), "person", ["owner_id"], ["id"])
        batch_op.create_foreign_key(batch_op.f("fk_item_place_id_network"), "network", ["place_id"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("item", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_item_place_id_network"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_item_owner_id_person"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_item_replaced_by_id_item"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_item_review_at"))
        batch_op.drop_index(batch_op.f("ix_item_owner_id"))
        batch_op.drop_column("replaced_by_id")
        batch_op.drop_column("retired_at")
        batch_op.drop_column("review_at")
        batch_op.drop_column("published_at")
        batch_op.drop_column("place_id")
        batch_op.drop_column("owner_id")
        batch_op.drop_column("version")
        batch_op.drop_column("state")

    with op.batch_alter_table("draft_voice", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_draft_voice_person_id"))

    op.drop_table("draft_voice")
    with op.batch_alter_table("draft", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_draft_state"))
        batch_op.drop_index(batch_op.f("ix_draft_question_id"))
        batch_op.drop_index(batch_op.f("ix_draft_item_id"))
        batch_op.drop_index(batch_op.f("ix_draft_due_at"))

    op.drop_table("draft")
    op.drop_table("item_version")
    op.drop_table("item_use")
