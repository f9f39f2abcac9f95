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
import secrets
import signal
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from aiohttp import web
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from bot import doctor, exports
from bot.calendars.fetching import CalendarFetcher, Fetched
from bot.calendars.guard import Guard
from bot.channel import Channel, Group, MakesGroups, Unreachable
from bot.clock import Clock
from bot.email.room import EmailRoom
from bot.email.settings import EmailSettings
from bot.failing import log_failure
from bot.pages.room import PagesRoom
from bot.pages.signing import Signer
from bot.postman import SLACK_LIMITS, TEAMS_LIMITS, TEAMS_PER_SECOND, Limits, Postman
from bot.settings import Settings, SettingsError, read_settings
from bot.slack.room import SlackRoom
from bot.slack.settings import SlackSettings
from bot.teams.room import TeamsRoom
from bot.teams.settings import SERVICE_HOSTS, TeamsSettings
from bot.web.room import WebRoom
from dialogs import event_words, explaining, import_words, turn
from dialogs.commands import REGISTRY
from dialogs.commands import Group as CommandGroup
from dialogs.incoming import Heard, Incoming
from dialogs.wording import say_in
from knowledge import (
    after_events,
    assisting,
    calendars,
    calling,
    curating,
    desk,
    digesting,
    event_moves,
    flagging,
    monthly,
    moving_on,
    pulse,
    reminding,
    reporting,
    sending_digests,
    subscribing,
    summary,
    surveying,
    tending,
    work_items,
)
from knowledge import importing as import_rules
from knowledge import lessons as lesson_rows
from knowledge.calendar_source import State as SourceState
from knowledge.errors import Conflict, Refusal
from knowledge.held import ASKED_AFTER, STILL_ASKED
from knowledge.import_problem import Problem, phrase
from knowledge.matching import community
from knowledge.matching import encoder as encoders
from knowledge.matching.keeping import Kept
from knowledge.matching.port import Catalogue, Matcher
from knowledge.measurement import exporting
from knowledge.measurement.frameworks import frameworks
from knowledge.measurement.releasing import Release
from knowledge.notices import Notice
from knowledge.people import Person, Role
from knowledge.places import LANGUAGES
from manifest import slack as slack_manifest
from manifest import teams as teams_manifest
from storage import catalogue as catalogues
from storage import changes, groups, importing, imports, migrations, mornings, outbox, personal, pilot, vectors
from storage.assists import Assists
from storage.box import key_for
from storage.calendars import Calendars
from storage.conversations import forget_heard, shut
from storage.database import Database
from storage.desk import forget_moves
from storage.digests import Digests, digests_due, digests_taken_back
from storage.drafts import Drafts
from storage.events import Events
from storage.flags import Flags
from storage.held import HeldEvents, forget_attendance
from storage.issues import forget_issues
from storage.items import Items
from storage.linking import forget_tries
from storage.measurement import Measurement, forget_presence
from storage.monthly import ReportTurns
from storage.mornings import forget_mornings
from storage.outbox import Claimed, Outbox
from storage.people import People, describe
from storage.proposals import Calls, forget_endorsements
from storage.pulse import Pulses
from storage.questions import Questions
from storage.reminders import Reminders, forget_reminders
from storage.surveys import Surveys
from storage.web import WebStore
from storage.work import Work
from storage.work_items import chore_due

log = logging.getLogger("connect")


SAMPLE = Path(__file__).parent / "samples" / "community"
TICK = timedelta(seconds=15)
GROUPING = timedelta(minutes=2)
"""How long one replica may be at making a group conversation."""
GROUPING_GIVEN_UP = timedelta(minutes=15)
"""Since a peer assist began: a group conversation that could not be made by then is none."""
READING_CALENDAR = timedelta(minutes=2)
"""How long one replica may be at fetching and reading a calendar."""
REMIND = timedelta(seconds=1)
PAGES, REMINDERS, REMINDED = 4, 50, 200
"""Pages of reminders that are written at one look, how many are sent in one transaction, and at one look."""
SWEEP = timedelta(hours=1)
KEPT = timedelta(days=7)
"""How long delivered rows and what was heard are kept: no channel delivers again after that."""

TOLD_AFTER = 200
"""People who are asked about an event, and who get what is left of one, at one tick: no answer has to wait behind
them."""

PRESENT = timedelta(days=62)
"""How long it is noted who was here: until their month is counted, and no longer than it takes to notice that it was
not."""

KEPT_REMINDERS = timedelta(days=30)
"""Since the event began: until then its host may look how they went."""

PRESSABLE = timedelta(days=90)
"""How long a card's buttons can be pressed: longer than any question waits for a word."""


T = TypeVar("T")
Ring = tuple[Callable[..., list[int]], Callable[[Work, int], list[Notice]]]
"""How to find what is due, and what is done about each."""


