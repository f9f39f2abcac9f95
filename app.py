"""The composition root and command line: with its parts in house/ the only one that knows every floor."""

import sys

if sys.version_info < (3, 11):
    sys.exit(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}. Try: PYTHON=python3.12 make run")

import argparse
import asyncio
import logging
import os
import random
import signal
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from aiohttp import web
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from bot.channel import Channel
from bot.clock import Clock
from bot.email.room import EmailRoom
from bot.pages.room import PagesRoom
from bot.postman import SLACK_LIMITS, TEAMS_LIMITS, TEAMS_PER_SECOND, Limits, Postman
from bot.settings import Settings, SettingsError, read_settings
from bot.slack.room import SlackRoom
from bot.teams.room import TeamsRoom
from bot.web.room import WebRoom
from dialogs import turn
from dialogs.incoming import Heard, Incoming
from house import reminding, rings, rooms, sweeping, warming
from house.calendars import CalendarReader
from house.ground import Ground
from house.groups import make_groups
from house.importing import Importer
from house.months import close_month
from house.operator import checking, loading, manifests, people, samples, tables
from house.operator.speaking import show, trouble
from house.rings import tried
from knowledge import desk
from knowledge.matching.port import Catalogue, Matcher
from knowledge.places import LANGUAGES
from knowledge.reminding import failed as reminder_failed
from storage import changes, migrations
from storage.database import Database
from storage.outbox import Claimed, Outbox
from storage.web import WebStore

log = logging.getLogger("connect")

TICK = timedelta(seconds=15)
REMIND = timedelta(seconds=1)
SWEEP = timedelta(hours=1)


class House(Ground):
    """The running bot: one database, its channels, the postman and the clock."""

    def __init__(
        self,
        settings: Settings,
        *,
        database: Database | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        build: Callable[[Catalogue], Matcher] | None = None,
    ) -> None:
        super().__init__(settings, database=database, now=now, build=build)
        self.pages = PagesRoom(
            self.signer,
            look=self.look,
            change=self.change,
            secure=not settings.development,
            also=frozenset({f"http://127.0.0.1:{settings.port}"} if settings.development else ()),
        )
        teams = rooms.teams_settings(settings)
        self.teams = TeamsRoom(teams, self.hear, now=now) if teams is not None else None
        self.web = WebRoom(WebStore(self.database), self.hear, now=now) if settings.development else None
        slack = rooms.slack_settings(settings)
        self.slack = SlackRoom(slack, self.hear, rooms.Directory(self.database), now=now) if slack is not None else None
        email = rooms.email_settings(settings)
        self.email = EmailRoom(email, rooms.Mailboxes(self), now=now) if email is not None else None
        there = (self.teams, self.slack, self.web, self.email)
        self.channels: dict[str, Channel] = {room.name: room for room in there if room is not None}
        self.grouping = {}
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
        self._calendars = CalendarReader(self)
        self._importer = Importer(self)
        self._delivering: asyncio.Task[None] | None = None

    def warm(self) -> None:
        warming.warm(self.database, self.matchers)

    async def hear(self, incoming: Incoming) -> Heard:
        """One turn in one transaction; what it said is on its way as soon as it is committed."""
        heard = await self.change(lambda work: turn.hear(work, incoming))
        cards = [str(posted.payload.get("card", "")) for posted in heard.posted]
        if any(card.startswith("import:") for card in cards):
            self._importer.wake()
        if self._delivering is not None and any(card.startswith("calendar:") for card in cards):
            self._calendars.read_soon()
        return heard

    async def tick(self) -> int:
        """Moves on every question, peer assist and flag that waited long enough, and asks in pulses whose turn it is,
        each in its own transaction. Returns how many. What fails is logged and comes again with the next tick; nothing
        else waits for it."""
        moved = await rings.ring(self)
        await tried("rezone", reminding.rezone(self))
        moved += await tried("remind", self.remind()) or 0
        await tried("groups", make_groups(self))
        await tried("calendars", self._calendars.read())
        await tried("month", close_month(self))
        await tried("imports", self._importer.step())
        if moved:
            self.postman.wake()
        return moved

    async def remind(self) -> int:
        return await reminding.remind(self)

    async def sweep(self) -> None:
        await sweeping.sweep(self)

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
        self._importing = asyncio.create_task(self._importer.run())
        self.clock.every(TICK, self.tick, "tick")
        self.clock.every(REMIND, self.remind, "remind")
        self.clock.every(SWEEP, self.sweep, "sweep")
        self.clock.start()

    async def stop_background(self) -> None:
        self.clock.stop()
        self._importing.cancel()
        await self.postman.stop()
        self._calendars.stop()
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

    def _undeliverable(self, connection: Connection, claimed: Claimed, reason: str) -> None:
        """A message nobody will get: the question moves on, and a facilitator hears of it. In the postman's
        transaction, so that it happens once."""
        work = self.work(connection)
        if claimed.kind == "event.reminder":
            reminder_failed(work, claimed.about)
        elif claimed.person_id is not None:
            turn.tell(work, desk.undeliverable(work, claimed.person_id, claimed.about, claimed.kind, reason))


