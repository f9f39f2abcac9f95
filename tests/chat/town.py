"""A community in which tests say and press things, beside what a transcript can show."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select

from app import House
from bot.channel import Delivery
from bot.settings import Settings
from dialogs.incoming import File
from dialogs.message import Field
from dialogs.plain import to_text
from house.operator.samples import SAMPLE
from storage import importing
from storage.database import Database
from storage.schema import membership, person, role_grant
from tests.chat.direct import Direct
from tests.chat.player import START, FakeClock

LITIA, ELIF, INGRID = (f"{name}@sample.example" for name in ("litia.waqa", "elif.aksoy", "ingrid.solberg"))
OUSMANE, LUCA, SAMIRA = (f"{name}@sample.example" for name in ("ousmane.faye", "luca.ferraro", "samira.haddad"))
NOBODY_KNOWS = "Who can explain the licensing of nuclear fusion plants to us?"
SOMEBODY_KNOWS = "Does anyone have a template for a project document on mine action in the Sahel?"


class Town:
    """A community in which people say and press things; `heard` are the last step's messages, by who got them."""

    def __init__(self, database: Database, **settings: Any) -> None:
        self.database = database
        self.clock = FakeClock()
        self.house = House(Settings(_env_file=None, **settings), database=database, now=self.clock)
        self.wire = Direct()
        self.house.channels[self.wire.channel] = self
        self.name = self.wire.channel
        self.heard: list[tuple[str, str]] = []
        self._names: dict[str, str] = {}
        self.lines: dict[str, list[str]] = {}
        """What each person's buttons say, in the order they were shown."""
        self.fields: dict[str, tuple[Field, ...]] = {}
        """What each person's last form asks for."""

    async def deliver(self, delivery: Delivery) -> str:
        key, message = self._names[delivery.conversation], delivery.message
        self.heard.append((key, to_text(message)))
        self.fields[key] = message.fields or self.fields.get(key, ())
        buttons = [*message.buttons, *(button for entry in message.entries for button in entry.buttons)]
        self.lines.setdefault(key, []).extend(button.say for button in buttons)
        return await self.wire.deliver(delivery)

    def button(self, key: str, said: str) -> str:
        """What the newest button of somebody submits that says this."""
        return next(line for line in reversed(self.lines[key]) if line.partition(" ~")[0] == said)

    async def step(self, key: str, said: str, card: str = "") -> None:
        """Types a line or, on a card, presses the button that says it."""
        if card:
            await self.press(key, self.button(key, said), card)
        else:
            await self._hear(key, text=said)

    async def press(self, key: str, line: str, card: str = "", **values: str) -> None:
        """Submits exactly this line, as a button would."""
        await self._hear(key, say=line, pressed_card=card, values=values)

    async def send(self, key: str, *files: File, text: str = "") -> None:
        """Sends files as the channel got them."""
        await self._hear(key, text=text, files=files)

    async def _hear(self, key: str, **spoken: Any) -> None:
        self.heard.clear()
        self.clock.at += timedelta(seconds=30)
        await self.house.hear(self.wire.incoming(key, **spoken))
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
async def town(
    database: Database, prepare: Callable[[Database], object] | None = None, **settings: Any
) -> AsyncIterator[Town]:
    """The sample community, changed by `prepare` before anybody speaks; with settings by name."""
    with importing.load([Path(SAMPLE)], sample=True) as batch:
        database.write(lambda connection: importing.apply(connection, batch, START - timedelta(days=1)))
    if prepare is not None:
        prepare(database)
    there = Town(database, **settings)
    async with there.wire.open(there.house):
        with database.reading() as connection:
            keys = list(connection.execute(select(person.c.key)).scalars())
        there._names = {there.wire.conversation(key): key for key in keys}
        yield there


def grant(database: Database, key: str, role: str) -> None:
    with database.begin() as connection:
        who = connection.execute(select(person.c.id).where(person.c.key == key)).scalar_one()
        connection.execute(insert(role_grant), {"person_id": who, "role": role, "network_id": None})


def twin(database: Database, of: str, key: str, **told: Any) -> int:
    """Adds somebody who is like another in everything the import knows but what is told; returns their number."""
    with database.begin() as connection:
        model = connection.execute(select(person).where(person.c.key == of)).one()
        number = int(told.pop("id", connection.execute(select(func.max(person.c.id))).scalar_one() + 1))
        connection.execute(insert(person), {**model._mapping, "id": number, "key": key, **told})
        for table in (membership, role_grant):
            for row in connection.execute(select(table).where(table.c.person_id == model.id)).all():
                told_of = {name: value for name, value in row._mapping.items() if name != "id"}
                connection.execute(insert(table), {**told_of, "person_id": number})
    return number