class House:
    """The running bot: one database, its channels, the postman and the clock."""

    def __init__(
        self,
        settings: Settings,
        *,
        database: Database | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        build: Callable[[Catalogue], Matcher] | None = None,
    ) -> None:
        self.settings = settings
        self.now = now
        self.database = database or Database(settings.database_url)
        self.key = key_for(self.database.url.render_as_string(hide_password=False), settings.pulse_key)
        self.signer = Signer(settings.site, _pages_key(settings, self.key), now)
        self.pages = PagesRoom(
            self.signer,
            look=self._look,
            change=self._change,
            secure=not settings.development,
            also=frozenset({f"http://127.0.0.1:{settings.port}"} if settings.development else ()),
        )
        self.matchers = catalogues.Matchers(
            build or community.build(settings.matching_encoder, settings.caution, self._kept_vectors)
        )
        teams = _teams(settings)
        self.teams = TeamsRoom(teams, self.hear, now=now) if teams is not None else None
        self.web = WebRoom(WebStore(self.database), self.hear, now=now) if settings.development else None
        slack = _slack(settings)
        self.slack = SlackRoom(slack, self.hear, Directory(self.database), now=now) if slack is not None else None
        email = _email(settings)
        self.email = EmailRoom(email, Mailboxes(self), now=now) if email is not None else None
        rooms = (self.teams, self.slack, self.web, self.email)
        self.channels: dict[str, Channel] = {room.name: room for room in rooms if room is not None}
        self.grouping: dict[str, MakesGroups] = {}
        if settings.assist_groups:
            able = (self.slack, self.teams if self.teams is not None and self.teams.makes_groups else None)
            self.grouping = {room.name: room for room in able if room is not None}
        self.postman = Postman(
            Outbox(self.database, self._undeliverable),
            self.channels,
            owner=uuid.uuid4().hex,
            now=now,
            random=random.Random(),
            limits={TeamsRoom.name: Limits(*TEAMS_LIMITS), SlackRoom.name: Limits(*SLACK_LIMITS)},
            # Without an app id the far side is a desk, which counts nothing.
            per_second={EmailRoom.name: settings.smtp_per_second}
            | ({TeamsRoom.name: TEAMS_PER_SECOND} if settings.teams_app_id else {}),
        )
        self.clock = Clock()
        self._import_wanted = asyncio.Event()
        self.calendar_guard = Guard()
        self.calendar_fetcher = CalendarFetcher(loopback=settings.development)
        self._calendars_read = asyncio.Lock()
        self._calendar_reading: asyncio.Task[None] | None = None
        self._delivering: asyncio.Task[None] | None = None

    def work(self, connection: Connection) -> Work:
        return Work(
            connection,
            now=self.now(),
            pace=self.settings.pace,
            policy=self.settings.policy,
            matchers=self.matchers,
            newcomer_reach=self.settings.newcomer_reach,
            first_km=self.settings.first_km,
            grouping=frozenset(self.grouping),
            by_email=self.email is not None,
            framework=frameworks(),
            key=self.key,
            pages=self.signer,
        )

    def warm(self) -> None:
        """Reads what the community knows before the first question has to wait for it."""
        try:
            with self.database.reading() as connection:
                _, matcher = self.matchers.current(connection)
            if isinstance(matcher, community.CommunityMatcher):
                self._keep_vectors(matcher)
                matcher.prepare()
            event_words.prepare()
        except Exception:
            log.exception("Warming up failed; the first question will wait instead")

    async def _look(self, work: Callable[[Work], T]) -> T:
        """For pages: reads in one transaction."""
        return await self.database.look(lambda connection: work(self.work(connection)))

    async def _change(self, work: Callable[[Work], T]) -> T:
        """For pages: writes in one transaction; what was posted is on its way as soon as it is committed."""
        done = await self.database.run(lambda connection: work(self.work(connection)))
        self.postman.wake()
        return done

    async def hear(self, incoming: Incoming) -> Heard:
        """One turn in one transaction; what it said is on its way as soon as it is committed."""
        heard = await self.database.run(lambda connection: turn.hear(self.work(connection), incoming))
        self.postman.wake()
        if any(str(posted.payload.get("card", "")).startswith("import:") for posted in heard.posted):
            self._import_wanted.set()
        if any(said.payload.get("card", "").startswith("calendar:") for said in heard.posted):
            self._read_soon()
        return heard

    async def tick(self) -> int:
        """Moves on every question, peer assist and flag that waited long enough, and asks in pulses whose turn it is,
        each in its own transaction. Returns how many. What fails is logged and comes again with the next tick; nothing
        else waits for it."""
        now = self.now()
        moved = 0
        policy = self.settings.policy
        mornings_due = partial(mornings.due, begins=policy.summary_at, ends=policy.hours.working[1])
        rings: Sequence[Ring] = (*_RINGS, (mornings_due, summary.due))
        for find, move in rings:
            name = f"{move.__module__} {getattr(move, '__name__', '')}".strip()
            for number in await _tried(name, self.database.look(partial(find, now=now))) or ():
                due = self.database.run(partial(self._due, number=number, moved=move))
                moved += await _tried(f"{name} {number}", due) is not None
        await _tried("rezone", self.database.run(lambda connection: reminding.rezone(self.work(connection), 500)))
        moved += await _tried("remind", self.remind()) or 0
        await _tried("groups", self._make_groups())
        await _tried("calendars", self._read_calendars())
        await _tried("month", self._close_month())
        await _tried("imports", self.run_imports())
        if moved:
            self.postman.wake()
        return moved

    async def _close_month(self) -> None:
        """Counts the last month once it is over, before anybody asks for it. Read apart from where it is written: a
        large community takes some seconds, and nobody else should wait to write."""
        counted = await self.database.look(self._month_to_close)
        if counted is not None:
            found, brokers = counted
            await self.database.run(
                lambda connection: self.work(connection).measurement.keep(found, brokers, self.now())
            )

    def _month_to_close(self, connection: Connection) -> tuple[Release, tuple[int, ...]] | None:
        month = reporting.last_over(self.now())
        if Measurement(connection).kept(month) is not None or (
            (began := Measurement(connection).first_joined()) is None or began >= reporting.month_after(month)
        ):
            return None
        return reporting.counted(self.work(connection), month)

    def _read_soon(self) -> None:
        """Whoever handed in a calendar need not wait for the clock."""
        if self._delivering is not None and (self._calendar_reading is None or self._calendar_reading.done()):
            self._calendar_reading = asyncio.create_task(self._read_calendars())

    async def _read_calendars(self) -> None:
        """Fetches and reads the calendars whose time has come: beside any turn, since both may take a while."""
        if self._calendars_read.locked():
            return
        async with self._calendars_read:
            due = await self.database.look(lambda connection: Calendars(connection).due(self.now(), 20))
            for number in due:
                try:
                    await self._read_calendar(number)
                except Exception as error:
                    # The next tick but one finds it again. What it says may quote the calendar.
                    log_failure(log, f"reading calendar {number}", error)
                self.postman.wake()

    async def _read_calendar(self, number: int) -> None:
        now = self.now()
        source = await self.database.run(
            lambda connection: Calendars(connection).claim(number, now, now + READING_CALENDAR)
        )
        if source is None:
            return
        if source.state is SourceState.ASKING:
            await self.database.run(partial(self._due, number=number, moved=calendars.due))
            return
        fetched = Fetched(source.content or b"")
        if source.url:
            fetched = await self.calendar_fetcher.fetch(source.url, source.etag, source.modified)
        moved: Callable[[Work, int], list[Notice]]
        if fetched.problem:
            moved = partial(calendars.failed, problem=fetched.problem)
        elif fetched.unchanged:
            moved = calendars.unchanged
        else:
            reading = await self.calendar_guard.read(fetched.content, now, source.zone)
            moved = partial(calendars.read, reading=reading, etag=fetched.etag, modified=fetched.modified)
        await self.database.run(partial(self._due, number=number, moved=moved))

    async def remind(self) -> int:
        """Sends the reminders that are due, and plans those of what comes near: a batch or a page in each transaction,
        and no more in one go than leaves room for other work. Returns how many were sent or settled."""
        now = self.now()
        look = self.database.look
        # Before the planning, which may take a while; and after it, for what was planned only now.
        taken = await self._send_due(now, REMINDED)
        for begins in await look(lambda connection: Reminders(connection).unplanned(now, now + reminding.AHEAD, 50)):
            await self._plan_reminders(reminding.begin, begins)
        for unwritten in await look(lambda connection: Reminders(connection).unwritten(PAGES)):
            await self._plan_reminders(reminding.write, unwritten)
        taken += await self._send_due(now, REMINDED - taken)
        for home in await look(lambda connection: Reminders(connection).homes(now, 20)):
            taken += await self.database.run(partial(self._announce, home))
        if taken:
            self.postman.wake()
        return taken

    async def _send_due(self, now: datetime, most: int) -> int:
        taken = 0
        while taken < most and await self.database.look(lambda connection: Reminders(connection).any_due(now)):
            batch = await self.database.run(self._send_reminders)
            taken += batch
            if not batch:
                break
        return taken

    async def _plan_reminders(self, step: Callable[[Work, int, str], None], of: tuple[int, str]) -> None:
        """What is wrong with one event keeps no other back."""
        try:
            await self.database.run(partial(self._reminders, step, of))
        except Conflict:
            log.info("the reminders of event %s are planned by others at this moment", of[0])
        except Exception as error:
            log_failure(log, f"planning the reminders of event {of[0]}", error)

    def _reminders(
        self, step: Callable[[Work, int, str], None], of: tuple[int, str], connection: Connection
    ) -> None:  # fmt: skip
        step(self.work(connection), *of)

    def _send_reminders(self, connection: Connection) -> int:
        work = self.work(connection)
        batch = reminding.take(work, REMINDERS)
        try:
            with work.savepoint():
                turn.tell(work, [notice for _, notice in batch.sent])
        except Conflict:
            raise
        except Exception as error:
            log_failure(log, "sending some reminders (each is tried by itself)", error)
            for one, notice in batch.sent:
                self._send_one(work, one.id, notice)
        return batch.taken

    def _send_one(self, work: Work, number: int, notice: Notice) -> None:
        """One that cannot be worded must not keep the others back."""
        try:
            with work.savepoint():
                turn.tell(work, [notice])
        except Exception as error:
            log_failure(log, f"sending reminder {number}", error)
            reminding.failed(work, number)

    def _announce(self, of: tuple[int, str], connection: Connection) -> int:
        work = self.work(connection)
        notices = reminding.at_home(work, *of)
        turn.tell(work, notices)
        return len(notices)

    async def _make_groups(self) -> None:
        """Makes the group conversations that peer assists wait for; one that cannot be made is relayed instead."""
        now = self.now()
        for number in await self.database.look(lambda connection: groups.waiting(connection, now, 50)):
            asked = await self.database.run(partial(self._group_wanted, number=number))
            if asked is None:
                continue
            channel, members, topic = asked
            made: Group | None = None
            try:
                made = await asyncio.wait_for(channel.make_group(members, topic), GROUPING.total_seconds() * 0.9)
            except Unreachable as refusal:
                log.warning("the group of peer assist %s cannot be made: %s", number, refusal)
            except Exception as error:
                # Not now, or a bug of ours: what it says may quote the topic.
                log.warning("the group of peer assist %s waits: %s", number, type(error).__name__)
                if not await self.database.look(partial(self._group_late, number=number)):
                    continue
            await self.database.run(partial(self._group_made, number=number, channel=channel.name, made=made))
            self.postman.wake()

    async def run_imports(self) -> None:
        """Takes the next step of each import that has one. Each is begun anew where a process fell over in it."""
        for number in await self.database.look(lambda connection: imports.due(connection, self.now(), 5)):
            match await self.database.run(partial(imports.claim, number=number, now=self.now())):
                case import_rules.State.CHECKING:
                    found = await asyncio.to_thread(self._check_import, number, asyncio.get_running_loop())
                    await self.database.run(
                        partial(self._due, number=number, moved=partial(import_rules.checked, found=found))
                    )
                case import_rules.State.APPLYING:
                    await self.database.run(partial(self._import_step, number=number, step=imports.apply))
                case import_rules.State.UNDOING:
                    await self.database.run(partial(self._import_step, number=number, step=imports.undo))
            self.postman.wake()

    def _check_import(self, number: int, loop: asyncio.AbstractEventLoop) -> import_rules.Found:
        """On a thread of its own, while turns go on."""

        def progress(rows: int) -> None:
            self.database.write(partial(self._due, number=number, moved=partial(import_rules.progressed, rows=rows)))
            loop.call_soon_threadsafe(self.postman.wake)

        try:
            return imports.check(self.database, number, progress)
        except SQLAlchemyError:
            # Not the file's fault: tried again once the lease is over.
            raise
        except Exception:
            log.exception("import %s cannot be checked", number)
            return import_rules.Found(0, problems=(Problem("", 0, "", (phrase("unreadable"),)),))

    def _import_step(
        self, connection: Connection, *, number: int, step: Callable[[Connection, int, datetime], str]
    ) -> None:
        """All of it in one transaction, with what is said of it."""
        trouble = step(connection, number, self.now())
        after = import_rules.undone if step is imports.undo else import_rules.applied
        self._due(connection, number=number, moved=partial(after, trouble=trouble))

    async def _importing(self) -> None:
        while True:
            await self._import_wanted.wait()
            self._import_wanted.clear()
            try:
                await self.run_imports()
            except Exception:
                log.exception("imports wait for the next tick")

    async def sweep(self) -> None:
        """Forgets what is no longer needed: what was heard, and rows of the outbox that are over."""
        before = self.now() - KEPT

        def forget(connection: Connection) -> None:
            forget_heard(connection, before)
            forget_tries(connection, before)
            forget_moves(connection, before)
            forget_endorsements(connection, before)
            forget_mornings(connection, before)
            forget_reminders(connection, self.now() - KEPT_REMINDERS)
            forget_issues(connection, self.now() - PRESSABLE)
            imports.forget_imports(connection, self.now())
            personal.forget_conversations(connection)
            personal.empty_old_questions(connection, self.now() - self.settings.kept_questions)
            forget_presence(connection, self.now() - PRESENT)
            forget_attendance(connection, self.now() - PRESENT)
            personal.forget_audit(connection, self.now() - self.settings.kept_audit)
            outbox.prune(connection, before)

        await self.database.run(forget)
        matcher = self.matchers.latest
        if isinstance(matcher, community.CommunityMatcher):
            await asyncio.to_thread(self._keep_vectors, matcher)

    def _kept_vectors(self) -> Kept:
        try:
            return vectors.load(self.database)
        except SQLAlchemyError:
            log.exception("the kept vectors cannot be read; every text is encoded anew")
            return {}

    def _keep_vectors(self, matcher: community.CommunityMatcher) -> None:
        """Keeps the vectors of what this matcher knows for the next start, and no others."""
        if matcher.keeping is None:
            return
        wanted, fresh = matcher.keeping.wanted(matcher.texts())
        vectors.keep(self.database, wanted, fresh)
        matcher.keeping.settled(fresh)

    def application(self) -> web.Application:
        """The HTTP side. A channel opens with it and closes with it."""
        application = web.Application()
        application.add_routes([web.get("/healthz", self._health)])
        application.add_routes(self.pages.routes())
        if self.teams is not None:
            application.add_routes(self.teams.routes())
        if self.slack is not None:
            application.add_routes(self.slack.routes())
        if self.web is not None:
            application.add_routes(self.web.routes())
            application.on_shutdown.append(self.web.close)
        if self.email is not None:
            application.add_routes(self.email.routes())
        application.on_startup.append(self._open)
        application.on_cleanup.append(self._close)
        return application

    def start_background(self) -> None:
        """The postman and the clock, on the running loop."""
        self._delivering = asyncio.create_task(self.postman.run())
        self._imports = asyncio.create_task(self._importing())
        self.clock.every(TICK, self.tick, "tick")
        self.clock.every(REMIND, self.remind, "remind")
        self.clock.every(SWEEP, self.sweep, "sweep")
        self.clock.start()

    async def stop_background(self) -> None:
        self.clock.stop()
        self._imports.cancel()
        await self.postman.stop()
        if self._calendar_reading is not None:
            self._calendar_reading.cancel()
        if self._delivering is not None:
            await self._delivering

    async def _open(self, _application: web.Application) -> None:
        if self.teams is not None:
            await self.teams.start()
        if self.slack is not None:
            await self.slack.start()
        if self.web is not None:
            await self.web.open()

    async def _close(self, _application: web.Application) -> None:
        if self.teams is not None:
            await self.teams.close()
        if self.slack is not None:
            await self.slack.close()
        if self.email is not None:
            await self.email.close()
        self.database.close()

    async def _health(self, _request: web.Request) -> web.Response:
        try:
            await self.database.look(changes.version)
        except SQLAlchemyError:
            log.exception("the database does not answer")
            return web.json_response({"ok": False, "database": "does not answer"}, status=503)
        return web.json_response({"ok": True})

    def _due(self, connection: Connection, *, number: int, moved: Callable[[Work, int], list[Notice]]) -> bool:
        work = self.work(connection)
        turn.tell(work, moved(work, number))
        return True

    def _group_wanted(
        self, connection: Connection, *, number: int
    ) -> tuple[MakesGroups, Sequence[Mapping[str, Any]], str] | None:
        """Who is to be brought together where; None when another replica is at it, or no channel reaches them all any
        more: then the bot passes on what they say."""
        if not groups.claim(connection, number, self.now(), self.now() + GROUPING):
            return None
        work = self.work(connection)
        people = assisting.people_in(work, number)
        name = work.groups.common(people)
        if not name:
            turn.tell(work, assisting.group_made(work, number, made=False))
            return None
        language = work.people.get(people[0]).language
        return (
            self.grouping[name],
            groups.addresses(connection, name, people),
            say_in(language)("assist.title", assist=number),
        )

    def _group_late(self, connection: Connection, *, number: int) -> bool:
        assist = Assists(connection).get(number)
        began = assist.ends_at - self.settings.pace.assist if assist and assist.ends_at else self.now()
        return self.now() - began > GROUPING_GIVEN_UP

    def _group_made(self, connection: Connection, *, number: int, channel: str, made: Group | None) -> None:
        work = self.work(connection)
        notices = assisting.group_made(work, number, made=made is not None)
        if made is not None and notices:
            where = work.conversations.at(channel, made.conversation, None, made.address, self.now())
            notice, language = assisting.to_the_group(work, number)
            turn.tell_group(work, where, notice, language)
        turn.tell(work, notices)

    def _undeliverable(self, connection: Connection, claimed: Claimed, reason: str) -> None:
        """A message nobody will get: the question moves on, and a facilitator hears of it. In the postman's
        transaction, so that it happens once."""
        work = self.work(connection)
        if claimed.kind == "event.reminder":
            reminding.failed(work, claimed.about)
        elif claimed.person_id is not None:
            turn.tell(work, desk.undeliverable(work, claimed.person_id, claimed.about, claimed.kind, reason))


