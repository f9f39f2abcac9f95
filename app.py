"""The composition root and command line: the only file that knows every floor."""

import sys

if sys.version_info < (3, 11):
    sys.exit(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}. Try: PYTHON=python3.12 make run")

import argparse
import asyncio
import json
import logging
import os
import random
import signal
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aiohttp import web
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from bot.channel import Channel
from bot.clock import Clock
from bot.postman import TEAMS_LIMITS, Limits, Postman
from bot.settings import LOOPBACK, Settings, SettingsError, read_settings
from bot.teams.room import TeamsRoom
from bot.teams.settings import SERVICE_HOSTS, TeamsSettings
from bot.web.room import WebRoom
from dialogs import turn
from dialogs.incoming import Heard, Incoming
from knowledge import desk, direct_connect
from knowledge.matching.port import Catalogue, Matcher
from knowledge.matching.simple import SimpleMatcher
from knowledge.notices import Notice
from knowledge.people import Role
from storage import catalogue as catalogues
from storage import importing, migrations, outbox
from storage.conversations import forget_heard
from storage.database import Database
from storage.outbox import Claimed, Outbox
from storage.people import People
from storage.web import WebStore
from storage.work import Work

log = logging.getLogger("connect")

SAMPLE = Path(__file__).parent / "samples" / "community"
TICK = timedelta(seconds=15)
SWEEP = timedelta(hours=1)
KEPT = timedelta(days=7)
"""How long delivered rows and what was heard are kept: no channel delivers again after that."""


class House:
    """The running bot: one database, its channels, the postman and the clock."""

    def __init__(
        self,
        settings: Settings,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        build: Callable[[Catalogue], Matcher] = SimpleMatcher,
    ) -> None:
        self.settings = settings
        self.now = now
        self.database = Database(settings.database_url)
        self.matchers = catalogues.Matchers(build)
        self.teams = TeamsRoom(_teams(settings), self.hear)
        self.web = WebRoom(WebStore(self.database, now), self.hear, now=now) if settings.development else None
        self.channels: dict[str, Channel] = {room.name: room for room in (self.teams, self.web) if room is not None}
        self.postman = Postman(
            Outbox(self.database, self._undeliverable),
            self.channels,
            owner=uuid.uuid4().hex,
            now=now,
            random=random.Random(),
            limits={self.teams.name: Limits(*TEAMS_LIMITS)},
        )
        self.clock = Clock()

    def work(self, connection: Connection) -> Work:
        return Work(
            connection,
            now=self.now(),
            pace=self.settings.pace,
            matchers=self.matchers,
            newcomer_reach=self.settings.newcomer_reach,
        )

    async def hear(self, incoming: Incoming) -> Heard:
        """One turn in one transaction; what it said is on its way as soon as it is committed."""
        heard = await self.database.run(lambda connection: turn.hear(self.work(connection), incoming))
        self.postman.wake()
        return heard

    async def tick(self) -> int:
        """Moves on every question that waited long enough, each in its own transaction. Returns how many."""
        now = self.now()
        numbers = await self.database.look(lambda connection: self.work(connection).questions.due(now, 500))
        for number in numbers:
            await self.database.run(lambda connection, number=number: self._due(connection, number))
        if numbers:
            self.postman.wake()
        return len(numbers)

    async def sweep(self) -> None:
        """Forgets what is no longer needed: what was heard, and rows of the outbox that are over."""
        before = self.now() - KEPT

        def forget(connection: Connection) -> None:
            forget_heard(connection, before)
            outbox.prune(connection, before)

        await self.database.run(forget)

    def application(self) -> web.Application:
        """The HTTP side. A channel opens with it and closes with it."""
        application = web.Application()
        application.add_routes([web.get("/healthz", self._health), *self.teams.routes()])
        if self.web is not None:
            application.add_routes(self.web.routes())
            application.on_shutdown.append(self.web.close)
        application.on_startup.append(self._open)
        application.on_cleanup.append(self._close)
        return application

    def start_background(self) -> None:
        """The postman and the clock, on the running loop."""
        self._delivering = asyncio.create_task(self.postman.run())
        self.clock.every(TICK, self.tick, "tick")
        self.clock.every(SWEEP, self.sweep, "sweep")
        self.clock.start()

    async def stop_background(self) -> None:
        self.clock.stop()
        await self.postman.stop()
        await self._delivering

    async def _open(self, _application: web.Application) -> None:
        await self.teams.start()
        if self.web is not None:
            await self.web.open()

    async def _close(self, _application: web.Application) -> None:
        await self.teams.close()
        self.database.close()

    async def _health(self, _request: web.Request) -> web.Response:
        try:
            await self.database.look(catalogues.version)
        except SQLAlchemyError:
            log.exception("the database does not answer")
            return web.json_response({"ok": False, "database": "does not answer"}, status=503)
        return web.json_response({"ok": True})

    def _due(self, connection: Connection, number: int) -> None:
        work = self.work(connection)
        turn.tell(work, direct_connect.due(work, number))

    def _undeliverable(self, connection: Connection, claimed: Claimed, reason: str) -> None:
        """A message nobody will get: the question moves on, and a facilitator hears of it. In the postman's
        transaction, so that it happens once."""
        work = self.work(connection)
        if claimed.person_id is not None:
            turn.tell(work, desk.undeliverable(work, claimed.person_id, claimed.about, claimed.kind, reason))


def _teams(settings: Settings) -> TeamsSettings:
    return TeamsSettings(
        app_id=settings.teams_app_id,
        app_password=settings.teams_app_password,
        tenants=settings.teams_tenants,
        service_hosts=settings.teams_service_hosts or SERVICE_HOSTS,
        development=settings.development,
    )
