"""Databases for every test: SQLite and PostgreSQL, migrated, empty or with the sample community."""

import itertools
import os
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import Connection, make_url

from house.operator.samples import SAMPLE
from storage import importing, migrations
from storage.database import Database
from storage.schema import metadata
from tests.chat.player import START
from tests.support import in_ci, postgresql

# Mornings pass in many tests; those about the summary say when it comes.
os.environ["CONNECT_SUMMARY_AT"] = "none"

pytest_plugins = ["tests.support.no_skips", "pytester"]

LONG = "LONG" in os.environ

settings.register_profile(
    "default", deadline=None, max_examples=60, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("long", settings.get_profile("default"), max_examples=1000)
settings.load_profile("long" if LONG else "default")

_counter = itertools.count(1)


@pytest.fixture(autouse=True)
def _nothing_due_fails(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """What the clock moves on fails into the log, so that the rest goes on: here that fails the test. One that means it
    to fail clears the log."""
    yield
    failed = [record.getMessage() for record in caplog.get_records("call") if record.getMessage().startswith("due: ")]
    assert not failed, failed[0]


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The URL of a server's "postgres" database. A failure to start fails in CI and skips elsewhere."""
    running = postgresql.server()
    try:
        url = running.__enter__()
    except Exception as error:
        if in_ci():
            raise
        pytest.skip(f"PostgreSQL did not start ({error}). To install it: make install")
    yield url
    running.__exit__(None, None, None)


@pytest.fixture
def postgresql_url(postgresql_server: str) -> Iterator[str]:
    """A fresh, unmigrated database, for tests that start processes of their own."""
    name = f"own_{next(_counter)}"
    with psycopg.connect(postgresql_server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    yield _named(postgresql_server, name)
    with psycopg.connect(postgresql_server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture(params=["sqlite", "postgresql"])
def fresh_url(request: pytest.FixtureRequest) -> str:
    """An unmigrated database of the test's own, by its URL; each test that asks for it runs on both kinds."""
    if request.param == "sqlite":
        path: Path = request.getfixturevalue("tmp_path")
        return f"sqlite:///{path / 'fresh.db'}"
    url: str = request.getfixturevalue("postgresql_url")
    return url


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "migrated.db"
    database = Database(f"sqlite:///{path}")
    migrations.upgrade(database)
    # The last connection to close moves the write-ahead log into the file.
    database.close()
    return path


@pytest.fixture(scope="session")
def _postgresql_template(postgresql_server: str) -> str:
    with psycopg.connect(postgresql_server, autocommit=True) as connection:
        connection.execute(b"CREATE DATABASE shared_by_tests")
    url = _named(postgresql_server, "shared_by_tests")
    database = Database(url)
    migrations.upgrade(database)
    database.close()
    return url


@pytest.fixture
def sqlite_database(_sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """A migrated, empty SQLite database of this test's own."""
    path = tmp_path / "test.db"
    shutil.copy(_sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    yield database
    database.close()


@pytest.fixture
def postgresql_database(_postgresql_template: str) -> Iterator[Database]:
    """The migrated PostgreSQL database, emptied for this test: quicker (2 ms) than making one."""
    database = Database(_postgresql_template)
    with database.begin() as connection:
        _empty(connection)
    yield database
    database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Database:
    """Each test that asks for it runs on both databases."""
    found: Database = request.getfixturevalue(f"{request.param}_database")
    return found


def _empty(connection: Connection) -> None:
    # A transaction that an earlier test left open would otherwise hold this one up for ever.
    connection.exec_driver_sql("SET LOCAL lock_timeout = '20s'")
    for table in reversed(metadata.sorted_tables):
        connection.execute(table.delete())
    # Numbers start at 1, as in the new file that a test on SQLite gets.
    connection.exec_driver_sql("SELECT setval(seqrelid, 1, false) FROM pg_sequence")


def _named(server: str, database: str) -> str:
    return make_url(server).set(database=database).render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def sample() -> Iterator[importing.Batch]:
    with importing.load([SAMPLE], sample=True) as batch:
        yield batch


@pytest.fixture
def community(database: Database, sample: importing.Batch) -> Database:
    return _settled(database, sample)


@pytest.fixture
def sqlite_community(sqlite_database: Database, sample: importing.Batch) -> Database:
    """For what does not differ by database."""
    return _settled(sqlite_database, sample)


def _settled(database: Database, sample: importing.Batch) -> Database:
    # The day before: whatever people do in a transcript, they did last.
    database.write(lambda connection: importing.apply(connection, sample, START - timedelta(days=1)))
    return database
