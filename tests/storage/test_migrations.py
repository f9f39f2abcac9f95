"""Migrations: up and down on both databases, by several replicas at once, and never halfway."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, insert, inspect, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from storage import migrations
from storage.database import Database
from storage.migrations.__main__ import draft
from storage.schema import identity, metadata, person

ROOT = Path(__file__).parents[2]


@pytest.fixture
def fresh(fresh_url: str) -> Iterator[Database]:
    """A database without any table, of either kind."""
    database = Database(fresh_url)
    yield database
    database.close()


@pytest.fixture
def versions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of versions/ in use for one test, which may write into it."""
    copied = shutil.copytree(Path(migrations.__file__).parent, tmp_path / "migrations")
    monkeypatch.setattr(migrations, "_HERE", copied)
    return copied / "versions"


def add_revision(versions: Path, upgrade: str) -> str:
    """Writes one more migration, after the newest; returns its revision."""
    revision = "9999"
    (versions / f"{revision}_test.py").write_text(
        f"import sqlalchemy as sa\n"
        f"from alembic import op\n"
        f"revision, down_revision = {revision!r}, {migrations.head()!r}\n"
        f"def upgrade():\n    {upgrade}\n"
        f"def downgrade():\n    pass\n"
    )
    return revision


def tables(database: Database) -> set[str]:
    with database.reading() as connection:
        return set(inspect(connection).get_table_names()) - {"alembic_version"}


def indexes(connection: Connection) -> set[str]:
    """Each index as the database itself spells it: with its condition, which Alembic does not compare."""
    where = {
        "sqlite": "SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL",
        "postgresql": "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'",
    }
    found = connection.execute(text(where[connection.dialect.name])).scalars()
    return {definition for definition in found if "alembic_version" not in definition}


def settle(database: Database) -> None:
    """One person, and an identity that refers to them."""
    row = {
        "key": "asha@example.org",
        "name": "Asha",
        "language": "en",
        "speaks": ["en"],
        "time_zone": "Pacific/Fiji",
        "region": "asia-pacific",
        "reach": 1,
        "topics": [],
        "created_at": datetime(2026, 1, 1, tzinfo=UTC),
    }
    database.write(lambda connection: connection.execute(insert(person).values(id=1, **row)))
    known = {"channel": "web", "remote_id": "asha", "person_id": 1}
    database.write(lambda connection: connection.execute(insert(identity).values(**known)))


def identities(database: Database) -> int:
    with database.reading() as connection:
        return len(connection.execute(select(identity)).all())


def test_the_migrated_schema_is_the_declared_one(database: Database) -> None:
    with database.reading() as connection:
        options = {"compare_type": True, "compare_server_default": True}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), metadata) == []


def test_the_migrated_indexes_are_the_declared_ones(fresh: Database) -> None:
    migrations.upgrade(fresh)
    with fresh.reading() as connection:
        migrated = indexes(connection)
    migrations.downgrade(fresh, "base")
    metadata.create_all(fresh.writer)
    with fresh.reading() as connection:
        assert migrated == indexes(connection)


def test_a_fresh_database_is_brought_to_the_newest_revision(fresh: Database) -> None:
    assert migrations.current(fresh) is None
    migrations.upgrade(fresh)
    assert migrations.current(fresh) == migrations.head()
    assert tables(fresh) == set(metadata.tables)


def test_upgrading_twice_changes_nothing(fresh: Database) -> None:
    migrations.upgrade(fresh)
    settle(fresh)
    migrations.upgrade(fresh)
    assert identities(fresh) == 1


def test_every_revision_can_be_taken_back_and_applied_again(fresh: Database) -> None:
    migrations.upgrade(fresh)
    known = migrations.revisions()
    for behind in [*known[-2::-1], "base"]:
        migrations.downgrade(fresh, behind)
        assert (migrations.current(fresh) or "base") == behind
    assert tables(fresh) == set()
    migrations.upgrade(fresh)
    assert tables(fresh) == set(metadata.tables)


def test_revisions_are_numbered_without_a_gap() -> None:
    known = migrations.revisions()
    assert known == [f"{number:04}" for number in range(1, len(known) + 1)]
    assert migrations.head() == known[-1]


