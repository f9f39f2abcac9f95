"""Whom a question goes to where several are alike, and that it goes on, once, whatever happens to the bot meanwhile."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, select, update

from app import House
from bot.settings import Settings
from storage.changes import raise_version
from storage.database import Database
from storage.schema import offer, person, question, role_grant
from tests.chat.town import LITIA, OUSMANE, SAMIRA, SOMEBODY_KNOWS, town, twin


def _only_twins(*regions: str) -> Callable[[Database], None]:
    """Leaves nobody to ask but people who are like Ousmane in all but their region."""

    def prepare(database: Database) -> None:
        twins = [
            twin(database, OUSMANE, f"twin-{place}@sample.example", region=region, name=f"Twin {place} (sample)")
            for place, region in enumerate(regions)
        ]
        with database.begin() as connection:
            connection.execute(delete(role_grant).where(role_grant.c.person_id.not_in(twins)))
            raise_version(connection)

    return prepare


def _asked(database: Database) -> list[int]:
    with database.reading() as connection:
        return list(connection.execute(select(offer.c.person_id).order_by(offer.c.offered_at)).scalars())


@pytest.mark.parametrize(
    ("regions", "wish", "first_two"),
    [
        # The first is whoever comes first; if that is a neighbour, the second is not.
        (("asia-pacific", "asia-pacific", "africa"), "", ["asia-pacific", "africa"]),
        (("africa", "asia-pacific", "asia-pacific"), "", ["africa", "asia-pacific"]),
        (("asia-pacific", "africa", "asia-pacific"), "region 1", ["asia-pacific", "asia-pacific"]),
    ],
    ids=["a neighbour first", "a stranger first", "regional only"],
)
async def test_of_the_first_two_one_is_from_another_region(
    database: Database, regions: tuple[str, ...], wish: str, first_two: list[str]
) -> None:
    async with town(database, _only_twins(*regions)) as there:
        await there.step(LITIA, SOMEBODY_KNOWS)
        if wish:
            await there.step(LITIA, wish)
        await there.step(LITIA, "send 1")
        await there.later(timedelta(hours=24))
        with database.reading() as connection:
            of = {row.id: row.region for row in connection.execute(select(person.c.id, person.c.region))}
        assert [of[number] for number in _asked(database)] == first_two


async def test_where_nobody_of_a_topic_is_free_somebody_of_an_adjacent_one_is_asked(database: Database) -> None:
    async with town(database) as there:
        for key in (OUSMANE, SAMIRA):
            await there.step(key, "away 2026-12-01")
        await there.step(LITIA, SOMEBODY_KNOWS)
        await there.step(LITIA, "send 1")
        asked = _asked(database)
        assert len(asked) == 1
        with database.reading() as connection:
            key = connection.execute(select(person.c.key).where(person.c.id == asked[0])).scalar_one()
        assert key not in (OUSMANE, SAMIRA)


async def test_what_waits_goes_on_once_after_a_restart_over_a_change_of_clocks(database: Database) -> None:
    async with town(database) as there:
        with database.begin() as connection:
            connection.execute(update(person).values(time_zone="Europe/Zurich", region="europe-cis"))
        # Friday 15:00 in Geneva, two days before its clocks go forward: two working hours are left of the four.
        there.clock.at = datetime(2026, 3, 27, 14, 0, tzinfo=UTC)
        await there.step(LITIA, SOMEBODY_KNOWS)
        await there.step(LITIA, "send 1")
        assert len(_asked(database)) == 1
        with database.reading() as connection:
            due = connection.execute(select(question.c.due_at)).scalar_one()
        assert timedelta() <= due - datetime(2026, 3, 30, 9, 0, tzinfo=UTC) < timedelta(minutes=5)
        # The bot is started anew, twice, and both look at the same moment.
        replicas = [House(Settings(_env_file=None), database=database, now=there.clock) for _ in range(2)]
        there.clock.at = due - timedelta(seconds=1)
        for replica in replicas:
            await replica.tick()
        assert len(_asked(database)) == 1
        there.clock.at = due
        for _ in range(2):
            await asyncio.gather(*(replica.tick() for replica in replicas))
        assert len(_asked(database)) == 2
        there.heard.clear()
        await there.deliver_all()
        offered = [text for _, text in there.heard if "[Take it]" in text or "[La prendre]" in text]
        assert len(offered) == 1