def _numbers_due(
    connection: Connection,
    *,
    kept: type[Questions | Assists | Flags | Surveys | Calls | Drafts | Items],
    now: datetime,
) -> list[int]:
    return kept(connection).due(now, 500)


def _chore_due(connection: Connection, *, name: str, now: datetime) -> list[int]:
    return [0] if chore_due(connection, name, now) else []


def _pulses_due(connection: Connection, *, now: datetime) -> list[int]:
    return Pulses(connection).due(now, 200)


def _reminders_due(connection: Connection, *, now: datetime) -> list[int]:
    return Pulses(connection).reminders(now, 200)


def _reports_due(connection: Connection, *, now: datetime) -> list[int]:
    return ReportTurns(connection).due(now, 200)


def _digests_to_plan(connection: Connection, *, now: datetime) -> list[int]:
    return Digests(connection, People(connection), by_email=False).to_plan()


def _digests_due(connection: Connection, *, now: datetime) -> list[int]:
    # In batches: what people say in between must not wait for a whole community's letters.
    return digests_due(connection, now, sending_digests.SENT_AT_ONCE, 4)


def _digests_taken_back(connection: Connection, *, now: datetime) -> list[int]:
    return digests_taken_back(connection, now)


def _calls_to_tell(connection: Connection, *, now: datetime) -> list[int]:
    return Calls(connection).telling(50)


