"""The postman on both databases, with a channel that refuses what real ones refuse."""

import asyncio
import logging
import math
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import IntegrityError, OperationalError

from bot.channel import Delivery, Retry, Unreachable
from bot.postman import Limits, Postman
from storage import outbox
from storage.database import Database
from storage.outbox import Claimed, Outbox
from storage.schema import conversation, topic
from tests.postman.fakes import Clock, FakeChannel, drain, postman, until
from tests.postman.stage import LEASE, START, claim, converse, put, row, states

SECRET = "my-private-question"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def channel(clock: Clock) -> FakeChannel:
    return FakeChannel(clock)


def said(database: Database, *texts: str, to: str = "asha", **more: Any) -> list[int]:
    """Messages waiting for one person; returns their ids."""
    with database.begin() as connection:
        found = connection.execute(select(conversation.c.id).where(conversation.c.remote_id == to)).scalar()
        place = found or converse(connection, to)
        return [put(connection, place, text, **more) for text in texts]


async def test_messages_arrive_in_order_and_are_over(database: Database, channel: FakeChannel, clock: Clock) -> None:
    said(database, "one", "two", "three")
    said(database, "un", "deux", to="bruno")
    worker = postman(database, channel, clock)
    assert [await worker.step(clock()) for _ in range(4)] == [2, 2, 1, 0]
    assert [text for place, text in channel.arrived if place == "asha"] == ["one", "two", "three"]
    assert [text for place, text in channel.arrived if place == "bruno"] == ["un", "deux"]
    assert set(states(database)) == {"done"}


async def test_every_attempt_bears_the_same_id_of_ours(database: Database, channel: FakeChannel, clock: Clock) -> None:
    (number,) = said(database, "words")
    channel.upset = [Retry("answered 503"), TimeoutError(), ValueError()]
    await drain(postman(database, channel, clock), database, clock)
    assert [delivery.id for _, delivery in channel.attempts] == [number] * 4
    assert channel.texts == ["words"]


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


async def test_a_card_is_edited_in_place(database: Database, channel: FakeChannel, clock: Clock) -> None:
    said(database, "offered", "taken", "answered", card="question-7")
    await drain(postman(database, channel, clock), database, clock)
    assert channel.arrived == [("asha", "offered")]
    assert channel.edited == [("asha", "taken"), ("asha", "answered")]


async def test_a_card_that_is_gone_is_sent_anew_and_edited_where_it_stands_now(
    database: Database, channel: FakeChannel, clock: Clock
) -> None:
    said(database, "offered", card="question-7")
    worker = postman(database, channel, clock)
    await drain(worker, database, clock)
    channel.messages.clear()  # The person deleted it.
    channel.messages["something else"] = ""
    said(database, "taken", "answered", card="question-7")
    await drain(worker, database, clock)
    assert channel.texts == ["offered", "taken"]
    assert channel.edited == [("asha", "answered")]
    assert [one.replaces for _, one in channel.attempts] == ["", "asha-1", "", "asha-2"]


async def test_a_mere_edit_of_a_card_that_is_gone_is_dropped(
    database: Database, channel: FakeChannel, clock: Clock
) -> None:
    said(database, "offered", card="question-7")
    worker = postman(database, channel, clock)
    await drain(worker, database, clock)
    channel.messages.clear()
    said(database, "no longer yours", card="question-7", only_edit=True)
    await drain(worker, database, clock)
    assert channel.texts == ["offered"]
    assert states(database) == ["done", "done"]


async def test_a_mere_edit_of_what_was_never_sent_is_over_in_silence(
    database: Database, channel: FakeChannel, clock: Clock
) -> None:
    said(database, "no longer yours", card="question-7", only_edit=True)
    await drain(postman(database, channel, clock), database, clock)
    assert channel.attempts == []
    assert states(database) == ["done"]


async def test_a_channel_that_never_answers_is_given_its_time_and_tried_again(
    database: Database, channel: FakeChannel, clock: Clock
) -> None:
    (number,) = said(database, "words")
    channel.upset = [asyncio.Event().wait]
    worker = postman(database, channel, clock, send_seconds=0.01)
    await worker.step(clock())
    assert (row(database, number)["state"], row(database, number)["reason"]) == ("waiting", "timed out")
    await drain(worker, database, clock)
    assert channel.texts == ["words"]


class TalksTooMuch(Exception):
    def __init__(self) -> None:
        super().__init__(f"cannot render {SECRET}")


