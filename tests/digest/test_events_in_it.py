"""What events, and what is left of them, become in the weekly top 5: offered while they are news, gone when they are
not."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from knowledge.candidates import AHEAD, SINCE, Candidate, Sort, current, for_network
from knowledge.event import Change, Event, Kind, State
from knowledge.held import Kind as Left
from knowledge.held import Material
from knowledge.occurrences import ONCE
from knowledge.places import Audience
from knowledge.ports import Work
from knowledge.rsvp import Answer, Rsvp
from storage.database import Database
from storage.schema import event_occurrence
from tests.chat.town import ELIF, LITIA, LUCA, OUSMANE, SAMIRA, Town, town
from tests.digest.test_digest_turns import got, items, picked
from tests.events.making import event

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
ANJALI = "anjali.rao@sample.example"
CALLED = {
    Kind.WEBINAR: Sort.WEBINAR,
    Kind.BBL: Sort.BBL,
    Kind.LAB: Sort.LAB,
    Kind.CONSULTATION: Sort.CONSULTATION,
    Kind.LEARNING: Sort.EVENT,
    Kind.FACE_TO_FACE: Sort.EVENT,
    Kind.OTHER: Sort.EVENT,
}


def begins(at: datetime, **told: Any) -> Event:
    """One that begins at a moment (UTC)."""
    return event(f"{at:%Y-%m-%d %H:%M}", "UTC", id=0, **told)


def offered(work: Work, network: str = "crisis", of: str = "event:") -> list[Candidate]:
    """What of events could stand in a network's digest, best first."""
    place = next(one for one in work.catalogue.networks if one.key == network)
    return [one for one in for_network(work, place) if one.key.startswith(of)]


def numbers(found: list[Candidate]) -> list[int]:
    return [int(one.key.partition(":")[2]) for one in found]


def network(work: Work, key: str) -> int:
    return next(one.id for one in work.catalogue.networks if one.key == key)


# Which are offered


async def test_what_begins_within_three_weeks_is_offered_the_nearest_first(database: Database) -> None:
    async with town(database) as there:
        with database.begin() as connection:
            work, now = there.house.work(connection), there.clock.at
            last, soon, next_week = (
                work.events.add(begins(now + wait)).id for wait in (AHEAD, HOUR, timedelta(days=7))
            )
            for wait in (-DAY, -MINUTE, timedelta(), AHEAD + MINUTE, timedelta(days=300)):
                work.events.add(begins(now + wait))
            found = offered(work)
            assert numbers(found) == [soon, next_week, last]
            assert [one.starts_at for one in found] == [now + HOUR, now + timedelta(days=7), now + AHEAD]
            assert {one.line for one in found} == {f"event {number}" for number in (soon, next_week, last)}


@pytest.mark.parametrize("state", sorted(set(State) - {State.PLANNED}))
async def test_what_is_not_planned_is_not_offered(sqlite_database: Database, state: State) -> None:
    async with town(sqlite_database) as there:
        with sqlite_database.begin() as connection:
            work = there.house.work(connection)
            added = work.events.add(begins(there.clock.at + DAY, state=state))
            assert offered(work) == []
            assert current(work, f"event:{added.id}") is None


@pytest.mark.parametrize("kind", Kind)
async def test_each_is_called_what_it_is(sqlite_database: Database, kind: Kind) -> None:
    async with town(sqlite_database) as there:
        with sqlite_database.begin() as connection:
            work = there.house.work(connection)
            work.events.add(begins(there.clock.at + DAY, kind=kind))
            assert [one.sort for one in offered(work)] == [CALLED[kind]]


async def test_of_a_series_it_is_the_next_that_takes_place(database: Database) -> None:
    async with town(database) as there:
        with database.begin() as connection:
            work, now = there.house.work(connection), there.clock.at
            # Each Wednesday at noon since February; the next one is on 4 March.
            series = work.events.add(event("2026-02-04 12:00", "UTC", id=0, rule="FREQ=WEEKLY"))

            def next_one() -> tuple[str, datetime]:
                (found,) = offered(work)
                assert found == current(work, f"event:{series.id}")
                assert found.starts_at is not None
                return found.title, found.starts_at

            fourth, eleventh = datetime(2026, 3, 4, 12), datetime(2026, 3, 11, 12)  # noqa: DTZ001 - wall times
            assert next_one() == (series.title, fourth.replace(tzinfo=now.tzinfo))
            series = work.events.save(series.called_off_once(fourth))
            assert next_one() == (series.title, eleventh.replace(tzinfo=now.tzinfo))
            series = work.events.save(series.moved_once(eleventh, eleventh - 5 * DAY))
            assert next_one() == (series.title, (eleventh - 5 * DAY).replace(tzinfo=now.tzinfo))


