"""Migrations, run from code: no alembic.ini to find or to forget."""

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from storage.database import Database

_HERE = Path(__file__).parent
# Any number, the same in every replica: who holds it migrates, the others wait.
_LOCK = 7_203_114


def upgrade(database: Database, to: str = "head") -> None:
    """Brings the database to a revision; nothing when it is there. Replicas that start together wait for each other."""
    if current(database) != (head() if to == "head" else to):
        _run(database, lambda config: command.upgrade(config, to))


def downgrade(database: Database, to: str) -> None:
    """Back to a revision; "base" is an empty database. What later revisions added is lost."""
    _run(database, lambda config: command.downgrade(config, to))


def current(database: Database) -> str | None:
    """The database's revision, None when it was never migrated."""
    with database.writer.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head() -> str:
    """The newest revision there is."""
    newest = ScriptDirectory.from_config(_config()).get_current_head()
    assert newest is not None
    return newest


def _config(connection: Connection | None = None) -> Config:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(_HERE))
    config.set_main_option("path_separator", "os")
    return config


def _run(database: Database, migrate: Any) -> None:
    if database.is_sqlite:
        _run_on_sqlite(database, migrate)
        return
    with database.writer.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        migrate(_config(connection))


def _run_on_sqlite(database: Database, migrate: Any) -> None:
    # Batch mode drops and rebuilds tables: with foreign keys on, that deletes what refers to them. The pragma
    # does nothing within a transaction, so it comes before, and the check comes after.
    with database.writer.connect() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        raw.execute("PRAGMA foreign_keys=OFF")
        try:
            with connection.begin():
                migrate(_config(connection))
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
                if broken:
                    raise RuntimeError(f"the migration would break {len(broken)} references")
        finally:
            raw.execute("PRAGMA foreign_keys=ON")
