"""Writing to the Bot Connector over one pooled session, and what its refusals mean."""

import json
import re
import time
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import quote

import aiohttp
from yarl import URL

from bot.channel import Gone, Retry, Unreachable
from bot.teams.hosts import service_base
from bot.teams.login import Login
from bot.teams.settings import TeamsSettings

AUDIENCE: Final = "https://api.botframework.com"
# "ConversationBlockedByUser", "MessageWritesBlocked" (blocked or uninstalled), "BotNotInConversationRoster".
_BLOCKED = re.compile(rb"Blocked|NotInConversationRoster")
_LONGEST_WAIT = 3600.0
_MAX_ANSWER = 64 * 1024


class Connector:
    """Sends and edits activities. `now` is seconds since 1970, to read a Retry-After that is a date."""

    def __init__(
        self,
        session: Callable[[], aiohttp.ClientSession],
        settings: TeamsSettings,
        login: Login,
        *,
        timeout_seconds: float = 15,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._session = session
        self._settings = settings
        self._login = login
        self._timeout = aiohttp.ClientTimeout(total=timeout_seconds)
        self._now = now

    async def write(self, service_url: str, conversation: str, activity: Mapping[str, Any], replaces: str = "") -> str:
        """Posts the activity, or puts it in the place of `replaces`; the channel's id of it, "" if it gave none.

        Raises Retry, Unreachable or Gone (bot/channel.py).
        """
        url = self._url(service_url, conversation, replaces)
        body = json.dumps(activity, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
        method = "PUT" if replaces else "POST"
        token = await self._login.token() if self._settings.app_id else ""
        status, after, answer = await self._send(method, url, body, token)
        if status == 401 and token:
            token = await self._login.token(instead_of=token)
            status, after, answer = await self._send(method, url, body, token)
        if 200 <= status < 300:
            return _id(answer)
        raise _failure(status, after, answer, editing=bool(replaces))

    def _url(self, service_url: str, conversation: str, replaces: str) -> URL:
        # Checked before every send: what was allowed when it was stored may not be any more.
        base = service_base(service_url, self._settings.service_hosts, development=self._settings.development)
        if base is None:
            raise Unreachable("not_allowed", "service host")
        if not conversation or conversation in (".", "..") or replaces in (".", ".."):
            raise Unreachable("no_conversation")
        path = f"{base}/v3/conversations/{quote(conversation, safe='')}/activities"
        return URL(f"{path}/{quote(replaces, safe='')}" if replaces else path, encoded=True)

    async def _send(self, method: str, url: URL, body: bytes, token: str) -> tuple[int, float | None, bytes]:
        """Status, seconds of Retry-After, and the beginning of the answer. Raises Retry if there was none."""
        headers = {"Content-Type": "application/json; charset=utf-8"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        try:
            # A redirect would carry the token to a host that nobody checked.
            async with self._session().request(
                method, url, data=body, headers=headers, timeout=self._timeout, allow_redirects=False
            ) as response:
                after = retry_after(response.headers.get("Retry-After", ""), self._now())
                try:
                    answer = await response.content.read(_MAX_ANSWER)
                except (aiohttp.ClientError, TimeoutError):
                    # The status already says that it was taken: trying again would say it twice.
                    answer = b""
                return response.status, after, answer
        except TimeoutError:
            raise Retry("timed out") from None
        except aiohttp.ClientError as error:
            raise Retry(f"unreachable ({type(error).__name__})") from None


def retry_after(header: str, now: float) -> float | None:
    """Seconds to wait of a Retry-After header, as seconds or as a date; None if it says nothing usable."""
    header = header.strip()
    if header.isascii() and header.isdigit():
        return min(float(header[:9]), _LONGEST_WAIT)
    try:
        seconds = parsedate_to_datetime(header).timestamp() - now
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(seconds, 0.0), _LONGEST_WAIT)


def _failure(status: int, after: float | None, answer: bytes, *, editing: bool) -> Exception:
    match status:
        case 403:
            return Unreachable("blocked" if _BLOCKED.search(answer) else "not_allowed")
        case 404 if editing:
            return Gone("message to edit")
        case 404 | 410:
            return Unreachable("gone")
        case 413:
            return Unreachable("too_large")
        case 401:
            return Retry("token refused", after)
        case 408 | 409 | 412 | 425 | 429:
            return Retry(f"answered {status}", after)
        case _ if 400 <= status < 500:
            return Unreachable("rejected", str(status))
    # Redirects and everything from 500 on: their side is unwell.
    return Retry(f"answered {status}", after)


def _id(answer: bytes) -> str:
    try:
        found = json.loads(answer)["id"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
    return found if isinstance(found, str) else ""
