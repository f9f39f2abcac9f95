"""What every page of ours is served with: headers, files beside it, and the language of who asks."""

import hashlib
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web

from knowledge.places import LANGUAGES

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_ICON = Path(__file__).parent / "static" / "icon.svg"
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


def headers(*, form_action: str = "'none'", referrer: str = "no-referrer", img: str = "'self'") -> dict[str, str]:
    """Nothing from elsewhere, nothing inline, in nobody's frame; `form_action` is where forms may go, `img` where
    pictures may come from."""
    return {
        "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
        f"img-src {img}; connect-src 'self'; form-action {form_action}; base-uri 'none'; frame-ancestors 'none'",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Referrer-Policy": referrer,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }


class Files:
    """Styles and scripts of a folder, and the icon that all pages have, read once. `addresses` by name."""

    def __init__(self, folder: Path, at: str) -> None:
        self._at = at
        self._contents = {path.name: path.read_bytes() for path in (*sorted(folder.iterdir()), _ICON)}
        # The address changes with the content, so that a browser may keep each for ever.
        self.addresses = {
            name: f"{at}{name}?v={hashlib.sha256(content).hexdigest()[:12]}" for name, content in self._contents.items()
        }

    def handlers(self) -> dict[str, Handler]:
        """By path."""
        return {f"{self._at}{name}": self._sending(name) for name in self._contents}

    def _sending(self, name: str) -> Handler:
        async def send(request: web.Request) -> web.Response:
            return web.Response(
                body=self._contents[name],
                content_type=_TYPES[Path(name).suffix],
                charset="utf-8",
                headers={"Cache-Control": "max-age=31536000, immutable" if "v" in request.query else "no-cache"},
            )

        return send


def page(html: str, status: int = 200) -> web.Response:
    """A page that no cache keeps."""
    return web.Response(text=html, status=status, content_type="text/html", headers={"Cache-Control": "no-store"})


def language_of(wanted: str) -> str:
    """The nearest language we speak: "fr-CA" reads French; English when unknown."""
    short = wanted[:2].lower()
    return short if short in LANGUAGES else "en"


def negotiated(accept_language: str) -> str:
    """The language for a browser: the first it asks for that we speak; quality values are not weighed, since browsers
    send them in order."""
    for part in accept_language.split(","):
        short = part.strip()[:2].lower()
        if short in LANGUAGES:
            return short
    return "en"
