"""What is known of somebody's expertise counts less the longer nobody used it."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from knowledge.expertise import faded
from storage.database import Database
from storage.schema import person
from tests.chat.town import ELIF, LITIA, OUSMANE, SAMIRA, Town, town

NOW = datetime(2026, 3, 2, tzinfo=UTC)
YEAR = timedelta(days=365)


@pytest.mark.parametrize(("age", "left"), [(0, 1.0), (1, 0.5), (2, 0.25), (10, 0.5**10), (-1, 1.0)])
def test_it_halves_with_each_half_life_and_what_is_to_come_counts_as_now(age: int, left: float) -> None:
    assert faded(NOW - age * YEAR, NOW, YEAR) == left


async def _first(there: Town) -> str:
    await there.step(LITIA, "who knows mine action")
    told = there.texts_of(LITIA)
    return min(("Ousmane", "Samira"), key=told.index)


async def test_who_was_checked_lately_comes_before_who_was_checked_long_ago(database: Database) -> None:
    async with town(database) as there:
        with database.begin() as connection:
            numbers = {row.key: row.id for row in connection.execute(select(person.c.key, person.c.id))}
            for key in (OUSMANE, SAMIRA):
                there.house.work(connection).people.prefer(numbers[key], listed=True)
        await there.step(ELIF, "confirm expertise Ousmane Faye, mine action")
        assert await _first(there) == "Ousmane"
        there.clock.at += there.house.settings.policy.expertise_half_life
        await there.step(ELIF, "confirm expertise Samira Haddad, mine action")
        assert await _first(there) == "Samira"
        await there.step(ELIF, "confirm expertise Ousmane Faye, mine action")
        there.clock.at += timedelta(days=1)
        await there.step(ELIF, "withdraw expertise Samira Haddad, mine action")
        assert await _first(there) == "Ousmane"
