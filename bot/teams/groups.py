"""Making a group chat through Microsoft Graph: the Bot Connector writes in one, but cannot make one.

Two calls, "Create chat" and "Add app to chat" (Graph v1.0): until the app is in it, the bot may not write there.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote
from uuid import UUID

import aiohttp
from yarl import URL

from bot.channel import Group, Retry, Unreachable
from bot.teams.connector import retry_after
from bot.teams.login import Login
from bot.teams.settings import TeamsSettings

GRAPH: Final = "https://graph.microsoft.com"
SCOPE: Final = f"{GRAPH}/.default"
_TRIES = 3
_LONGEST_PAUSE = 5.0
_MAX_ANSWER = 64 * 1024


class Groups:
    """`pause` waits before the app is added once more: what is tried again from the beginning makes a second chat."""

    def __init__(
        self,
        session: Callable[[], aiohttp.ClientSession],
        settings: TeamsSettings,
        *,
        timeout_seconds: float = 15,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._session = session
        self._settings = settings
        self._login = Login(session, settings, scope=SCOPE)
        self._timeout = aiohttp.ClientTimeout(total=timeout_seconds)
        self._pause = pause

    async def make(self, members: Sequence[Mapping[str, Any]], topic: str) -> Group:
        """See `bot.channel.MakesGroups`. Raises Retry only while nothing was made."""
        if not self._settings.app_id or not self._settings.catalog_id:
            raise Unreachable("not_allowed", "no catalog id")
        tenants = {str(member.get("tenant") or "") for member in members}
        if len(tenants) != 1 or not self._settings.allows_tenant(tenants.copy().pop()):
            raise Unreachable("not_allowed", "tenant")
        people = [_person(member) for member in members]
        chat = await self._create(people, topic)
        await self._add_app(chat)
        known = members[0]
        address = {name: known.get(name, "") for name in ("service_url", "bot_id", "bot_name", "tenant")}
        return Group(chat, {**address, "conversation": chat, "user": ""})

    async def _create(self, people: Sequence[str], topic: str) -> str:
        chat = {
            "chatType": "group",
            # A title with a colon is refused.
            "topic": topic.replace(":", " "),
            "members": [
                {
                    "@odata.type": "#microsoft.graph.aadUserConversationMember",
                    "roles": ["owner"],
                    "user@odata.bind": f"{GRAPH}/v1.0/users('{person}')",
                }
                for person in people
            ],
        }
        status, after, answer = await self._post("/v1.0/chats", chat)
        if status == 429 or status >= 500:
            raise Retry(f"Graph answered {status}", after)
        identifier = answer.get("id")
        if status != 201 or not isinstance(identifier, str) or not identifier:
            raise Unreachable("not_allowed" if status in (401, 403) else "rejected", f"Graph answered {status}")
        return identifier

    async def _add_app(self, chat: str) -> None:
        app = {"teamsApp@odata.bind": f"{GRAPH}/v1.0/appCatalogs/teamsApps/{self._settings.catalog_id}"}
        status = 0
        for attempt in range(_TRIES):
            try:
                status, after, _ = await self._post(f"/v1.0/chats/{quote(chat, safe='')}/installedApps", app)
            except Retry as later:
                status, after = 0, later.after
            # 409: it is there already.
            if status in (200, 201, 204, 409):
                return
            if status and status != 429 and status < 500:
                break
            if attempt < _TRIES - 1:
                await self._pause(min(after or 1.0, _LONGEST_PAUSE))
        raise Unreachable("not_allowed", f"the app could not be added: Graph answered {status}")

    async def _post(self, path: str, body: Mapping[str, Any]) -> tuple[int, float | None, Mapping[str, Any]]:
        """Status, seconds of Retry-After, and the answer. Raises Retry when there was none."""
        token = await self._login.token()
        status, after, answer = await self._send(path, body, token)
        if status == 401:
            token = await self._login.token(instead_of=token)
            status, after, answer = await self._send(path, body, token)
        return status, after, answer

    async def _send(
        self, path: str, body: Mapping[str, Any], token: str
    ) -> tuple[int, float | None, Mapping[str, Any]]:
        url = URL(f"{self._settings.graph_url}{path}", encoded=True)
        headers = {"Authorization": f"Bearer {token}"}
        try:
            # A redirect would carry the token to a host that nobody checked.
            async with self._session().post(
                url, json=dict(body), headers=headers, timeout=self._timeout, allow_redirects=False
            ) as response:
                after = retry_after(response.headers.get("Retry-After", ""), 0)
                return response.status, after, _object(await response.content.read(_MAX_ANSWER))
        except TimeoutError:
            raise Retry("timed out") from None
        except aiohttp.ClientError as error:
            raise Retry(f"unreachable ({type(error).__name__})") from None


def _person(member: Mapping[str, Any]) -> str:
    """Graph knows people by the id of their account in the directory."""
    try:
        return str(UUID(str(member.get("sender") or "")))
    except ValueError:
        raise Unreachable("not_allowed", "somebody is not in the directory") from None


def _object(answer: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(answer)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