@pytest.mark.parametrize("trouble", [TalksTooMuch(), KeyError(SECRET), asyncio.CancelledError(SECRET)])
async def test_an_error_of_ours_is_tried_again_and_logged_without_a_word_of_the_message(
    database: Database,
    channel: FakeChannel,
    clock: Clock,
    trouble: BaseException,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    (number,) = said(database, SECRET)
    channel.upset = [trouble]
    worker = postman(database, channel, clock)
    await worker.step(clock())
    name = type(trouble).__name__
    assert (row(database, number)["state"], row(database, number)["reason"]) == ("waiting", name)
    assert f"message {number} failed: {name}" in caplog.text
    assert "in deliver" in caplog.text, "where it failed is said"
    await drain(worker, database, clock)
    assert channel.texts == [SECRET]
    assert SECRET not in caplog.text


async def test_a_channel_that_is_not_there_is_waited_for(
    database: Database, channel: FakeChannel, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with database.begin() as connection:
        put(connection, converse(connection, "asha", channel="later"), SECRET)
    await postman(database, channel, clock).step(clock())
    assert states(database) == ["waiting"]
    channel.name = "later"
    await drain(postman(database, channel, clock), database, clock)
    assert channel.texts == [SECRET]
    assert SECRET not in caplog.text


async def test_a_message_that_cannot_be_read_is_given_up_after_a_day(
    database: Database, channel: FakeChannel, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with database.begin() as connection:
        place = converse(connection, "asha")
        outbox.put(
            connection,
            conversation_id=place,
            person_id=None,
            kind="note",
            about=0,
            card="",
            only_edit=False,
            payload={"text": SECRET, "unknown": SECRET},
            now=START,
        )
        put(connection, place, "behind it")
    await drain(postman(database, channel, clock), database, clock)
    assert states(database) == ["dead", "done"]
    assert SECRET not in caplog.text


async def test_after_a_day_of_trying_a_message_is_given_up_and_the_next_has_its_day(
    database: Database, channel: FakeChannel, clock: Clock
) -> None:
    first, second = said(database, "first", "second")
    told: list[tuple[int, str]] = []
    down = [Retry("answered 503") for _ in range(100_000)]
    channel.upset = list(down)
    worker = postman(database, channel, clock, on_dead=lambda _, claimed, reason: told.append((claimed.id, reason)))
    while row(database, first)["state"] != "dead":
        if not await worker.step(clock()):
            clock.now = row(database, first)["due_at"]
        assert clock() < START + timedelta(hours=24, minutes=6)
    assert told == [(first, "gave_up")]
    assert clock() >= START + timedelta(hours=24)
    # More than one try in ten minutes, fewer than one a minute.
    assert 144 < len(channel.attempts) < 24 * 60
    channel.upset = []
    await drain(worker, database, clock)
    assert channel.texts == ["second"]
    assert row(database, second)["state"] == "done"


async def test_a_conversation_gets_no_more_than_it_bears_and_all_in_the_end(
    sqlite_database: Database, channel: FakeChannel, clock: Clock
) -> None:
    said(sqlite_database, *(f"{n}" for n in range(20)))
    said(sqlite_database, "alone", to="bruno")
    worker = postman(sqlite_database, channel, clock, limits={"fake": Limits((2, 10), (5, 60))})
    await drain(worker, sqlite_database, clock)
    sent_at = [moment for moment, one in channel.attempts if one.conversation == "asha"]
    assert [text for place, text in channel.arrived if place == "asha"] == [f"{n}" for n in range(20)]
    for count, seconds in ((2, 10), (5, 60)):
        pairs = zip(sent_at, sent_at[count:], strict=False)
        assert all(later - earlier >= timedelta(seconds=seconds) for earlier, later in pairs)
    assert next(moment for moment, one in channel.attempts if one.conversation == "bruno") == START


async def test_the_pace_of_one_channel_binds_no_other(
    sqlite_database: Database, channel: FakeChannel, clock: Clock
) -> None:
    said(sqlite_database, *"abcdef")
    worker = postman(sqlite_database, channel, clock, limits={"teams": Limits((1, 60))})
    for _ in range(6):
        await worker.step(clock())
    assert channel.texts == list("abcdef")


async def test_a_crash_after_sending_sends_again_when_the_lease_is_over(
    database: Database, channel: FakeChannel, clock: Clock
) -> None:
    said(database, "first", "second")

    class Broken(Outbox):
        async def done(self, *_: Any) -> bool:
            raise OperationalError("UPDATE", {}, Exception("the disk is gone"))

    with pytest.raises(OperationalError):
        await postman(database, channel, clock, outbox=Broken(database)).step(clock())
    other = postman(database, channel, clock, owner="two")
    assert await other.step(clock()) == 0
    clock.now += LEASE
    await drain(other, database, clock)
    assert channel.texts == ["first", "first", "second"]


async def test_one_failure_leaves_no_delivery_running_behind(
    database: Database, channel: FakeChannel, clock: Clock
) -> None:
    """Whoever stops the postman closes the database next: nothing may still be on its way to it."""
    said(database, "first")
    said(database, "second", to="bruno")
    gate = asyncio.Event()
    channel.upset = [gate.wait, gate.wait]

    class Broken(Outbox):
        failed = False

        async def done(self, claimed: Claimed, owner: str, remote_id: str, now: Any) -> bool:
            if not self.failed:
                self.failed = True
                raise OperationalError("UPDATE", {}, Exception("busy"))
            return await super().done(claimed, owner, remote_id, now)

    stepping = asyncio.create_task(postman(database, channel, clock, outbox=Broken(database)).step(clock()))
    await until(lambda: len(channel.attempts) == 2)
    gate.set()
    with pytest.raises(OperationalError):
        await stepping
    assert sorted(states(database)) == ["done", "leased"]
    assert len(asyncio.all_tasks()) == 1


class Unsteady(Outbox):
    """The database fails once at each of these calls: "claim", "done"."""

    def __init__(self, database: Database, *fails: str) -> None:
        super().__init__(database)
        self.fails = list(fails)
        self.failed = 0

    def _perhaps(self, call: str) -> None:
        if self.fails[:1] == [call]:
            del self.fails[0]
            self.failed += 1
            raise OperationalError("UPDATE outbox", {"payload": SECRET}, Exception("not now"), hide_parameters=True)

    async def claim(self, **parts: Any) -> list[Claimed]:
        self._perhaps("claim")
        return await super().claim(**parts)

    async def done(self, *parts: Any) -> bool:
        self._perhaps("done")
        return await super().done(*parts)


async def test_a_database_that_fails_is_tried_again_while_the_postman_runs(
    database: Database, channel: FakeChannel, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    unsteady = Unsteady(database, "claim", "done", "claim")
    worker = postman(database, channel, clock, outbox=unsteady)
    running = asyncio.create_task(worker.run())
    said(database, SECRET, f"{SECRET} again")
    worker.wake()
    await until(lambda: unsteady.failed == 3)
    clock.now += LEASE
    await until(lambda: set(states(database)) == {"done"})
    await worker.stop()
    await asyncio.wait_for(running, 20)
    assert channel.texts == [SECRET, SECRET, f"{SECRET} again"]
    assert caplog.text.count("the outbox could not be read") == 3
    assert SECRET not in caplog.text


async def test_an_error_of_the_real_database_is_logged_without_what_was_being_written(
    database: Database, channel: FakeChannel, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    said(database, SECRET)
    channel.blocked = {"asha"}
    with database.begin() as connection:
        twice = {"key": SECRET, "names": {}, "aliases": []}
        connection.execute(insert(topic), twice)

    def on_dead(connection: Connection, claimed: Claimed, _reason: str) -> None:
        outbox.put(
            connection, conversation_id=None, person_id=4711, kind="note", about=0, card="", only_edit=False,
            payload={"text": f"not delivered: {claimed.payload['text']}"}, now=START,
        )  # fmt: skip

    worker = postman(database, channel, clock, on_dead=on_dead)
    with pytest.raises(IntegrityError):
        await worker.step(clock())
    clock.now += LEASE
    running = asyncio.create_task(worker.run())
    await until(lambda: "the outbox could not be read" in caplog.text)
    await worker.stop()
    await asyncio.wait_for(running, 20)
    assert "IntegrityError" in caplog.text
    assert SECRET not in caplog.text


async def test_run_delivers_what_it_is_woken_for_and_stops_after_the_delivery_under_way(
    database: Database, channel: FakeChannel, clock: Clock
) -> None:
    gate = asyncio.Event()
    channel.upset = [gate.wait]
    worker = Postman(
        Outbox(database), {"fake": channel}, owner="one", now=clock, random=Random(1), poll_seconds=3600
    )  # fmt: skip
    running = asyncio.create_task(worker.run())
    await asyncio.sleep(0)
    said(database, "first", "second")
    worker.wake()
    await until(lambda: bool(channel.attempts))
    await worker.stop()
    gate.set()
    await asyncio.wait_for(running, 20)
    assert channel.texts == ["first"]
    assert states(database) == ["done", "waiting"]


async def test_nothing_is_open_in_the_database_while_the_network_is_waited_for(
    database: Database, channel: FakeChannel, clock: Clock
) -> None:
    said(database, "first")
    gate = asyncio.Event()
    channel.upset = [gate.wait]
    stepping = asyncio.create_task(postman(database, channel, clock).step(clock()))
    await until(lambda: bool(channel.attempts))
    assert database.writer.pool.checkedout() == 0  # type: ignore[attr-defined]
    said(database, "meanwhile", to="bruno")
    gate.set()
    await stepping


async def test_a_cancelled_postman_stops_where_it_is(database: Database, channel: FakeChannel, clock: Clock) -> None:
    (number,) = said(database, "words")
    channel.upset = [asyncio.Event().wait]
    stepping = asyncio.create_task(postman(database, channel, clock).step(clock()))
    await until(lambda: bool(channel.attempts))
    stepping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await stepping
    assert row(database, number)["state"] == "leased"
    assert claim(database, 59, owner="two") == []


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


async def test_the_far_side_gets_the_address_and_the_whole_message(
    database: Database, channel: FakeChannel, clock: Clock
) -> None:
    said(database, "words")
    await postman(database, channel, clock).step(clock())
    ((_, delivery),) = channel.attempts
    assert isinstance(delivery, Delivery)
    assert (delivery.conversation, delivery.address, delivery.replaces) == ("asha", {"to": "asha"}, "")
    assert delivery.message.text == "words"
