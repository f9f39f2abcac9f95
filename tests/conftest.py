"""Databases for every test: SQLite and PostgreSQL, migrated and empty."""

import itertools
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import make_url, text

from storage import migrations
from storage.database import Database
from storage.schema import metadata
from tests.support import postgresql

IN_CI = os.environ.get("CI") == "true"
LONG = "LONG" in os.environ

settings.register_profile("default", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("long", settings.get_profile("default"), max_examples=1000)
settings.load_profile("long" if LONG else "default")

_counter = itertools.count(1)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The URL of a server's "postgres" database. A failure to start fails in CI and skips elsewhere."""
    try:
        running = postgresql.server()
        url = running.__enter__()
    except Exception as error:
        if IN_CI:
            raise
        pytest.skip(f"PostgreSQL did not start ({error}); install it with: make install")
    yield url
    running.__exit__(None, None, None)


@pytest.fixture
def postgresql_url(postgresql_server: str) -> Iterator[str]:
    """A fresh, unmigrated database, for tests that start processes of their own."""
    name = f"own_{os.getpid()}_{next(_counter)}"
    with psycopg.connect(postgresql_server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    yield make_url(postgresql_server).set(database=name).render_as_string(hide_password=False)
    with psycopg.connect(postgresql_server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "migrated.db"
    database = Database(f"sqlite:///{path}")
    migrations.upgrade(database)
    with database.writer.connect() as connection:
        connection.connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[union-attr]
    database.close()
    return path


@pytest.fixture(scope="session")
def _postgresql_database(postgresql_server: str) -> Iterator[Database]:
    with psycopg.connect(postgresql_server, autocommit=True) as connection:
        connection.execute(b"CREATE DATABASE shared_by_tests")
    database = Database(make_url(postgresql_server).set(database="shared_by_tests").render_as_string())
    migrations.upgrade(database)
    yield database
    database.close()


@pytest.fixture
def sqlite_database(_sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """A migrated, empty SQLite database of this test's own."""
    path = tmp_path / "test.db"
    shutil.copy(_sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    yield database
    database.close()


@pytest.fixture
def postgresql_database(_postgresql_database: Database) -> Iterator[Database]:
    """The migrated PostgreSQL database, emptied before each test: deleting beats creating (2 ms)."""
    with _postgresql_database.begin() as connection:
        names = [table.name for table in metadata.sorted_tables]
        connection.execute(text(f"TRUNCATE {', '.join(names)} RESTART IDENTITY CASCADE"))
    yield _postgresql_database


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Database:
    """Each test that asks for it runs on both databases."""
    found: Database = request.getfixturevalue(f"{request.param}_database")
    return found


_skipped: list[str] = []


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.skipped and not hasattr(report, "wasxfail"):
        _skipped.append(f"{report.nodeid}: {report.longrepr[2] if isinstance(report.longrepr, tuple) else ''}")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """On a person's machine what is missing may be skipped; in CI a skipped test is a test that was not run."""
    if IN_CI and _skipped:
        print("\nSkipped in CI, where nothing may be:\n" + "\n".join(_skipped))
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
