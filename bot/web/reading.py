"""What the page sends, read without trust. Anything else than the page would send is a 400, never a 500."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import PayloadEncodingError

from bot.fetching import file_name
from bot.web.page import MOST_PANES
from dialogs.incoming import LARGEST_FILE, File
from knowledge.text import clean

LARGEST_BODY = 256 * 1024
"""Bytes: a card with several full fields, each character escaped, fits."""
_MOST_FIELDS = 20
_LARGEST_ID = 2**63 - 1
_KEY = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_NUMBER = re.compile(r"[0-9]{1,19}")


class Malformed(Exception):
    """The request is not one that the page makes."""


class TooLong(Exception):
    """The body is beyond the limit."""


@dataclass(frozen=True, slots=True)
class Submission:
    """Typed text, or a pressed button's `say` with its form's fields; `key` is the page's own id of it."""

    key: str
    text: str = ""
    say: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    card: str = ""
    file: File | None = None


async def sent_file(request: web.Request) -> Submission:
    """The body of a POST that is one file; its name, the page's key and what was typed beside it are in the address.
    Raises Malformed or TooLong."""
    # Nor can a form of another site send this one.
    if request.content_type != "application/octet-stream" or "Content-Encoding" in request.headers:
        raise Malformed
    key, name, text = (request.query.get(part, "") for part in ("key", "name", "text"))
    if not _KEY.fullmatch(key) or not clean(name):
        raise Malformed
    content = await _body(request, LARGEST_FILE)
    file = File(file_name(name), content=content, trouble="" if content else "empty")
    return Submission(key=key.lower(), text=clean(text), file=file)


async def submission(request: web.Request) -> Submission:
    """The body of a POST. Raises Malformed or TooLong."""
    # A form of another site cannot send this type without asking first, which we never allow.
    if request.content_type != "application/json" or "Content-Encoding" in request.headers:
        raise Malformed
    data = _json(await _body(request, LARGEST_BODY))
    key, text, say, card = (clean(_text(data, name)) for name in ("key", "text", "say", "card"))
    values = data.get("values", {})
    if not isinstance(values, dict) or len(values) > _MOST_FIELDS:
        raise Malformed
    if not _KEY.fullmatch(key) or bool(text) == bool(say):
        raise Malformed
    if len(card) > 80 or any(not isinstance(value, str) for value in values.values()):
        raise Malformed
    return Submission(
        key=key.lower(),
        text=text,
        say=say,
        values={clean(name): clean(value) for name, value in values.items()},
        card=card,
    )


def people(request: web.Request) -> list[int]:
    """The ids in `who`, in order, none twice; empty when it names nobody. Raises Malformed."""
    who = request.query.get("who", "")
    numbers = list(dict.fromkeys(person(part) for part in who.split(","))) if who else []
    if len(numbers) > MOST_PANES:
        raise Malformed
    return numbers


def positions(text: str, count: int) -> list[int]:
    """Revisions as the event stream writes them: "12.0.7", one for each pane. Raises Malformed."""
    numbers = [number(part) for part in text.split(".")] if text else [0] * count
    if len(numbers) != count:
        raise Malformed
    return numbers


def person(text: str) -> int:
    """An id that could be somebody's. Raises Malformed."""
    found = number(text)
    if found == 0:
        raise Malformed
    return found


def number(text: str) -> int:
    """A number from 0 that a database can hold, in plain digits. Raises Malformed."""
    if not _NUMBER.fullmatch(text) or int(text) > _LARGEST_ID:
        raise Malformed
    return int(text)


async def _body(request: web.Request, largest: int) -> bytes:
    if (request.content_length or 0) > largest:
        raise TooLong
    body = bytearray()
    try:
        async for chunk in request.content.iter_chunked(16 * 1024):
            body += chunk
            if len(body) > largest:
                raise TooLong
    except (PayloadEncodingError, web.RequestPayloadError):
        raise Malformed from None
    return bytes(body)


def _json(body: bytes) -> dict[str, Any]:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        raise Malformed from None
    if not isinstance(data, dict):
        raise Malformed
    return data


def _text(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name, "")
    if not isinstance(value, str):
        raise Malformed
    return value
