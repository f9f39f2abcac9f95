"""What comes after an event, beside what a transcript can show: who is asked, once, and who gets what is left of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from app import House
from bot.settings import Settings
from knowledge import reporting
from knowledge.errors import Refusal
from knowledge.event import State
from knowledge.held import link, links_safe
from knowledge.rsvp import Answer, Rsvp
from storage import schema
from storage.box import Box
from storage.database import Database
from storage.events import Events
from storage.held import forget_attendance
from tests.chat.town import ELIF, INGRID, LITIA, LUCA, OUSMANE, SAMIRA, Town, town, twin
from tests.events.making import event
from tests.pulse.test_keeping import KEY, emptied, everything

PLAN = "event webinar on anticipatory action, 4 March 09:00 UTC, 60 min, for crisis network"
CAMILA = "camila.ortega@sample.example"
COMERS = (LITIA, OUSMANE, SAMIRA, INGRID, CAMILA)


@asynccontextmanager
async def planned(database: Database, line: str = PLAN, **settings: Any) -> AsyncIterator[Town]:
    """Elif hosts a webinar of one hour on Wednesday 4 March at 09:00 UTC; quiet hours are of no matter here."""
    async with town(database, pulse_key=KEY, quiet_hours="none", **settings) as there:
        await there.step(ELIF, line)
        await there.step(ELIF, "confirm event 1", "event:1")
        assert "It is in the calendar" in there.texts_of(ELIF)
        yield there


async def to_the_start(there: Town) -> None:
    """Five minutes into it."""
    await there.later(timedelta(days=2) - (there.clock.at - there.clock.at.replace(hour=9, minute=5, second=0)))


def number(database: Database, key: str) -> int:
    with database.reading() as connection:
        return int(connection.execute(select(schema.person.c.id).where(schema.person.c.key == key)).scalar_one())


def cards(database: Database, kind: str = "pulse.card") -> dict[int, int]:
    """How many messages of a kind were put in the outbox, by person."""
    card = schema.outbox.c
    rows = select(card.person_id, func.count()).where(card.kind == kind).group_by(card.person_id)
    with database.reading() as connection:
        return {row[0]: row[1] for row in connection.execute(rows)}


def people_of(database: Database, *keys: str) -> set[int]:
    return {number(database, key) for key in keys}


async def code_of(there: Town) -> str:
    await there.step(ELIF, "attendance 1")
    return there.texts_of(ELIF).split("The code: ")[1].split()[0]


# Attendance


async def test_it_is_taken_from_half_an_hour_before_until_twelve_hours_after(database: Database) -> None:
    async with planned(database) as there:
        await there.step(LITIA, "rsvp 1 yes")
        await there.step(LITIA, "here 1")
        assert "too early" in there.texts_of(LITIA)
        await there.step(ELIF, "attendance 1")
        assert "too early" in there.texts_of(ELIF)
        await to_the_start(there)
        await there.step(LITIA, "here 1")
        assert "you are at" in there.texts_of(LITIA)
        await there.later(timedelta(hours=12))
        await there.step(LITIA, "here 1")
        assert "you were at" in there.texts_of(LITIA)
        await there.later(timedelta(hours=1))
        await there.step(SAMIRA, "here 1")
        assert "too late" in there.texts_of(SAMIRA)


async def test_saying_it_twice_counts_once_and_names_are_for_whoever_looks_after_it(database: Database) -> None:
    async with planned(database) as there:
        await there.step(LITIA, "rsvp 1 maybe")
        await to_the_start(there)
        for _ in range(3):
            await there.step(LITIA, "here 1")
        await there.step(ELIF, "attendance 1")
        assert "1 person" in there.texts_of(ELIF)
        assert "Litia" in there.texts_of(ELIF)
        await there.step(OUSMANE, "présences 1")
        assert "1 personne" in there.texts_of(OUSMANE)
        assert "Litia" not in there.texts_of(OUSMANE)
        assert "code" not in there.texts_of(OUSMANE).lower()


async def test_the_code_lets_in_whoever_said_nothing_before(database: Database) -> None:
    async with planned(database) as there:
        await to_the_start(there)
        code = await code_of(there)
        await there.step(INGRID, "here 1")
        assert "type the code" in there.texts_of(INGRID)
        await there.step(INGRID, f"here {code}")
        assert "you are at" in there.texts_of(INGRID)
        await there.step(LITIA, f"here 1 {code[:3]}-{code[3:].lower()}")
        assert "you are at" in there.texts_of(LITIA)
        await there.step(SAMIRA, f"here 2 {code}")
        assert "no such code" in there.texts_of(SAMIRA)


async def test_nobody_can_try_codes(database: Database) -> None:
    async with planned(database) as there:
        await to_the_start(there)
        code = await code_of(there)
        for wrong in ("qqqqq", "wwwww", "ttttt", "yyyyy", "uuuuu"):
            await there.step(INGRID, f"here {wrong}")
            assert "no such code" in there.texts_of(INGRID)
        await there.step(INGRID, f"here {code}")
        assert "too many codes" in there.texts_of(INGRID)
        await there.later(timedelta(minutes=61))
        await there.step(INGRID, f"here {code}")
        assert "you were at" in there.texts_of(INGRID)


async def test_a_code_of_what_somebody_may_not_know_of_is_no_code(database: Database) -> None:
    async with planned(database) as there:
        await to_the_start(there)
        code = await code_of(there)
        # Of a sister agency: what is for UNDP is not for him.
        for said in (f"here {code}", f"here 1 {code}"):
            await there.step(LUCA, said)
            assert "no such code" in there.texts_of(LUCA)
        for said in ("here 1", "attendance 1", "event notes 1"):
            await there.step(LUCA, said)
            assert "Anticipatory" not in there.texts_of(LUCA)
            assert "no event 1" in there.texts_of(LUCA)


async def test_whoever_was_there_of_a_time_it_was_moved_from_was_not(database: Database) -> None:
    async with planned(database) as there:
        await there.step(LITIA, "rsvp 1 yes")
        await to_the_start(there)
        await there.step(LITIA, "here 1")
        await there.step(ELIF, "move event 1 to 6 March 09:00 yes")
        with database.reading() as connection:
            assert not connection.execute(select(schema.attendance)).all()
        await there.later(timedelta(hours=2))
        assert not cards(database)
        await there.later(timedelta(days=2))
        await there.later(timedelta(hours=2))
        assert set(cards(database)) == people_of(database, LITIA)


async def test_of_a_series_each_day_counts_by_itself_and_nobody_is_asked_twice_in_two_weeks(
    database: Database,
) -> None:
    async with planned(database, f"{PLAN}, every week until 15 April") as there:
        await there.step(LITIA, "rsvp 1 yes")
        await to_the_start(there)
        asked = []
        for _ in range(4):
            await there.step(LITIA, "here 1")
            assert "you are at" in there.texts_of(LITIA)
            await there.later(timedelta(hours=2))
            asked.append(sum(cards(database).values()))
            await there.later(timedelta(days=7, hours=-2) - timedelta(minutes=2))
        assert asked == [1, 1, 2, 2]
        await there.step(ELIF, "attendance 1 11 March")
        assert "1 person" in there.texts_of(ELIF)
        with database.reading() as connection:
            assert connection.execute(select(func.count()).select_from(schema.attendance)).scalar_one() == 4


# Whether it was useful


async def test_those_who_were_there_are_asked_and_nobody_else(database: Database) -> None:
    async with planned(database) as there:
        for one in (LITIA, SAMIRA, INGRID):
            await there.step(one, "rsvp 1 yes")
        await to_the_start(there)
        code = await code_of(there)
        await there.step(LITIA, "here 1")
        await there.step(CAMILA, f"presente {code}")
        for _ in range(5):
            await there.later(timedelta(hours=2))
        assert cards(database) == dict.fromkeys(people_of(database, LITIA, CAMILA), 1)
        # Whoever says so late is asked late.
        await there.step(SAMIRA, "here 1")
        await there.later(timedelta(minutes=1))
        assert cards(database) == dict.fromkeys(people_of(database, LITIA, CAMILA, SAMIRA), 1)


async def test_where_attendance_was_not_taken_those_who_said_yes_are_asked(database: Database) -> None:
    async with planned(database) as there:
        await there.step(LITIA, "rsvp 1 yes")
        await there.step(SAMIRA, "rsvp 1 yes")
        await there.step(INGRID, "rsvp 1 maybe")
        await there.step(LUCA, "rsvp 1 no")
        await to_the_start(there)
        # One alone who says so is not everybody.
        await there.step(LITIA, "here 1")
        await there.later(timedelta(hours=2))
        assert cards(database) == dict.fromkeys(people_of(database, LITIA, SAMIRA), 1)


async def test_a_cancelled_event_asks_nobody(database: Database) -> None:
    async with planned(database) as there:
        await there.step(LITIA, "rsvp 1 yes")
        await to_the_start(there)
        await there.step(LITIA, "here 1")
        await there.step(ELIF, "cancel event 1 yes")
        for _ in range(3):
            await there.later(timedelta(hours=5))
        assert not cards(database)
        with database.reading() as connection:
            assert not connection.execute(select(schema.survey)).all()
            assert not connection.execute(select(schema.attendance)).all()


async def test_whoever_wants_no_pulses_and_whoever_hosts_is_not_asked(database: Database) -> None:
    async with planned(database) as there:
        await there.step(LITIA, "rsvp 1 yes")
        await there.step(SAMIRA, "rsvp 1 yes")
        await there.step(LITIA, "pulse stop")
        await to_the_start(there)
        code = await code_of(there)
        for one in (LITIA, SAMIRA, ELIF):
            await there.step(one, f"here {code}")
        await there.later(timedelta(hours=2))
        assert cards(database) == dict.fromkeys(people_of(database, SAMIRA), 1)


async def test_nobody_is_asked_at_night(database: Database) -> None:
    async with town(database, pulse_key=KEY, quiet_hours="18:00-08:00") as there:
        await there.step(ELIF, PLAN)
        await there.step(ELIF, "confirm event 1", "event:1")
        await there.step(LITIA, "rsvp 1 yes")
        await there.later(timedelta(days=2, hours=2))
        assert not cards(database)
        # Eight in the morning in Suva.
        await there.later(timedelta(hours=9, minutes=5))
        assert cards(database) == dict.fromkeys(people_of(database, LITIA), 1)


async def test_two_replicas_ask_each_once_and_give_each_once(database: Database) -> None:
    async with planned(database) as there:
        for one in COMERS:
            await there.step(one, "rsvp 1 yes")
        for place in range(60):
            key = f"many{place}@sample.example"
            many = twin(database, LITIA, key)
            with database.begin() as connection:
                rows = {"person_id": many, "channel": there.wire.channel, "remote_id": key}
                connection.execute(insert(schema.identity), {**rows, "linked": False})
                Events(connection, there.clock()).put_rsvp(1, Rsvp(many, Answer.YES, there.clock()))
                model = connection.execute(
                    select(schema.conversation).where(schema.conversation.c.person_id == number(database, LITIA))
                ).one()
                values = {name: value for name, value in model._mapping.items() if name != "id"}
                connection.execute(
                    insert(schema.conversation), {**values, "person_id": many, "remote_id": f"many-{place}"}
                )
                work = there.house.work(connection)
                work.held.wish(1, "once", many, None)
            there._names[f"many-{place}"] = key
        houses = [
            House(Settings(_env_file=None, pulse_key=KEY, quiet_hours="none"), database=database, now=there.clock)
            for _ in "ab"
        ]
        there.clock.at += timedelta(days=2, hours=2)
        for _ in range(4):
            there.clock.at += timedelta(seconds=15)
            await asyncio.gather(*(house.tick() for house in houses))
        asked = cards(database)
        assert len(asked) == len(COMERS) + 60
        assert set(asked.values()) == {1}
        await there.step(ELIF, "recording 1 https://meet.sample.example/rec")
        for _ in range(4):
            there.clock.at += timedelta(seconds=15)
            await asyncio.gather(*(house.tick() for house in houses))
        given = cards(database, "held.materials")
        assert len(given) == 60
        assert set(given.values()) == {1}


# What is kept of answers


async def _answered(database: Database, points: dict[str, int]) -> dict[str, list[tuple[Any, ...]]]:
    async with planned(database) as there:
        for member in points:
            await there.step(member, "rsvp 1 yes")
        await there.later(timedelta(days=2, hours=2))
        for member, point in points.items():
            line = next(
                line for line in there.lines[member] if line.startswith("pulse ") and line.endswith(f" {point}")
            )
            await there.press(member, line)
            assert f" {point} " not in there.texts_of(member)
        with database.begin() as connection:
            # Another each time, whoever answers what.
            connection.execute(schema.event.update().values(uid="same"))
        return everything(database)


async def test_whatever_somebody_answers_the_database_is_the_same_but_for_what_is_sealed(database: Database) -> None:
    one = await _answered(database, dict(zip(COMERS, (1, 2, 3, 4, 5), strict=True)))
    emptied(database)
    other = await _answered(database, dict(zip(COMERS, (5, 5, 1, 1, 2), strict=True)))
    assert len(one["sealed_response"]) == len(COMERS)
    assert one == other


async def test_that_comparison_sees_an_answer_that_is_kept_anywhere(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = Box.put

    def leaking(box: Box, survey: int, what: Any) -> None:
        put(box, survey, what)
        box._connection.execute(schema.event_held.update().values(attended=what.point))

    monkeypatch.setattr(Box, "put", leaking)
    one = await _answered(database, {LITIA: 1})
    emptied(database)
    other = await _answered(database, {LITIA: 5})
    assert {name for name in one if one[name] != other[name]} == {"event_held"}


@pytest.mark.parametrize(
    ("points", "told"),
    [
        ((4, 4, 5, 2, 3, 1, 5, 4), "62% agree (5 of 8 answers)"),
        # Alike, few, or both: nobody could hide.
        ((5, 5, 5, 5, 5, 5, 5, 5), "not told"),
        ((4, 5, 2), "not told"),
    ],
)
async def test_what_a_host_hears_and_what_is_counted_follow_the_rule_of_all_surveys(
    database: Database, points: tuple[int, ...], told: str
) -> None:
    more = ("joaquin.rivas", "marisol.pena", "nadira.hossain")
    comers = (*COMERS, *(f"{name}@sample.example" for name in more))[: len(points)]
    async with planned(database) as there:
        for member in comers:
            await there.step(member, "rsvp 1 yes")
        await there.later(timedelta(days=2, hours=2))
        for member, point in zip(comers, points, strict=True):
            line = next(
                line for line in there.lines[member] if line.startswith("pulse ") and line.endswith(f" {point}")
            )
            await there.press(member, line)
        await there.step(ELIF, "attendance 1")
        assert "sealed until" in there.texts_of(ELIF)
        assert "agree (" not in there.texts_of(ELIF)
        # Nobody can look earlier, and no other survey is disturbed.
        await there.step(ELIF, "survey close 1")
        assert "sealed until" not in there.texts_of(ELIF)
        await there.step(ELIF, "survey")
        assert "No survey yet" in there.texts_of(ELIF)
        await there.later(timedelta(days=8))
        assert told in there.texts_of(ELIF)
        await there.step(ELIF, "attendance 1")
        assert told in there.texts_of(ELIF)
        with database.reading() as connection:
            assert not connection.execute(select(schema.sealed_response)).all()
            states = set(connection.execute(select(schema.pulse.c.state)).scalars())
            assert states == {"over"}
            counted = connection.execute(select(func.sum(schema.response_count.c.count))).scalar_one()
            assert counted == (len(points) if "agree" in told else None)
        await there.later(timedelta(days=25))
        with database.begin() as connection:
            report = reporting.made(there.house.work(connection), there.clock.at.replace(month=3))
        useful = report.figures["event_useful"]
        assert (useful.count, useful.n) == ((5, 8) if "agree" in told else (None, None))
        assert report.figures["events_held"].value == 1


async def test_attendance_is_counted_from_five_people_on(database: Database) -> None:
    async with planned(database) as there:
        await to_the_start(there)
        code = await code_of(there)
        for member in COMERS[:4]:
            await there.step(member, f"here {code}")
        work = there.house.work
        with database.reading() as connection:
            few = work(connection).measurement.window(
                there.clock.at.replace(day=1), there.clock.at.replace(day=30), timedelta()
            )
        assert few.events.people == 4
        await there.step(COMERS[4], f"here {code}")
        await there.later(timedelta(days=30))
        with database.begin() as connection:
            report = reporting.made(work(connection), there.clock.at.replace(month=3))
        assert report.figures["event_attendance"].value == 5


# What is left of it


async def test_links_are_https_and_only_whoever_looks_after_it_gives_them(database: Database) -> None:
    async with planned(database) as there:
        await there.step(ELIF, "recording 1 https://meet.sample.example/rec")
        assert "has not begun" in there.texts_of(ELIF)
        await to_the_start(there)
        for bad in ("http://a.example", "javascript:alert(1)", "https://a.example two", "ftp://a.example/x"):
            await there.step(ELIF, f"recording 1 {bad}")
            assert "https://" in there.texts_of(ELIF)
        await there.step(ELIF, "event notes 1 All is at ftp://a.example/x as we said.")
        assert "begins with https://" in there.texts_of(ELIF)
        await there.step(LITIA, "event notes 1 These are not mine to give.")
        with database.reading() as connection:
            assert not connection.execute(select(schema.event_material)).all()


def test_what_is_a_safe_link() -> None:
    assert link(" https://a.example/x?y=1 ") == "https://a.example/x?y=1"
    assert links_safe("Time 10:30, see HTTPS://a.example, note: yes") == "Time 10:30, see HTTPS://a.example, note: yes"
    for bad in ("https://", "http://a", "https://a b", "data:text/html,x"):
        with pytest.raises(Refusal):
            link(bad)
    with pytest.raises(Refusal):
        links_safe("see http://a.example")


async def test_each_gets_each_once_and_what_is_put_right_again(database: Database) -> None:
    async with planned(database) as there:
        await to_the_start(there)
        await there.step(LITIA, "event notes 1")
        assert "once they are there" in there.texts_of(LITIA)
        await there.step(ELIF, "recording 1 https://meet.sample.example/rec")
        await there.later(timedelta(minutes=1))
        assert "meet.sample.example/rec" in there.texts_of(LITIA)
        # The same again is nothing new.
        await there.step(ELIF, "recording 1 https://meet.sample.example/rec")
        await there.later(timedelta(minutes=1))
        assert not there.texts_of(LITIA)
        await there.step(ELIF, "event notes 1 We agreed on the trigger, the actions and the money.")
        await there.later(timedelta(minutes=1))
        assert "We agreed" in there.texts_of(LITIA)
        assert "/rec" not in there.texts_of(LITIA)
        await there.step(SAMIRA, "recording 1")
        assert "We agreed" in there.texts_of(SAMIRA)
        assert "/rec" in there.texts_of(SAMIRA)
        await there.later(timedelta(minutes=1))
        assert not there.texts_of(SAMIRA)


async def test_the_form_gives_notes_of_one_day_of_a_series(database: Database) -> None:
    async with planned(database, f"{PLAN}, every week until 15 April") as there:
        await to_the_start(there)
        await there.step(ELIF, "event notes 1")
        line = there.button(ELIF, "event notes 1 20260304T0900")
        await there.press(ELIF, line, about="We agreed on the trigger.", url="")
        assert "This is there" in there.texts_of(ELIF)
        with database.reading() as connection:
            kept = connection.execute(select(schema.event_material)).one()
        assert (kept.occurrence, kept.text) == ("20260304T0900", "We agreed on the trigger.")


async def test_notes_that_are_replaced_before_anybody_was_asked_propose_anew(database: Database) -> None:
    async with planned(database) as there:
        await to_the_start(there)
        await there.step(ELIF, "event notes 1 We agreed on three things before the season.")
        await there.step(ELIF, "event notes 1 We agreed on four things before the season, and a date.")
        with database.reading() as connection:
            states = connection.execute(select(schema.draft.c.state).order_by(schema.draft.c.id)).scalars().all()
        assert states == ["dropped", "drafted"]
        await there.later(timedelta(hours=2))
        assert "four things" in there.texts_of(ELIF)
        await there.step(ELIF, "object 2")
        with database.reading() as connection:
            assert not connection.execute(select(schema.item).where(schema.item.c.key.like("draft:%"))).all()


# Forgetting


async def test_whoever_is_forgotten_was_nowhere(database: Database) -> None:
    async with planned(database) as there:
        await there.step(LITIA, "rsvp 1 yes")
        await to_the_start(there)
        await there.step(LITIA, "here 1")
        await there.step(LITIA, "event notes 1")
        await there.step(LITIA, "data")
        await there.later(timedelta(hours=2))
        await there.step(LITIA, "forget me yes")
        with database.reading() as connection:
            for table in (schema.attendance, schema.event_question, schema.event_wish):
                assert not connection.execute(select(table)).all(), table.name


async def test_notes_stay_their_readers_when_whoever_gave_them_is_forgotten(database: Database) -> None:
    async with planned(database) as there:
        await to_the_start(there)
        await there.step(ELIF, "event notes 1 We agreed on three things before the season.")
        await there.step(ELIF, "forget me yes")
        with database.reading() as connection:
            kept = connection.execute(select(schema.event_material)).one()
            states = connection.execute(select(schema.draft.c.state)).scalars().all()
        assert (kept.by_id, kept.text) == (None, "We agreed on three things before the season.")
        assert states == ["dropped"]
        await there.later(timedelta(hours=2))
        await there.step(LITIA, "event notes 1")
        assert "three things" in there.texts_of(LITIA)


async def test_after_two_months_only_the_number_is_left(database: Database) -> None:
    async with planned(database) as there:
        await to_the_start(there)
        code = await code_of(there)
        await there.step(LITIA, f"here {code}")
        await there.step(SAMIRA, f"here {code}")
        there.clock.at += timedelta(days=70)
        with database.begin() as connection:
            assert forget_attendance(connection, there.clock.at - timedelta(days=62)) >= 2
            assert forget_attendance(connection, there.clock.at - timedelta(days=62)) == 0
        await there.step(ELIF, "attendance 1")
        assert "2 people" in there.texts_of(ELIF)
        assert "Litia" not in there.texts_of(ELIF)


async def test_what_ended_long_ago_is_asked_about_no_more(database: Database) -> None:
    async with planned(database) as there:
        await there.step(LITIA, "rsvp 1 yes")
        there.clock.at += timedelta(days=5)
        await there.later(timedelta(hours=1))
        assert not cards(database)


async def test_without_a_key_nobody_is_asked(database: Database) -> None:
    async with planned(database) as there:
        with database.begin() as connection:
            work = there.house.work(connection)
            held = work.events.add(event("2026-03-04 09:00", "UTC", 60, id=0, state=State.PLANNED))
            work.events.put_rsvp(held.id, Rsvp(number(database, LITIA), Answer.YES, there.clock()))
        there.house.key = b""
        await there.later(timedelta(days=2, hours=2))
        assert not cards(database)
        with database.reading() as connection:
            assert not connection.execute(select(schema.survey)).all()


async def test_the_code_is_drawn_where_there_is_no_key(database: Database) -> None:
    async with planned(database) as there:
        there.house.key = b""
        await to_the_start(there)
        code = await code_of(there)
        assert len(code) == 5
        await there.step(LITIA, f"here {code}")
        assert "you are at" in there.texts_of(LITIA)
