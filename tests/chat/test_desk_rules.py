"""What a transcript over the sample community cannot show: communities that are staffed otherwise."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from sqlalchemy import delete, insert, select, update

from app import SAMPLE, House
from bot.channel import Delivery
from bot.settings import Settings
from dialogs.plain import to_text
from storage import importing
from storage.database import Database
from storage.schema import person, role_grant
from tests.chat.direct import Direct
from tests.chat.player import START, FakeClock

LITIA, ELIF, INGRID = (f"{name}@sample.example" for name in ("litia.waqa", "elif.aksoy", "ingrid.solberg"))
OUSMANE, LUCA = (f"{name}@sample.example" for name in ("ousmane.faye", "luca.ferraro"))
NOBODY_KNOWS = "Who can explain the licensing of nuclear fusion plants to us?"
SOMEBODY_KNOWS = "Does anyone have a template for a project document on mine action in the Sahel?"


class Town:
    """A community in which people say and press things; `heard` are the last step's messages, by who got them."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = FakeClock()
        self.house = House(Settings(_env_file=None), database=database, now=self.clock)
        self.wire = Direct()
        self.house.channels[self.wire.channel] = self
        self.name = self.wire.channel
        self.heard: list[tuple[str, str]] = []
        self._names: dict[str, str] = {}

    async def deliver(self, delivery: Delivery) -> str:
        self.heard.append((self._names[delivery.conversation], to_text(delivery.message)))
        return await self.wire.deliver(delivery)

    async def step(self, key: str, said: str, card: str = "") -> None:
        self.heard.clear()
        self.clock.at += timedelta(seconds=30)
        spoken = {"say": said, "pressed_card": card} if card else {"text": said}
        await self.house.hear(self.wire._incoming(key, **spoken))
        await self.deliver_all()

    async def later(self, wait: timedelta) -> None:
        self.heard.clear()
        self.clock.at += wait
        await self.house.tick()
        await self.deliver_all()

    async def deliver_all(self) -> None:
        while await self.house.postman.step(self.clock()):
            pass

    def texts_of(self, key: str) -> str:
        return "\n".join(text for name, text in self.heard if name == key)


@asynccontextmanager
async def town(database: Database) -> AsyncIterator[Town]:
    with importing.load([Path(SAMPLE)], sample=True) as batch:
        database.write(lambda connection: importing.apply(connection, batch, START - timedelta(days=1)))
    there = Town(database)
    async with there.wire.open(there.house):
        with database.reading() as connection:
            keys = list(connection.execute(select(person.c.key)).scalars())
        there._names = {there.wire.conversation(key): key for key in keys}
        yield there


def grant(database: Database, key: str, role: str) -> None:
    with database.begin() as connection:
        who = connection.execute(select(person.c.id).where(person.c.key == key)).scalar_one()
        connection.execute(insert(role_grant), {"person_id": who, "role": role, "network_id": None})


async def test_a_facilitator_of_another_circle_never_sees_a_question_that_stays_within_undp(database: Database) -> None:
    async with town(database) as there:
        # Luca is One UN; as facilitator of everywhere he comes before Elif, who is of the Crisis community.
        grant(database, LUCA, "facilitator")
        await there.step(LITIA, NOBODY_KNOWS)
        await there.step(LITIA, "send 1")
        assert NOBODY_KNOWS in there.texts_of(ELIF)
        assert not there.texts_of(LUCA)
        await there.step(LUCA, "queue")
        assert there.texts_of(LUCA) == "Nothing waits on your desk."
        for command in ("show 1", "accept 1", "assign 1 Samira Haddad (sample)"):
            await there.step(LUCA, command)
            assert there.texts_of(LUCA) == "There is no question 1 that you can do this with."


async def test_without_facilitators_the_km_team_can_take_what_it_is_brought(database: Database) -> None:
    with database.begin() as connection:
        connection.execute(delete(role_grant).where(role_grant.c.role == "facilitator"))
    async with town(database) as there:
        with database.begin() as connection:
            connection.execute(delete(role_grant).where(role_grant.c.role == "facilitator"))
        await there.step(LITIA, NOBODY_KNOWS)
        await there.step(LITIA, "send 1")
        assert "Question 1 is on your desk" in there.texts_of(INGRID)
        await there.step(INGRID, "accept 1", card="desk:1")
        assert "Question 1 is yours" in there.texts_of(INGRID)


async def test_what_an_earlier_answer_settles_leaves_the_desk(database: Database) -> None:
    async with town(database) as there:
        await there.step(LITIA, NOBODY_KNOWS)
        await there.step(LITIA, "send 1")
        await there.step(LITIA, "settle 1 1")
        assert "It is off your desk now: closed." in there.texts_of(ELIF)


async def test_what_one_facilitator_offers_on_leaves_the_desks_of_the_others(database: Database) -> None:
    async with town(database) as there:
        grant(database, ELIF, "facilitator")
        grant(database, INGRID, "facilitator")
        await there.step(LITIA, NOBODY_KNOWS)
        await there.step(LITIA, "send 1")
        assert "Question 1 is on your desk" in there.texts_of(INGRID)
        await there.step(ELIF, "assign 1 Samira", card="desk:1")
        assert there.texts_of(ELIF) == "Question 1 has been offered to Samira Haddad (sample)."
        assert "It is off your desk now: offered." in there.texts_of(INGRID)


async def test_the_card_that_asks_again_changes_in_place_when_it_is_pressed(database: Database) -> None:
    async with town(database) as there:
        for key, said in (
            (LITIA, SOMEBODY_KNOWS),
            (LITIA, "send 1"),
            (OUSMANE, "prendre 1"),
            (OUSMANE, "répondre 1 oui"),
        ):
            await there.step(key, said)
        await there.later(timedelta(days=3, minutes=1))
        assert "Did it help?" in there.texts_of(LITIA)
        await there.step(LITIA, "solved 1", card="helped:1:1:again")
        # Neither card that asked still does; nothing says that there is more below.
        assert "below" not in there.texts_of(LITIA)
        assert "Question 1 is solved." in there.texts_of(LITIA)


async def test_a_time_zone_that_nobody_knows_is_read_as_utc(database: Database) -> None:
    async with town(database) as there:
        await there.step(LITIA, NOBODY_KNOWS)
        await there.step(LITIA, "send 1")
        with database.begin() as connection:
            connection.execute(update(person).where(person.c.key == ELIF).values(time_zone="Not/AZone"))
        await there.step(ELIF, "queue")
        assert "Sent 2 Mar 2026, 09:01" in there.texts_of(ELIF)
