"""Plays a transcript on a wire: a way to say and press things, and to see what arrives."""

import os
import re
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from sqlalchemy import select, update

from app import House
from bot.channel import Channel, Delivery
from dialogs.message import Button, Message
from dialogs.plain import to_text
from storage.conversations import Conversations
from storage.database import Database
from storage.outbox import put
from storage.schema import person
from tests.chat.script import Arrived, Script, Step, plainly, rewrite

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@dataclass(slots=True)
class FakeClock:
    """UTC, standing still until told to go on."""

    at: datetime = START

    def __call__(self) -> datetime:
        return self.at


def put_for(database: Database, key: str, text: str | Message, now: datetime, card: str = "") -> None:
    """Something is written to somebody of the community who is not speaking, where they are written to."""
    message = text if isinstance(text, Message) else Message(text, card=card)
    with database.begin() as connection:
        number = connection.execute(select(person.c.id).where(person.c.key == key)).scalar_one()
        put(
            connection,
            conversation_id=Conversations(connection).of_people([number]).get(number),
            person_id=number,
            kind="test",
            about=0,
            card=message.card,
            only_edit=False,
            payload=message.to_json(),
            now=now,
        )


class Wire(Protocol):
    """One channel, from the far side: how a person says and presses things there."""

    channel: str

    def open(self, house: House) -> AbstractAsyncContextManager[None]: ...

    async def say(self, key: str, text: str) -> None: ...

    async def send(self, key: str, text: str, name: str, content: bytes) -> None:
        """Sends a file, with a text or ""."""
        ...

    async def press(self, key: str, message: Message, button: Button, values: dict[str, str]) -> None: ...

    def check(self, delivery: Delivery) -> None:
        """Raises AssertionError when what the far side was shown lacks something of the message."""
        ...

    def conversation(self, key: str) -> str:
        """The channel's id of this person's conversation."""
        ...


def words_of(message: Message) -> list[str]:
    """Every text that the reader of a message must find in what their channel shows."""
    buttons = [*message.buttons, *(button for entry in message.entries for button in entry.buttons)]
    words = [message.title, message.text, message.note, message.entries_title]
    words += [part for quote in message.quotes for part in (quote.label, quote.text)]
    words += [part for fact in message.facts for part in (fact.label, fact.value)]
    words += [part for entry in message.entries for part in (entry.title, entry.text, entry.note)]
    words += [part for field in message.fields for part in (field.label, field.value)]
    words += [link.label for link in message.links] + [message.image.alt if message.image else ""]
    return [part for part in (*words, *(button.label for button in buttons)) if part]


def written(message: Message) -> str:
    """A message as a transcript shows it: what is another each time, the secret part of an address, as "…"."""
    return _SECRET.sub(r"\1…", to_text(message))


_SECRET = re.compile(r"(https?://[^/\s]+/[a-z]+/)[\w=-]{60,}")


def missing(message: Message, shown: str) -> list[str]:
    """What of a message's words is not in a text, wherever its lines and spaces are broken."""
    shown = "".join(shown.split())
    return [part for part in words_of(message) if "".join(part.split()) not in shown]


@dataclass(slots=True)
class Tapped:
    """A channel with a listener on it: the real one delivers, and each delivery is noted."""

    room: Channel
    noted: list[tuple[str, Delivery]]

    @property
    def name(self) -> str:
        return self.room.name

    async def deliver(self, delivery: Delivery) -> str:
        remote_id = await self.room.deliver(delivery)
        self.noted.append((self.name, delivery))
        return remote_id


class Player:
    """Plays scripts in one house over one wire, or several: the script says who is on which."""

    def __init__(self, house: House, clock: FakeClock, *wires: Wire) -> None:
        self._house = house
        self._clock = clock
        self._wires = {wire.channel: wire for wire in wires}
        self._first = wires[0].channel
        self._noted: list[tuple[str, Delivery]] = []
        for name in self._wires:
            house.channels[name] = Tapped(house.channels[name], self._noted)
        self._shown: dict[str, list[Message]] = {}

    async def play(self, script: Script) -> None:
        """Raises AssertionError at the first line that differs, showing both sides."""
        arrived: dict[int, list[Arrived]] = {}
        try:
            await self._play(script, arrived)
        finally:
            if "REWRITE" in os.environ:
                rewrite(script, arrived)

    async def _play(self, script: Script, arrived: dict[int, list[Arrived]]) -> None:
        if script.language:
            with self._house.database.begin() as connection:
                connection.execute(update(person).values(language=script.language))
        async with AsyncExitStack() as opened:
            for wire in self._wires.values():
                await opened.enter_async_context(wire.open(self._house))
            self._on = {name: self._wires[script.channels.get(name, self._first)] for name in script.people}
            names = {(on.channel, on.conversation(script.people[name])): name for name, on in self._on.items()}
            # What a channel says when it is opened is no part of the script.
            await self._deliver(names)
            self._shown.clear()
            for step in script.steps:
                self._clock.at += step.later or timedelta(seconds=10)
                await self._do(script, step)
                arrived[step.line] = await self._deliver(names)
                if "REWRITE" not in os.environ:
                    _compare(script, step, arrived[step.line])

    async def _do(self, script: Script, step: Step) -> None:
        if step.later is not None:
            await self._house.tick()
            return
        key = script.people[step.name]
        if step.file is not None:
            await self._on[step.name].send(key, step.said or "", step.file.name, step.file.read_bytes())
            return
        if step.said is not None:
            await self._on[step.name].say(key, step.said)
            return
        message, button = self._find(step)
        form = {each.name: each.value for each in message.fields} if button.form else {}
        await self._on[step.name].press(key, message, button, form | step.values)

    def _find(self, step: Step) -> tuple[Message, Button]:
        for message in reversed(self._shown.get(step.name, [])):
            buttons = [*message.buttons, *(button for entry in message.entries for button in entry.buttons)]
            for button in buttons:
                if plainly(button.label) == plainly(step.button):
                    return message, button
        raise AssertionError(f"line {step.line}: {step.name} sees no button [{step.button}]")

    async def _deliver(self, names: dict[tuple[str, str], str]) -> list[Arrived]:
        noted = self._noted
        before = 0
        while await self._house.postman.step(self._clock()):
            # Conversations are served side by side; whichever is quicker, they are shown in the order of writing.
            noted[before:] = sorted(noted[before:], key=lambda one: one[1].id)
            before = len(noted)
        found = []
        for channel, delivery in noted:
            self._wires[channel].check(delivery)
            # People of the community who are not in the transcript get nothing that it does not show.
            name = names.get((channel, delivery.conversation), delivery.conversation)
            found.append(Arrived(name, written(delivery.message), edited=bool(delivery.replaces)))
            shown = self._shown.setdefault(name, [])
            if delivery.replaces:
                # An edited card stays where it was; a button is looked for on what it shows now.
                shown[:] = [one for one in shown if one.card != delivery.message.card]
            shown.append(delivery.message)
        noted.clear()
        return found


def _compare(script: Script, step: Step, arrived: list[Arrived]) -> None:
    where = f"{script.path.name}:{step.line}: {step.source}"
    for got, wanted in zip(arrived, step.expected, strict=False):
        assert got.fits(wanted), f"{where}\narrived:\n{got}\nexpected:\n{wanted}"
    awaited = step.expected[len(arrived) :]
    more = arrived[len(step.expected) :]
    assert not awaited, f"{where}\ndid not arrive:\n" + "\n".join(map(str, awaited))
    assert not more, f"{where}\narrived beside what is shown:\n" + "\n".join(map(str, more))