def _events_due(connection: Connection, *, now: datetime, news: bool) -> list[int]:
    """Events whose change not everybody has heard of, or series to be worked out further."""
    events = Events(connection, now)
    return events.with_news(50) if news else events.to_expand(200)


async def _tried(what: str, work: Awaitable[T]) -> T | None:
    """What came of a part of a tick; None when it failed."""
    try:
        return await work
    except Exception as error:
        log_failure(log, f"due: {what}", error)
        return None


def _held_due(connection: Connection, *, now: datetime, step: str) -> list[int]:
    """What comes after events: numbers of events, or as often 0 as there are batches of people to be told something."""
    held = HeldEvents(connection)
    match step:
        case "begin":
            return held.unopened(now - STILL_ASKED, now - ASKED_AFTER, 50)
        case "write":
            return held.unwritten(20)
        case "wake":
            return held.lacking(now - after_events.FRESH, 50)
    due = held.due(now, TOLD_AFTER) if step == "ask" else held.wishes_due(now, TOLD_AFTER)
    return [0] * -(-due // after_events.BATCH)


def _worked_out(work: Work, number: int) -> list[Notice]:
    work.events.hold(number)
    event = work.events.get(number)
    if event is not None:
        work.events.expand(event)
    return []


# What the clock rings for, and how to find what is due. Surveys close before anybody is asked.
_RINGS: Sequence[Ring] = (
    (partial(_numbers_due, kept=Questions), moving_on.due),
    (partial(_numbers_due, kept=Assists), assisting.due),
    (partial(_numbers_due, kept=Flags), flagging.due),
    (partial(_numbers_due, kept=Surveys), surveying.due),
    (partial(_numbers_due, kept=Drafts), curating.due),
    (partial(_numbers_due, kept=Items), tending.due),
    (partial(_chore_due, name="work_items"), work_items.check),
    (partial(_numbers_due, kept=Calls), calling.due),
    (_calls_to_tell, calling.tell),
    (partial(_chore_due, name="digests"), digesting.remind),
    (_digests_to_plan, sending_digests.plan),
    (_digests_due, sending_digests.send),
    (_digests_taken_back, sending_digests.mend),
    (partial(_events_due, news=True), event_moves.news),
    (partial(_events_due, news=False), _worked_out),
    (partial(_held_due, step="begin"), after_events.begin),
    (partial(_held_due, step="write"), after_events.write),
    (partial(_held_due, step="ask"), after_events.ask),
    (partial(_held_due, step="wake"), after_events.wake),
    (partial(_held_due, step="give"), after_events.give),
    (_pulses_due, pulse.due),
    (_reminders_due, pulse.remind),
    (_reports_due, monthly.due),
)


class Directory:
    """What a channel tells of people beside what they say, each in one transaction (`bot.slack.room.Directory`)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def described(self, remote_id: str, name: str, language: str, time_zone: str) -> None:
        await self._database.run(
            lambda connection: describe(connection, SlackRoom.name, remote_id, name, language, time_zone)
        )

    async def left(self, remote_id: str) -> None:
        await self._database.run(lambda connection: shut(connection, SlackRoom.name, remote_id, "gone"))


def _pages_key(settings: Settings, key: bytes) -> bytes:
    """What links are signed with: the house's key, else a channel's secret, which all replicas know too. A new one at
    each start where there is neither: in development, on one process."""
    shared = key or settings.slack_bot_token.encode() or settings.teams_app_password.encode()
    return shared or secrets.token_bytes(32)


class Mailboxes:
    """Who gets letters, as `bot.email.room.Mailboxes` asks for it."""

    def __init__(self, house: House) -> None:
        self._house = house

    async def language(self, mailbox: str) -> str | None:
        def reader(connection: Connection) -> str | None:
            found = self._reader(self._house.work(connection), mailbox)
            return found.language if found is not None else None

        return await self._house.database.look(reader)

    async def stop(self, mailbox: str) -> None:
        def stop(connection: Connection) -> None:
            work = self._house.work(connection)
            reader = self._reader(work, mailbox)
            if reader is not None:
                turn.tell(work, subscribing.no_more_letters(work, reader))

        await self._house.database.run(stop)
        self._house.postman.wake()

    @staticmethod
    def _reader(work: Work, mailbox: str) -> Person | None:
        number = work.conversations.whose(EmailRoom.name, mailbox)
        return work.people.get(number) if number is not None else None


def _email(settings: Settings) -> EmailSettings | None:
    """None where no letters are sent."""
    if not settings.smtp_host:
        return None
    return EmailSettings(
        host=settings.smtp_host,
        port=settings.smtp_port,
        sender=settings.smtp_from,
        public_url=settings.site,
        user=settings.smtp_user,
        password=settings.smtp_password,
        security=settings.smtp_security,
        ca_file=settings.smtp_ca_file,
        reply_to=settings.smtp_reply_to,
    )


def _slack(settings: Settings) -> SlackSettings | None:
    """None where Slack is not set up."""
    if not settings.slack_bot_token:
        return None
    return SlackSettings(
        bot_token=settings.slack_bot_token,
        signing_secret=settings.slack_signing_secret,
        app_token=settings.slack_app_token,
        workspaces=settings.slack_workspaces,
        api_url=settings.slack_api_url,
    )


def _teams(settings: Settings) -> TeamsSettings | None:
    """None where the bot lives in Slack alone: nothing listens for Teams then."""
    if not settings.teams_app_id and not settings.development:
        return None
    return TeamsSettings(
        app_id=settings.teams_app_id,
        app_password=settings.teams_app_password,
        tenants=settings.teams_tenants,
        service_hosts=settings.teams_service_hosts or SERVICE_HOSTS,
        catalog_id=settings.teams_catalog_id,
        development=settings.development,
    )


def manifest_commands() -> list[teams_manifest.ManifestCommand]:
    """The commands a manifest suggests, from the registry, in help's order of groups."""
    return [
        teams_manifest.ManifestCommand(
            words={language: command.word(language) for language in LANGUAGES},
            help={language: say_in(language)(f"help.{command.name}") for language in LANGUAGES},
        )
        for command in sorted(REGISTRY.values(), key=lambda command: list(CommandGroup).index(command.group))
        if command.menu
    ]


# The command line


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns the process's exit code: 0 well, 1 a problem said in words, 2 wrong usage."""
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        settings = read_settings()
    except SettingsError as problem:
        _say(f"Settings to mend (see .env.example):\n{problem}")
        return 1
    logging.basicConfig(
        level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s: %(message)s", stream=sys.stderr
    )
    # They tell each job and each request; ours says what matters.
    for loud in ("apscheduler", "aiohttp.access", "alembic"):
        logging.getLogger(loud).setLevel(logging.WARNING)
    try:
        return int(options.run(settings, options))
    except (migrations.MigrationError, SQLAlchemyError, OSError) as error:
        log.debug("failed", exc_info=True)
        _say(_trouble(settings, error))
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="app.py", description="The community's bot: direct connect in chat.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, run: Callable[[Settings, argparse.Namespace], int], text: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text, description=text)
        command.set_defaults(run=run)
        return command

    serve = add("serve", _serve, "start the bot; migrates first, and loads the sample community into an empty database")
    serve.add_argument("--no-sample", action="store_true", help="leave an empty database empty")
    migrate = add("migrate", _migrate, "bring the database to the newest schema")
    migrate.add_argument("--to", default="head", metavar="REVISION", help="go to this revision instead; base is none")
    load = add("import", _import, "import topics, networks, people and items (docs/import-format.md)")
    load.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="a file, or a folder of files")
    load.add_argument("--dry-run", action="store_true", help="say what would change, and change nothing")
    match = add("match", _match, "explain where a question would go")
    match.add_argument("text")
    match.add_argument(
        "--as", dest="person", default="", metavar="WHO", help="as this address or name; default: the KM team"
    )
    match.add_argument("--lang", choices=LANGUAGES, default="en", help="the language of the reasons")
    match.add_argument("--json", action="store_true", help="one JSON object")
    data = add("data", _data, "print all that is kept of one person, as JSON, for them to read")
    data.add_argument("--of", dest="person", required=True, metavar="WHO", help="their address or name")
    manifest = add("manifest", _manifest, "write a channel's app package (teams), or print its app manifest (slack)")
    manifest.add_argument("channel", choices=["teams", "slack"])
    manifest.add_argument("--output", type=Path, default=None, metavar="FILE", help="default: build/teams.zip")
    lessons = add("lessons", _lessons, "write all published knowledge items as CSV, JSON or XLSX")
    lessons.add_argument("output", type=Path, metavar="FILE", help="its ending says which")
    report = add("report", _report, "write what was measured in a closed month as CSV, JSON or XLSX")
    report.add_argument("output", type=Path, metavar="FILE", help="its ending says the format: .csv, .json or .xlsx")
    report.add_argument("--month", default="", metavar="YYYY-MM", help="default: the last month that is over")
    report.add_argument("--lang", choices=LANGUAGES, default="en", help="the language of the names")
    sample = add("sample", _sample, "write made-up data into an empty database: a pilot of some months, measured")
    sample.add_argument("what", choices=["pilot"])
    sample.add_argument("--members", type=_count, default=300)
    sample.add_argument("--months", type=_count, default=7)
    sample.add_argument("--seed", type=int, default=1)
    add("doctor", _doctor, "check settings, database and channels; say what is missing and how to get it")
    return parser


