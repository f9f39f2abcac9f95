"""What a browser loads: the page, the list of people to choose from, and the files beside it."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from aiohttp import web

from bot.web import choosing, reading
from bot.web.gate import Handler
from bot.web.page import Pane, page_html, picker_html, problem_html
from bot.web.ports import Profile, Store
from bot.web.words import WORDS, negotiated

_STATIC = Path(__file__).parent / "static"
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_FOUND = 40
_KNOWN = 500


class Files:
    """Style, script and icon, read once. `addresses` by name."""

    def __init__(self) -> None:
        self._contents = {path.name: path.read_bytes() for path in sorted(_STATIC.iterdir())}
        # The address changes with the content, so that a browser may keep each for ever.
        self.addresses = {
            name: f"/web/{name}?v={hashlib.sha256(content).hexdigest()[:12]}"
            for name, content in self._contents.items()
        }

    def handlers(self) -> dict[str, Handler]:
        """By path."""
        return {f"/web/{name}": self._sending(name) for name in self._contents}

    def _sending(self, name: str) -> Handler:
        async def send(request: web.Request) -> web.Response:
            return web.Response(
                body=self._contents[name],
                content_type=_TYPES[Path(name).suffix],
                charset="utf-8",
                headers={"Cache-Control": "max-age=31536000, immutable" if "v" in request.query else "no-cache"},
            )

        return send


class Pages:
    """The page for any choice of people."""

    def __init__(
        self,
        store: Store,
        files: Files,
        now: Callable[[], datetime],
        *,
        examples: Mapping[str, Sequence[str]],
        community: str,
    ) -> None:
        self._store = store
        self._files = files
        self._now = now
        self._examples = examples
        self._community = community

    async def page(self, request: web.Request) -> web.Response:
        language = _language(request)
        try:
            wanted = reading.people(request)
        except reading.Malformed:
            return self._problem("malformed", 400, language)
        await self._store.settle()
        if wanted:
            found = [await self._store.person(number) for number in wanted]
            people = [person for person in found if person is not None]
            if len(people) < len(wanted):
                return self._problem("lost", 404, language)
        else:
            people = choosing.first_three(await self._store.people(limit=_KNOWN))
        if not people:
            return self._problem("deserted", 200, language, restart=False)
        return _answer(
            page_html(
                [await self._pane(person) for person in people],
                language=language,
                now=self._now(),
                assets=self._files.addresses,
                examples=self._examples,
                name=self._community,
            )
        )

    async def people(self, request: web.Request) -> web.Response:
        """The list in the dialog: who matches `q`, each with the address that puts them in pane number `pane`."""
        language = _language(request)
        try:
            on_page = reading.people(request)
            place = reading.number(request.query.get("pane", "0"))
        except reading.Malformed:
            return _answer(WORDS[language]["malformed"], 400)
        found = await self._store.people(request.query.get("q", "")[:100], _FOUND)
        return _answer(picker_html(found, on_page, place, language))

    async def _pane(self, person: Profile) -> Pane:
        # The revision first: a line that comes in between is then sent again, and the page knows it by its id.
        since = await self._store.revision(person.id)
        return Pane(person, await self._store.lines(person.id), since)

    def _problem(self, key: str, status: int, language: str, restart: bool = True) -> web.Response:
        addresses = self._files.addresses
        return _answer(problem_html(WORDS[language][key], language=language, assets=addresses, restart=restart), status)


def _language(request: web.Request) -> str:
    return negotiated(request.headers.get("Accept-Language", ""))


def _answer(text: str, status: int = 200) -> web.Response:
    return web.Response(text=text, status=status, content_type="text/html", headers={"Cache-Control": "no-store"})
