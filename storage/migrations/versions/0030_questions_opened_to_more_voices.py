"""Questions opened to more voices."""

import sqlalchemy as sa
from alembic import op

from storage.schema import Id, UtcDateTime

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "opening",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("question_id", Id, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("audience", sa.Integer(), nullable=False),
        sa.Column("network_id", Id, nullable=True),
        sa.Column("at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name=op.f("fk_opening_network_id_network")),
        sa.ForeignKeyConstraint(["question_id"], ["question.id"], name=op.f("fk_opening_question_id_question")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opening")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("opening", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_opening_question_id"), ["question_id"], unique=False)
    op.create_table(
        "digest_taken_back",
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_digest_taken_back")),
    )
    with op.batch_alter_table("question", schema=None) as batch_op:
        batch_op.add_column(sa.Column("opening_id", Id, nullable=True))
        batch_op.create_index(batch_op.f("ix_question_opening_id"), ["opening_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("question", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_question_opening_id"))
        batch_op.drop_column("opening_id")
    op.drop_table("digest_taken_back")
    with op.batch_alter_table("opening", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_opening_question_id"))
    op.drop_table("opening")
