"""The Bot Connector's public signing keys: fetched off the loop's way, kept a day, found by `kid`."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
import jwt

log = logging.getLogger(__name__)

KEEP_SECONDS = 24 * 3600
# An unknown `kid` may be a rollover or an invention: anybody can send one, so we ask at most once a minute.
ASK_AGAIN_SECONDS = 60
# After a failure every waiting request would start the next attempt; Teams gives us only 15 s to answer.
REST_SECONDS = 5
_TIMEOUT = aiohttp.ClientTimeout(total=5)
_ALGORITHMS = ("RS256", "RS384", "RS512")


class KeysUnreachable(Exception):
    """The keys could not be had: nobody can be told apart from an impostor right now."""


class UnknownKey(Exception):
    """No key has that `kid`, not even in a list fetched just now."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A public RSA key and the channels it may vouch for."""

    key: Any
    endorsements: frozenset[str]


class SigningKeys:
    """A cache in front of the OpenID metadata at `openid_url`. `clock` counts seconds."""

    def __init__(
        self,
        session: Callable[[], aiohttp.ClientSession],
        openid_url: str,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._session = session
        self._openid_url = openid_url
        self._clock = clock
        self._keys: Mapping[str, SigningKey] = {}
        self._fetched_at: float | None = None
        self._failed_at: float | None = None
        self._fetching: asyncio.Task[None] | None = None
        self.algorithms: tuple[str, ...] = ("RS256",)

    async def find(self, kid: str) -> SigningKey:
        """Raises UnknownKey or KeysUnreachable."""
        age = None if self._fetched_at is None else self._clock() - self._fetched_at
        if age is None or age >= KEEP_SECONDS or (kid not in self._keys and age >= ASK_AGAIN_SECONDS):
            await self._refresh()
        found = self._keys.get(kid)
        if found is None:
            raise UnknownKey
        return found

    async def _refresh(self) -> None:
        """Fetches once for all who wait."""
        if self._fetching is None:
            if self._failed_at is not None and self._clock() - self._failed_at < REST_SECONDS:
                raise KeysUnreachable
            self._fetching = asyncio.create_task(self._fetch())
            self._fetching.add_done_callback(self._fetched)
        # Shielded: one caller that gives up must not take the answer from the others.
        await asyncio.shield(self._fetching)

    def _fetched(self, task: asyncio.Task[None]) -> None:
        self._fetching = None
        if not task.cancelled():
            task.exception()

    async def _fetch(self) -> None:
        try:
            metadata = await self._get(self._openid_url)
            found = _keys_of(await self._get(str(metadata["jwks_uri"])))
            named = metadata.get("id_token_signing_alg_values_supported") or ()
            algorithms = tuple(name for name in _ALGORITHMS if name in named)
        # A strange document is as good as none: TypeError and KeyError come from its shape.
        except (aiohttp.ClientError, TimeoutError, ValueError, KeyError, TypeError, AttributeError) as error:
            self._failed_at = self._clock()
            log.warning("teams: signing keys unreachable (%s)", type(error).__name__)
            raise KeysUnreachable from None
        self._keys, self._fetched_at, self._failed_at = found, self._clock(), None
        self.algorithms = algorithms or ("RS256",)

    async def _get(self, url: str) -> Any:
        secure = url.startswith("https://") or not self._openid_url.startswith("https://")
        if not secure:
            raise ValueError("keys must come over https")
        async with self._session().get(url, timeout=_TIMEOUT, allow_redirects=False) as response:
            if response.status != 200:
                raise ValueError(response.status)
            return await response.json(content_type=None)


def _keys_of(document: Mapping[str, Any]) -> dict[str, SigningKey]:
    """The usable keys of a JWKS document by `kid`. Raises ValueError if there is none."""
    keys: dict[str, SigningKey] = {}
    for entry in document["keys"]:
        try:
            if entry["kty"] == "RSA" and isinstance(entry["kid"], str):
                endorsements = frozenset(entry.get("endorsements") or ())
                keys[entry["kid"]] = SigningKey(jwt.PyJWK(entry, algorithm="RS256").key, endorsements)
        except (jwt.PyJWTError, KeyError, TypeError, ValueError, AttributeError):
            continue
    if not keys:
        raise ValueError("no usable key")
    return keys
