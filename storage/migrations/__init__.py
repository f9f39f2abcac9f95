"""Migrations, run from code: no alembic.ini to find or to forget.

A change to the tables: edit `storage/schema/`, then `python -m storage.migrations "what it adds"` drafts the
next file in `versions/`; read it, mend it, `make format`. A migration that was released is never edited.
"""

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from storage.database import Database

_HERE = Path(__file__).parent
# Any number, the same in every replica: who holds it migrates, the others wait.
_LOCK = 7_203_114


class MigrationError(Exception):
    """The database cannot go there; its text says why, to whoever deploys."""


def upgrade(database: Database, to: str = "head") -> None:
    """Brings the database to a revision, the newest by default; one that is there or beyond is left as it is.

    Replicas that start together wait for each other. Raises MigrationError for a revision that does not exist,
    and for a database that a newer version of the bot has migrated.
    """
    now, known = current(database), revisions()
    if now is not None and now not in known:
        raise MigrationError(f"The database is at revision {now}, which this version does not know: run a newer one.")
    to = known[-1] if to == "head" else to
    if to not in known:
        raise MigrationError(f"There is no revision {to}; there are {', '.join(known)}.")
    if now is None or known.index(now) < known.index(to):
        _run(database, lambda config: command.upgrade(config, to))


def downgrade(database: Database, to: str) -> None:
    """Back to a revision; "base" is an empty database. What later revisions added is lost.

    Raises MigrationError for a revision that does not exist or lies ahead.
    """
    now, known = current(database), revisions()
    if to != "base" and to not in known:
        raise MigrationError(f"There is no revision {to}; there are base, {', '.join(known)}.")
    steps = ["base", *known]
    if (now or "base") not in steps or steps.index(to) > steps.index(now or "base"):
        raise MigrationError(f"The database is at revision {now or 'base'}: {to} is not behind it.")
    _run(database, lambda config: command.downgrade(config, to))


def current(database: Database) -> str | None:
    """The database's revision, None when it was never migrated."""
    with database.writer.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head() -> str:
    """The newest revision there is."""
    return revisions()[-1]


def revisions() -> list[str]:
    """Every revision, oldest first."""
    scripts = ScriptDirectory.from_config(configuration())
    return [script.revision for script in scripts.walk_revisions()][::-1]


def configuration(connection: Connection | None = None) -> Config:
    """What would stand in an alembic.ini, and the connection that env.py works on."""
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(_HERE).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    return config


def _run(database: Database, migrate: Callable[[Config], None]) -> None:
    if database.is_sqlite:
        _run_on_sqlite(database, migrate)
        return
    with database.writer.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        migrate(configuration(connection))


def _run_on_sqlite(database: Database, migrate: Callable[[Config], None]) -> None:
    # Batch mode drops and rebuilds tables: with foreign keys on, that deletes what refers to them. The pragma
    # does nothing within a transaction, so it comes before, and the check comes after.
    with database.writer.connect() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        raw.execute("PRAGMA foreign_keys=OFF")
        try:
            with connection.begin():
                migrate(configuration(connection))
                broken = {row[0] for row in connection.exec_driver_sql("PRAGMA foreign_key_check")}
                if broken:
                    raise MigrationError(f"The migration would break references of {', '.join(sorted(broken))}.")
        finally:
            raw.execute("PRAGMA foreign_keys=ON")
