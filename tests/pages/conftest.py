"""The bot's pages, served as they are, over a community."""

import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

import pytest
import pytest_asyncio
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import select

from app import House
from bot.pages.page import ADDRESSES, PAGES, Address, File, Look, Moved, Page, Shown, Visit
from bot.settings import Settings
from knowledge.errors import Refusal
from knowledge.people import DESK, Role
from storage.database import Database
from storage.schema import person
from tests.chat.player import FakeClock

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@dataclass
class Door:
    """One browser before the served pages."""

    house: House
    clock: FakeClock
    client: TestClient[web.Request, web.Application]

    @property
    def origin(self) -> dict[str, str]:
        """The header that a browser adds to a form of ours."""
        return {"Origin": self.house.signer.base}

    def number(self, key: str) -> int:
        with self.house.database.reading() as connection:
            return connection.execute(select(person.c.id).where(person.c.key == key)).scalar_one()

    def link(self, key: str, path: str) -> str:
        """The path of a link for somebody of the community."""
        return self.house.signer.link(self.number(key), path).removeprefix(self.house.signer.base)

    async def open(self, key: str, path: str) -> ClientResponse:
        """Follows a fresh link to the page behind it."""
        return await self.client.get(self.link(key, path))


async def _probe(visit: Visit) -> Shown:
    return Shown("told.html", {"text": "secret of the desk"})


async def _broken(visit: Visit) -> Shown:
    raise RuntimeError(visit.query["said"])


async def _refusing(visit: Visit) -> Shown:
    raise Refusal("question.unknown", question=12)


async def _form(visit: Visit) -> Moved:
    return Moved("/home?" + urlencode({"said": visit.form["word"]}))


async def _probed(said: str, look: Look) -> File | None:
    return File(said.encode(), "image/png") if said == "blue" else None


PROBES = [
    Page("/probe", "pages.home", _probe, DESK, listed=False, posts=False),
    Page("/broken", "pages.home", _broken, frozenset({Role.MEMBER}), listed=False, posts=False),
    Page("/refusing", "pages.home", _refusing, frozenset({Role.MEMBER}), listed=False, posts=False),
    Page("/form", "pages.home", _form, frozenset({Role.MEMBER}), listed=False, posts=True),
]


@pytest_asyncio.fixture
async def door(sqlite_community: Database, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Door]:
    for probe in PROBES:
        monkeypatch.setitem(PAGES, probe.path, probe)
    for kind in ("probed", "other"):
        monkeypatch.setitem(ADDRESSES, kind, Address(kind, _probed, timedelta(days=1)))
    clock = FakeClock()
    house = House(Settings(_env_file=None), database=sqlite_community, now=clock)
    application = web.Application()
    application.add_routes(house.pages.routes())
    async with TestClient(TestServer(application)) as client:
        yield Door(house, clock, client)