def _serve(settings: Settings, options: argparse.Namespace) -> int:
    house = House(settings)
    migrations.upgrade(house.database)
    if settings.development and not options.no_sample:
        _load_sample(house)
    try:
        return asyncio.run(_serving(house))
    except KeyboardInterrupt:
        return 0


async def _serving(house: House) -> int:
    settings = house.settings
    runner = web.AppRunner(house.application(), access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, settings.host, settings.port, reuse_address=True)
    try:
        await site.start()
    except OSError as error:
        await runner.cleanup()
        _say(
            f"Port {settings.port} on {settings.host} cannot be used: {os.strerror(error.errno or 0).lower()}. "
            f"Stop what uses it, or choose another: PORT={settings.port % 65535 + 1} make run"
        )
        return 1
    house.start_background()
    stop = asyncio.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        try:
            asyncio.get_running_loop().add_signal_handler(sign, stop.set)
        except NotImplementedError:  # Windows: Ctrl+C raises KeyboardInterrupt instead.
            break
    if house.web is not None:
        _say(f"Open http://localhost:{settings.port}/ to try the bot. Teams speaks to /api/messages. Ctrl+C stops it.")
    else:
        _say(f"Listening on {settings.host}:{settings.port}; Teams speaks to /api/messages.")
    warming = asyncio.create_task(asyncio.to_thread(house.warm))
    await stop.wait()
    await warming
    await house.stop_background()
    await runner.cleanup()
    return 0


