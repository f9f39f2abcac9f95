"""Weeks of bad weather in a moment: see `simulation` for what must hold."""

import logging
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from storage.database import Database
from tests.conftest import LONG
from tests.postman.simulation import Weather, World

SEEDS = range(400 if LONG else 12)


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """The postman warns of every fault; here there are thousands."""
    logging.getLogger("bot.postman").setLevel(logging.CRITICAL)
    yield
    logging.getLogger("bot.postman").setLevel(logging.NOTSET)


def quick(database: Database) -> Database:
    """The database, forgetting its care for power cuts: those are not simulated."""
    if database.is_sqlite:
        with database.writer.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA synchronous=OFF")
            connection.exec_driver_sql("BEGIN")
    return database


def weather(seed: int) -> Weather:
    kinds = [
        Weather(),
        Weather(fault=0.5, crash_every=60),
        Weather(stall=0.03, crash_every=1000),
        Weather(database_fault=0.08, crash_every=400),
        Weather(fault=0.1, outage_hours=(0.2, 2.5)),
        Weather(fault=0.02, crash_every=15),
    ]
    return kinds[seed % len(kinds)]


@pytest.mark.parametrize("seed", SEEDS)
def test_in_any_weather_every_message_arrives_in_order_or_is_given_up_for_a_reason(
    sqlite_database: Database, seed: int
) -> None:
    world = World(quick(sqlite_database), seed, weather=weather(seed)).run()
    assert not world.broken, "\n".join(world.broken[:10])


@pytest.mark.parametrize("seed", range(1001, 1031 if LONG else 1003))
def test_the_same_holds_on_postgresql(postgresql_database: Database, seed: int) -> None:
    world = World(postgresql_database, seed, weather=weather(seed)).run()
    assert not world.broken, "\n".join(world.broken[:10])


def test_a_seed_tells_the_same_story_each_time(sqlite_database: Database) -> None:
    stories = []
    for _ in range(2):
        stories.append(World(quick(sqlite_database), 7, messages=60).run().trace)
        with sqlite_database.begin() as connection:
            for table in ("sent", "outbox", "conversation", "change", "version"):
                connection.execute(text(f"DELETE FROM {table}"))
    assert stories[0] == stories[1]
    assert len(stories[0]) > 200


def test_the_weather_is_as_bad_as_it_should_be(sqlite_database: Database) -> None:
    """A simulation in which nothing goes wrong would prove nothing."""
    counts = World(quick(sqlite_database), 3, messages=300, weather=Weather(fault=0.4, stall=0.02)).run().counts
    rare = {"down", "bug", "hangs", "throttles", "limbo", "reply lost", "crash", "asleep", "lease ran out", "again"}
    assert rare <= set(counts)
    assert {"dead", "late done", "late retry", "round failed", "arrived"} <= set(counts)
