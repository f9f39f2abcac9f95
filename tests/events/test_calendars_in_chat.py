"""Calendars of others in chat: handed in, read beside the turn, merged as they change, and given up when they fail."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bench.calendar import calendar, event
from dialogs.incoming import File
from knowledge.event import State
from storage.database import Database
from storage.events import Events
from tests.chat.town import ELIF, LITIA, OUSMANE, SAMIRA, Town, town

WEEK = timedelta(days=7)


@dataclass
class Far:
    """A far side that gives a calendar: what it says, and what it was asked."""

    text: str = ""
    status: int = 200
    etag: str = '"1"'
    asked: list[dict[str, str]] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(dict(request.headers))
        if self.status == 200 and request.headers.get("If-None-Match") == self.etag:
            return web.Response(status=304)
        headers = {"ETag": self.etag, "Content-Type": "text/calendar"}
        return web.Response(status=self.status, text=self.text, headers=headers)


@asynccontextmanager
async def far() -> AsyncIterator[tuple[Far, str]]:
    there = Far()
    application = web.Application()
    application.add_routes([web.get("/cal.ics", there.answer)])
    async with TestServer(application) as server:
        yield there, str(server.make_url("/cal.ics"))


def meeting(number: int, start: str, *more: str) -> str:
    return event(number, *more, start=f"DTSTART;TZID=Europe/Zurich:{start}", title="Clinic")


async def soon(there: Town) -> None:
    await there.later(timedelta(minutes=1))


async def test_a_calendar_without_zones_asks_which_city_is_meant(database: Database) -> None:
    async with town(database) as there:
        file = File("x.ics", content=calendar(event(1, start="DTSTART;TZID=Moon:20260318T100000")).encode())
        await there.send(ELIF, file)
        await soon(there)
        assert "nobody here knows: Moon" in there.texts_of(ELIF)
        await there.press(ELIF, there.button(ELIF, "calendar zone 1"), "calendar:1", venue="Brazil")
        assert "several time zones" in there.texts_of(ELIF)
        await there.step(ELIF, "calendar zone 1 Nairobi")
        await soon(there)
        assert "Wed 18 Mar, 10:00–11:00 (Istanbul time)" in there.texts_of(ELIF)
        await there.step(ELIF, "plan all 1", "calendar:1")
        assert "1 event is in the calendar" in there.texts_of(ELIF)


async def test_a_members_file_goes_to_whoever_moderates(database: Database) -> None:
    async with town(database) as there:
        content = calendar(event(1, start="DTSTART:20260318T100000Z")).encode()
        await there.send(OUSMANE, File("x.ics", content=content))
        await soon(there)
        await there.step(OUSMANE, "plan all 1", "calendar:1")
        assert "1 événement est en modération" in there.texts_of(OUSMANE)
        with database.reading() as connection:
            [one] = Events(connection, there.clock()).from_source(1)
        assert one.state is State.SUBMITTED
        await there.step(LITIA, "plan all 1")
        assert "no calendar 1" in there.texts_of(LITIA)


async def test_what_nobody_says_yes_to_is_given_up(database: Database) -> None:
    async with town(database) as there:
        await there.send(ELIF, File("x.ics", content=calendar(event(1, start="DTSTART:20270318T100000Z")).encode()))
        await soon(there)
        await there.later(timedelta(days=8))
        await there.step(ELIF, "plan all 1")
        assert "no calendar 1" in there.texts_of(ELIF)


async def test_what_changes_in_a_calendar_that_is_followed_changes_here(database: Database) -> None:
    async with town(database) as there, far() as (other, url):
        other.text = calendar(meeting(1, "20260318T100000"), meeting(2, "20260325T100000"))
        await there.step(ELIF, f"follow calendar {url} for crisis network")
        await soon(there)
        assert "2 events of it are in the calendar" in there.texts_of(ELIF)
        await there.step(LITIA, "rsvp 1 yes")
        await there.step(LITIA, "rsvp 2 yes")
        # Nothing new: asked with what it said last, and nobody hears of it.
        await there.later(timedelta(hours=2))
        assert other.asked[-1]["If-None-Match"] == '"1"'
        assert there.heard == []
        # One is moved, one is gone, one is new.
        other.text = calendar(meeting(1, "20260319T110000", "SEQUENCE:1"), meeting(3, "20260401T100000"))
        other.etag = '"2"'
        await there.later(timedelta(hours=2))
        told = there.texts_of(LITIA)
        assert "It was moved. Your yes is kept" in told
        assert "It is called off and does not take place on Wednesday 25 March" in told
        await there.step(LITIA, "events")
        listed = there.texts_of(LITIA)
        assert "Thu 19 Mar, 22:00" in listed
        assert "Wed 1 Apr" in listed
        assert "25 Mar" not in listed
        # An older version of it changes nothing back.
        other.text = calendar(meeting(1, "20260318T100000"), meeting(3, "20260401T100000"))
        other.etag = '"3"'
        await there.later(timedelta(hours=2))
        assert there.heard == []
        await there.step(ELIF, "stop calendar 1")
        assert "no longer follow it" in there.texts_of(ELIF)
        many = len(other.asked)
        await there.later(timedelta(days=1))
        assert len(other.asked) == many


async def test_a_calendar_that_fails_is_asked_ever_less_and_its_owner_hears_once(database: Database) -> None:
    async with town(database) as there, far() as (other, url):
        other.text = calendar(meeting(1, "20270318T100000"))
        await there.step(ELIF, f"follow calendar {url} for crisis network")
        await soon(there)
        other.status = 500
        heard = []
        asked = len(other.asked)
        for _ in range(24 * 9):
            await there.later(timedelta(hours=1))
            heard += [text for key, text in there.heard if key == ELIF and "Calendar 1" in text]
        assert len(heard) == 1
        assert "failed for a week" in heard[0]
        # Every hour it would have been 216 times.
        assert 8 <= len(other.asked) - asked <= 20
        await there.step(LITIA, "event 1")
        assert "Clinic 1" in there.texts_of(LITIA)


async def test_only_whoever_looks_after_a_network_follows_a_calendar_for_it(database: Database) -> None:
    async with town(database) as there:
        await there.step(SAMIRA, "follow calendar https://x.example/a.ics for crisis network")
        assert "Only whoever looks after a network" in there.texts_of(SAMIRA)
        await there.step(LITIA, "follow calendar https://x.example/a.ics")
        assert "I do not know" in there.texts_of(LITIA)
        await there.step(LITIA, "read calendar ftp://x.example/a.ics")
        assert "no address of a calendar" in there.texts_of(LITIA)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("https://127.0.0.1/a.ics", "Nothing answers"),
        ("https://10.0.0.8/a.ics", "private network"),
        ("https://169.254.169.254/latest/meta-data", "private network"),
        ("https://[::ffff:10.0.0.1]/a.ics", "private network"),
        ("http://example.org/a.ics", "does not begin with https"),
        ("https://example.org:8000/a.ics", "no address of a calendar"),
        ("https://user:secret@example.org/a.ics", "no address of a calendar"),
    ],
)
async def test_an_address_within_a_network_of_its_own_is_not_asked(database: Database, url: str, why: str) -> None:
    async with town(database) as there:
        await there.step(LITIA, f"read calendar {url}")
        await soon(there)
        assert why in there.texts_of(LITIA)
        assert "secret" not in there.texts_of(LITIA)


async def test_the_text_of_a_calendar_is_kept_nowhere_once_it_was_read(database: Database) -> None:
    async with town(database) as there:
        content = calendar(event(1, "X-SECRET:kestrel", start="DTSTART:20270318T100000Z")).encode()
        await there.send(ELIF, File("x.ics", content=content))
        await soon(there)
        with database.reading() as connection:
            source = there.house.work(connection).calendars.get(1)
        assert source is not None
        assert source.content is None
        await there.step(ELIF, "data")
        assert "kestrel" not in json.dumps(there.heard)
