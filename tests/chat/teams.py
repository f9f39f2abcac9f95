"""Teams as a wire: activities over real HTTP to /api/messages, and a connector that keeps what it is sent.

A press looks for its button in the card as it was rendered, and sends back what Teams would.
"""

import itertools
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import ClientSession
from aiohttp.test_utils import TestServer
from sqlalchemy import Connection, insert, select

from app import House
from bot.channel import Delivery
from dialogs.message import Button, Message
from storage.schema import identity, person
from tests.chat.player import missing
from tests.teams.fakes import TENANT, Microsoft, a_message, a_press

_SHOWN = frozenset({"text", "title", "label", "value", "altText"})
"""Where a card or an activity holds what people see."""


class Teams:
    """Everybody of the community installs the bot first, and is welcomed; or only these, by their keys, some of whom
    may be strangers. `answered` is all that we answered to what Teams sent."""

    channel = "teams"

    def __init__(self, only: Collection[str] = ()) -> None:
        self._only = only
        self.answered: list[str] = []
        self.far = Microsoft()
        # Without an app id, as in the Agents Playground, nothing carries a token.
        self.far.valid_tokens.add("")
        self._senders: dict[str, str] = {}
        self._people: dict[str, int] = {}
        self._counter = itertools.count(1)
        self._http: ClientSession
        self._url = ""

    @asynccontextmanager
    async def open(self, house: House) -> AsyncIterator[None]:
        await house.database.run(self._bind)
        async with (
            TestServer(self.far.app()) as far,
            TestServer(house.application()) as near,
            ClientSession() as self._http,
        ):
            self.far.url = str(far.make_url("")).rstrip("/")
            self._url = str(near.make_url("/api/messages"))
            for key in self._people:
                await self._install(key)
            yield

    def conversation(self, key: str) -> str:
        return f"a:{self._people[key]}"

    async def say(self, key: str, text: str) -> None:
        await self._post(a_message(text=text, **self._said_by(key)))

    async def send(self, key: str, text: str, name: str, content: bytes) -> None:
        file = self.far.file_sent(name, content)
        await self._post(a_message(text=text, attachments=[file], **self._said_by(key)))

    async def press(self, key: str, message: Message, button: Button, values: dict[str, str]) -> None:
        found = (
            (identifier, action)
            for identifier, activity in reversed(self.far.kept.items())
            if activity["conversation"]["id"] == self.conversation(key)
            for action in _actions(activity)
            if action["title"] == button.label and action["data"]["card"] == message.card
        )
        identifier, action = next(found, ("", {}))
        assert action, f"no card in Teams has the button [{button.label}]"
        # What a form does not ask for, Teams does not send.
        filled = values if action["associatedInputs"] != "none" else {}
        await self._post(a_press(action["data"] | filled, replyToId=identifier, **self._said_by(key)))

    def check(self, delivery: Delivery) -> None:
        lost = missing(delivery.message, " ".join(_shown(self.far.sent_for(delivery))))
        assert not lost, f"Teams does not show: {lost}"

    async def _install(self, key: str) -> None:
        said_by = self._said_by(key)
        joined = [{"id": said_by["from"]["id"]}, {"id": "28:bot"}]
        await self._post(a_message(type="conversationUpdate", text=None, membersAdded=joined, **said_by))

    def _said_by(self, key: str) -> dict[str, Any]:
        return {
            "id": f"activity-{next(self._counter)}",
            "serviceUrl": self.far.service_url,
            "from": {"id": f"29:{self._people[key]}", "name": "Somebody", "aadObjectId": self._senders[key]},
            "conversation": {"id": self.conversation(key), "conversationType": "personal", "tenantId": TENANT},
            "entities": None,
        }

    async def _post(self, activity: dict[str, Any]) -> None:
        async with self._http.post(self._url, json=activity) as response:
            self.answered.append(await response.text())
            assert response.status == 200, self.answered[-1]

    def _bind(self, connection: Connection) -> None:
        """Knows everybody by their id in Teams; whom the import gave none gets one."""
        ours = select(identity.c.person_id, identity.c.remote_id).where(identity.c.channel == self.channel)
        known = {row.person_id: row.remote_id for row in connection.execute(ours)}
        for row in connection.execute(select(person.c.id, person.c.key)).all():
            if self._only and row.key not in self._only:
                continue
            if row.id not in known:
                known[row.id] = f"sample-{row.id}"
                bound = {"channel": self.channel, "remote_id": known[row.id], "person_id": row.id}
                connection.execute(insert(identity), bound)
            self._people[row.key] = row.id
            self._senders[row.key] = known[row.id]
        for number, stranger in enumerate(sorted(set(self._only) - set(self._people)), 90_001):
            self._people[stranger], self._senders[stranger] = number, f"stranger-{number}"


def _parts(part: Any) -> Iterator[dict[str, Any]]:
    """Every object within a part of an activity, in its order."""
    if isinstance(part, dict):
        yield part
    if isinstance(part, dict | list):
        for inner in part.values() if isinstance(part, dict) else part:
            yield from _parts(inner)


def _actions(activity: dict[str, Any]) -> Iterator[dict[str, Any]]:
    return (part for part in _parts(activity) if part.get("type") == "Action.Execute")


def _shown(activity: dict[str, Any]) -> Iterator[str]:
    for part in _parts(activity):
        yield from (part[name] for name in _SHOWN & part.keys() if isinstance(part[name], str))
