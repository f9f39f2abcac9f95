"""Homes of networks."""

import sqlalchemy as sa
from alembic import op

from storage.schema import Id

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "network_home",
        sa.Column("network_id", Id, nullable=False),
        sa.Column("conversation_id", Id, nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_network_home_conversation_id_conversation")
        ),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name=op.f("fk_network_home_network_id_network")),
        sa.PrimaryKeyConstraint("network_id", name=op.f("pk_network_home")),
    )


def downgrade() -> None:
    op.drop_table("network_home")
