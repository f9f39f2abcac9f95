"""Events on both databases: when they take place is worked out as they change, and answers follow them."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from knowledge.errors import Conflict
from knowledge.event import Change, Event, State
from knowledge.occurrences import AHEAD, ONCE
from knowledge.rsvp import Answer, Rsvp
from storage.database import Database
from storage.events import Events
from storage.schema import person
from tests.events.making import START, event, wall


def people(database: Database, many: int) -> list[int]:
    model = {"language": "en", "speaks": [], "time_zone": "UTC", "region": "global", "reach": 20, "topics": []}
    with database.begin() as connection:
        for number in range(many):
            row = {**model, "key": f"p{number}", "name": f"P{number}", "created_at": START}
            connection.execute(insert(person), row)
        return list(connection.execute(select(person.c.id).order_by(person.c.id)).scalars())


WHOLE = event(
    "2026-03-16 15:00",
    id=0,
    description="Bring a case.",
    speakers=("Asha", "Bruno"),
    rule="FREQ=WEEKLY",
    extra=(wall("2026-03-18 10:00"),),
    without=(wall("2026-03-23 15:00"),),
    changed=(Change(wall("2026-03-30 15:00"), start=wall("2026-03-31 09:00"), place="Room 2"),),
    capacity=2,
    priority="Crisis prevention",
)


def test_an_event_comes_back_as_it_was_kept(database: Database) -> None:
    with database.begin() as connection:
        added = Events(connection, START).add(WHOLE)
    with database.reading() as connection:
        assert Events(connection, START).get(added.id) == added
        assert Events(connection, START).get(-1) is None
        assert added.uid.endswith("@connect.invalid")


def test_whoever_moves_what_somebody_moved_meanwhile_starts_again(database: Database) -> None:
    with database.begin() as connection:
        events = Events(connection, START)
        first = events.add(WHOLE)
        events.save(first.cancelled())
        with pytest.raises(Conflict):
            events.save(first.cancelled())


def test_what_starts_soon_is_found_until_it_is_moved_or_cancelled(database: Database) -> None:
    day = timedelta(days=1)
    with database.begin() as connection:
        events = Events(connection, START)
        single = events.add(event("2026-03-03 10:00", id=0))
        far = events.add(event("2031-03-03 10:00", id=0))
        draft = events.add(event("2026-03-03 10:00", id=0, state=State.DRAFT))

        def soon() -> list[tuple[int, str]]:
            return [(one.event, one.key) for one in events.starting(START, START + 2 * day)]

        assert soon() == [(single.id, ONCE)]
        assert [one.event for one in events.ended(START, START + 2 * day)] == [single.id]
        assert events.occurrence(far.id, ONCE)
        assert not events.occurrences(draft.id)
        single = events.save(single.moved(wall("2026-03-10 10:00")))
        assert soon() == []
        single = events.save(single.moved(wall("2026-03-03 18:00")))
        assert soon() == [(single.id, ONCE)]
        events.save(single.cancelled())
        assert soon() == []
        assert [one.cancelled for one in events.occurrences(single.id)] == [True]


def test_a_series_is_worked_out_ahead_and_further_as_time_goes_on(database: Database) -> None:
    with database.begin() as connection:
        series = Events(connection, START).add(WHOLE)
        first = Events(connection, START).occurrences(series.id)
        assert Events(connection, START + timedelta(days=29)).to_expand(9) == []
    later = START + timedelta(days=40)
    with database.begin() as connection:
        events = Events(connection, later)
        assert events.to_expand(9) == [series.id]
        events.expand(series)
        assert events.to_expand(9) == []
        now = events.occurrences(series.id)
    # What is past stays as it was.
    assert now[: len(first)] == first
    assert first[-1].starts_at < START + AHEAD < now[-1].starts_at < later + AHEAD


def test_answers_to_one_occurrence_follow_a_series_that_is_moved(database: Database) -> None:
    one, two = people(database, 2)
    with database.begin() as connection:
        events = Events(connection, START)
        series = events.add(WHOLE)
        weeks = ("20260406T1500", "20260413T1500")
        for key, answer in zip(weeks, (Answer.YES, Answer.NO), strict=True):
            events.put_rsvp(series.id, Rsvp(one, answer, START, key))
        events.put_rsvp(series.id, Rsvp(two, Answer.YES, START))
        # By a week: the first key becomes what the second was.
        events.save(series.moved(wall("2026-03-23 15:00")))
        found = {(said.person, said.occurrence): said.answer for said in events.rsvps(series.id)}
        assert found == {
            (one, "20260413T1500"): Answer.YES, (one, "20260420T1500"): Answer.NO, (two, ""): Answer.YES
        }  # fmt: skip


def test_who_attends_is_read_in_pages_by_what_counts_there(database: Database) -> None:
    numbers = people(database, 6)
    key = "20260316T1500"
    with database.begin() as connection:
        events = Events(connection, START)
        series: Event = events.add(WHOLE)
        for number in numbers:
            events.put_rsvp(series.id, Rsvp(number, Answer.YES, START))
        events.put_rsvp(series.id, Rsvp(numbers[0], Answer.NO, START, key))
        events.put_rsvp(series.id, Rsvp(numbers[1], Answer.MAYBE, START, key))
        events.put_rsvp(series.id, Rsvp(numbers[2], Answer.YES, START + timedelta(hours=1), unsure=True))
        there = events.attending(series.id, key, limit=3)
        there += events.attending(series.id, key, after=there[-1].person, limit=3)
        assert [one.person for one in there] == numbers[1:]
        assert [one.answer for one in there] == [Answer.MAYBE, *[Answer.YES] * 4]
        assert [one.unsure for one in there] == [False, True, False, False, False]
        assert [one.person for one in events.attending(series.id, "20260406T1500")] == numbers
        assert [one.person for one in events.attending(series.id, key, [Answer.NO])] == numbers[:1]
        assert events.answered_by(numbers[0])[0][0] == series.id
        events.drop_rsvp(series.id, numbers[0], key)
        assert [one.occurrence for one in events.rsvps_of(numbers[0], series.id)] == [""]