def _load_sample(house: House) -> None:
    """Once: into a database that holds nobody."""
    with house.database.reading() as connection:
        if People(connection).anybody():
            return
    with importing.load([SAMPLE], sample=True) as batch:
        house.database.write(lambda connection: importing.apply(connection, batch, house.now()))
    _say("Loaded the sample community: its people are made up and marked as such.")


def _lessons(settings: Settings, options: argparse.Namespace) -> int:
    written = exports.FORMATS.get(options.output.suffix.lower().lstrip("."))
    if written is None:
        _say(_ENDINGS.format(name=options.output.name))
        return 1
    house = House(settings)
    migrations.upgrade(house.database)
    with closing(house.database), house.database.reading() as connection:
        rows = lesson_rows.rows(house.work(connection))
    options.output.write_bytes(written(rows, lesson_rows.COLUMNS))
    _say(f"{options.output}: {len(rows)} knowledge items. What the columns mean: docs/lessons-format.md")
    return 0


_ENDINGS = "{name}: name it with an ending of " + ", ".join(f".{one}" for one in exports.FORMATS) + "."


def _report(settings: Settings, options: argparse.Namespace) -> int:
    written = exports.FORMATS.get(options.output.suffix.lower().lstrip("."))
    if written is None:
        _say(_ENDINGS.format(name=options.output.name))
        return 1
    month = None
    if options.month:
        try:
            month = datetime.strptime(options.month, "%Y-%m").replace(tzinfo=UTC)
        except ValueError:
            _say(f"{options.month!r} is no month; write it as 2026-10.")
            return 1
    house = House(settings)
    migrations.upgrade(house.database)
    # Writing: a month that nobody counted yet is counted, and kept as it was told.
    with closing(house.database), house.database.begin() as connection:
        try:
            made = reporting.made(house.work(connection), month)
        except Refusal:
            _say(f"{options.month} is not over yet: only closed months are told.")
            return 1
        work = house.work(connection)
        keys = {one.id: one.key for one in work.catalogue.networks}
        rows = list(exporting.rows(reporting.slices(work, made), keys, options.lang))
    options.output.write_bytes(written(rows, exporting.COLUMNS))
    _say(f"{options.output}: {len(rows)} figures of {made.since:%B %Y}. What the columns mean: docs/report-format.md")
    return 0


