"""The try-it page as a wire: what the page posts, over real HTTP, and the page itself as HTML.

A press looks for its button on the page, and sends what the page's script would.
"""

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from aiohttp import ClientSession
from aiohttp.test_utils import TestServer
from sqlalchemy import select

from app import House
from bot.channel import Delivery
from bot.web.html import message_html
from dialogs.message import Button, Message
from dialogs.wording import say_in
from storage.schema import person
from tests.chat.player import missing

# Nothing that was said before stands on the page of somebody who is forgotten.
_GOODBYES = {say_in(language)("forget.done") for language in ("en", "fr", "es")}


class Web:
    """Everybody of the community has a conversation on the page."""

    channel = "web"

    def __init__(self) -> None:
        self._people: dict[str, int] = {}
        # What stands in each conversation: a card by its name, as it was delivered last; anything else by its delivery.
        self._standing: dict[int, dict[str, Message]] = {}
        self._http: ClientSession
        self._server: TestServer

    @asynccontextmanager
    async def open(self, house: House) -> AsyncIterator[None]:
        self._server = TestServer(house.application())
        async with self._server, ClientSession() as self._http:
            with house.database.reading() as connection:
                self._people = {row.key: row.id for row in connection.execute(select(person.c.key, person.c.id))}
            yield
            for number in self._standing:
                await self._lines(number)

    def conversation(self, key: str) -> str:
        return f"web:{self._people[key]}"

    async def say(self, key: str, text: str) -> None:
        await self._post(self._people[key], text=text)

    async def send(self, key: str, text: str, name: str, content: bytes) -> None:
        url = self._server.make_url(f"/web/file/{self._people[key]}")
        params = {"key": str(uuid.uuid4()), "name": name, "text": text}
        headers = {"Origin": str(self._server.make_url("")).rstrip("/"), "Content-Type": "application/octet-stream"}
        async with self._http.post(url, params=params, data=content, headers=headers) as response:
            assert response.status == 200, await response.text()

    async def page(self, key: str) -> str:
        """What somebody's page holds now, with all that the browser does not show."""
        async with self._http.get(self._server.make_url(f"/?who={self._people[key]}")) as response:
            return await response.text()

    async def press(self, key: str, message: Message, button: Button, values: dict[str, str]) -> None:
        number = self._people[key]
        found = (
            (line, press)
            for line in reversed(await self._lines(number))
            if line.card == message.card
            for press in line.buttons
            if press.label == button.label
        )
        line, press = next(found, (_Line(), _Press()))
        assert press.say, f"no card on the page has the button [{button.label}]"
        unknown = values.keys() - line.fields.keys()
        assert not unknown, f"the card has no field {unknown}"
        filled = line.fields | values if press.form else {}
        await self._post(number, say=press.say, values=filled, card=line.card)

    def check(self, delivery: Delivery) -> None:
        lost = missing(delivery.message, _read(message_html(delivery.message), inside=True)[0].text)
        assert not lost, f"the page does not show: {lost}"
        standing = self._standing.setdefault(int(delivery.conversation.removeprefix("web:")), {})
        if delivery.message.text in _GOODBYES:
            standing.clear()
        standing[delivery.message.card or f"#{delivery.id}"] = delivery.message

    async def _post(self, number: int, **said: Any) -> None:
        url = self._server.make_url(f"/web/say/{number}")
        headers = {"Origin": str(self._server.make_url("")).rstrip("/")}
        async with self._http.post(url, json={"key": str(uuid.uuid4()), **said}, headers=headers) as response:
            assert response.status == 200, await response.text()

    async def _lines(self, number: int) -> list["_Line"]:
        """The person's conversation as the page shows it now; all that stands in it must be there."""
        async with self._http.get(self._server.make_url(f"/?who={number}")) as response:
            assert response.status == 200, await response.text()
            lines = _read(await response.text())
        for message in self._standing.get(number, {}).values():
            there = any(line.card == message.card and not missing(message, line.text) for line in lines)
            assert there, f"the page does not show: {message}"
        return lines


@dataclass(slots=True)
class _Press:
    say: str = ""
    form: bool = False
    label: str = ""


@dataclass(slots=True)
class _Line:
    """One line of a conversation. `fields` are those of its form, by name, as they are filled in."""

    text: str = ""
    card: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[_Press] = field(default_factory=list)


def _read(html: str, *, inside: bool = False) -> list[_Line]:
    """The lines of a page; with `inside`, the only line, from within."""
    reader = _Reader([_Line()] if inside else [])
    # Not as Markup, whose parts would be escaped again.
    reader.feed(str(html))
    reader.close()
    return reader.lines


class _Reader(HTMLParser):
    def __init__(self, lines: list[_Line]) -> None:
        super().__init__()
        self.lines = lines
        self._within = bool(lines)
        self._textarea = ""
        self._press: _Press | None = None

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        classes = given.get("class", "").split()
        if "line" in classes:
            self.lines.append(_Line())
            self._within = True
        elif "empty" in classes:
            self._within = False
        if not self._within:
            return
        line = self.lines[-1]
        line.text += given.get("alt", "")
        line.card = given.get("data-card", line.card)
        if "data-say" in given:
            self._press = _Press(given["data-say"], "data-form" in given)
            line.buttons.append(self._press)
        if "name" in given:
            line.fields[given["name"]] = given.get("value", "")
            line.text += f" {given.get('value', '')} "
            self._textarea = given["name"] if tag == "textarea" else ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._textarea:
            # As a browser does: the first line break is only markup.
            fields = self.lines[-1].fields
            fields[self._textarea] = fields[self._textarea].removeprefix("\n")
            self._textarea = ""
        elif tag == "button":
            self._press = None

    def handle_data(self, data: str) -> None:
        if not self._within:
            return
        self.lines[-1].text += data
        if self._textarea:
            self.lines[-1].fields[self._textarea] += data
        if self._press is not None:
            self._press.label += data
