"""Nobody is asked twice, on however many replicas; nobody at a bad moment."""

import asyncio
from datetime import timedelta

from sqlalchemy import func, insert, select

from app import House
from bot.settings import Settings
from knowledge import pulse
from knowledge.rsvp import Answer, Rsvp
from storage import schema
from storage.database import Database
from tests.chat.town import ELIF, LITIA, NOBODY_KNOWS, Town, town
from tests.events.making import event
from tests.pulse.test_keeping import KEY, _postman


async def _running(there: Town, plan: str) -> list[House]:
    """Two replicas, and a survey that runs."""
    houses = [House(Settings(_env_file=None, pulse_key=KEY), database=there.database, now=there.clock) for _ in "ab"]
    there.house = houses[0]
    there.house.channels[there.wire.channel] = there
    _postman(there)
    await there.step(ELIF, f"survey plan {plan}")
    await there.step(ELIF, "survey start 1")
    return houses


def _cards(database: Database) -> dict[int, int]:
    """How many pulse cards were put in the outbox, by person."""
    card = schema.outbox.c
    asked = (
        select(card.person_id, func.count())
        .where(card.kind.in_(["pulse.card", "pulse.again"]))
        .group_by(card.person_id)
    )
    with database.reading() as connection:
        return {row[0]: row[1] for row in connection.execute(asked)}


async def test_two_replicas_ask_each_member_once(database: Database) -> None:
    async with town(database) as there:
        houses = await _running(there, "rotation 28")
        asked_before: dict[int, int] = {}
        for _ in range(20):
            there.clock.at += timedelta(hours=17)
            await asyncio.gather(*(house.tick() for house in houses))
            asked = _cards(database)
            assert all(asked[person] - asked_before.get(person, 0) <= 1 for person in asked)
            asked_before = asked
        with database.reading() as connection:
            ledger = connection.execute(select(schema.pulse.c.person_id, func.count()).group_by("person_id")).all()
        assert len(ledger) > 10
        # Two weeks apart, in fourteen days: one each, and at most one reminder.
        assert {count for _, count in ledger} == {1}
        assert max(_cards(database).values()) <= 2


async def test_nobody_is_asked_while_their_question_is_on_its_way(database: Database) -> None:
    async with town(database) as there:
        await _running(there, "baseline 14")
        await there.step(LITIA, NOBODY_KNOWS)
        await there.step(LITIA, "send 1")
        for _ in range(8):
            await there.later(timedelta(hours=24))
        with database.reading() as connection:
            litia = connection.execute(select(schema.person.c.id).where(schema.person.c.key == LITIA)).scalar_one()
            asked = set(connection.execute(select(schema.pulse.c.person_id)).scalars())
        assert asked
        assert litia not in asked


async def test_whoever_was_never_asked_can_stop_and_go_on(database: Database) -> None:
    async with town(database) as there:
        await there.step(LITIA, "pulse stop")
        stopped = there.texts_of(LITIA)
        await there.step(LITIA, "pulse on")
        assert "again" in there.texts_of(LITIA)
        assert stopped != there.texts_of(LITIA)
        with database.reading() as connection:
            assert connection.execute(select(schema.pulse_turn.c.stopped)).scalars().all() == [False]


async def test_whoever_was_at_an_event_is_asked_what_fits_it(database: Database) -> None:
    async with town(database) as there:
        await there.step(LITIA, "hello")
        with database.begin() as connection:
            work = there.house.work(connection)
            litia = connection.execute(select(schema.person.c.id).where(schema.person.c.key == LITIA)).scalar_one()
            held = work.events.add(event("2026-03-02 15:00", id=0))
            work.events.put_rsvp(held.id, Rsvp(litia, Answer.YES, there.clock()))
        there.clock.at += timedelta(days=2)
        await _running(there, "rotation 28")
        with database.reading() as connection:
            work = there.house.work(connection)
            assert pulse._fitting(work, work.people.get(litia)) == pulse.AFTER_EVENT
        await there.step(LITIA, "pulse")
        with database.reading() as connection:
            asked = connection.execute(
                select(schema.pulse.c.item).where(schema.pulse.c.person_id == litia)
            ).scalar_one()
        assert asked in pulse.AFTER_EVENT


async def test_a_pulse_tells_what_was_said_last_time_until_somebody_says_what_was_done(
    database: Database,
) -> None:
    async with town(database) as there:
        await there.step(LITIA, "hello")
        with database.begin() as connection:
            closed = {"state": "closed", "opened_at": there.clock(), "closes_at": there.clock(), "kind": "rotation"}
            more = {
                "version": 1,
                "framework": "1",
                "item_ids": ["O2"],
                "wording": {},
                "days": 28,
                "seed": 1,
                "note": "",
            }
            least = {"key_mark": "", "least_scores": 5, "least_remarks": 10}
            connection.execute(insert(schema.survey), {**closed, **more, **least})
            counts = [{"survey_id": 1, "item": "O2", "region": "", "point": point, "count": 6} for point in (2, 4)]
            connection.execute(insert(schema.response_count), counts)
        there.house = House(Settings(_env_file=None, pulse_key=KEY), database=there.database, now=there.clock)
        there.house.channels[there.wire.channel] = there
        _postman(there)
        await there.step(ELIF, "survey plan rotation 28")
        await there.step(ELIF, "survey start 2")
        await there.step(LITIA, "pulse")
        assert "You said, last time: “New knowledge has come out of this community" in there.texts_of(LITIA)
        assert "50% agree (6 of 12)" in there.texts_of(LITIA)
        await there.step(ELIF, "survey note 1 We now meet every second week.")
        await there.step(LITIA, "pulse")
        assert "You said, we did: We now meet every second week." in there.texts_of(LITIA)
        assert "last time" not in there.texts_of(LITIA)
