"""A made-up pilot, read back: what was planted in it is found within the intervals, and nothing else is."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from app import main
from bench.report import Reading, reading_of
from knowledge import reporting
from knowledge.measurement.frameworks import frameworks
from knowledge.measurement.results import Change, share
from knowledge.reporting import Report
from storage import pilot
from storage.database import Database
from storage.pilot import Truth
from storage.schema import person, pulse, sealed_response

NOW = datetime(2026, 11, 24, tzinfo=UTC)


@contextmanager
def piloted(database: Database, members: int = 300, seed: int = 1) -> Iterator[tuple[Truth, Reading]]:
    with database.begin() as connection:
        edition = frameworks().current
        truth = pilot.write(connection, edition, members=members, months=7, seed=seed, end=NOW)
    with database.reading() as connection:
        yield truth, reading_of(connection, NOW)


def _shares(report: Report, before: bool = False) -> dict[str, tuple[float, float]]:
    found = {}
    for section in report.sections:
        for line in section.lines:
            result = line.baseline if before else line.latest
            if result is not None:
                favourable = result.together.favourable
                found[line.item] = (favourable.low, favourable.high)
    return found


def test_what_was_planted_is_found_within_the_intervals(database: Database) -> None:
    with piloted(database) as (truth, reading):
        report = reporting.made(reading)  # type: ignore[arg-type]
        assert (report.since, report.until) == (datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC))
        for planted, shares in ((truth.before, _shares(report, before=True)), (truth.after, _shares(report))):
            assert shares.keys() == planted.keys()
            within = [low <= planted[item] <= high for item, (low, high) in shares.items()]
            # Of fourteen 95 % intervals about one misses.
            assert sum(within) >= 12
        ways = {line.item: line.moved.way for section in report.sections for line in section.lines if line.moved}
        gains = {item: truth.after[item] - truth.before[item] for item in truth.before}
        assert {ways[item] for item, gain in gains.items() if gain > 0.25} == {Change.UP}
        assert Change.UP not in {ways[item] for item, gain in gains.items() if gain == 0}
        assert Change.DOWN not in ways.values()
        standings = {one.target.of: one for one in report.standings}
        response = standings["response_rate"]
        assert response.low is not None
        assert response.high is not None
        assert response.low <= truth.response <= response.high
        assert response.met is True


def test_what_the_community_did_is_found_too(database: Database) -> None:
    with piloted(database) as (truth, reading):
        months = [datetime(2026, month, 1, tzinfo=UTC) for month in range(5, 11)]
        reports = [reporting.made(reading, month) for month in months]  # type: ignore[arg-type]
        done = [one.activity.done for one in reports if one.activity.done is not None]
        answered = [one.answer_rate for one in done if one.answer_rate is not None]
        assert sum(one.low <= truth.answered <= one.high for one in answered) >= 5
        crossing = [one.spread for one in done if one.spread is not None]
        assert sum(one.crossing.low <= truth.crossing <= one.crossing.high for one in crossing) >= 5
        named = [one.named_rate for one in done if one.named_rate is not None]
        all_of_them = share(sum(one.count for one in named), sum(one.n for one in named))
        assert all_of_them is not None
        assert all_of_them.low <= truth.named <= all_of_them.high
        waits = [one.wait for one in done if one.wait is not None]
        assert all(one.median is not None and 1 < one.median < 9 for one in waits)
        people = [one.activity.people for one in reports if one.activity.people is not None]
        growing = [(one.members_before, one.members_after) for one in people]
        assert all(before <= after for before, after in growing)
        assert [after for _, after in growing[:-1]] == [before for before, _ in growing[1:]]


def test_a_pilot_keeps_counts_and_no_answers(database: Database) -> None:
    with piloted(database, members=60), database.reading() as connection:
        assert not connection.execute(select(sealed_response)).all()
        assert set(connection.execute(select(pulse.c.state)).scalars()) == {"over"}
        assert all(" (sample)" in name for name in connection.execute(select(person.c.name)).scalars())


@pytest.mark.parametrize("seed", [2, 3])
def test_of_few_members_less_is_told_and_nothing_fails(sqlite_database: Database, seed: int) -> None:
    with piloted(sqlite_database, members=12, seed=seed) as (_, reading):
        for month in range(4, 11):
            report = reporting.made(reading, datetime(2026, month, 1, tzinfo=UTC))  # type: ignore[arg-type]
            assert all(low < high for low, high in _shares(report).values())


def test_the_command_writes_one_pilot_and_never_among_people(
    fresh_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", fresh_url)
    assert main(["sample", "pilot", "--members", "20", "--months", "3", "--seed", "1"]) == 0
    said = capsys.readouterr()
    assert "members: 20 of 20" in said.out + said.err
    assert "agree before" in said.out + said.err
    assert main(["sample", "pilot", "--members", "20", "--months", "3"]) == 1
    said = capsys.readouterr()
    assert "holds people already" in said.out + said.err
