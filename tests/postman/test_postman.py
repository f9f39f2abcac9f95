"""The postman on both databases: order, cards, pace, and how it runs."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import Connection

from bot.channel import Delivery, Retry
from bot.postman import Limits, Postman
from storage.database import Database
from storage.outbox import Outbox
from tests.postman import virtual
from tests.postman.fakes import Clock, FakeChannel, drain, postman, said, until
from tests.postman.stage import START, states


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


async def test_a_card_sent_anew_is_the_one_that_is_edited_from_then_on(
    database: Database, channel: FakeChannel, clock: Clock
) -> None:
    said(database, "offered", card="question-7")
    said(database, "offered again", card="question-7", anew=True)
    said(database, "taken", card="question-7")
    await drain(postman(database, channel, clock), database, clock)
    assert channel.texts == ["offered", "offered again"]
    assert [one.replaces for _, one in channel.attempts] == ["", "", "asha-2"]


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


class AtOnce:
    """A database whose transactions take no time and no thread, for a virtual clock."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def run(self, work: Callable[[Connection], Any]) -> Any:
        return self.database.write(work)


def test_a_channel_as_a_whole_has_its_pace(database: Database, channel: FakeChannel, clock: Clock) -> None:
    for name in ("asha", "bruno", "chen"):
        said(database, "one", "two", to=name)
    passed = []

    async def pass_by() -> None:
        passed.append(asyncio.get_running_loop().time())

    channel.upset = [pass_by] * 6
    worker = Postman(
        Outbox(AtOnce(database)), {"fake": channel}, owner="one", now=clock, random=Random(1),  # type: ignore[arg-type]
        per_second={"fake": 2, "other": 1},
    )  # fmt: skip

    async def work() -> list[int]:
        return [await worker.step(clock()) for _ in range(3)]

    assert virtual.run(work()) == [3, 3, 0]
    assert passed == [0, 0.5, 1, 1.5, 2, 2.5]
    assert set(states(database)) == {"done"}


@pytest.mark.parametrize(
    ("send_seconds", "per_second"), [(60, {}), (50, {"fake": 2.0}), (30, {"other": 0.5, "fake": 1000})]
)
def test_a_postman_whose_leases_would_end_before_its_batch_is_out_does_not_start(
    channel: FakeChannel, clock: Clock, send_seconds: float, per_second: dict[str, float], sqlite_database: Database
) -> None:
    with pytest.raises(ValueError, match="a lease of 60 s"):
        Postman(
            Outbox(sqlite_database), {"fake": channel}, owner="one", now=clock, random=Random(1),
            send_seconds=send_seconds, per_second=per_second,
        )  # fmt: skip


async def test_a_conversation_full_of_messages_is_emptied_without_a_pause(
    database: Database, channel: FakeChannel, clock: Clock
) -> None:
    said(database, *"abcdefgh")
    worker = Postman(
        Outbox(database), {"fake": channel}, owner="one", now=clock, random=Random(1), poll_seconds=3600
    )  # fmt: skip
    running = asyncio.create_task(worker.run())
    await until(lambda: channel.texts == list("abcdefgh"))
    await worker.stop()
    await asyncio.wait_for(running, 20)


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


async def test_the_far_side_gets_the_address_and_the_whole_message(
    database: Database, channel: FakeChannel, clock: Clock
) -> None:
    said(database, "words")
    await postman(database, channel, clock).step(clock())
    ((_, delivery),) = channel.attempts
    assert isinstance(delivery, Delivery)
    assert (delivery.conversation, delivery.address, delivery.replaces) == ("asha", {"to": "asha"}, "")
    assert delivery.message.text == "words"
