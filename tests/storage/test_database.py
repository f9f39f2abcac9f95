"""What a database must not do to us: lose a write, forget a time zone, or let a reader write."""

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, Connection, Integer, MetaData, Table, insert, select, text, update
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, StatementError

from knowledge.errors import Conflict
from storage.database import Database, normal_url
from storage.schema import UtcDateTime, item, membership, topic, version

NOON = datetime(2026, 3, 29, 12, tzinfo=UTC)

_own = MetaData()
counter = Table("counter", _own, Column("id", Integer, primary_key=True), Column("total", Integer, nullable=False))
moment = Table("moment", _own, Column("id", Integer, primary_key=True), Column("at", UtcDateTime, nullable=True))


@pytest.fixture
def scratch(fresh_url: str) -> Iterator[Database]:
    """A database with two small tables of these tests' own, on either kind."""
    database = Database(fresh_url, threads=8)
    _own.create_all(database.writer)
    database.write(lambda connection: connection.execute(insert(counter).values(id=1, total=0)))
    yield database
    database.close()


def total(database: Database) -> int:
    with database.reading() as connection:
        return connection.execute(select(counter.c.total)).scalar_one()


def one_more(connection: Connection) -> None:
    """Read, add, write: guarded, as every move of ours is, by what was read."""
    seen = connection.execute(select(counter.c.total)).scalar_one()
    done = connection.execute(update(counter).where(counter.c.total == seen).values(total=seen + 1))
    if done.rowcount != 1:
        raise Conflict


def at_once(times: int, work: Callable[[], object]) -> None:
    """Runs the work on so many threads, which start together; raises what any of them raised."""
    ready = threading.Barrier(times)

    def run() -> None:
        ready.wait()
        work()

    with ThreadPoolExecutor(times) as threads:
        for done in [threads.submit(run) for _ in range(times)]:
            done.result()


def test_of_240_increments_by_eight_threads_none_is_lost(scratch: Database) -> None:
    def thirty() -> None:
        for _ in range(30):
            # Five tries are for the odd collision; eight threads on one row collide all the time.
            while True:
                try:
                    scratch.write(one_more)
                    break
                except Conflict:
                    continue

    at_once(8, thirty)
    assert total(scratch) == 240


def test_on_sqlite_a_plain_read_and_write_is_safe_too(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'plain.db'}")
    _own.create_all(database.writer)
    database.write(lambda connection: connection.execute(insert(counter).values(id=1, total=0)))

    def unguarded(connection: Connection) -> None:
        seen = connection.execute(select(counter.c.total)).scalar_one()
        connection.execute(update(counter).values(total=seen + 1))

    def thirty() -> None:
        for _ in range(30):
            database.write(unguarded)

    at_once(8, thirty)
    assert total(database) == 240
    database.close()


def test_two_processes_on_one_sqlite_file_wait_for_each_other(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'shared.db'}"
    # Two Databases share nothing but the file, as two processes do.
    one, other = Database(url), Database(url)
    _own.create_all(one.writer)
    one.write(lambda connection: connection.execute(insert(counter).values(id=1, total=0)))
    turn = iter([one, other] * 4)
    taken = threading.Lock()

    def thirty() -> None:
        with taken:
            database = next(turn)
        for _ in range(30):
            database.write(one_more)

    at_once(8, thirty)
    assert total(one) == 240
    one.close()
    other.close()


async def test_turns_run_at_once_from_async_code_lose_nothing(scratch: Database) -> None:
    async def patiently() -> None:
        while True:
            try:
                return await scratch.run(one_more)
            except Conflict:
                continue

    await asyncio.gather(*(patiently() for _ in range(40)))
    assert await scratch.look(lambda connection: connection.execute(select(counter.c.total)).scalar_one()) == 40


def test_a_conflict_runs_the_work_again_from_the_start(scratch: Database) -> None:
    seen: list[int] = []

    def late_twice(connection: Connection) -> str:
        connection.execute(update(counter).values(total=counter.c.total + 1))
        seen.append(connection.execute(select(counter.c.total)).scalar_one())
        if len(seen) < 3:
            raise Conflict
        return "done"

    assert scratch.write(late_twice) == "done"
    assert seen == [1, 1, 1]
    assert total(scratch) == 1


def test_a_conflict_that_stays_is_raised_after_five_tries_and_nothing_is_written(scratch: Database) -> None:
    tries: list[int] = []

    def always_late(connection: Connection) -> None:
        connection.execute(update(counter).values(total=99))
        tries.append(1)
        raise Conflict

    with pytest.raises(Conflict):
        scratch.write(always_late)
    assert len(tries) == 5
    assert total(scratch) == 0


def test_any_other_error_undoes_the_transaction_and_is_not_tried_again(scratch: Database) -> None:
    tries: list[int] = []

    def stumble(connection: Connection) -> None:
        connection.execute(update(counter).values(total=99))
        tries.append(1)
        raise LookupError("no such thing")

    with pytest.raises(LookupError):
        scratch.write(stumble)
    assert len(tries) == 1
    assert total(scratch) == 0


