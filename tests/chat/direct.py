"""The shortest wire: what is said goes straight to the turn, and deliveries are only noted."""

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import insert, select

from app import House
from bot.channel import Delivery
from dialogs.incoming import File, Incoming
from dialogs.message import Button, Message
from storage import schema


class Direct:
    """A channel of its own, to which everybody of the community belongs."""

    channel = "direct"
    name = "direct"

    def __init__(self) -> None:
        self._house: House
        self._people: dict[str, int] = {}
        self._counter = itertools.count(1)

    @asynccontextmanager
    async def open(self, house: House) -> AsyncIterator[None]:
        self._house = house
        with house.database.begin() as connection:
            for person in connection.execute(select(schema.person)).all():
                self._people[person.key] = person.id
                remote = str(person.id)
                bound = {"channel": self.channel, "remote_id": remote, "person_id": person.id}
                connection.execute(insert(schema.identity), bound)
                connection.execute(insert(schema.conversation), {**bound, "address": {}, "used_at": house.now()})
        yield

    def conversation(self, key: str) -> str:
        return str(self._people[key])

    def check(self, delivery: Delivery) -> None:
        assert delivery.message.text

    async def say(self, key: str, text: str) -> None:
        await self._house.hear(self.incoming(key, text=text))

    async def send(self, key: str, text: str, name: str, content: bytes) -> None:
        await self._house.hear(self.incoming(key, text=text, files=(File(name, content=content),)))

    async def press(self, key: str, message: Message, button: Button, values: dict[str, str]) -> None:
        await self._house.hear(self.incoming(key, say=button.say, values=values, pressed_card=message.card))

    def incoming(self, key: str, **parts: object) -> Incoming:
        return Incoming(
            channel=self.channel,
            key=str(next(self._counter)),
            sender=str(self._people[key]),
            conversation=str(self._people[key]),
            address={},
            arrived_at=self._house.now(),
            **parts,  # type: ignore[arg-type]
        )

    async def deliver(self, delivery: Delivery) -> str:
        return delivery.replaces or str(delivery.id)
