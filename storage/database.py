"""One database, SQLite or PostgreSQL: engines, transactions, and the threads they run on."""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, Table, create_engine, event, make_url
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import URL
from sqlalchemy.exc import OperationalError

from knowledge.errors import Conflict

T = TypeVar("T")

# PostgreSQL's codes for "run the transaction again": serialization failure and deadlock.
_TRY_AGAIN = {"40001", "40P01"}
_TRIES = 5


class Database:
    """Where everything is kept. Synchronous inside; `run` and `look` hand work to threads from async code.

    SQLite: one writer thread with one connection (a pool of five writers had a p99 of 1.1 s against 0.4 s),
    readers beside it (WAL). PostgreSQL: a small pool, any number of replicas.
    """

    def __init__(self, url: str, *, threads: int = 4) -> None:
        self.url = normal_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            self.writer = _sqlite_engine(self.url, pool_size=1)
            self.reader = _sqlite_engine(self.url, pool_size=threads, read_only=True)
        else:
            self.writer = create_engine(self.url, pool_size=threads + 2, max_overflow=4, hide_parameters=True)
            # The same connections; each reading transaction sees one moment, and cannot write.
            self.reader = self.writer.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self._writers = ThreadPoolExecutor(1 if self.is_sqlite else threads, thread_name_prefix="write")
        self._readers = ThreadPoolExecutor(2, thread_name_prefix="read")

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A writing transaction: commits at the end, rolls back on any exception."""
        with self.writer.begin() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One moment's view for reading; an attempt to write through it fails."""
        with self.reader.connect() as connection:
            yield connection

    def write(self, work: Callable[[Connection], T]) -> T:
        """Runs `work` in one writing transaction, again from the start when another writer was first.

        `work` must therefore have no effect outside the transaction. Raises Conflict after five tries.
        """
        for attempt in range(1, _TRIES + 1):
            try:
                with self.begin() as connection:
                    return work(connection)
            except Conflict:
                if attempt == _TRIES:
                    raise
            except OperationalError as error:
                code = getattr(error.orig, "sqlstate", None)
                if code not in _TRY_AGAIN or attempt == _TRIES:
                    raise
        raise AssertionError("unreachable")

    async def run(self, work: Callable[[Connection], T]) -> T:
        """`write`, on a writer thread."""
        return await asyncio.get_running_loop().run_in_executor(self._writers, self.write, work)

    async def look(self, work: Callable[[Connection], T]) -> T:
        """Runs `work` with a reading connection, on a reader thread."""

        def reading() -> T:
            with self.reading() as connection:
                return work(connection)

        return await asyncio.get_running_loop().run_in_executor(self._readers, reading)

    def close(self) -> None:
        """Waits for running work, then lets go of every connection."""
        self._writers.shutdown()
        self._readers.shutdown()
        self.writer.dispose()
        self.reader.dispose()

    @staticmethod
    def address(url: str) -> str:
        """The URL as it may be shown: without a password."""
        return normal_url(url).render_as_string(hide_password=True)


def by_dialect(table: Table, build: Callable[[Any], T]) -> dict[str, T]:
    """A statement on each dialect's own insert into the table (they alone know ON CONFLICT), by the dialect's name."""
    return {"sqlite": build(sqlite_insert(table)), "postgresql": build(postgresql_insert(table))}


def normal_url(url: str) -> URL:
    """The URL with the driver we ship: `postgres://` and `postgresql://` mean psycopg 3.

    Raises ValueError for a backend that is neither SQLite nor PostgreSQL.
    """
    parsed = make_url(url)
    backend = parsed.get_backend_name()
    if backend in ("postgres", "postgresql"):
        return parsed.set(drivername="postgresql+psycopg")
    if backend == "sqlite":
        return parsed.set(drivername="sqlite+pysqlite")
    raise ValueError(f"{backend} is neither sqlite nor postgresql")


def _sqlite_engine(url: URL, *, pool_size: int, read_only: bool = False) -> Engine:
    if not url.database or url.database == ":memory:":
        raise ValueError("SQLite needs a file: two connections do not share :memory:")
    Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=60,
        # An error's text ends up in the log, where no private question belongs.
        hide_parameters=True,
        connect_args={"check_same_thread": False, "timeout": 30},
    )

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        # The driver's own transaction handling starts a transaction at the first write only: two
        # readers that both go on to write lose updates (181 of 240). We begin ourselves, below.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA busy_timeout=30000")
        _write_ahead(cursor)
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        if read_only:
            cursor.execute("PRAGMA query_only=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine


def _write_ahead(cursor: sqlite3.Cursor, seconds: float = 30) -> None:
    """Turns the write-ahead log on. Raises sqlite3.OperationalError when the file is never free, or not ours."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            # Of those who switch a new file over at the same moment, all but one are refused without waiting.
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
