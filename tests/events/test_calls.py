"""A call for topics in a network of many: told page by page, to each once, whatever happens to it meanwhile."""

import asyncio
from datetime import timedelta

from sqlalchemy import insert, select

from app import House
from bot.settings import Settings
from storage.database import Database
from storage.schema import conversation, membership, network, outbox, person
from tests.chat.town import ELIF, LITIA, Town, town

FIRST, MANY = 1_000, 450
OPEN = "call for topics in crisis until 20 March yes"


def crowd(database: Database, there: Town) -> None:
    """So many members of the crisis network, each reachable."""
    with database.begin() as connection:
        crisis = connection.execute(select(network.c.id).where(network.c.key == "crisis")).scalar_one()
        model = connection.execute(select(person).where(person.c.key == LITIA)).one()
        numbers = range(FIRST, FIRST + MANY)
        connection.execute(insert(person), [{**model._mapping, "id": n, "key": f"many{n}"} for n in numbers])
        connection.execute(insert(membership), [{"person_id": n, "network_id": crisis} for n in numbers])
        place = {"channel": "direct", "address": {}, "used_at": there.clock()}
        connection.execute(insert(conversation), [{**place, "remote_id": f"{n}", "person_id": n} for n in numbers])


def told(database: Database, kind: str, *, edit: bool) -> list[int]:
    """Who of the many got a card of this kind."""
    of_kind = (outbox.c.kind == kind) & outbox.c.only_edit.is_(edit) & (outbox.c.person_id >= FIRST)
    with database.reading() as connection:
        return sorted(connection.execute(select(outbox.c.person_id).where(of_kind)).scalars())


EVERYBODY = list(range(FIRST, FIRST + MANY))


async def test_a_call_is_told_some_at_a_time_and_to_each_once_on_any_number_of_replicas(database: Database) -> None:
    async with town(database) as there:
        crowd(database, there)
        await there.step(ELIF, OPEN)
        assert 150 < len(told(database, "call.card", edit=False)) <= 200
        other = House(Settings(_env_file=None), database=database, now=there.clock)
        for _ in range(3):
            await asyncio.gather(there.house.tick(), other.tick())
        assert told(database, "call.card", edit=False) == EVERYBODY
        await there.step(ELIF, "call move 1 22 March")
        assert 150 < len(told(database, "call.card", edit=True)) <= 200
        for _ in range(3):
            await there.later(timedelta(seconds=15))
        assert told(database, "call.card", edit=True) == EVERYBODY
        assert told(database, "call.card", edit=False) == EVERYBODY


async def test_a_call_that_is_stopped_while_it_is_told_is_told_no_further(database: Database) -> None:
    async with town(database) as there:
        crowd(database, there)
        await there.step(ELIF, OPEN)
        first = told(database, "call.card", edit=False)
        await there.step(ELIF, "call stop 1")
        for _ in range(4):
            await there.later(timedelta(seconds=15))
        assert told(database, "call.card", edit=False) == first
        # Whoever has its card reads there that it is over; to the others the edit of a card they never got is nothing.
        assert told(database, "call.over", edit=True) == EVERYBODY