def test_replicas_that_start_together_wait_for_each_other(fresh_url: str) -> None:
    program = (
        "import sys\n"
        "from storage import migrations\n"
        "from storage.database import Database\n"
        "database = Database(sys.argv[1])\n"
        "migrations.upgrade(database)\n"
        "print(migrations.current(database))\n"
    )
    replicas = [
        subprocess.Popen(
            [sys.executable, "-c", program, fresh_url],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    said = [replica.communicate(timeout=60) for replica in replicas]
    assert said == [(f"{migrations.head()}\n", "")] * 4


def test_a_migration_that_fails_halfway_leaves_the_database_as_it_was(fresh: Database, versions: Path) -> None:
    migrations.upgrade(fresh)
    before = migrations.current(fresh)
    add_revision(versions, "op.create_table('half', sa.Column('id', sa.Integer())); op.execute('no such statement')")
    with pytest.raises(DBAPIError):
        migrations.upgrade(fresh)
    assert migrations.current(fresh) == before
    assert "half" not in tables(fresh)


def test_rebuilding_a_table_keeps_what_refers_to_it(fresh: Database, versions: Path) -> None:
    migrations.upgrade(fresh)
    settle(fresh)
    # On SQLite, which cannot alter a column, Alembic copies the table, drops it and renames the copy.
    rebuild = "with op.batch_alter_table('person') as batch: batch.alter_column('name', type_=sa.String(300))"
    revision = add_revision(versions, rebuild)
    migrations.upgrade(fresh)
    assert migrations.current(fresh) == revision
    assert identities(fresh) == 1


def test_a_migration_that_would_break_references_is_undone(fresh: Database, versions: Path) -> None:
    migrations.upgrade(fresh)
    settle(fresh)
    before = migrations.current(fresh)
    add_revision(versions, "op.execute('DELETE FROM person')")
    # PostgreSQL sees it by itself; on SQLite it is our check that does.
    with pytest.raises((IntegrityError, migrations.MigrationError)):
        migrations.upgrade(fresh)
    assert migrations.current(fresh) == before
    with fresh.reading() as connection:
        assert connection.execute(select(person.c.name)).scalars().all() == ["Asha"]


def test_foreign_keys_hold_again_after_a_migration(fresh: Database) -> None:
    migrations.upgrade(fresh)
    unknown = {"channel": "web", "remote_id": "nobody", "person_id": 7}
    with pytest.raises(IntegrityError):
        fresh.write(lambda connection: connection.execute(insert(identity).values(**unknown)))


def test_a_database_that_a_newer_version_migrated_is_refused_in_words(fresh: Database, versions: Path) -> None:
    revision = add_revision(versions, "pass")
    migrations.upgrade(fresh)
    (versions / f"{revision}_test.py").unlink()
    with pytest.raises(migrations.MigrationError, match=f"revision {revision}.*run a newer one"):
        migrations.upgrade(fresh)


def test_a_database_can_be_brought_to_one_revision_and_no_further(fresh: Database, versions: Path) -> None:
    before = migrations.head()
    after = add_revision(versions, "pass")
    migrations.upgrade(fresh, before)
    assert migrations.current(fresh) == before
    migrations.upgrade(fresh, after)
    migrations.upgrade(fresh, before)
    assert migrations.current(fresh) == after


def test_upgrading_to_a_revision_that_is_not_there_is_refused_in_words(fresh: Database) -> None:
    with pytest.raises(migrations.MigrationError, match="There is no revision 12345; there are 0001"):
        migrations.upgrade(fresh, "12345")
    assert migrations.current(fresh) is None


def test_going_back_to_a_revision_that_is_not_there_is_refused_in_words(sqlite_database: Database) -> None:
    with pytest.raises(migrations.MigrationError, match="There is no revision 12345; there are base, 0001"):
        migrations.downgrade(sqlite_database, "12345")


def test_going_back_to_what_lies_ahead_is_refused_in_words(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'empty.db'}")
    with pytest.raises(migrations.MigrationError, match="at revision base: 0001 is not behind it"):
        migrations.downgrade(database, "0001")
    database.close()


def test_a_drafted_migration_builds_the_declared_tables(versions: Path, tmp_path: Path) -> None:
    for path in versions.glob("*.py"):
        path.unlink()
    path = draft("the first tables")
    assert path.name == "0001_the_first_tables.py"
    database = Database(f"sqlite:///{tmp_path / 'drafted.db'}")
    migrations.upgrade(database)
    with database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    database.close()


def test_a_draft_is_empty_when_no_table_has_changed(versions: Path) -> None:
    written = draft("nothing new").read_text()
    assert written.startswith('"""Nothing new."""')
    assert written.count("    pass\n") == 2
