"""Slack as a wire: signed requests over real HTTP to /slack/…, and a Web API that keeps what it is sent.

A press looks for its button in the blocks as they were rendered, and sends back what Slack would.
"""

import itertools
import json
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import ClientSession
from aiohttp.test_utils import TestServer, unused_port
from sqlalchemy import Connection, insert, select

from app import House
from bot.channel import Delivery
from bot.slack import blocks
from dialogs.message import Button, Message
from storage.schema import identity, person
from tests.chat.player import missing
from tests.slack.fakes import SECRET, TOKEN, WORKSPACE, Slack, event_body, headers, interaction, message


class SlackWire:
    """Everybody of the community opens the bot's messages first, and is welcomed; or only these, by their keys, some of
    whom may be strangers. `answered` is all that we answered to what Slack sent."""

    channel = "slack"

    def __init__(self, only: Collection[str] = ()) -> None:
        self._only = only
        self.answered: list[str] = []
        self.far = Slack()
        self._people: dict[str, int] = {}
        self._counter = itertools.count(1)
        self._port = unused_port()
        self._house: House
        self._http: ClientSession
        self._near: TestServer

    @asynccontextmanager
    async def open(self, house: House) -> AsyncIterator[None]:
        self._house = house
        await house.database.run(self._bind)
        assert house.slack is not None, "Settings of a house on this wire name a bot token"
        async with (
            TestServer(self.far.app(), port=self._port),
            TestServer(house.application()) as self._near,
            ClientSession() as self._http,
        ):
            for key in self._people:
                await self._event({"type": "app_home_opened", "tab": "messages", "user": self._user(key)})
            yield

    def settings(self) -> dict[str, Any]:
        """What a house on this wire must be told; the far side opens at that address."""
        return {
            "slack_bot_token": TOKEN,
            "slack_signing_secret": SECRET,
            "slack_workspaces": (WORKSPACE,),
            "slack_api_url": f"http://127.0.0.1:{self._port}/api/",
        }

    def conversation(self, key: str) -> str:
        return f"{WORKSPACE}:{self._user(key)}"

    async def say(self, key: str, text: str) -> None:
        escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        await self._event(message(escaped, f"{next(self._counter)}.000200", self._user(key)))

    async def send(self, key: str, text: str, name: str, content: bytes) -> None:
        file = self.far.file_sent(name, content, f"http://127.0.0.1:{self._port}")
        stamp = f"{next(self._counter)}.000200"
        await self._event(message(text, stamp, self._user(key), subtype="file_share", files=[file]))

    async def press(self, key: str, message: Message, button: Button, values: dict[str, str]) -> None:
        found = (
            (name, element)
            for name, sent in reversed(self.far.kept.items())
            if name.startswith(f"D{self._user(key)}:")
            for element in _choices(sent["blocks"])
            if element["text"]["text"] == button.label and json.loads(element["value"])["card"] == message.card
        )
        name, element = next(found, ("", {}))
        assert element, f"no message in Slack has the button [{button.label}]"
        carried = json.loads(element["value"])
        action = {"type": "button", "value": element["value"], "action_id": "button:0"}
        state = _state(values) if "form" in carried else {"values": {}}
        await self._interact("block_actions", key, actions=[action], state=state, message={"ts": name.split(":")[1]})
        if "fields" in carried:
            view = self.far.views.pop()
            await self._interact("view_submission", key, view={**view, "state": _state(values)})

    def check(self, delivery: Delivery) -> None:
        rendered = blocks.render(delivery.message)["blocks"]
        assert any(sent["blocks"] == rendered for sent in self.far.kept.values()), "Slack was not shown this"
        opened = [
            blocks.modal(json.loads(element["value"]))
            for element in _choices(rendered)
            if "fields" in json.loads(element["value"])
        ]
        lost = missing(delivery.message, " ".join(_shown([rendered, opened])))
        assert not lost, f"Slack does not show: {lost}"

    def _user(self, key: str) -> str:
        return f"U{self._people[key]}"

    async def _event(self, event: dict[str, Any]) -> None:
        await self._post("events", event_body(event, f"Ev{next(self._counter)}"))

    async def _interact(self, kind: str, key: str, **more: Any) -> None:
        await self._post("interactive", interaction(kind, self._user(key), f"t{next(self._counter)}", **more))

    async def _post(self, path: str, body: bytes) -> None:
        signed = headers(body, int(self._house.now().timestamp()))
        async with self._http.post(self._near.make_url(f"/slack/{path}"), data=body, headers=signed) as response:
            self.answered.append(await response.text())
            assert response.status == 200, self.answered[-1]
        assert self._house.slack is not None
        await self._house.slack.settled()

    def _bind(self, connection: Connection) -> None:
        """Knows everybody by their id in Slack."""
        for row in connection.execute(select(person.c.id, person.c.key)).all():
            if self._only and row.key not in self._only:
                continue
            self._people[row.key] = row.id
            bound = {"channel": self.channel, "remote_id": f"{WORKSPACE}:U{row.id}", "person_id": row.id}
            connection.execute(insert(identity), bound)
        for number, stranger in enumerate(sorted(set(self._only) - set(self._people)), 90_001):
            self._people[stranger] = number
        for number in self._people.values():
            self.far.users[f"U{number}"] = {"real_name": "Somebody", "tz": "UTC", "locale": "en-US", "deleted": False}


def _state(values: dict[str, str]) -> dict[str, Any]:
    inputs = {f"field:{n}": {n: {"type": "plain_text_input", "value": value or None}} for n, value in values.items()}
    return {"values": inputs}


def _choices(rendered: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Every button that submits something, and every option of a list."""
    for block in rendered:
        for element in block["elements"] if block["type"] == "actions" else ():
            yield from element.get("options", () if "url" in element else (element,))


def _shown(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        yield from (part[name] for name in ("text", "initial_value", "alt_text") if isinstance(part.get(name), str))
    if isinstance(part, dict | list):
        for inner in part.values() if isinstance(part, dict) else part:
            yield from _shown(inner)
