"""The morning's summary: whose morning it is, once for each, and whether anything waits."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, func, select, update

from app import House
from bot.settings import Settings
from dialogs import turn
from knowledge import summary
from knowledge.people import Person
from knowledge.question import DRAFTS, OVER
from knowledge.summary import morning_of
from storage.changes import Kind, raise_version
from storage.database import Database
from storage.schema import morning, person, question, work_item
from tests.chat.player import START
from tests.chat.test_work_items import topic_without_an_expert
from tests.chat.town import ELIF, INGRID, LITIA, NOBODY_KNOWS, OUSMANE, SOMEBODY_KNOWS, Town, town

NINE, FIVE = time(9), time(17)
ON = Settings(_env_file=None, summary_at="09:00")


def _lives_in(database: Database, key: str, zone: str) -> None:
    with database.begin() as connection:
        number = connection.execute(select(person.c.id).where(person.c.key == key)).scalar_one()
        connection.execute(update(person).where(person.c.id == number).values(time_zone=zone))
        raise_version(connection, Kind.PERSON, number)


async def _mornings(there: Town, moment: str) -> list[str]:
    """What the clock brings to Elif at a moment (UTC)."""
    there.clock.at = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    await there.later(timedelta())
    return [text for key, text in there.heard if key == ELIF and "Good morning" in text]


async def _waits(there: Town) -> None:
    await there.step(LITIA, NOBODY_KNOWS)
    await there.step(LITIA, "send 1")


async def test_each_gets_it_once_at_nine_by_their_own_clock_however_many_replicas_ring(database: Database) -> None:
    async with town(database) as there:
        there.house.settings = ON
        _lives_in(database, ELIF, "Europe/Istanbul")
        await _waits(there)
        assert await _mornings(there, "2026-03-03 05:59") == []
        there.clock.at = datetime(2026, 3, 3, 6, 0, tzinfo=UTC)
        other = House(ON, database=database, now=there.clock)
        there.heard.clear()
        for house in (there.house, other, there.house):
            await house.tick()
        await there.deliver_all()
        told = [text for key, text in there.heard if key == ELIF]
        assert [text.splitlines()[0] for text in told] == ["Good morning: what waits for you"]
        assert "1 under way · 1 with the facilitation" in told[0]
        # Later on the same day, also after the clock was set back or the zone changed: not again.
        assert await _mornings(there, "2026-03-03 06:30") == []
        assert await _mornings(there, "2026-03-03 06:00") == []
        _lives_in(database, ELIF, "Europe/Lisbon")
        assert await _mornings(there, "2026-03-03 09:05") == []
        assert len(await _mornings(there, "2026-03-04 09:00")) == 1


async def test_a_process_that_dies_in_the_middle_neither_loses_nor_doubles_a_morning(database: Database) -> None:
    async with town(database) as there:
        there.house.settings = ON
        _lives_in(database, ELIF, "Europe/Istanbul")
        await _waits(there)
        there.clock.at = datetime(2026, 3, 3, 6, 0, tzinfo=UTC)

        def dies(connection: Connection) -> None:
            elif_ = connection.execute(select(person.c.id).where(person.c.key == ELIF)).scalar_one()
            turn.tell(there.house.work(connection), summary.due(there.house.work(connection), elif_))
            assert connection.execute(select(func.count()).select_from(morning)).scalar_one() == 1
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            database.write(dies)
        with database.reading() as connection:
            assert connection.execute(select(func.count()).select_from(morning)).scalar_one() == 0
        assert len(await _mornings(there, "2026-03-03 06:00")) == 1


async def test_nothing_comes_when_nothing_waits_on_days_off_when_away_or_when_switched_off(database: Database) -> None:
    async with town(database) as there:
        there.house.settings = ON
        _lives_in(database, ELIF, "Europe/Paris")
        assert await _mornings(there, "2026-03-03 08:10") == []
        await _waits(there)
        # A Saturday, Easter Monday, and after work.
        for moment in ("2026-03-07 08:10", "2026-04-06 08:10", "2026-03-09 17:30"):
            assert await _mornings(there, moment) == [], moment
        assert len(await _mornings(there, "2026-04-07 08:10")) == 1
        await there.step(ELIF, "summary off")
        assert "No summary comes" in there.texts_of(ELIF)
        assert await _mornings(there, "2026-04-08 08:10") == []
        await there.step(ELIF, "summary")
        assert "1 under way" in there.texts_of(ELIF)
        await there.step(ELIF, "summary on")
        assert len(await _mornings(there, "2026-04-09 08:10")) == 1
        await there.step(ELIF, "away 2026-05-01")
        assert await _mornings(there, "2026-04-10 08:10") == []


async def test_its_counts_are_those_of_the_store_and_of_the_queue(database: Database) -> None:
    async with town(database, topic_without_an_expert) as there:
        for number, text in enumerate((NOBODY_KNOWS, SOMEBODY_KNOWS, f"{NOBODY_KNOWS} Again."), 1):
            await there.step(LITIA, f"ask {text}")
            await there.step(LITIA, f"send {number}")
        await there.step(OUSMANE, "prendre 2")
        await there.step(OUSMANE, "répondre 2 Oui.")
        await there.step(LITIA, "solved 2")
        there.clock.at = START + timedelta(days=1)
        await there.later(timedelta(hours=1))
        for who in (INGRID, ELIF):
            await there.step(who, "summary")
            told = there.texts_of(who)
            with database.reading() as connection:
                under_way = question.c.state.not_in([one.value for one in OVER | DRAFTS])
                total = connection.execute(select(func.count()).where(under_way)).scalar_one()
                items = connection.execute(select(func.count()).where(work_item.c.state == "open")).scalar_one()
            assert f"{total} questions are under way" in told
            assert "1 solved yesterday" in told
            if who == INGRID:
                assert items
                assert f"To see to beside questions: {items}" in told
            # Neither who asked nor when, and no words of theirs.
            assert not {"Litia", "fusion", "09:", "10:"} & set(told.replace("(", " ").split())
            await there.press(who, there.button(who, "queue"))
            assert f"{total} questions are under way" in there.texts_of(who)


@given(
    moment=st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001
    zone=st.sampled_from(["Europe/Paris", "Asia/Kathmandu", "America/Bogota", "Pacific/Fiji", "Africa/Cairo", "Not/A"]),
)
def test_a_morning_is_always_between_nine_and_five_of_one_s_own_day(moment: datetime, zone: str) -> None:
    day = morning_of(Person(1, "Sample", time_zone=zone), moment, NINE, FIVE)
    here = moment.astimezone(UTC if zone == "Not/A" else ZoneInfo(zone))
    if day is not None:
        assert day == here.date()
        assert 9 <= here.hour < 17
    assert morning_of(Person(1, "Sample", time_zone=zone), moment, None, FIVE) is None


@pytest.mark.parametrize(
    ("quiet", "too_early", "comes"),
    [("20:00-07:00", "08:59", "09:00"), ("20:00-10:30", "10:29", "10:30"), ("23:00-18:30", "17:00", "18:30"),
     ("none", "08:59", "09:00")],
)  # fmt: skip
def test_nobody_reads_it_in_their_own_quiet_hours(quiet: str, too_early: str, comes: str) -> None:
    one = Person(1, "Sample", time_zone="UTC", quiet=quiet)
    days = [
        morning_of(one, datetime.fromisoformat(f"2026-03-03 {at}").replace(tzinfo=UTC), NINE, FIVE)
        for at in (too_early, comes)
    ]
    assert days == [None, datetime(2026, 3, 3, tzinfo=UTC).date()]