def test_two_transactions_that_wait_for_each_other_both_succeed(postgresql_database: Database) -> None:
    database = postgresql_database
    names = ("first", "second")
    database.write(
        lambda connection: connection.execute(insert(version), [{"name": name, "number": 0} for name in names])
    )
    both_hold_one = threading.Barrier(2)
    order = iter([names, names[::-1]])

    def cross() -> None:
        first, second = next(order)
        tries: list[int] = []

        def work(connection: Connection) -> None:
            tries.append(1)
            connection.execute(update(version).where(version.c.name == first).values(number=version.c.number + 1))
            if len(tries) == 1:
                both_hold_one.wait()
            connection.execute(update(version).where(version.c.name == second).values(number=version.c.number + 1))

        database.write(work)

    # PostgreSQL ends one of the two as a deadlock; that one is run again.
    at_once(2, cross)
    with database.reading() as connection:
        assert connection.execute(select(version.c.number)).scalars().all() == [2, 2]


def test_a_naive_datetime_is_refused(scratch: Database) -> None:
    naive = NOON.replace(tzinfo=None)
    with pytest.raises(StatementError, match="naive"):
        scratch.write(lambda connection: connection.execute(insert(moment).values(id=1, at=naive)))
    with pytest.raises(StatementError, match="naive"), scratch.reading() as connection:
        connection.execute(select(moment.c.id).where(moment.c.at < naive)).all()


def test_datetimes_come_back_aware_and_in_utc(scratch: Database) -> None:
    zones = [UTC, timezone(timedelta(hours=12)), timezone(-timedelta(hours=9, minutes=30))]
    rows = [{"id": number, "at": NOON.astimezone(zone)} for number, zone in enumerate(zones)] + [{"id": 9, "at": None}]
    scratch.write(lambda connection: connection.execute(insert(moment), rows))
    with scratch.reading() as connection:
        found = connection.execute(select(moment.c.at).order_by(moment.c.id)).scalars().all()
    assert found == [NOON, NOON, NOON, None]
    assert [at.utcoffset() for at in found if at is not None] == [timedelta(0)] * 3


def test_datetimes_are_compared_as_moments_whatever_their_zone(scratch: Database) -> None:
    suva = timezone(timedelta(hours=12))
    scratch.write(lambda connection: connection.execute(insert(moment).values(id=1, at=NOON)))
    with scratch.reading() as connection:

        def found_before(limit: datetime) -> list[int]:
            return list(connection.execute(select(moment.c.id).where(moment.c.at < limit)).scalars())

        # By the clock on the wall, Suva is half a day ahead.
        assert found_before((NOON - timedelta(seconds=1)).astimezone(suva)) == []
        assert found_before((NOON + timedelta(seconds=1)).astimezone(timezone(-timedelta(hours=8)))) == [1]


@given(
    at=st.datetimes(
        min_value=datetime(1970, 1, 2),  # noqa: DTZ001 - the strategy adds the zone
        max_value=datetime(2100, 1, 1),  # noqa: DTZ001
        timezones=st.timezones(),
    )
)
def test_any_aware_datetime_is_kept_to_the_microsecond(at: datetime) -> None:
    dialect = sqlite.dialect()  # type: ignore[no-untyped-call]
    kept = UtcDateTime().process_bind_param(at, dialect)
    assert kept is not None
    assert kept.tzinfo is None
    back = UtcDateTime().process_result_value(kept, dialect)
    assert back == at.astimezone(UTC)


def test_a_reference_to_nobody_is_refused(database: Database) -> None:
    with pytest.raises(IntegrityError):
        database.write(lambda connection: connection.execute(insert(membership).values(person_id=1, network_id=1)))


def test_foreign_keys_hold_on_every_connection(sqlite_database: Database) -> None:
    for engine in (sqlite_database.writer, sqlite_database.reader):
        with engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1


def test_a_reader_cannot_write(scratch: Database) -> None:
    with pytest.raises(DBAPIError, match=r"readonly|read-only"), scratch.reading() as connection:
        connection.execute(update(counter).values(total=7))
    assert total(scratch) == 0


def test_a_reader_sees_one_moment_while_others_write(scratch: Database) -> None:
    with scratch.reading() as connection:
        before = connection.execute(select(counter.c.total)).scalar_one()
        scratch.write(one_more)
        assert connection.execute(select(counter.c.total)).scalar_one() == before == 0
    assert total(scratch) == 1


def test_a_writer_can_still_write_after_the_connection_was_read_with(scratch: Database) -> None:
    for _ in range(20):
        total(scratch)
        scratch.write(one_more)
    assert total(scratch) == 20


def test_readers_do_not_wait_for_a_writer(scratch: Database) -> None:
    with scratch.begin() as connection:
        one_more(connection)
        assert total(scratch) == 0
    assert total(scratch) == 1


