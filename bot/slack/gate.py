"""The door for what claims to come from Slack. In order: size, signature, form, workspace."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl

from aiohttp import web

from bot.slack.settings import SlackSettings

# "Verifying requests from Slack": a request further than five minutes from now may be a replay.
WINDOW_SECONDS: Final = 300
_BODY_SECONDS = 2.0
_MAX_DEPTH = 64
_MOST_FIELDS = 100


class Refused(Exception):
    """Answered with `status` and nothing else. The reason is for the log: it never quotes the request."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(f"{status} {reason}")
        self.status = status


def is_signed(secret: str, body: bytes, timestamp: str, signature: str, now: float) -> bool:
    """Whether Slack signed this body at a time within the window. `now` is seconds since 1970.

    Constant-time in the signature. False for anything malformed.
    """
    if not (timestamp.isascii() and timestamp.isdigit()) or len(timestamp) > 15 or not signature.isascii():
        return False
    if abs(now - int(timestamp)) > WINDOW_SECONDS:
        return False
    expected = hmac.new(secret.encode(), f"v0:{timestamp}:".encode() + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(f"v0={expected}", signature)


async def admit(request: web.Request, settings: SlackSettings, now: float) -> bytes:
    """The body of a request that Slack signed. Raises Refused."""
    if not settings.signing_secret:
        raise Refused(401, "HTTP is off in Socket Mode")
    body = await _body(request, settings.max_body_bytes)
    stamps = request.headers.getall("X-Slack-Request-Timestamp", [])
    signatures = request.headers.getall("X-Slack-Signature", [])
    if len(stamps) != 1 or len(signatures) != 1:
        raise Refused(401, "not signed")
    if not is_signed(settings.signing_secret, body, stamps[0], signatures[0], now):
        raise Refused(401, "signature")
    return body


def read_json(body: bytes | str) -> Mapping[str, Any]:
    """A JSON object, with characters that no database holds made U+FFFD. Raises Refused."""
    try:
        text = body.decode("utf-8") if isinstance(body, bytes) else body
        found = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Refused(400, "not JSON") from None
    if not isinstance(found, dict):
        raise Refused(400, "not an object")
    return {name: _mended(value, _MAX_DEPTH) for name, value in found.items()}


def read_form(body: bytes) -> Mapping[str, str]:
    """The fields of a form. Raises Refused when it is none, or when a field stands twice."""
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, strict_parsing=True, errors="strict",
            max_num_fields=_MOST_FIELDS,
        )  # fmt: skip
    except ValueError:
        raise Refused(400, "not a form") from None
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise Refused(400, "a field stands twice")
    return {name: value.replace("\0", "\ufffd") for name, value in fields.items()}


def check_workspace(settings: SlackSettings, workspace: object) -> None:
    """Raises Refused for people of a workspace that is not listed."""
    if workspace not in settings.workspaces:
        raise Refused(403, "workspace not allowed")


def _mended(value: Any, depth: int) -> Any:
    if depth == 0:
        raise Refused(400, "nested too deeply")
    if isinstance(value, str):
        return value.replace("\0", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {_mended(name, depth): _mended(member, depth - 1) for name, member in value.items()}
    if isinstance(value, list):
        return [_mended(member, depth - 1) for member in value]
    return value


def _no_constant(_name: str) -> None:
    raise ValueError("NaN and Infinity are not JSON")


async def _body(request: web.Request, limit: int) -> bytes:
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Refused(415, "compressed")
    if (request.content_length or 0) > limit:
        raise Refused(413, "too large")
    body = bytearray()
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            async for chunk in request.content.iter_any():
                body += chunk
                if len(body) > limit:
                    raise Refused(413, "too large")
    except TimeoutError:
        raise Refused(408, "too slow") from None
    except (web.RequestPayloadError, ConnectionError):
        raise Refused(400, "broken off") from None
    return bytes(body)
