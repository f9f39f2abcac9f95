"""Issues of cards, whose buttons work once."""

import sqlalchemy as sa
from alembic import op

from storage.schema import Id, UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "card_issue",
        sa.Column("person_id", Id, nullable=False),
        sa.Column("card", sa.String(length=80), nullable=False),
        sa.Column("key", sa.String(length=16), nullable=False),
        sa.Column("secret", sa.String(length=32), nullable=False),
        sa.Column("used", sa.JSON(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_card_issue_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", "card", name=op.f("pk_card_issue")),
        sa.UniqueConstraint("key", name=op.f("uq_card_issue_key")),
    )
    with op.batch_alter_table("card_issue", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_card_issue_at"), ["at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("card_issue", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_card_issue_at"))

    op.drop_table("card_issue")
