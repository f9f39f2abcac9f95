"""What is told of a month, on the real bot: once, to whom it is due, the same whoever looks, and with nobody in it."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, func, insert, select, update

from bench.report import reading_of
from knowledge import monthly, reporting
from knowledge.errors import Conflict, Refusal
from knowledge.ledger import ReportTurn
from knowledge.measurement.findings import Finding, Source
from knowledge.measurement.results import remarks_told
from knowledge.mixing import Remark
from knowledge.people import Grant, Person, Role
from knowledge.survey import Kind, State, Survey
from storage import schema
from storage.database import Database
from storage.evidence import Evidence
from storage.monthly import ReportTurns
from tests.chat.town import ELIF, INGRID, LITIA, SAMIRA, Town, town
from tests.measurement.test_pilot import NOW, piloted

MAY = datetime(2026, 5, 1, tzinfo=UTC)


async def _in_may(there: Town, hour: int = 12) -> None:
    """Two months later, at that hour UTC of the first Monday: everybody has been here since before April."""
    there.clock.at = MAY.replace(day=4, hour=hour)
    there.heard.clear()
    await there.house.tick()
    await there.deliver_all()


async def _spoken(there: Town) -> None:
    for key in (ELIF, INGRID, SAMIRA, LITIA):
        await there.step(key, "hello")


async def test_the_monthly_report_comes_once_to_the_desk_on_a_morning_of_their_own(database: Database) -> None:
    async with town(database) as there:
        await _spoken(there)
        # Six in the morning in New York, one in the afternoon in Istanbul.
        await _in_may(there, hour=10)
        assert "What was measured: April 2026" in there.texts_of(ELIF)
        assert "report off" in there.texts_of(ELIF)
        assert not there.texts_of(INGRID)
        assert not there.texts_of(SAMIRA)
        assert not there.texts_of(LITIA)
        await _in_may(there, hour=14)
        assert not there.texts_of(ELIF)
        assert "What was measured: April 2026" in there.texts_of(INGRID)
        for _ in range(3):
            await _in_may(there, hour=15)
            assert not there.heard


async def test_two_replicas_and_a_restart_send_one_report(database: Database) -> None:
    async with town(database) as there:
        await _spoken(there)
        there.clock.at = MAY.replace(day=4, hour=10)
        with database.reading() as connection:
            numbers = ReportTurns(connection).due(there.clock(), 200)
            elif_ = connection.execute(select(schema.person.c.id).where(schema.person.c.key == ELIF)).scalar_one()
        assert elif_ in numbers
        sent = []
        for _ in range(3):
            sent += database.write(lambda connection: monthly.due(there.house.work(connection), elif_))
        assert [one.key for one in sent] == ["report"]
        # One that read before the other wrote is told to look again.
        with database.begin() as connection, pytest.raises(Conflict):
            ReportTurns(connection).save(ReportTurn(elif_), ReportTurn(elif_, "2026-04"))


async def test_who_wants_no_report_gets_none_until_they_do(database: Database) -> None:
    async with town(database) as there:
        await _spoken(there)
        await there.step(ELIF, "report off")
        await _in_may(there)
        assert not there.texts_of(ELIF)
        await there.step(ELIF, "report on")
        await _in_may(there, hour=13)
        assert not there.texts_of(ELIF)
        there.clock.at = datetime(2026, 6, 1, 12, tzinfo=UTC)
        await there.later(timedelta(minutes=1))
        assert "What was measured: May 2026" in there.texts_of(ELIF)


def test_a_month_is_told_as_it_was_first_counted_whatever_comes_later(database: Database) -> None:
    with piloted(database):
        pass
    with database.begin() as connection:
        first = reporting.made(_work(connection), datetime(2026, 9, 1, tzinfo=UTC))
    with database.begin() as connection:
        connection.execute(update(schema.question).values(outcome="no", asker_named=True, network_id=4))
        connection.execute(update(schema.person).values(region="africa"))
    with database.begin() as connection:
        again = reporting.made(_work(connection), datetime(2026, 9, 1, tzinfo=UTC))
    assert (again.activity, again.regions, again.networks) == (first.activity, first.regions, first.networks)


def test_whoever_may_only_read_counts_and_keeps_nothing(database: Database) -> None:
    with piloted(database) as (_, reading):
        assert reporting.made(reading).activity.done is not None  # type: ignore[arg-type]
    with database.reading() as connection:
        assert not connection.execute(select(func.count()).select_from(schema.month_release)).scalar_one()


def test_what_is_kept_of_a_month_names_nobody_and_holds_no_question_and_no_moment(database: Database) -> None:
    with piloted(database), database.begin() as connection:
        reporting.made(_work(connection))
    with database.reading() as connection:
        told = json.dumps(connection.execute(select(schema.month_release.c.told)).scalar_one())
        names = connection.execute(select(schema.person.c.name)).scalars().all()
        asked = connection.execute(select(schema.question.c.text)).scalars().all()
        moments = connection.execute(select(schema.question.c.sent_at)).scalars().all()
    assert not [one for one in (*names, *asked) if one in told]
    assert not [one for one in moments if f"{one:%Y-%m-%dT%H:%M}" in told]
    assert "asker" not in told.replace("askers", "")


def _work(connection: Connection) -> Any:
    return reading_of(connection, NOW)


READERS = [
    (Grant(Role.KM_TEAM), True, True),
    (Grant(Role.FACILITATOR), True, True),
    (Grant(Role.FACILITATOR, 1), True, True),
    (Grant(Role.FACILITATOR, 2), True, False),
    (Grant(Role.MODERATOR, 1), False, True),
    (Grant(Role.MODERATOR, 2), False, False),
    (Grant(Role.EXPERT, 1), False, False),
]


@pytest.mark.parametrize(("grant", "whole", "place"), READERS)
def test_each_reads_the_places_they_look_after(grant: Grant, whole: bool, place: bool) -> None:
    person = Person(1, "Somebody", grants=frozenset({grant}))
    assert reporting.may_read(person) is whole
    assert reporting.may_read(person, 1) is place


def test_who_connects_others_is_named_by_their_own_yes_alone(database: Database) -> None:
    with piloted(database), database.begin() as connection:
        yes = select(schema.person.c.id).where(schema.person.c.id % 2 == 0)
        rows = [{"person_id": number, "connector": True} for number in connection.execute(yes).scalars()]
        connection.execute(insert(schema.preference), rows)
        made = reporting.made(_work(connection), datetime(2026, 7, 1, tzinfo=UTC))
    assert made.connectors
    with database.begin() as connection:
        named = connection.execute(
            select(schema.person.c.id).where(schema.person.c.name.in_(made.connectors))
        ).scalars().all()  # fmt: skip
        assert all(number % 2 == 0 for number in named)
        connection.execute(update(schema.preference).values(connector=False))
        again = reporting.made(_work(connection), datetime(2026, 7, 1, tzinfo=UTC))
    assert again.connectors == ()


CLOSED = Survey(1, Kind.ROTATION, ("O1", "O2"), 28, seed=1, state=State.CLOSED)


def test_comments_are_read_from_ten_on_in_closed_surveys_alone() -> None:
    few = [Remark("O1", f"one {number}") for number in range(9)]
    enough = [Remark("O2", f"two {number}") for number in range(10)]
    assert remarks_told(CLOSED, [*few, *enough]) == {"O2": [one.text for one in enough]}
    for state in (State.PLANNED, State.RUNNING, State.PAUSED):
        assert remarks_told(Survey(1, Kind.ROTATION, ("O1",), 28, seed=1, state=state), enough) == {}


async def test_comments_are_shown_ten_on_a_page_to_the_desk(database: Database) -> None:
    async with town(database) as there:
        with database.begin() as connection:
            closed = {"state": "closed", "opened_at": NOW, "closes_at": NOW, "kind": "rotation", "framework": "1"}
            more = {"version": 1, "item_ids": ["O2"], "wording": {}, "days": 28, "seed": 1, "key_mark": "", "note": ""}
            least = {"least_scores": 5, "least_remarks": 10}
            connection.execute(insert(schema.survey), {**closed, **more, **least})
            rows = [
                {"key": f"{number:032x}", "survey_id": 1, "item": "O2", "text": f"Comment number {number}."}
                for number in range(12)
            ]
            connection.execute(insert(schema.remark), rows)
        await there.step(ELIF, "comments O2")
        first = there.texts_of(ELIF)
        await there.press(ELIF, there.lines[ELIF][-1])
        second = there.texts_of(ELIF)
        assert [first.count("Comment number"), second.count("Comment number")] == [10, 2]
        assert "12 comments on “New knowledge has come out" in first
        await there.step(ELIF, "comments 1 O2 2")
        assert there.texts_of(ELIF).count("Comment number") == 2
        await there.step(LITIA, "comments O2")
        assert "Comment" not in there.texts_of(LITIA)


def test_evidence_is_kept_taken_back_and_brought_back(database: Database) -> None:
    with piloted(database, members=20), database.begin() as connection:
        kept = Evidence(connection)
        at = datetime(2026, 10, 5, tzinfo=UTC)
        new = Finding(0, "1", "O1", Source.INTERVIEW, "Dakar", date(2026, 10, 3), "One template.", 1, at)
        one = kept.add(new)
        assert kept.get(one.id) == one
        assert kept.of_framework("1", at) == []
        assert kept.of_framework("2") == []
        made = reporting.made(_work(connection))
        assert made.evidence == (one,)
        kept.retract(one.id, retracted=True)
        assert kept.of_framework("1") == []
        kept.retract(one.id, retracted=False)
        assert kept.of_framework("1") == [one]


def test_a_month_that_is_not_over_is_nobody_s_to_read(database: Database) -> None:
    with piloted(database, members=20) as (_, reading), pytest.raises(Refusal):
        reporting.made(reading, NOW)  # type: ignore[arg-type]