def _sample(settings: Settings, options: argparse.Namespace) -> int:
    house = House(settings)
    with closing(house.database):
        return _pilot(house, options)


def _pilot(house: House, options: argparse.Namespace) -> int:
    migrations.upgrade(house.database)
    if options.months < 2:
        _say("A pilot has a baseline and an endline: give it two months or more.")
        return 1
    with house.database.reading() as connection:
        if People(connection).anybody():
            _say(
                "The database holds people already, and made-up ones do not belong among them."
                " Name an empty one: DATABASE_URL=sqlite:///pilot.db python app.py sample pilot"
            )
            return 1
    edition = frameworks().current
    truth = house.database.write(
        lambda connection: pilot.write(
            connection,
            edition,
            members=options.members,
            months=options.months,
            seed=options.seed,
            end=house.now(),
            progress=lambda what, done, of: _say(f"{what}: {done:,} of {of:,}"),
        )
    )
    planted = "\n".join(
        f"  {item}: {truth.before[item]:.0%} agree before, {truth.after[item]:.0%} at the end" for item in truth.before
    )
    _say(
        f"A pilot of {options.months} months with {options.members} made-up members. What was planted in it:\n"
        f"{planted}\n"
        f"  {truth.response:.0%} answer a pulse; {truth.answered:.0%} of questions are answered, half within"
        f" {truth.hours:g} hours\nRead it as {pilot.FACILITATOR}: start the bot on this database and write “results”."
    )
    return 0


def _count(text: str) -> int:
    number = int(text)
    if not 2 <= number <= 1_000_000:
        raise argparse.ArgumentTypeError("between 2 and a million")
    return number


def _migrate(settings: Settings, options: argparse.Namespace) -> int:
    database = Database(settings.database_url)
    if options.to == "head":
        migrations.upgrade(database)
    else:
        migrations.downgrade(database, options.to)
    _say(f"The database is at revision {migrations.current(database) or 'base'}.")
    return 0


def _import(settings: Settings, options: argparse.Namespace) -> int:
    house = House(settings)
    migrations.upgrade(house.database)
    try:
        with house.database.reading() as connection, importing.load(options.paths, connection=connection) as batch:
            if options.dry_run:
                summary = importing.plan(connection, batch)
            else:
                summary = house.database.write(partial(_import_all, house, batch))
    except importing.ImportErrors as errors:
        _say("\n".join([*import_words.lines(say_in("en"), errors.errors, more=errors.more), "Nothing was imported."]))
        if not options.dry_run:
            house.database.write(partial(_refuse_all, house, errors))
        return 1
    _say(str(summary))
    return 0


