"""Imports in chat, profiles, expertise."""

import sqlalchemy as sa
from alembic import op

from storage.schema import Id, UtcDateTime

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "directory_import",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("by_id", Id, nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=True),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("examples", sa.JSON(), nullable=False),
        sa.Column("problems", sa.JSON(), nullable=False),
        sa.Column("more_problems", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("leavers", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_directory_import_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directory_import")),
    )
    with op.batch_alter_table("directory_import", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_directory_import_due_at"), ["due_at"], unique=False)

    op.create_table(
        "expertise_check",
        sa.Column("person_id", Id, nullable=False),
        sa.Column("topic", sa.String(length=80), nullable=False),
        sa.Column("by_id", Id, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_expertise_check_by_id_person")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_expertise_check_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", "topic", name=op.f("pk_expertise_check")),
    )
    op.create_table(
        "import_change",
        sa.Column("import_id", Id, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=320), nullable=False),
        sa.Column("number", Id, nullable=True),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("leaver", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["directory_import.id"], name=op.f("fk_import_change_import_id_directory_import")
        ),
        sa.PrimaryKeyConstraint("import_id", "place", name=op.f("pk_import_change")),
    )
    with op.batch_alter_table("import_change", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_import_change_number"), ["number"], unique=False)

    op.create_table(
        "import_file",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("import_id", Id, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["directory_import.id"], name=op.f("fk_import_file_import_id_directory_import")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_file")),
    )
    with op.batch_alter_table("import_file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_import_file_import_id"), ["import_id"], unique=False)

    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.add_column(sa.Column("leaving", sa.Boolean(), server_default=sa.false(), nullable=False))

    with op.batch_alter_table("preference", schema=None) as batch_op:
        batch_op.add_column(sa.Column("own", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("interests", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("helps", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("quiet", sa.String(length=11), nullable=True))
        batch_op.add_column(sa.Column("listed", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("tour", sa.JSON(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("preference", schema=None) as batch_op:
        batch_op.drop_column("tour")
        batch_op.drop_column("listed")
        batch_op.drop_column("quiet")
        batch_op.drop_column("helps")
        batch_op.drop_column("interests")
        batch_op.drop_column("own")

    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_column("leaving")

    with op.batch_alter_table("import_file", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_import_file_import_id"))

    op.drop_table("import_file")
    with op.batch_alter_table("import_change", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_import_change_number"))

    op.drop_table("import_change")
    op.drop_table("expertise_check")
    with op.batch_alter_table("directory_import", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_directory_import_due_at"))

    op.drop_table("directory_import")
