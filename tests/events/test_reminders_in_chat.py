"""Reminders in chat, beside what a transcript can show: who gets them, when, and what stops them."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update

from app import House
from bot.settings import Settings
from knowledge.reminding import PAGE, PER_SECOND
from knowledge.rsvp import Answer, Rsvp
from storage.conversations import Conversations
from storage.database import Database
from storage.events import Events
from storage.schema import conversation, network, network_home, outbox, person, reminder
from tests.chat.town import ELIF, INGRID, LITIA, OUSMANE, Town, town
from tests.conftest import LONG

WEBINAR = "event webinar on anticipatory action, 5 March 15:00 UTC, 60 min, for crisis network"
STARTS_AT = datetime(2026, 3, 5, 15, tzinfo=UTC)
MANY = 50_000 if LONG else 1_000


async def planned(there: Town, *answers: tuple[str, str]) -> None:
    """An event on Thursday 5 March at 15:00 UTC, and who said what; it is Monday 2 March, 9:00 UTC."""
    await there.step(ELIF, WEBINAR)
    await there.step(ELIF, "confirm event 1")
    for who, said in answers:
        await there.step(who, f"rsvp 1 {said}")


async def until(there: Town, moment: datetime) -> list[str]:
    """Goes on to a moment, as a clock that rings when something is due; who was reminded at it, in any language."""
    await there.later(moment - there.clock())
    return reminded(there)


def reminded(there: Town) -> list[str]:
    return sorted(who for who, text in there.heard if text.startswith(("Reminder", "Rappel", "Recordatorio")))


def before(**less: int) -> datetime:
    return STARTS_AT - timedelta(**less)


# Who gets them


async def test_who_does_not_come_is_not_reminded_nor_whoever_changes_their_mind(database: Database) -> None:
    async with town(database) as there:
        await planned(there, (LITIA, "yes"), (INGRID, "maybe"), (OUSMANE, "no"))
        await there.later(timedelta(hours=1))
        await there.step(LITIA, "rsvp 1 no")
        assert await until(there, before(hours=24)) == [INGRID]
        await there.step(INGRID, "rsvp 1 no")
        await there.step(LITIA, "rsvp 1 yes")
        assert await until(there, before(minutes=15)) == [LITIA]


async def test_whoever_joins_late_gets_what_is_still_to_come(database: Database) -> None:
    async with town(database) as there:
        await planned(there)
        assert await until(there, before(hours=20)) == []
        await there.step(LITIA, "rsvp 1 yes")
        assert await until(there, before(hours=19)) == []
        assert await until(there, before(minutes=15)) == [LITIA]
        await there.step(OUSMANE, "rsvp 1 yes")
        assert await until(there, before(minutes=1)) == []


async def test_each_chooses_when_and_the_host_for_the_others(database: Database) -> None:
    async with town(database) as there:
        await planned(there, (LITIA, "yes"), (INGRID, "yes"), (OUSMANE, "yes"))
        await there.later(timedelta(hours=1))
        await there.step(LITIA, "remind me off")
        await there.step(INGRID, "remind me of 1 3 hours")
        await there.step(ELIF, "set reminders 1 2 hours")
        await there.later(timedelta(minutes=1))
        assert await until(there, before(hours=24)) == []
        assert await until(there, before(hours=3)) == [INGRID]
        assert await until(there, before(hours=2)) == [OUSMANE]
        # Of one event alone: it comes before what is said of all.
        await there.step(LITIA, "remind me of 1 30 min")
        assert await until(there, before(minutes=30)) == [LITIA]
        assert await until(there, before(minutes=15)) == []


@pytest.mark.parametrize("said", ["reminders 1", "stop reminders 1", "resume reminders 1", "set reminders 1 1 hour"])
async def test_only_whoever_looks_after_an_event_sees_and_stops_its_reminders(
    said: str, sqlite_database: Database
) -> None:
    async with town(sqlite_database) as there:
        await planned(there, (LITIA, "yes"))
        await there.step(LITIA, said)
        refused = there.texts_of(LITIA)
        await there.step(LITIA, said.replace("reminders 1", "reminders 99"))
        assert refused.replace("1", "99", 1) == there.texts_of(LITIA)


# When


async def test_an_evening_reminder_comes_before_the_quiet_hours_of_each(database: Database) -> None:
    async with town(database, quiet_hours="18:00-08:00") as there:
        with database.begin() as connection:
            for who, zone in ((LITIA, "Pacific/Fiji"), (INGRID, "America/New_York"), (OUSMANE, "Africa/Dakar")):
                connection.execute(update(person).where(person.c.key == who).values(time_zone=zone))
        await planned(there, (LITIA, "yes"), (INGRID, "yes"), (OUSMANE, "yes"))
        there.clock.at = there.clock.at.replace(minute=15, second=0)
        due: dict[str, list[str]] = {}
        for _ in range(4 * 24 * 4):
            there.heard.clear()
            there.clock.at += timedelta(minutes=15)
            await there.house.remind()
            await there.deliver_all()
            for who in reminded(there):
                due.setdefault(who, []).append(f"{there.clock():%d %H:%M}")
        # It begins at 03:00 on the 6th in Suva: both come at 17:45 there, and once; at 10:00 in New York; at 15:00
        # in Dakar.
        assert due == {
            LITIA: ["04 05:45", "05 05:45"],
            INGRID: ["04 15:00", "05 14:45"],
            OUSMANE: ["04 15:00", "05 14:45"],
        }


async def test_whoever_travels_is_reminded_by_the_clock_there(database: Database) -> None:
    async with town(database, quiet_hours="18:00-08:00") as there:
        with database.begin() as connection:
            connection.execute(update(person).where(person.c.key == LITIA).values(time_zone="Africa/Dakar"))
        await planned(there, (LITIA, "yes"))
        await there.later(timedelta(hours=1))
        assert await until(there, before(hours=34)) == []
        # In Suva the reminder of a day before falls into the night, and so comes in the evening before it.
        with database.begin() as connection:
            connection.execute(update(person).where(person.c.key == LITIA).values(time_zone="Pacific/Fiji"))
        assert await until(there, before(hours=33, minutes=16)) == []
        assert await until(there, before(hours=33, minutes=15)) == [LITIA]
        assert "Friday 6 March 2026, 03:00–04:00 (Suva time)" in there.texts_of(LITIA)
        assert await until(there, before(hours=24)) == []


async def test_after_a_silence_what_is_of_use_is_sent_and_what_is_past_is_not(database: Database) -> None:
    async with town(database) as there:
        await planned(there, (LITIA, "yes"), (INGRID, "yes"))
        await there.step(INGRID, "remind me of 1 2 hours")
        await there.later(timedelta(hours=1))
        # Nobody was at work from then until three hours before it begins: a day before still helps.
        assert await until(there, before(hours=3)) == [LITIA]
        assert "3 hours" in there.texts_of(LITIA)
        # And until half an hour before: what should have come two hours before says nothing any more.
        assert await until(there, before(minutes=30)) == []
        await there.step(ELIF, "reminders 1")
        assert "1 sent, 1 waiting, 0 failed, 1 too late to help" in there.texts_of(ELIF)
        # It began: what was for a quarter of an hour before is past.
        assert await until(there, STARTS_AT) == []


# What changes


async def test_a_moved_event_gives_one_correction_and_reminds_of_no_other_time(database: Database) -> None:
    async with town(database) as there:
        await planned(there, (LITIA, "yes"), (INGRID, "maybe"))
        assert await until(there, before(hours=24)) == [INGRID, LITIA]
        await there.step(ELIF, "move event 1 to 6 March 15:00 UTC yes")
        assert there.texts_of(LITIA).count("Until now") == there.texts_of(INGRID).count("Until now") == 1
        assert "Your yes is kept" in there.texts_of(LITIA)
        assert "Your maybe is kept" in there.texts_of(INGRID)
        await there.step(INGRID, "rsvp 1 yes")
        # Nothing at the old times, neither a reminder nor another correction.
        for moment in (before(hours=1), before(minutes=15), STARTS_AT):
            await there.later(moment - there.clock())
            assert reminded(there) == ([INGRID, LITIA] if moment == STARTS_AT else [])
            assert not any("Until now" in text for _, text in there.heard)
        # That was a day before the new time. Whoever said nothing since is asked again, whoever did is not.
        assert "It was moved since you said so" in there.texts_of(LITIA)
        assert "It was moved since you said so" not in there.texts_of(INGRID)
        assert await until(there, STARTS_AT + timedelta(hours=23, minutes=45)) == [INGRID, LITIA]


async def test_an_event_that_is_called_off_gives_one_notice_and_reminds_nobody(database: Database) -> None:
    async with town(database) as there:
        await planned(there, (LITIA, "yes"))
        await there.later(timedelta(hours=1))
        await there.step(ELIF, "cancel event 1 yes")
        assert there.texts_of(LITIA).count("called off") == 1
        for moment in (before(hours=24), before(minutes=15)):
            await there.later(moment - there.clock())
            assert not there.texts_of(LITIA)
        with database.reading() as connection:
            assert set(connection.execute(select(reminder.c.state)).scalars()) == {"off"}


async def test_the_channel_of_the_network_is_told_once(database: Database) -> None:
    async with town(database) as there:
        with database.begin() as connection:
            crisis = connection.execute(select(network.c.id).where(network.c.key == "crisis")).scalar_one()
            place = Conversations(connection).at("direct", "the-channel", None, {}, there.clock())
            connection.execute(insert(network_home), {"network_id": crisis, "conversation_id": place})
        await planned(there)

        async def told_at(moment: datetime) -> int:
            there.clock.at = moment
            for _ in range(2):
                await there.house.remind()
            return counted(database, outbox.c.kind == "event.at_home")

        assert await told_at(before(hours=25)) == 0
        assert await told_at(before(hours=24)) == 1
        assert await told_at(before(hours=23)) == 1


async def test_any_number_of_replicas_send_each_once(database: Database) -> None:
    async with town(database) as there:
        await planned(there, (LITIA, "yes"), (INGRID, "yes"), (OUSMANE, "maybe"))
        other = House(Settings(_env_file=None), database=database, now=there.clock)
        there.clock.at = before(hours=24)
        for _ in range(3):
            await asyncio.gather(there.house.remind(), other.remind(), there.house.tick())
        with database.reading() as connection:
            rows = connection.execute(select(outbox.c.person_id).where(outbox.c.kind == "event.reminder")).scalars()
            assert sorted(Counter(rows).values()) == [1, 1, 1]


# Many


def counted(database: Database, condition: Any) -> int:
    with database.reading() as connection:
        return int(connection.execute(select(func.count()).where(condition)).scalar_one())


def crowd(database: Database, now: datetime) -> None:
    """So many that all say yes, each reachable, half of them in Suva."""
    first = 1_000
    with database.begin() as connection:
        model = connection.execute(select(person).where(person.c.key == LITIA)).one()
        zones = ("UTC", "Pacific/Fiji")
        people = [
            {**model._mapping, "id": first + n, "key": f"many{n}", "time_zone": zones[n % 2]} for n in range(MANY)
        ]
        connection.execute(insert(person), people)
        there = {"channel": "direct", "address": {}, "used_at": now}
        conversations = [{**there, "remote_id": f"many{one['id']}", "person_id": one["id"]} for one in people]
        connection.execute(insert(conversation), conversations)
        events = Events(connection, now)
        for one in people:
            events.put_rsvp(1, Rsvp(int(one["id"]), Answer.YES, now))


async def test_many_are_reminded_spread_over_time_and_a_stop_holds_them_until_they_go_on(database: Database) -> None:
    async with town(database) as there:
        await planned(there)
        crowd(database, there.clock())
        await there.step(ELIF, "set reminders 1 30 min")
        reminders = outbox.c.kind == "event.reminder"

        # They are written down page by page, and how far that is stands on the card.
        await there.house.remind()
        await there.step(ELIF, "reminders 1")
        assert f"being planned: {PAGE} of {MANY}" in there.texts_of(ELIF)
        while counted(database, reminder.c.state == "waiting") < MANY:
            await there.house.remind()

        # The last is out half an hour before, the first as much earlier as it takes.
        with database.reading() as connection:
            first, last = connection.execute(select(func.min(reminder.c.due_at), func.max(reminder.c.due_at))).one()
        assert last == before(minutes=30)
        assert (last - first).total_seconds() == pytest.approx(MANY / PER_SECOND, abs=2)

        async def goes_on(seconds: int) -> int:
            """Seconds pass, each with a look; returns how many are in the outbox since."""
            already = counted(database, reminders)
            for _ in range(seconds):
                there.clock.at += timedelta(seconds=1)
                at_once = counted(database, reminders)
                await there.house.remind()
                assert counted(database, reminders) - at_once <= 2 * PER_SECOND
            return counted(database, reminders) - already

        there.clock.at = first - timedelta(seconds=1)
        assert await goes_on(10) == pytest.approx(10 * PER_SECOND, abs=2 * PER_SECOND)
        await there.step(ELIF, "stop reminders 1")
        sent = counted(database, reminders)
        assert f"{sent} sent, {MANY - sent} waiting" in there.texts_of(ELIF)
        assert await goes_on(5) == 0
        await there.step(ELIF, "resume reminders 1")
        assert f"{sent} sent, {MANY - sent} waiting" in there.texts_of(ELIF)
        there.clock.at = last + timedelta(seconds=1)
        while await there.house.remind():
            pass
        with database.reading() as connection:
            rows = connection.execute(select(outbox.c.person_id).where(reminders).order_by(outbox.c.id)).scalars().all()
        assert len(rows) == len(set(rows)) == MANY
        await there.step(ELIF, "reminders 1")
        assert f"{MANY} sent, 0 waiting" in there.texts_of(ELIF)


async def test_what_is_nearest_goes_first(database: Database) -> None:
    """Of two events whose reminders waited, those of the one that begins first are sent first."""
    async with town(database) as there:
        await planned(there, (LITIA, "yes"), (INGRID, "yes"))
        await there.step(ELIF, WEBINAR.replace("anticipatory action", "early warning").replace("15:00", "13:00"))
        await there.step(ELIF, "confirm event 2")
        for who in (INGRID, LITIA):
            await there.step(who, "rsvp 2 yes")
        await there.house.remind()
        there.clock.at = before(hours=4)
        await there.house.remind()
        with database.reading() as connection:
            rows = connection.execute(
                select(reminder.c.event_id)
                .join(outbox, (outbox.c.about == reminder.c.id) & (outbox.c.kind == "event.reminder"))
                .order_by(outbox.c.id)
            ).scalars()
            assert list(rows) == [2, 2, 1, 1]
