"""The try-it page as a channel: people type and press here, and the postman delivers here.

Built in development mode on loopback only; `gate` checks each request once more.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from bot.channel import Delivery, Gone, Hear, Unreachable
from bot.failing import log_failure
from bot.serving import Files, language_of
from bot.web import reading
from bot.web.gate import HEADERS, guarded
from bot.web.html import line_html
from bot.web.labels import EXAMPLES
from bot.web.pages import STATIC, Pages
from bot.web.ports import Profile, Store
from bot.web.stream import HEARTBEAT, STALE, Bell, Positions, stream
from bot.web.words import WORDS
from dialogs.incoming import Incoming

log = logging.getLogger(__name__)


class WebRoom:
    """The channel "web". `routes()` go into the bot's application, `close` into its `on_shutdown`.

    `examples` are three questions a language for a first visitor; `community` is a name shown on top.
    `now` is the time in UTC; `heartbeat` seconds between two signs of life of a stream.
    """

    name = "web"

    def __init__(
        self,
        store: Store,
        hear: Hear,
        *,
        examples: Mapping[str, Sequence[str]] = EXAMPLES,
        community: str = "",
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        heartbeat: float = HEARTBEAT,
    ) -> None:
        self._store = store
        self._hear = hear
        self._now = now
        self._heartbeat = heartbeat
        self._bell = Bell()
        self._files = Files(STATIC, "/web/")
        self._pages = Pages(store, self._files, now, examples=examples, community=community)

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/", guarded(self._pages.page)),
            web.get("/web/people", guarded(self._pages.people)),
            web.get("/web/events", guarded(self._events), allow_head=False),
            web.post("/web/say/{person}", guarded(self._say)),
            web.post("/web/file/{person}", guarded(self._say_with_file)),
            *(web.get(path, guarded(handler)) for path, handler in self._files.handlers().items()),
        ]

    async def open(self) -> None:
        """Makes everybody reachable here. Also done whenever the page is loaded, for people imported since."""
        await self._store.settle()

    async def close(self, _application: object = None) -> None:
        """Ends the open streams, which would otherwise hold up a shutdown."""
        self._bell.close()

    async def deliver(self, delivery: Delivery) -> str:
        try:
            person = reading.person(delivery.conversation.removeprefix("web:"))
            line = await self._store.deliver(
                person, delivery.id, delivery.message.to_json(), delivery.replaces, self._now()
            )
        except (reading.Malformed, KeyError):
            raise Unreachable("no_conversation") from None
        if line is None:
            raise Gone
        self._bell.ring(person)
        return line

    # Live

    async def _events(self, request: web.Request) -> web.StreamResponse:
        try:
            numbers = reading.people(request)
            seen = reading.positions(
                request.headers.get("Last-Event-ID") or request.query.get("since", ""), len(numbers)
            )
        except reading.Malformed:
            return web.Response(status=400)
        people = [await self._store.person(number) for number in numbers]
        known = [person for person in people if person is not None]
        if not known or len(known) < len(numbers):
            return web.Response(status=404)
        for number, since in zip(numbers, seen, strict=True):
            if since > await self._store.revision(number):
                # The page remembers more than we do: another database stands here now.
                return web.Response(body=STALE, content_type="text/event-stream")

        async def news(seen: Positions) -> tuple[Positions, list[dict[str, object]]]:
            return await self._news(known, seen)

        return await stream(request, numbers, seen, news, self._bell, HEADERS, self._heartbeat)

    async def _news(self, people: Sequence[Profile], seen: Positions) -> tuple[Positions, list[dict[str, object]]]:
        now, found = [], []
        for person, since in zip(people, seen, strict=True):
            lines = await self._store.changes(person.id, since)
            now.append(max((line.revision for line in lines), default=since))
            for line in lines:
                html = line_html(line, person)
                found.append({"person": person.id, "line": line.id, "revision": line.revision, "html": html})
        return now, found

    # What people do

    async def _say(self, request: web.Request) -> web.Response:
        return await self._submitted(request, reading.submission, "error_long")

    async def _say_with_file(self, request: web.Request) -> web.Response:
        return await self._submitted(request, reading.sent_file, "error_file")

    async def _submitted(
        self, request: web.Request, read: Callable[[web.Request], Awaitable[reading.Submission]], too_long: str
    ) -> web.Response:
        try:
            number = reading.person(request.match_info["person"])
        except reading.Malformed:
            return _answer(404, error=WORDS["en"]["error_nobody"])
        person = await self._store.person(number)
        if person is None:
            return _answer(404, error=WORDS["en"]["error_nobody"])
        words = WORDS[language_of(person.language)]
        try:
            said = await read(request)
        except reading.Malformed:
            return _answer(400, error=words["error_bad"])
        except reading.TooLong:
            return _answer(413, error=words[too_long])
        try:
            return await self._heard(person, said)
        except Exception as error:
            log_failure(log, f"web: a turn of person {person.id}", error)
            return _answer(503, error=words["error_later"])

    async def _heard(self, person: Profile, said: reading.Submission) -> web.Response:
        now = self._now()
        typed = f"{said.text}\n📎 {said.file.name}".strip() if said.file is not None else said.text
        if typed:
            await self._store.append(person.id, said.key, typed, now)
            self._bell.ring(person.id)
        try:
            heard = await self._hear(
                Incoming(
                    channel=self.name,
                    key=said.key,
                    sender=str(person.id),
                    conversation=f"web:{person.id}",
                    address={},
                    arrived_at=now,
                    text=said.text,
                    files=(said.file,) if said.file is not None else (),
                    say=said.say,
                    values=said.values,
                    pressed_card=said.card,
                    name=person.name,
                    locale=person.language,
                    time_zone=person.time_zone,
                )
            )
        except Exception:
            if typed:
                await self._store.fail(person.id, said.key)
                self._bell.ring(person.id)
            raise
        return _answer(200, duplicate=heard.duplicate, refused=heard.refused)


def _answer(status: int, **data: Any) -> web.Response:
    return web.json_response(data, status=status, headers={"Cache-Control": "no-store"})
