"""Calendars of others are fetched and read beside any turn, since both may take a while."""

import asyncio
import logging
from datetime import timedelta
from functools import partial

from bot.calendars.fetching import CalendarFetcher, Fetched
from bot.calendars.guard import Guard
from bot.failing import log_failure
from house.ground import Ground, Move
from knowledge import calendars
from knowledge.calendar_source import State
from storage.calendars import Calendars

log = logging.getLogger("connect")

READING = timedelta(minutes=2)
"""How long one replica may be at fetching and reading a calendar."""


class CalendarReader:
    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._guard = Guard()
        self._fetcher = CalendarFetcher(loopback=ground.settings.development)
        self._at_it = asyncio.Lock()
        self._soon: asyncio.Task[None] | None = None

    def read_soon(self) -> None:
        """Whoever handed in a calendar need not wait for the clock."""
        if self._soon is None or self._soon.done():
            self._soon = asyncio.create_task(self.read())

    def stop(self) -> None:
        if self._soon is not None:
            self._soon.cancel()

    async def read(self) -> None:
        """Fetches and reads the calendars whose time has come."""
        if self._at_it.locked():
            return
        async with self._at_it:
            now = self._ground.now
            for number in await self._ground.database.look(lambda connection: Calendars(connection).due(now(), 20)):
                try:
                    await self._read(number)
                except Exception as error:
                    # The next tick but one finds it again. What it says may quote the calendar.
                    log_failure(log, f"reading calendar {number}", error)
                self._ground.postman.wake()

    async def _read(self, number: int) -> None:
        now = self._ground.now()
        source = await self._ground.database.run(
            lambda connection: Calendars(connection).claim(number, now, now + READING)
        )
        if source is None:
            return
        if source.state is State.ASKING:
            await self._ground.move(number, calendars.due)
            return
        fetched = Fetched(source.content or b"")
        if source.url:
            fetched = await self._fetcher.fetch(source.url, source.etag, source.modified)
        moved: Move
        if fetched.problem:
            moved = partial(calendars.failed, problem=fetched.problem)
        elif fetched.unchanged:
            moved = calendars.unchanged
        else:
            reading = await self._guard.read(fetched.content, now, source.zone)
            moved = partial(calendars.read, reading=reading, etag=fetched.etag, modified=fetched.modified)
        await self._ground.move(number, moved)