async def test_of_a_series_it_has_the_title_of_that_day(sqlite_database: Database) -> None:
    async with town(sqlite_database) as there:
        with sqlite_database.begin() as connection:
            work = there.house.work(connection)
            other = Change(datetime(2026, 3, 4, 12), title="With the donors")  # noqa: DTZ001 - a wall time
            work.events.add(event("2026-02-04 12:00", "UTC", id=0, rule="FREQ=WEEKLY", changed=(other,)))
            assert [one.title for one in offered(work)] == ["With the donors"]


async def test_a_series_that_takes_place_later_is_no_news_yet(sqlite_database: Database) -> None:
    async with town(sqlite_database) as there:
        with sqlite_database.begin() as connection:
            work = there.house.work(connection)
            day = datetime(2026, 3, 9, 12)  # noqa: DTZ001 - a wall time
            series = work.events.add(event("2026-02-09 12:00", "UTC", id=0, rule="FREQ=MONTHLY;BYMONTHDAY=9"))
            assert numbers(offered(work)) == [series.id]
            work.events.save(series.called_off_once(day))
            assert offered(work) == []


async def test_of_two_on_one_day_the_one_to_which_more_come_is_first(sqlite_database: Database) -> None:
    async with town(sqlite_database) as there:
        with sqlite_database.begin() as connection:
            work, now = there.house.work(connection), there.clock.at
            quiet, sought = (work.events.add(begins(now + DAY)).id for _ in range(2))
            assert numbers(offered(work)) == [quiet, sought]
            for person in (LITIA, OUSMANE):
                found = work.people.with_key(person)
                assert found is not None
                work.events.put_rsvp(sought, Rsvp(found.id, Answer.YES, now, ONCE))
            assert numbers(offered(work)) == [sought, quiet]
            assert [one.reach for one in offered(work)] == [2, 0]


async def test_what_is_for_a_network_alone_is_offered_to_that_one(sqlite_database: Database) -> None:
    async with town(sqlite_database) as there:
        with sqlite_database.begin() as connection:
            work, at = there.house.work(connection), there.clock.at + DAY
            mines, crisis = network(work, "mine-action"), network(work, "crisis")
            theirs = work.events.add(begins(at, audience=Audience.SUB_NETWORK, network=mines)).id
            near = work.events.add(begins(at + DAY, network=crisis)).id
            wide = work.events.add(begins(at, audience=Audience.PUBLIC)).id
            # What is on its topics comes first, though it begins a day later.
            assert numbers(offered(work)) == [near, wide]
            assert numbers(offered(work, "mine-action")) == [theirs, near, wide]
            assert numbers(offered(work, "programme-support")) == [wide, near]


# Who gets it


async def _planned(there: Town, by: str, *lines: str) -> None:
    for number, line in enumerate(lines, 1):
        await there.step(by, f"event {line}")
        await there.step(by, f"confirm event {number}", f"event:{number}")
        assert "It is in the calendar" in there.texts_of(by)


async def _sent(there: Town) -> dict[str, str]:
    """What each reader got of the digests within two days."""
    seen: dict[str, str] = {}
    for _ in range(48):
        await there.later(HOUR)
        seen |= {key: there.texts_of(key) for key in got(there)}
    return seen


WEBINAR = "webinar on dogs, 12 March 09:00 UTC, 60 min, for crisis network"


async def test_each_reads_when_it_begins_by_their_own_clock(sqlite_database: Database) -> None:
    async with town(sqlite_database) as there:
        await _planned(there, ELIF, WEBINAR)
        await there.step(ELIF, "digest draft crisis")
        await there.step(ELIF, "digest pick 1 event:1")
        await there.step(ELIF, "digest approve 1")
        seen = await _sent(there)
        assert "09:00" in seen[OUSMANE]
        assert "12:00" in seen[ELIF]


