"""Our own tokens, for the Bot Connector and for Graph: fetched once for all who wait, kept until they nearly end."""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Final

import aiohttp

from bot.channel import Retry
from bot.teams.settings import TeamsSettings

log = logging.getLogger(__name__)

SCOPE: Final = "https://api.botframework.com/.default"
# A token that ends while its message is on the way costs a second try.
_EARLY_SECONDS = 300
_REFUSED_SECONDS = 300.0
_TIMEOUT = aiohttp.ClientTimeout(total=10)


class Login:
    """`scope` is what the token is for; `clock` counts seconds."""

    def __init__(
        self,
        session: Callable[[], aiohttp.ClientSession],
        settings: TeamsSettings,
        *,
        scope: str = SCOPE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._session = session
        self._settings = settings
        self._scope = scope
        self._clock = clock
        self._token = ""
        self._ends_at = 0.0
        self._one_at_a_time = asyncio.Lock()

    async def token(self, *, instead_of: str = "") -> str:
        """A bearer token. `instead_of` is one that was just refused (401): it is not handed out again.

        Raises Retry when the login cannot be reached or does not know us.
        """
        async with self._one_at_a_time:
            if not self._token or self._token == instead_of or self._clock() >= self._ends_at:
                self._token = ""
                self._token, seconds = await self._fetch()
                self._ends_at = self._clock() + max(seconds - _EARLY_SECONDS, seconds / 2)
            return self._token

    async def _fetch(self) -> tuple[str, float]:
        form = {
            "grant_type": "client_credentials",
            "client_id": self._settings.app_id,
            "client_secret": self._settings.app_password,
            "scope": self._scope,
        }
        url = self._settings.token_endpoint
        try:
            async with self._session().post(url, data=form, timeout=_TIMEOUT, allow_redirects=False) as response:
                if 400 <= response.status < 500 and response.status != 429:
                    # A wrong or expired secret: every message waits until somebody mends it.
                    log.error("teams: login refused the app id or its secret (%d)", response.status)
                    raise Retry("login refused", _REFUSED_SECONDS)
                if response.status != 200:
                    raise Retry(f"login answered {response.status}")
                answer = await response.json(content_type=None)
                return str(answer["access_token"]), float(answer["expires_in"])
        except (aiohttp.ClientError, TimeoutError, ValueError, KeyError, TypeError) as error:
            raise Retry(f"login unreachable ({type(error).__name__})") from None