def _import_all(house: House, batch: importing.Batch, connection: Connection) -> importing.Summary:
    summary = importing.apply(connection, batch, house.now())
    import_rules.went_through(house.work(connection), batch.kinds)
    return summary


def _refuse_all(house: House, errors: importing.ImportErrors, connection: Connection) -> None:
    kinds = {one.file: Path(one.file).stem.lower() for one in errors.errors}
    known = {file: kind for file, kind in kinds.items() if kind in importing.KINDS}
    import_rules.refused(house.work(connection), known, [one for one in errors.errors if one.file in known])


def _match(settings: Settings, options: argparse.Namespace) -> int:
    house = House(settings)
    migrations.upgrade(house.database)
    with house.database.reading() as connection:
        work = house.work(connection)
        if not work.people.anybody():
            _say(f"The database holds nobody yet. Import people first: python app.py import {SAMPLE}")
            return 1
        asker = (
            _one_person(work.people, options.person)
            if options.person
            else (work.people.having_somewhere(Role.KM_TEAM) or work.people.everybody())[0]
        )
        if asker is None:
            return 1
        try:
            explained = explaining.explain(work, asker, options.text, options.lang)
        except Refusal as refusal:
            _say(say_in(options.lang)(f"refusal.{refusal.key}", **refusal.values))
            return 1
        nobody = work.catalogue.experts and not any(one.reachable for one in work.catalogue.experts)
    if nobody:
        print(
            "No expert has opened the bot yet: nobody can be asked, only answers and networks found.", file=sys.stderr
        )
    print(json.dumps(explained, ensure_ascii=False) if options.json else explaining.as_text(explained))
    return 0


def _one_person(people: People, named: str) -> Person | None:
    """Whoever an address or a name means; None, and why is said, when that is nobody or several."""
    known = people.with_key(named)
    found = [known] if known is not None else people.named(named)
    if not found:
        _say(f"Nobody is known as “{named}”. Give the address they were imported with, or their name.")
        return None
    if len(found) > 1:
        names = ", ".join(person.name for person in found)
        _say(f"“{named}” may be {names}. Give an address, or more of the name.")
        return None
    return found[0]


def _data(settings: Settings, options: argparse.Namespace) -> int:
    house = House(settings)
    migrations.upgrade(house.database)
    with house.database.reading() as connection:
        person = _one_person(People(connection), options.person)
        if person is None:
            return 1
        print(json.dumps(personal.about(connection, person.id), ensure_ascii=False, indent=1))
    return 0


def _manifest(settings: Settings, options: argparse.Namespace) -> int:
    host = settings.public_url.removeprefix("https://").split("/")[0]
    if options.channel == "slack":
        return _slack_manifest(settings, options, host)
    output = options.output or Path("build/teams.zip")
    try:
        content = teams_manifest.package(manifest_commands(), app_id=settings.teams_app_id, host=host)
    except ValueError as error:
        _say(f"{str(error)[:1].upper()}{str(error)[1:]} (CONNECT_TEAMS_APP_ID, CONNECT_PUBLIC_URL).")
        return 1
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_bytes(content)
    _say(f"Wrote {output}. Upload it in Teams: Apps, Manage your apps, Upload an app.")
    return 0


def _slack_manifest(settings: Settings, options: argparse.Namespace, host: str) -> int:
    words = [command.words["en"] for command in manifest_commands()]
    try:
        content = slack_manifest.manifest(words, host=host, socket_mode=bool(settings.slack_app_token))
    except ValueError as error:
        _say(f"{str(error)[:1].upper()}{str(error)[1:]} (CONNECT_PUBLIC_URL).")
        return 1
    if options.output is None:
        print(content, end="")
    else:
        options.output.parent.mkdir(parents=True, exist_ok=True)
        options.output.write_text(content, encoding="utf-8")
    return 0


def _doctor(settings: Settings, _options: argparse.Namespace) -> int:
    encoder = encoders.load(settings.matching_encoder)
    facts = replace(_facts(settings), encoder=encoder.name if encoder else "")
    findings = doctor.examine(settings, facts)
    for finding in findings:
        print(f"{'ok     ' if finding.well else 'MISSING'} {finding.what}")
        if finding.remedy:
            print(f"        {finding.remedy}")
    return 0 if all(finding.well for finding in findings) else 1


def _facts(settings: Settings) -> doctor.Facts:
    database = Database(settings.database_url)
    newest = migrations.head()
    try:
        revision = migrations.current(database) or ""
        if revision != newest:
            return doctor.Facts(revision=revision, newest=newest)
        with database.reading() as connection:
            people = People(connection)
            everybody = people.everybody()
            return doctor.Facts(
                revision=revision,
                newest=newest,
                people=len(everybody),
                experts=len(people.having_somewhere(Role.EXPERT)),
                facilitators=len(people.having_somewhere(Role.FACILITATOR)),
                items=len(catalogues.load(connection).items),
                unreachable=sum(not person.reachable for person in everybody),
                dead_letters=outbox.counts(connection).get("dead", 0),
            )
    except (SQLAlchemyError, OSError) as error:
        return doctor.Facts(trouble=_trouble(settings, error))
    finally:
        database.close()


def _trouble(settings: Settings, error: Exception) -> str:
    """A database or file error as one line with a way forward; never the URL, which may hold a password."""
    url = Database.address(settings.database_url)
    if isinstance(error, PermissionError) or "readonly" in str(error) or "unable to open" in str(error):
        return f"No permission to write {url}. Run it where you may write, or set DATABASE_URL to another place."
    if isinstance(error, SQLAlchemyError):
        return f"The database {url} does not answer. Check DATABASE_URL and that the server runs."
    return str(error)


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
