"""Teams as a wire: activities over real HTTP to /api/messages, and a connector that keeps what it is sent.

A press looks for its button in the card as it was rendered, and sends back what Teams would.
"""

import itertools
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from sqlalchemy import insert, select

from app import House
from bot.channel import Delivery
from dialogs.message import Button, Message
from storage import schema
from tests.teams.fakes import TENANT, Microsoft, a_message, a_press


class Teams:
    """Everybody of the community has the bot installed."""

    channel = "teams"

    def __init__(self) -> None:
        self._microsoft = Microsoft()
        # Without an app id, as in the Agents Playground, nothing carries a token.
        self._microsoft.valid_tokens.add("")
        self._senders: dict[str, str] = {}
        self._people: dict[str, int] = {}
        self._counter = itertools.count(1)
        self._http: ClientSession
        self._url = ""

    @asynccontextmanager
    async def open(self, house: House) -> AsyncIterator[None]:
        far = TestServer(self._microsoft.app())
        await far.start_server()
        self._microsoft.url = str(far.make_url("")).rstrip("/")
        application = web.Application()
        application.add_routes(house.teams.routes())
        near = TestServer(application)
        await near.start_server()
        self._url = str(near.make_url("/api/messages"))
        self._install(house)
        await house.teams.start()
        async with ClientSession() as self._http:
            yield
        await house.teams.close()
        await near.close()
        await far.close()

    def conversation(self, key: str) -> str:
        return f"a:{self._people[key]}"

    async def say(self, key: str, text: str) -> None:
        await self._post(a_message(text=text, entities=None, **self._said_by(key)))

    async def press(self, key: str, message: Message, button: Button, values: dict[str, str]) -> None:
        action = next(
            action
            for activity in reversed(self._microsoft.kept.values())
            if activity["conversation"]["id"] == self.conversation(key)
            for action in _actions(activity)
            if action["title"] == button.label
            and action["data"]["say"] == button.say
            and action["data"].get("card", "") == message.card
        )
        # What a form does not ask for, Teams does not send.
        filled = values if action.get("associatedInputs") != "none" else {}
        await self._post(a_press(action["data"] | filled, entities=None, **self._said_by(key)))

    def check(self, delivery: Delivery) -> None:
        shown = _plain(" ".join(_strings(self._microsoft.sent_for(delivery))))
        message = delivery.message
        parts = [message.title, message.text, message.note, message.entries_title]
        parts += [quote.text for quote in message.quotes]
        parts += [part for fact in message.facts for part in (fact.label, fact.value)]
        parts += [part for entry in message.entries for part in (entry.title, entry.text, entry.note)]
        parts += [button.label for button in message.buttons]
        for part in parts:
            assert _plain(part) in shown, f"Teams does not show: {part}"

    def _said_by(self, key: str) -> dict[str, Any]:
        return {
            "id": f"activity-{next(self._counter)}",
            "serviceUrl": self._microsoft.service_url,
            "from": {"id": f"29:{self._people[key]}", "name": "Somebody", "aadObjectId": self._senders[key]},
            "conversation": {"id": self.conversation(key), "conversationType": "personal", "tenantId": TENANT},
        }

    async def _post(self, activity: dict[str, Any]) -> None:
        async with self._http.post(self._url, json=activity) as response:
            assert response.status == 200, await response.text()

    def _install(self, house: House) -> None:
        with house.database.begin() as connection:
            known = {
                row.person_id: row.remote_id
                for row in connection.execute(select(schema.identity).where(schema.identity.c.channel == self.channel))
            }
            for person in connection.execute(select(schema.person)).all():
                self._people[person.key] = person.id
                self._senders[person.key] = known.get(person.id, f"sample-{person.id}")
                if person.id not in known:
                    bound = {"channel": self.channel, "remote_id": f"sample-{person.id}", "person_id": person.id}
                    connection.execute(insert(schema.identity), bound)
                address = {
                    "service_url": self._microsoft.service_url,
                    "bot_id": "28:bot",
                    "bot_name": "CoP bot",
                    "tenant": TENANT,
                    "conversation": f"a:{person.id}",
                    "user": f"29:{person.id}",
                }
                conversation = {
                    "channel": self.channel,
                    "remote_id": f"a:{person.id}",
                    "person_id": person.id,
                    "address": address,
                    "used_at": house.now(),
                }
                connection.execute(insert(schema.conversation), conversation)


def _actions(part: Any) -> Iterator[dict[str, Any]]:
    """Every Action.Execute below a part of an activity."""
    if isinstance(part, dict):
        if part.get("type") == "Action.Execute":
            yield part
        for inner in part.values():
            yield from _actions(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _actions(inner)


def _strings(part: Any) -> Iterator[str]:
    if isinstance(part, str):
        yield part
    elif isinstance(part, dict | list):
        for inner in part.values() if isinstance(part, dict) else part:
            yield from _strings(inner)


def _plain(text: str) -> str:
    return "".join(json.loads(json.dumps(text)).split())
