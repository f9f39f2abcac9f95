"""A served page over a real database, with a scripted turn behind it."""

import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.web.room import WebRoom
from storage.database import Database
from storage.web import WebStore
from tests.web.stage import NOON, Script, settle_people

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@dataclass
class Stage:
    """What a test plays on. `stop` and `start` take the server away and bring it back on the same port."""

    script: Script
    room: WebRoom
    store: WebStore
    server: TestServer
    url: str
    port: int

    @property
    def origin(self) -> dict[str, str]:
        """The header that a browser adds to what the page sends."""
        return {"Origin": self.url.rstrip("/")}

    async def stop(self) -> None:
        await self.server.close()

    async def start(self) -> None:
        self.room, self.server = await _served(self.script, self.store, self.port)


async def _served(script: Script, store: WebStore, port: int | None = None) -> tuple[WebRoom, TestServer]:
    room = WebRoom(store, script.hear, now=lambda: NOON, heartbeat=0.2)
    script.room = room
    app = web.Application()
    app.add_routes(room.routes())
    app.on_shutdown.append(room.close)
    server = TestServer(app, port=port)
    await server.start_server()
    return room, server


@pytest_asyncio.fixture
async def stage(sqlite_database: Database) -> AsyncIterator[Stage]:
    settle_people(sqlite_database)
    script, store = Script(), WebStore(sqlite_database)
    room, server = await _served(script, store)
    await room.open()
    assert server.port is not None
    stage = Stage(script, room, store, server, str(server.make_url("/")), server.port)
    yield stage
    await stage.stop()


@pytest_asyncio.fixture
async def client(stage: Stage) -> AsyncIterator[TestClient[web.Request, web.Application]]:
    client: TestClient[web.Request, web.Application] = TestClient(stage.server)
    yield client
    await client.close()
