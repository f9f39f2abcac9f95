"""A served page over a real database, with a scripted turn behind it."""

import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.web.room import WebRoom
from storage.database import Database
from storage.schema import metadata
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

    @property
    def url(self) -> str:
        return str(self.server.make_url("/"))

    @property
    def origin(self) -> dict[str, str]:
        """The header that a browser adds to what the page sends."""
        return {"Origin": self.url.rstrip("/")}

    async def stop(self) -> None:
        await self.server.close()

    async def start(self) -> None:
        port = self.server.port
        self.server = await _served(self.script, self.store, self, port)


async def _served(script: Script, store: WebStore, stage: Stage | None = None, port: int | None = None) -> TestServer:
    room = WebRoom(store, script.hear, now=lambda: NOON, heartbeat=0.2)
    script.room = room
    if stage is not None:
        stage.room = room
    app = web.Application()
    app.add_routes(room.routes())
    app.on_shutdown.append(room.close)
    server = TestServer(app, port=port)
    await server.start_server()
    return server


@pytest.fixture
def people_database(tmp_path: Path) -> Iterator[Database]:
    """A real SQLite file with five sample people."""
    database = Database(f"sqlite:///{tmp_path}/page.db")
    metadata.create_all(database.writer)
    settle_people(database)
    yield database
    database.close()


@pytest_asyncio.fixture
async def stage(people_database: Database) -> AsyncIterator[Stage]:
    script, store = Script(), WebStore(people_database)
    server = await _served(script, store)
    assert script.room is not None
    stage = Stage(script, script.room, store, server)
    await stage.room.open()
    yield stage
    await stage.stop()


@pytest_asyncio.fixture
async def client(stage: Stage) -> AsyncIterator[TestClient[web.Request, web.Application]]:
    client: TestClient[web.Request, web.Application] = TestClient(stage.server)
    yield client
    await client.close()
