"""What the far side will not take now, or ever: waits, back-off, and messages given up."""

import asyncio
import math
from datetime import timedelta

import pytest
from sqlalchemy import Connection, select

from bot.channel import Retry, Unreachable
from storage.database import Database
from storage.outbox import Claimed
from storage.schema import conversation
from tests.postman.fakes import Clock, FakeChannel, drain, postman, said, until
from tests.postman.stage import LEASE, START, converse, put, row, states


@pytest.mark.parametrize("seconds", [0, 0.4, 1, 17, 3600, 86_400])
@pytest.mark.parametrize("seed", range(3))
async def test_who_is_told_when_to_come_back_never_comes_earlier(
    sqlite_database: Database, channel: FakeChannel, clock: Clock, seconds: float, seed: int
) -> None:
    (number,) = said(sqlite_database, "first", "second")[:1]
    channel.upset = [Retry("answered 429", seconds)]
    worker = postman(sqlite_database, channel, clock, seed=seed)
    await worker.step(clock())
    asked = START + timedelta(seconds=seconds)
    waiting = row(sqlite_database, number)
    assert asked <= waiting["due_at"] <= asked + timedelta(seconds=1)
    assert (waiting["state"], waiting["reason"]) == ("waiting", "answered 429")
    clock.now = asked - timedelta(microseconds=1)
    assert await worker.step(clock()) == 0
    clock.now = asked + timedelta(seconds=1)
    assert [await worker.step(clock()) for _ in range(2)] == [1, 1]
    assert channel.texts == ["first", "second"]


async def test_a_throttled_conversation_holds_up_no_other(
    database: Database, channel: FakeChannel, clock: Clock
) -> None:
    said(database, *(f"{n}" for n in range(5)))
    said(database, *(f"{n}" for n in range(5)), to="bruno")
    channel.throttle("asha", 30)
    worker = postman(database, channel, clock)
    for _ in range(6):
        await worker.step(clock())
    assert channel.arrived == [("bruno", f"{n}") for n in range(5)]
    await drain(worker, database, clock)
    assert channel.arrived[5:] == [("asha", f"{n}") for n in range(5)]
    assert channel.impatient == 0


@pytest.mark.parametrize("seconds", [None, -1.0, math.nan, math.inf, -math.inf])
async def test_without_a_usable_time_the_postman_backs_off_by_itself(
    sqlite_database: Database, channel: FakeChannel, clock: Clock, seconds: float | None
) -> None:
    (number,) = said(sqlite_database, "words")
    worker = postman(sqlite_database, channel, clock)
    for attempt in range(1, 13):
        channel.upset = [Retry("answered 503", seconds)]
        assert await worker.step(clock()) == 1
        wait = row(sqlite_database, number)["due_at"] - clock()
        assert timedelta(seconds=0.05) <= wait <= timedelta(seconds=min(300, 2**attempt))
        clock.now += wait
    await worker.step(clock())
    assert channel.texts == ["words"]


async def test_a_wait_of_years_is_cut_to_the_day_after_which_it_is_given_up(
    database: Database, channel: FakeChannel, clock: Clock
) -> None:
    (number,) = said(database, "words")
    channel.upset = [Retry("answered 429", 1e300), Retry("answered 429", 1e300)]
    worker = postman(database, channel, clock)
    await worker.step(clock())
    assert START + timedelta(hours=24) <= row(database, number)["due_at"] <= START + timedelta(hours=24, seconds=1)
    await drain(worker, database, clock)
    assert (row(database, number)["state"], row(database, number)["reason"]) == ("dead", "gave_up")


async def test_a_blocked_person_is_given_up_at_once_and_somebody_hears_of_it_in_the_same_transaction(
    database: Database, channel: FakeChannel, clock: Clock
) -> None:
    said(database, "first", "second", about=7)
    channel.blocked = {"asha"}
    with database.begin() as connection:
        facilitator = converse(connection, "facilitator")
    told: list[tuple[int, str, str]] = []

    def on_dead(connection: Connection, claimed: Claimed, reason: str) -> None:
        told.append((claimed.about, claimed.payload["text"], reason))
        put(connection, facilitator, f"{claimed.about} did not arrive: {reason}")

    await drain(postman(database, channel, clock, on_dead=on_dead), database, clock)
    # The second is not even tried: the conversation is known not to work.
    assert len([one for _, one in channel.attempts if one.conversation == "asha"]) == 1
    assert told == [(7, "first", "blocked"), (7, "second", "blocked")]
    assert channel.arrived == [("facilitator", "7 did not arrive: blocked")] * 2


