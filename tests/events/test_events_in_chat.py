"""Events in chat, beside what a transcript can show."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from threading import Barrier
from typing import Any

from sqlalchemy import Connection, insert, select, update

from knowledge import attending, event_moves
from knowledge.event import State
from knowledge.rsvp import EVERY, Answer, Rsvp
from storage import schema
from storage.database import Database
from storage.events import Events
from storage.work import Work
from tests.chat.town import ELIF, LITIA, OUSMANE, SAMIRA, Town, town, twin

WEBINAR = "event webinar on anticipatory action, 14 March 15:00 Geneva, 90 min, for crisis network"


async def planned(there: Town, line: str = WEBINAR) -> None:
    await there.step(ELIF, line)
    await there.step(ELIF, "confirm event 1", "event:1")
    assert "in the calendar" in there.texts_of(ELIF)


async def test_a_cancellation_is_undone_and_told(database: Database) -> None:
    async with town(database) as there:
        await planned(there)
        await there.step(LITIA, "rsvp 1 yes")
        await there.step(ELIF, "cancel event 1 yes")
        assert "called off" in there.texts_of(LITIA)
        await there.step(ELIF, "undo")
        assert "takes place after all" in there.texts_of(LITIA)
        await there.step(LITIA, "events for me")
        assert "You are coming" in there.texts_of(LITIA)


async def test_a_change_is_told_to_many_some_at_a_time_and_to_each_once(database: Database) -> None:
    async with town(database) as there:
        await planned(there)
        with database.begin() as connection:
            events = Events(connection, there.clock())
            numbers = list(range(1000, 1450))
            model = connection.execute(select(schema.person).where(schema.person.c.key == LITIA)).one()
            for number in numbers:
                row = {**model._mapping, "id": number, "key": f"many{number}"}
                connection.execute(insert(schema.person), row)
                events.put_rsvp(1, Rsvp(number, Answer.YES, there.clock()))

        def told() -> list[int]:
            with database.reading() as connection:
                kind = schema.outbox.c.kind == "event.news_moved"
                return sorted(connection.execute(select(schema.outbox.c.person_id).where(kind)).scalars())

        await there.step(ELIF, "move event 1 to 16 March 10:00")
        await there.step(ELIF, there.button(ELIF, "move event 1 2026-03-16 10:00 Europe/Zurich yes").partition(" ~")[0])
        assert len(told()) == 200
        for _ in range(4):
            await there.later(timedelta(seconds=15))
        assert told() == numbers


async def test_whoever_hosts_and_is_forgotten_leaves_the_event_to_its_network(database: Database) -> None:
    async with town(database) as there:
        await there.step(OUSMANE, "événement atelier, 14 mars 15h Dakar, pour le réseau lutte antimines")
        await there.step(OUSMANE, "confirm event 1", "event:1")
        await there.step(SAMIRA, "approve event 1", "moderate-event:1")
        await there.step(SAMIRA, "rsvp 1 yes")
        await there.step(OUSMANE, "forget me yes")
        assert "has no host any more" in there.texts_of(SAMIRA)
        with database.reading() as connection:
            one = Events(connection, there.clock()).get(1)
        assert one is not None
        assert (one.host, one.state) == (None, State.PLANNED)


async def test_whoever_is_forgotten_frees_their_seat(database: Database) -> None:
    async with town(database) as there:
        await planned(there, f"{WEBINAR}, 1 seat")
        await there.step(LITIA, "rsvp 1 yes")
        await there.step(SAMIRA, "rsvp 1 yes")
        assert "waiting list" in there.texts_of(SAMIRA)
        await there.step(LITIA, "forget me yes")
        assert "There is a seat for you" in there.texts_of(SAMIRA)


async def test_a_form_makes_and_changes_an_event(database: Database) -> None:
    async with town(database) as there:
        await there.step(ELIF, "event")
        assert [field.name for field in there.fields[ELIF]][:3] == ["title", "when", "length"]
        fields = {"title": "Webinar on cash", "when": "14 March 15:00 Geneva", "length": "45 min", "seats": "30",
                  "network": "crisis", "repeats": "every week until 30 April", "speakers": "Awa, Luca"}  # fmt: skip
        await there.press(ELIF, "plan event", **fields)
        told = there.texts_of(ELIF)
        assert "Saturday 14 March 2026, 15:00–15:45 (Geneva time)" in told
        assert "Then: Sat 21 Mar" in told
        assert "Awa and Luca" in told
        await there.step(ELIF, "change event 1", "event:1")
        shown = {field.name: field.value for field in there.fields[ELIF]}
        line = there.button(ELIF, "change event 1")
        await there.press(ELIF, line, "event:1", **{**shown, "seats": "12"})
        assert "Seats: 12" in there.texts_of(ELIF)
        with database.reading() as connection:
            one = Events(connection, there.clock()).get(1)
        assert one is not None
        assert (one.capacity, one.rule) == (12, "FREQ=WEEKLY;UNTIL=20260430T235959")


async def test_nobody_learns_of_an_event_of_a_network_they_do_not_read(database: Database) -> None:
    async with town(database) as there:
        await there.step(SAMIRA, "event clinic, 14 March 15:00 Amman, for mine action network")
        await there.step(SAMIRA, "confirm event 1", "event:1")
        for line in (
            "event 1",
            "rsvp 1 yes",
            "who comes 1",
            "add event 1",
            "cancel event 1",
            "move event 1 to 20 March",
        ):
            await there.step(LITIA, line)
            known = there.texts_of(LITIA)
            await there.step(LITIA, line.replace("1", "99", 1))
            assert there.texts_of(LITIA) == known.replace("event 1", "event 99")
        await there.step(LITIA, "events")
        assert "Nothing is in the calendar" in there.texts_of(LITIA)


async def test_a_person_who_changes_zone_reads_it_in_their_new_one(database: Database) -> None:
    async with town(database) as there:
        await planned(there)
        for zone, shown in (
            ("Australia/Lord_Howe", "Sun 15 Mar, 01:00"),
            ("Africa/Casablanca", "Sat 14 Mar, 14:00"),
            ("America/New_York", "Sat 14 Mar, 10:00"),
        ):
            with database.begin() as connection:
                one = schema.person.c.key == LITIA
                connection.execute(update(schema.person).where(one).values(time_zone=zone))
                connection.execute(update(schema.version).values(number=schema.version.c.number + 1))
            await there.step(LITIA, "events")
            assert shown in there.texts_of(LITIA)


async def at_once(there: Town, *works: Callable[[Work], Any]) -> list[Any]:
    """Each in a transaction of its own, all of them begun before the first ends."""
    begun = Barrier(len(works))

    def run(one: Callable[[Work], Any]) -> Any:
        def within(connection: Connection) -> Any:
            work = there.house.work(connection)
            if not there.house.database.is_sqlite:
                begun.wait(10)
            return one(work)

        return there.house.database.write(within)

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


async def test_the_last_seat_is_given_once_however_many_press_at_the_same_moment(database: Database) -> None:
    async with town(database) as there:
        await planned(there)
        numbers = [twin(database, LITIA, f"twin{n}@sample.example") for n in range(4)]
        with database.begin() as connection:
            connection.execute(update(schema.event).values(capacity=1))
            people = [there.house.work(connection).people.get(number) for number in numbers]
        await at_once(there, *(partial(attending.answer, person=one, number=1, said=Answer.YES) for one in people))
        with database.reading() as connection:
            said = [one.answer for one in Events(connection, there.clock()).rsvps(1)]
        assert sorted(said) == sorted([Answer.YES, Answer.WAITING, Answer.WAITING, Answer.WAITING])


async def test_two_replicas_tell_a_change_to_each_once(database: Database) -> None:
    async with town(database) as there:
        await planned(there)
        for key in (LITIA, OUSMANE, SAMIRA):
            await there.step(key, "rsvp 1 yes")
        with database.begin() as connection:
            Events(connection, there.clock()).to_tell(1, EVERY, "moved")
        notices = await at_once(there, *[partial(event_moves.news, number=1)] * 3)
        told = [one.to for some in notices for one in some if one.key == "event.news_moved"]
        assert len(told) == len(set(told)) == 3
