"""What breaks on our side: nothing is lost, and the log never tells what a message said."""

import asyncio
import logging
from typing import Any

import pytest
from sqlalchemy import Connection, insert
from sqlalchemy.exc import IntegrityError, OperationalError

from storage import outbox
from storage.database import Database
from storage.outbox import Claimed, Outbox
from storage.schema import topic
from tests.postman.fakes import Clock, FakeChannel, drain, postman, said, until
from tests.postman.stage import LEASE, START, claim, converse, put, row, states

SECRET = "my-private-question"


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
    sqlite_database: Database, channel: FakeChannel, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with sqlite_database.begin() as connection:
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
    await drain(postman(sqlite_database, channel, clock), sqlite_database, clock)
    assert states(sqlite_database) == ["dead", "done"]
    assert SECRET not in caplog.text


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
