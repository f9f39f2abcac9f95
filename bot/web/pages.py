"""What a browser loads: the page, and the list of people to choose from."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from aiohttp import web

from bot.serving import Files, negotiated, page
from bot.web import choosing, reading
from bot.web.page import Pane, page_html, picker_html, problem_html
from bot.web.ports import Profile, Store
from bot.web.words import WORDS

STATIC = Path(__file__).parent / "static"
_FOUND = 40
_KNOWN = 500


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
        return page(
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
            return page(WORDS[language]["malformed"], 400)
        found = await self._store.people(request.query.get("q", "")[:100], _FOUND)
        return page(picker_html(found, on_page, place, language))

    async def _pane(self, person: Profile) -> Pane:
        # The revision first: a line that comes in between is then sent again, and the page knows it by its id.
        since = await self._store.revision(person.id)
        return Pane(person, await self._store.lines(person.id), since)

    def _problem(self, key: str, status: int, language: str, restart: bool = True) -> web.Response:
        addresses = self._files.addresses
        return page(problem_html(WORDS[language][key], language=language, assets=addresses, restart=restart), status)


def _language(request: web.Request) -> str:
    return negotiated(request.headers.get("Accept-Language", ""))