@contextmanager
def opened(settings: Settings) -> Iterator[House]:
    """The house on a database at the newest schema, which is let go of afterwards."""
    house = House(settings)
    with closing(house.database):
        migrations.upgrade(house.database)
        yield house


def _serve(settings: Settings, options: argparse.Namespace) -> int:
    with opened(settings) as house:
        if settings.development and not options.no_sample:
            samples.load(house)
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
        show(
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
        show(f"Open http://localhost:{settings.port}/ to try the bot. Teams speaks to /api/messages. Ctrl+C stops it.")
    else:
        show(f"Listening on {settings.host}:{settings.port}; Teams speaks to /api/messages.")
    warming = asyncio.create_task(asyncio.to_thread(house.warm))
    await stop.wait()
    await warming
    await house.stop_background()
    await runner.cleanup()
    return 0


# The command line


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns the process's exit code: 0 well, 1 a problem said in words, 2 wrong usage."""
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        settings = read_settings()
    except SettingsError as problem:
        show(f"Settings to mend (see .env.example):\n{problem}")
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
        show(trouble(settings, error))
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
    migrate = add("migrate", loading.migrate, "bring the database to the newest schema")
    migrate.add_argument("--to", default="head", metavar="REVISION", help="go to this revision instead; base is none")
    load = add(
        "import", partial(loading.load, opened), "import topics, networks, people and items (docs/import-format.md)"
    )
    load.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="a file, or a folder of files")
    load.add_argument("--dry-run", action="store_true", help="say what would change, and change nothing")
    match = add("match", partial(people.match, opened), "explain where a question would go")
    match.add_argument("text")
    match.add_argument(
        "--as", dest="person", default="", metavar="WHO", help="as this address or name; default: the KM team"
    )
    match.add_argument("--lang", choices=LANGUAGES, default="en", help="the language of the reasons")
    match.add_argument("--json", action="store_true", help="one JSON object")
    data = add("data", partial(people.data, opened), "print all that is kept of one person, as JSON, for them to read")
    data.add_argument("--of", dest="person", required=True, metavar="WHO", help="their address or name")
    manifest = add(
        "manifest", manifests.manifest, "write a channel's app package (teams), or print its app manifest (slack)"
    )
    manifest.add_argument("channel", choices=["teams", "slack"])
    manifest.add_argument("--output", type=Path, default=None, metavar="FILE", help="default: build/teams.zip")
    lessons = add(
        "lessons", partial(tables.lessons, opened), "write all published knowledge items as CSV, JSON or XLSX"
    )
    lessons.add_argument("output", type=Path, metavar="FILE", help="its ending says which")
    report = add(
        "report", partial(tables.report, opened), "write what was measured in a closed month as CSV, JSON or XLSX"
    )
    report.add_argument("output", type=Path, metavar="FILE", help="its ending says the format: .csv, .json or .xlsx")
    report.add_argument("--month", default="", metavar="YYYY-MM", help="default: the last month that is over")
    report.add_argument("--lang", choices=LANGUAGES, default="en", help="the language of the names")
    sample = add(
        "sample",
        partial(samples.sample, opened),
        "write made-up data into an empty database: a pilot of some months, measured",
    )
    sample.add_argument("what", choices=["pilot"])
    sample.add_argument("--members", type=_count, default=300)
    sample.add_argument("--months", type=_count, default=7)
    sample.add_argument("--seed", type=int, default=1)
    add("doctor", checking.doctor, "check settings, database and channels; say what is missing and how to get it")
    return parser


def _count(text: str) -> int:
    number = int(text)
    if not 2 <= number <= 1_000_000:
        raise argparse.ArgumentTypeError("between 2 and a million")
    return number


if __name__ == "__main__":
    sys.exit(main())