async def test_who_may_not_come_does_not_read_of_it(sqlite_database: Database) -> None:
    async with town(sqlite_database) as there:
        with sqlite_database.begin() as connection:
            work, at = there.house.work(connection), there.clock.at + 9 * DAY
            climate = network(work, "climate-nature")
            for title, audience in (("Only us", Audience.UNDP), ("All of us", Audience.ONE_UN)):
                work.events.add(begins(at, title=title, audience=audience, network=climate))
        await there.step(ANJALI, "digest draft climate")
        for number in (1, 2):
            await there.step(ANJALI, f"digest pick 1 event:{number}")
        await there.step(ANJALI, "digest preview 1 as Luca Ferraro")
        assert "Only us" not in there.texts_of(ANJALI)
        assert "All of us" in there.texts_of(ANJALI)
        await there.step(ANJALI, "digest approve 1")
        seen = await _sent(there)
        assert all(title in seen[LITIA] for title in ("Only us", "All of us"))
        assert "Only us" not in seen[LUCA]
        assert "All of us" in seen[LUCA]


@pytest.mark.parametrize(
    "then", ["cancel event 1 yes", "move event 1 to 14 April 10:00 yes"], ids=["cancelled", "moved away"]
)
async def test_what_is_no_more_after_it_was_approved_goes_to_nobody(sqlite_database: Database, then: str) -> None:
    async with town(sqlite_database, items({})) as there:
        await _planned(there, ELIF, WEBINAR)
        await picked(there, ELIF, "crisis", 1)
        await there.step(ELIF, "digest pick 1 event:1")
        assert "event:1" not in there.texts_of(ELIF)
        await there.step(ELIF, "digest approve 1")
        await there.step(ELIF, then)
        await there.step(ELIF, "digest show 1")
        assert "Dogs" not in there.texts_of(ELIF)
        seen = await _sent(there)
        assert {OUSMANE, SAMIRA} <= set(seen)
        assert all("Question 1?" in text and "Dogs" not in text for text in seen.values())


async def test_a_digest_of_nothing_but_what_is_cancelled_comes_to_nobody(sqlite_database: Database) -> None:
    async with town(sqlite_database) as there:
        await _planned(there, ELIF, WEBINAR)
        await there.step(ELIF, "digest draft crisis")
        await there.step(ELIF, "digest pick 1 event:1")
        await there.step(ELIF, "digest approve 1")
        await there.step(ELIF, "cancel event 1 yes")
        assert await _sent(there) == {}


async def test_what_was_cancelled_before_is_offered_and_picked_no_more(sqlite_database: Database) -> None:
    async with town(sqlite_database) as there:
        await _planned(there, ELIF, WEBINAR)
        await there.step(ELIF, "digest draft crisis")
        assert "Webinar: Dogs" in there.texts_of(ELIF)
        await there.step(ELIF, "cancel event 1 yes")
        await there.step(ELIF, "digest show 1")
        assert "Dogs" not in there.texts_of(ELIF)
        await there.step(ELIF, "digest pick 1 event:1")
        assert "could not stand in this digest" in there.texts_of(ELIF)


async def test_whoever_s_morning_comes_when_it_has_begun_does_not_read_of_it(sqlite_database: Database) -> None:
    async with town(sqlite_database, items({})) as there:
        # 3 March, 08:00 UTC: after nine in Istanbul, before nine in Dakar.
        await _planned(there, ELIF, "webinar on dogs, 3 March 08:00 UTC, 60 min, for crisis network")
        await picked(there, ELIF, "crisis", 1)
        await there.step(ELIF, "digest pick 1 event:1")
        await there.step(ELIF, "digest approve 1")
        seen = await _sent(there)
        assert "Dogs" in seen[ELIF]
        assert "Dogs" not in seen[OUSMANE]
        assert "Question 1?" in seen[OUSMANE]


async def test_what_was_moved_since_is_told_with_its_new_time(sqlite_database: Database) -> None:
    async with town(sqlite_database) as there:
        await _planned(there, ELIF, WEBINAR)
        await there.step(ELIF, "digest draft crisis")
        await there.step(ELIF, "digest pick 1 event:1")
        await there.step(ELIF, "digest approve 1")
        await there.step(ELIF, "move event 1 to 13 March 17:45 yes")
        assert "17:45" in (await _sent(there))[OUSMANE]


# What is left of one that was held


def _attached(work: Work, held: Event, text: str, at: datetime, kind: Left = Left.NOTES, key: str = ONCE) -> None:
    work.held.attach(Material(0, held.id, key, kind, text, None, at))


