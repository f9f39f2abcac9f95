"""Topics merged and retired."""

import sqlalchemy as sa
from alembic import op

from storage.schema import Id

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("topic", schema=None) as batch_op:
        batch_op.add_column(sa.Column("retired", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("into_id", Id, nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_topic_into_id_topic"), "topic", ["into_id"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("topic", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_topic_into_id_topic"), type_="foreignkey")
        batch_op.drop_column("into_id")
        batch_op.drop_column("retired")
