"""Fixtures of the Teams suite."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
import requests
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.teams import TeamsRoom
from tests.teams.fakes import Microsoft, Recorder, World, settings_for

OpenWorld = Callable[..., Awaitable[World]]


@pytest.fixture(autouse=True)
def no_blocking_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK's stock roads go through `requests`, which would hold the event loop."""

    def refuse(*_args: object, **_kwargs: object) -> None:
        raise AssertionError("requests was called")

    monkeypatch.setattr(requests.Session, "request", refuse)
    monkeypatch.setattr(requests.Session, "send", refuse)


@pytest_asyncio.fixture
async def microsoft() -> AsyncIterator[Microsoft]:
    fake = Microsoft()
    # A hanging answer must not hold the server's own end.
    server = TestServer(fake.app(), shutdown_timeout=0.01)
    await server.start_server()
    fake.url = str(server.make_url("")).rstrip("/")
    yield fake
    fake.gate.set()
    await server.close()


@pytest_asyncio.fixture
async def open_world(microsoft: Microsoft) -> AsyncIterator[OpenWorld]:
    """Makes a bot with given settings; several in one test are possible."""
    opened: list[World] = []

    async def opening(*, prepare: Callable[[Any], Any] = lambda settings: settings, **changes: Any) -> World:
        room_options = {name: changes.pop(name) for name in ("send_seconds", "file_seconds") if name in changes}
        hear, settings = Recorder(), prepare(settings_for(microsoft, **changes))
        room = TeamsRoom(settings, hear, **room_options)
        await room.start()
        app = web.Application()
        app.add_routes(room.routes())
        server = TestServer(app)
        await server.start_server()
        opened.append(World(microsoft, hear, settings, room, server))
        return opened[-1]

    yield opening
    await asyncio.gather(*(world.server.close() for world in opened))
    await asyncio.gather(*(world.room.close() for world in opened))


@pytest_asyncio.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session