def test_ids_count_up_from_one_on_both(database: Database) -> None:
    for expected in (1, 2):
        row = {"key": f"topic-{expected}", "names": {}, "aliases": []}
        done = database.write(lambda connection, row=row: connection.execute(insert(topic).values(**row)))
        assert done.inserted_primary_key == (expected,)


def test_text_of_any_script_is_kept(database: Database) -> None:
    words = "Où trouver de l’eau ? ¿Dónde? أين؟ 哪里 🌍 \u202e ''; DROP TABLE item; --"
    row = {"key": "one", "question": words, "answer": words, "language": "fr", "topics": [words], "audience": 1}
    row |= {"network_id": None, "region": "", "sample": False, "created_at": NOON}
    database.write(lambda connection: connection.execute(insert(item).values(**row)))
    with database.reading() as connection:
        found = connection.execute(select(item.c.question, item.c.topics)).one()
    assert tuple(found) == (words, [words])


def test_many_may_open_a_new_sqlite_file_together(tmp_path: Path) -> None:
    # Of those who switch a new file to the write-ahead log at the same moment, all but one are refused at once.
    for number in range(50):
        databases = [Database(f"sqlite:///{tmp_path / f'{number}.db'}") for _ in range(8)]
        waiting = iter(databases)
        at_once(8, lambda waiting=waiting: next(waiting).reader.connect().close())
        for database in databases:
            database.close()


def test_sqlite_is_durable_and_has_its_readers_beside_the_writer(sqlite_database: Database) -> None:
    with sqlite_database.writer.connect() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "busy_timeout")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "busy_timeout": 30000}


def test_a_sqlite_file_gets_the_folder_it_needs(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'new' / 'folder' / 'bot.db'}")
    with database.reading() as connection:
        assert connection.execute(text("SELECT 1")).scalar_one() == 1
    database.close()


def test_a_file_that_is_no_database_fails_at_once(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database, however long one looks at it" * 100)
    database = Database(f"sqlite:///{path}")
    with pytest.raises(DBAPIError, match="not a database"), database.reading():
        pass
    database.close()


def test_an_error_does_not_repeat_what_was_being_written(scratch: Database) -> None:
    private = {"words": "I have not been paid for three months"}
    with pytest.raises(DBAPIError) as caught:
        scratch.write(lambda connection: connection.execute(text("INSERT INTO nowhere VALUES (:words)"), private))
    assert private["words"] not in str(caught.value)


def test_memory_is_no_place_for_a_database() -> None:
    with pytest.raises(ValueError, match="file"):
        Database("sqlite://")


@pytest.mark.parametrize(
    ("given_url", "driver"),
    [
        ("postgres://user@host/name", "postgresql+psycopg"),
        ("postgresql://user@host/name", "postgresql+psycopg"),
        ("postgresql+psycopg2://user@host/name", "postgresql+psycopg"),
        ("sqlite:///data/bot.db", "sqlite+pysqlite"),
        ("sqlite+aiosqlite:///data/bot.db", "sqlite+pysqlite"),
    ],
)
def test_a_url_gets_the_driver_we_ship(given_url: str, driver: str) -> None:
    assert normal_url(given_url).drivername == driver


def test_a_database_of_another_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="mysql"):
        normal_url("mysql://user@host/name")


def test_the_shown_address_has_no_password() -> None:
    shown = Database.address("postgresql://bot:tell-nobody@db.example/connect")
    assert "tell-nobody" not in shown
    assert "db.example" in shown


def test_closing_lets_the_file_go(tmp_path: Path) -> None:
    path = tmp_path / "bot.db"
    database = Database(f"sqlite:///{path}")
    _own.create_all(database.writer)
    total_before = database.write(lambda connection: connection.execute(insert(counter).values(id=1, total=3)).rowcount)
    assert total_before == 1
    database.close()
    # The last connection folds the log into the file: a copy of the file alone is a backup.
    assert not path.with_name("bot.db-wal").exists()
    with sqlite3.connect(path) as plain:
        assert plain.execute("SELECT total FROM counter").fetchone() == (3,)
    plain.close()


def test_a_writer_that_never_ends_is_an_error_and_no_deadlock(tmp_path: Path) -> None:
    path = tmp_path / "bot.db"
    database = Database(f"sqlite:///{path}")
    _own.create_all(database.writer)
    with sqlite3.connect(path, isolation_level=None) as stuck:
        stuck.execute("BEGIN IMMEDIATE")
        with database.writer.connect() as connection:
            connection.rollback()
            connection.connection.driver_connection.execute("PRAGMA busy_timeout=50")  # type: ignore[union-attr]
        with pytest.raises(OperationalError, match="locked"):
            database.write(lambda connection: connection.execute(insert(counter).values(id=1, total=0)))
        stuck.execute("ROLLBACK")
    stuck.close()
    database.close()