async def test_notes_of_the_last_two_weeks_are_offered_the_newest_first(database: Database) -> None:
    async with town(database) as there:
        with database.begin() as connection:
            work, now = there.house.work(connection), there.clock.at
            told = {"description": "What we do before the season."}
            noted, filmed, late, old = (work.events.add(begins(now - 30 * DAY, **told)) for _ in range(4))
            _attached(work, noted, "We agreed on three things.", now - 2 * DAY)
            _attached(work, filmed, "https://meet.sample.example/rec", now - DAY, Left.RECORDING)
            _attached(work, late, "Those of the last day.", now - SINCE)
            _attached(work, old, "Those of long ago.", now - SINCE - MINUTE)
            work.events.add(begins(now - DAY))
            found = offered(work, of="held:")
            assert numbers(found) == [filmed.id, noted.id, late.id]
            assert {one.sort for one in found} == {Sort.HELD}
            # A link is no summary.
            assert [one.summary for one in found[:2]] == [filmed.description, "We agreed on three things."]
            assert [one.line for one in found[:2]] == [f"event notes {one.id}" for one in (filmed, noted)]
            assert [one.starts_at for one in found] == [None] * 3


async def test_of_a_series_the_last_that_notes_came_of_is_offered_beside_the_next(sqlite_database: Database) -> None:
    async with town(sqlite_database) as there:
        # What took place before it was added is not worked out.
        there.clock.at -= 30 * DAY
        with sqlite_database.begin() as connection:
            series = there.house.work(connection).events.add(
                event("2026-02-04 12:00", "UTC", id=0, rule="FREQ=WEEKLY", title="Dogs")
            )
        there.clock.at += 30 * DAY
        with sqlite_database.begin() as connection:
            work, now = there.house.work(connection), there.clock.at
            _attached(work, series, "Of the eleventh.", now - DAY, key="20260211T1200")
            _attached(work, series, "Of the eighteenth.", now - HOUR, key="20260218T1200")
            assert [one.summary for one in offered(work, of="held:")] == ["Of the eighteenth."]
            assert numbers(offered(work)) == [series.id]
            # A day that was called off after all leaves the notes of the one before.
            last = (event_occurrence.c.event_id == series.id) & (event_occurrence.c.key == "20260218T1200")
            connection.execute(update(event_occurrence).where(last).values(cancelled=True))
            assert [one.summary for one in offered(work, of="held:")] == ["Of the eleventh."]


async def test_notes_are_of_those_who_may_know_of_the_event(sqlite_database: Database) -> None:
    async with town(sqlite_database) as there:
        with sqlite_database.begin() as connection:
            work, now = there.house.work(connection), there.clock.at
            mines = {"audience": Audience.SUB_NETWORK, "network": network(work, "mine-action")}
            held = work.events.add(begins(now - DAY, **mines))
            _attached(work, held, "We agreed on three things.", now)
            assert offered(work, of="held:") == []
            assert numbers(offered(work, "mine-action", of="held:")) == [held.id]


async def test_notes_go_to_nobody_once_their_event_is_called_off(sqlite_database: Database) -> None:
    async with town(sqlite_database, items({})) as there:
        with sqlite_database.begin() as connection:
            work, now = there.house.work(connection), there.clock.at
            held = work.events.add(begins(now - DAY, title="Dogs"))
            _attached(work, held, "We agreed on three things.", now)
        await picked(there, ELIF, "crisis", 1)
        await there.step(ELIF, "digest pick 1 held:1")
        assert "Held: Dogs" in there.texts_of(ELIF)
        await there.step(ELIF, "digest approve 1")
        with sqlite_database.begin() as connection:
            work = there.house.work(connection)
            work.events.save(held.cancelled())
        seen = await _sent(there)
        assert OUSMANE in seen
        assert all("Dogs" not in text for text in seen.values())


async def test_each_reads_the_notes_as_they_stand_when_their_morning_comes(sqlite_database: Database) -> None:
    async with town(sqlite_database) as there:
        with sqlite_database.begin() as connection:
            work, now = there.house.work(connection), there.clock.at
            held = work.events.add(begins(now - DAY, title="Dogs"))
            _attached(work, held, "We agreed on three things.", now)
        await there.step(ELIF, "digest draft crisis")
        await there.step(ELIF, "digest pick 1 held:1")
        await there.step(ELIF, "digest approve 1")
        with sqlite_database.begin() as connection:
            _attached(there.house.work(connection), held, "We agreed on four things.", there.clock.at)
        read = (await _sent(there))[OUSMANE]
        assert "four things" in read
        assert "three things" not in read
        assert "event notes 1" in "".join(there.lines[OUSMANE])
