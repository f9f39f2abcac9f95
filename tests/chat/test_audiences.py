"""Nobody ever reads what goes to a narrower circle than theirs: not in a search, not to reuse it, not in a refusal."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, insert, select, update

from app import House
from bot.settings import Settings
from house.operator.samples import SAMPLE
from knowledge.people import Person
from knowledge.places import Audience
from storage import importing
from storage.changes import raise_version
from storage.database import Database
from storage.people import People
from storage.schema import item, network, person
from tests.chat.player import START
from tests.chat.town import LITIA, LUCA, OUSMANE, Town, town

MARTIN = "martin.oduya@sample.example"
"""Invited from outside: reads what is public."""
READERS = {LITIA: Audience.UNDP, OUSMANE: Audience.UNDP, LUCA: Audience.ONE_UN, MARTIN: Audience.PUBLIC}
SECRETS = {audience: f"zanzibar{audience.value}" for audience in Audience}
"""A word that stands in one item of each circle and nowhere else."""
ASKED = "How are bicycle libraries insured in island municipalities?"


def items(connection: Connection) -> dict[Audience, int]:
    """One item in each circle, all of which answer the same question. Only Ousmane is in the sub-network."""
    sub_network = connection.execute(select(network.c.id).where(network.c.key == "mine-action")).scalar_one()
    numbers = {}
    for audience, secret in SECRETS.items():
        row = {
            "key": f"audience-{audience.word}",
            "question": f"How are bicycle libraries insured in island municipalities? {secret}",
            "answer": f"By a pooled policy, {secret}.",
            "language": "en",
            "topics": [],
            "audience": int(audience),
            "network_id": sub_network if audience is Audience.SUB_NETWORK else None,
            "region": "global",
            "created_at": START,
        }
        numbers[audience] = connection.execute(insert(item).returning(item.c.id), row).scalar_one()
    raise_version(connection)
    return numbers


def may_read(reader: str, audience: Audience) -> bool:
    """Said once more, in other words than the code's."""
    match audience:
        case Audience.PRIVATE:
            return False
        case Audience.SUB_NETWORK:
            return reader == OUSMANE
        case _:
            return READERS[reader].value <= audience.value


async def everything(there: Town, reader: str, number: int) -> str:
    """All that a reader is told when they try whatever could show an item."""
    told = []
    for said in (
        ASKED,
        f"assist {ASKED}",
        f"flag challenge {ASKED}",
        f"match {ASKED}",
        f"read {number}",
        f"settle 1 {number}",
        f"answer {number} x",
        f"status {number}",
    ):
        await there.step(reader, said)
        told.append(there.texts_of(reader))
    return "\n".join(told)


@pytest.mark.parametrize("reader", READERS)
async def test_what_goes_to_a_narrower_circle_is_never_told(reader: str, database: Database) -> None:
    async with town(database) as there:
        numbers = database.write(items)
        for audience, number in numbers.items():
            told = await everything(there, reader, number)
            for circle, secret in SECRETS.items():
                assert may_read(reader, circle) or secret not in told, f"{reader} reads {circle.word}"
            # The test could fail: what they may read they find by the very same words.
            assert (SECRETS[audience] in told) == may_read(reader, audience)


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("command", ["read {}", "settle 1 {}"])
async def test_what_one_may_not_read_is_refused_like_what_does_not_exist(
    reader: str, command: str, database: Database
) -> None:
    async with town(database) as there:
        numbers = database.write(items)
        await there.step(reader, ASKED)
        await there.step(reader, command.format(4711))
        none = there.texts_of(reader)
        for audience, number in numbers.items():
            if not may_read(reader, audience):
                await there.step(reader, command.format(number))
                assert there.texts_of(reader) == none.replace("4711", str(number))


async def test_a_result_of_undp_is_found_by_undp_alone_once_it_is_an_earlier_answer(database: Database) -> None:
    async with town(database) as there:
        number = database.write(items)[Audience.UNDP]
        for reader, found in ((LITIA, True), (LUCA, False), (MARTIN, False)):
            await there.step(reader, ASKED)
            assert (SECRETS[Audience.UNDP] in there.texts_of(reader)) is found
        # Whoever reuses it teaches nothing to those who may not read it.
        await there.step(LITIA, f"settle 1 {number}")
        for reader in (LUCA, MARTIN):
            await there.step(reader, ASKED)
            assert SECRETS[Audience.UNDP] not in there.texts_of(reader)
            assert ASKED not in there.texts_of(LITIA)


@pytest.fixture
def house(database: Database) -> House:
    with importing.load([Path(SAMPLE)], sample=True) as batch:
        database.write(lambda connection: importing.apply(connection, batch, START - timedelta(days=1)))
    return House(Settings(_env_file=None, matching_encoder="none"), database=database, now=lambda: START)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(circles=st.lists(st.sampled_from(list(Audience)), min_size=7, max_size=7), wide=st.sampled_from(list(Audience)))
def test_whatever_the_circles_matching_shows_only_what_its_reader_may_read(
    house: House, circles: list[Audience], wide: Audience
) -> None:
    """Items in any circles, people of any reach; items, networks and people who may be asked."""

    def shuffle(connection: Connection) -> None:
        for number in connection.execute(select(item.c.id)).scalars().all():
            audience = circles[number % len(circles)]
            home = 3 if audience is Audience.SUB_NETWORK else None
            connection.execute(update(item).where(item.c.id == number).values(audience=int(audience), network_id=home))
        for number in connection.execute(select(person.c.id)).scalars().all():
            reach = (Audience.UNDP, Audience.ONE_UN, Audience.PUBLIC)[(number + wide) % 3]
            connection.execute(update(person).where(person.c.id == number).values(reach=int(reach)))
        raise_version(connection)

    house.database.write(shuffle)
    with house.database.reading() as connection:
        work = house.work(connection)
        kept = {one.id: one for one in work.catalogue.items}
        people: list[Person] = People(connection).everybody()
        for reader in people[:6]:
            for text in (one.question for one in list(kept.values())[:4]):
                for match in work.matcher.items(text, reader, limit=20, sure=False):
                    assert reader.may_read(kept[match.id].audience, kept[match.id].network)
                for match in work.matcher.experts(text, reader, limit=20, sure=False):
                    assert work.people.get(match.id).may_read(reader.reach)
                for match in work.matcher.networks(text, reader, sure=False):
                    there = next(one for one in work.catalogue.networks if one.id == match.id)
                    # A sub-network may be named to whoever may join it: to staff.
                    joins = there.audience is Audience.SUB_NETWORK and reader.reach is Audience.UNDP
                    assert joins or reader.may_read(there.audience, there.id)


@given(
    reach=st.sampled_from([Audience.UNDP, Audience.ONE_UN, Audience.PUBLIC]), audience=st.sampled_from(list(Audience))
)
def test_a_wider_circle_holds_everybody_of_a_narrower_one(reach: Audience, audience: Audience) -> None:
    reader = Person(1, "", reach=reach)
    if reader.may_read(audience):
        assert all(reader.may_read(wider) for wider in Audience if wider >= audience)