async def test_if_nobody_can_be_told_nothing_is_kept_and_it_is_tried_again(
    database: Database, channel: FakeChannel, clock: Clock
) -> None:
    (number,) = said(database, "words")
    with database.begin() as connection:
        facilitator = converse(connection, "facilitator")
    channel.blocked = {"asha"}
    fails = [True, True, False]

    def on_dead(connection: Connection, claimed: Claimed, reason: str) -> None:
        put(connection, facilitator, reason)
        if fails.pop(0):
            raise LookupError

    worker = postman(database, channel, clock, on_dead=on_dead)
    for attempt in (1, 2):
        with pytest.raises(LookupError):
            await worker.step(clock())
        left = row(database, number)
        assert (left["state"], left["attempts"], left["payload"]) == ("leased", attempt, {"text": "words"})
        assert states(database) == ["leased"]
        with database.reading() as connection:
            assert set(connection.execute(select(conversation.c.unreachable)).scalars()) == {""}
        clock.now += LEASE
    await drain(worker, database, clock)
    assert row(database, number)["state"] == "dead"
    assert channel.texts == ["blocked"]


async def test_a_late_postman_tells_nobody_that_a_message_was_given_up(
    database: Database, channel: FakeChannel, clock: Clock
) -> None:
    (number,) = said(database, "words")
    channel.blocked = {"asha"}
    told: list[str] = []
    slow = asyncio.Event()
    channel.upset = [slow.wait]
    late = postman(database, channel, clock, on_dead=lambda *_: told.append("late"))
    stepping = asyncio.create_task(late.step(clock()))
    await until(lambda: bool(channel.attempts))
    clock.now += LEASE
    await postman(database, channel, clock, owner="two", on_dead=lambda *_: told.append("two")).step(clock())
    slow.set()
    assert await stepping == 1
    assert told == ["two"]
    assert row(database, number)["state"] == "dead"


@pytest.mark.parametrize("reason", ["too_large", "rejected"])
async def test_a_message_that_the_far_side_will_never_take_stops_no_other(
    database: Database, channel: FakeChannel, clock: Clock, reason: str
) -> None:
    said(database, "huge", "small")
    channel.upset = [Unreachable(reason, "413")]
    await drain(postman(database, channel, clock), database, clock)
    assert channel.texts == ["small"]
    assert states(database) == ["dead", "done"]


async def test_after_a_day_of_trying_a_message_is_given_up_and_the_next_has_its_day(
    sqlite_database: Database, channel: FakeChannel, clock: Clock
) -> None:
    first, second = said(sqlite_database, "first", "second")
    told: list[tuple[int, str]] = []
    down = [Retry("answered 503") for _ in range(100_000)]
    channel.upset = list(down)
    worker = postman(
        sqlite_database, channel, clock, on_dead=lambda _, claimed, reason: told.append((claimed.id, reason))
    )
    while row(sqlite_database, first)["state"] != "dead":
        if not await worker.step(clock()):
            clock.now = row(sqlite_database, first)["due_at"]
        assert clock() < START + timedelta(hours=24, minutes=6)
    assert told == [(first, "gave_up")]
    assert clock() >= START + timedelta(hours=24)
    # More than one try in ten minutes, fewer than one a minute.
    assert 144 < len(channel.attempts) < 24 * 60
    channel.upset = []
    await drain(worker, sqlite_database, clock)
    assert channel.texts == ["second"]
    assert row(sqlite_database, second)["state"] == "done"


async def test_what_nobody_can_receive_is_given_up_without_asking_the_channel(
    database: Database, channel: FakeChannel, clock: Clock
) -> None:
    told: list[str] = []
    with database.begin() as connection:
        put(connection, None, "to nobody")
        put(connection, converse(connection, "asha", unreachable="gone"), "to a closed door")
    await postman(database, channel, clock, on_dead=lambda *parts: told.append(parts[2])).step(clock())
    assert channel.attempts == []
    assert states(database) == ["dead", "dead"]
    assert sorted(told) == ["gone", "no_conversation"]
