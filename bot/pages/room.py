"""The pages over HTTP: links opened, sessions kept in a cookie, each request read as the person is now."""

import logging
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web
from markupsafe import Markup

from bot.failing import log_failure
from bot.pages import capacity, dashboard, desk, digests, events, home, imports, pictures, portal
from bot.pages.page import ADDRESSES, PAGES, Address, File, Look, Moved, Page, Shown, Visit
from bot.pages.signing import SESSION_LASTS, Signer
from bot.plots import drawing
from bot.serving import Files, Handler, headers, negotiated
from bot.serving import page as answered
from bot.templating import filled, templates
from dialogs.wording import Say, say_in
from knowledge.errors import Refusal
from knowledge.people import Person
from knowledge.places import LANGUAGES

log = logging.getLogger(__name__)

# Importing them declares their pages.
_ROOMS = (home, desk, dashboard, pictures, portal, digests, capacity, events, imports)

_HERE = Path(__file__).parent
# With "no-referrer" a browser would send a form with the origin "null". Other hosts learn nothing either way.
_HEADERS = headers(form_action="'self'", referrer="same-origin", img="'self' data:")
_LONGEST_FORM = 256 * 1024


class PagesRoom:
    """`routes()` go into the bot's application. `look` reads and `change` writes, each in one transaction of its own.

    `secure`: only over https, as everywhere but in development. `also` are origins by which a browser may know us
    besides that of our address.
    """

    def __init__(
        self, signer: Signer, *, look: Look, change: Look, secure: bool, also: frozenset[str] = frozenset()
    ) -> None:
        self._signer = signer
        self._look = look
        self._change = change
        self._secure = secure
        self._origins = also | {_origin(signer.base)}
        # The prefix binds the cookie to this host and to https; a browser refuses it otherwise.
        self.cookie = "__Host-connect" if secure else "connect"
        self._files = Files(_HERE / "static", "/pages/")
        self._templates = templates(_HERE / "templates")

    def routes(self) -> list[web.RouteDef]:
        routes = [
            web.get("/open/{token}", self._guarded(self._open)),
            web.post("/leave", self._guarded(self._leave)),
            web.get("/pages/vega.js", self._guarded(_vega)),
            *(web.get(path, self._guarded(handler)) for path, handler in self._files.handlers().items()),
        ]
        for page in PAGES.values():
            handler = self._guarded(self._serving(page))
            routes.append(web.get(page.path, handler))
            if page.posts:
                routes.append(web.post(page.path, handler))
        for address in ADDRESSES.values():
            routes.append(web.get(f"/{address.kind}/{{token}}", self._guarded(self._fetching(address))))
        return routes

    # The door

    async def _open(self, request: web.Request) -> web.StreamResponse:
        opened = self._signer.opened(request.match_info["token"])
        if opened is None:
            return self._lost(request, 410)
        reader = await self._person(opened.person)
        if reader is None:
            return self._closed(_stranger(request))
        # A second opening is as good as the first: what previews links in a chat opens them before their reader.
        response = web.Response(
            status=303,
            headers={"Location": opened.path, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"},
        )
        response.set_cookie(
            self.cookie,
            self._signer.session(reader.id),
            max_age=int(SESSION_LASTS.total_seconds()),
            path="/",
            secure=self._secure,
            httponly=True,
            samesite="Lax",
        )
        return response

    async def _leave(self, request: web.Request) -> web.StreamResponse:
        say = _stranger(request)
        response = answered(self._filled("left.html", say, None, title=say("pages.left_title")))
        response.del_cookie(self.cookie, path="/", secure=self._secure, httponly=True, samesite="Lax")
        return response

    async def _person(self, number: int) -> Person | None:
        """As they are now; None for whoever is nobody any more."""
        try:
            found = await self._look(lambda work: work.people.get(number))
        except KeyError:
            return None
        return None if found.forgotten else found

    # Pages

    def _serving(self, page: Page) -> Handler:
        async def serve(request: web.Request) -> web.StreamResponse:
            number = self._signer.reader(request.cookies.get(self.cookie, ""))
            if number is None:
                return self._lost(request, 401)
            reader = await self._person(number)
            if reader is None:
                return self._closed(_stranger(request))
            say = say_in(reader.language, reader.time_zone)
            if not page.open_to(reader):
                return self._closed(say, reader)
            try:
                visit = await self._visit(request, reader, say)
                shown = await page.handler(visit)
            except Refusal as refusal:
                text = say(f"refusal.{refusal.key}", **refusal.values)
                return self._told(say, reader, say("pages.refused_title"), text, 403)
            return self._answer(page, shown, say, reader)

        return serve

    async def _visit(self, request: web.Request, reader: Person, say: Say) -> Visit:
        form: dict[str, str] = {}
        posted = request.method == "POST"
        if posted:
            if request.content_type != "application/x-www-form-urlencoded":
                raise web.HTTPUnsupportedMediaType
            if (request.content_length or 0) > _LONGEST_FORM:
                raise web.HTTPRequestEntityTooLarge(_LONGEST_FORM, request.content_length or 0)
            sent = await request.post()
            form = {name: value for name in sent if isinstance(value := sent[name], str)}
        query = {name: request.query[name] for name in request.query}
        return Visit(
            reader, say, await self._look(lambda work: work.now), self._look, self._change, query, form, posted,
            self._signer.base,
        )  # fmt: skip

    def _answer(self, page: Page, shown: Shown | File | Moved, say: Say, reader: Person) -> web.StreamResponse:
        match shown:
            case File():
                return _file(shown, "no-store")
            case Moved():
                return web.Response(status=303, headers={"Location": shown.path, "Cache-Control": "no-store"})
        title = shown.title or say(page.title)
        return answered(self._filled(shown.template, say, reader, title=title, here=page.path, **shown.values))

    def _fetching(self, address: Address) -> Handler:
        async def fetch(request: web.Request) -> web.StreamResponse:
            said = self._signer.said(address.kind, request.match_info["token"], address.lasts)
            found = None if said is None else await address.handler(said, self._look)
            if found is None:
                return web.Response(status=404, headers={"Cache-Control": "no-store"})
            response = _file(found, f"private, max-age={int(address.kept.total_seconds())}")
            # Shown inside a chat's own page.
            response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
            return response

        return fetch

    # What is said when there is no page

    def _lost(self, request: web.Request, status: int) -> web.Response:
        first = _stranger(request).language
        languages = sorted(LANGUAGES, key=lambda language: language != first)
        says = [say_in(language) for language in languages]
        return answered(
            self._filled("lost.html", says[0], None, title=says[0]("pages.lost_title"), says=says), status
        )  # fmt: skip

    def _closed(self, say: Say, reader: Person | None = None) -> web.Response:
        return self._told(say, reader, say("pages.closed_title"), say("pages.closed_text"), 403)

    def _told(self, say: Say, reader: Person | None, title: str, text: str, status: int) -> web.Response:
        return answered(self._filled("told.html", say, reader, title=title, text=text), status)

    def _filled(self, template: str, say: Say, reader: Person | None, *, here: str = "", **values: Any) -> Markup:
        listed = [page for page in PAGES.values() if page.listed and reader is not None and page.open_to(reader)]
        listed.sort(key=lambda page: page.path != "/home")
        return filled(
            self._templates,
            template,
            say=say,
            reader=reader,
            here=here,
            pages=[(page.path, say(page.title)) for page in listed],
            assets={**self._files.addresses, "vega.js": f"/pages/vega.js?v={drawing.VERSION}"},
            **values,
        )

    def _guarded(self, handler: Handler) -> Handler:
        """The handler within what holds for all: a form comes from our own page, and no answer is without its
        headers."""

        async def inside(request: web.Request) -> web.StreamResponse:
            if request.method not in ("GET", "HEAD") and not self._is_own_page(request):
                return web.Response(status=403, text="Only from the page itself.\n", headers=_HEADERS)
            try:
                response = await handler(request)
            except web.HTTPException:
                raise
            except Exception as error:
                resource = request.match_info.route.resource
                log_failure(log, f"pages: {resource and resource.canonical}", error)
                say = _stranger(request)
                response = self._told(say, None, say("pages.failed_title"), say("pages.failed_text"), 503)
            for name, value in _HEADERS.items():
                response.headers.setdefault(name, value)
            return response

        return inside

    def _is_own_page(self, request: web.Request) -> bool:
        """Browsers name the origin of every POST; the cookie's SameSite=Lax keeps it from the others besides."""
        return (
            request.headers.get("Origin", "") in self._origins
            and request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin"
        )


def _stranger(request: web.Request) -> Say:
    """The words for somebody we do not know."""
    return say_in(negotiated(request.headers.get("Accept-Language", "")))


async def _vega(request: web.Request) -> web.Response:
    """What draws plots in the browser; made once, from what draws them here."""
    script = await drawing.bundle()
    return web.Response(
        body=script,
        content_type="text/javascript",
        charset="utf-8",
        headers={"Cache-Control": "max-age=31536000, immutable" if "v" in request.query else "no-cache"},
    )


def _file(found: File, cache: str) -> web.Response:
    response = web.Response(body=found.content, content_type=found.kind, headers={"Cache-Control": cache})
    if found.name:
        response.headers["Content-Disposition"] = f'attachment; filename="{found.name}"'
    return response


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
