"""The page at which a reader stops our letters: one question, one button."""

from typing import Final

from aiohttp import web

from bot.email.letter import TEMPLATES
from bot.serving import headers, negotiated
from bot.serving import page as answered
from bot.templating import filled
from dialogs.wording import say_in

# The address is a key, so no other place learns it.
_HEADERS: Final = headers(form_action="'self'")


def page(state: str, language: str) -> web.Response:
    """`state` is "ask", "done", or "unknown" for a mailbox nobody has."""
    html = filled(TEMPLATES, "stopping.html", say=say_in(language), state=state)
    response = answered(html, 404 if state == "unknown" else 200)
    response.headers.update(_HEADERS)
    return response


def read_by(request: web.Request) -> str:
    """The language of whoever asks, as far as their browser says so."""
    return negotiated(request.headers.get("Accept-Language", ""))
