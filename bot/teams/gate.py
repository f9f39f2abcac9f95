"""The door for what claims to come from Teams. In order: size, shape, sender, tenant, service URL."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

import jwt
from aiohttp import web

from bot.teams import hosts, shape
from bot.teams.keys import KeysUnreachable, SigningKeys, UnknownKey
from bot.teams.settings import TeamsSettings

ISSUER: Final = "https://api.botframework.com"
CHANNEL: Final = "msteams"
_LEEWAY_SECONDS = 300
_BODY_SECONDS = 10


class Refused(Exception):
    """Answered with `status` and nothing else. `reason` is for the log: it never quotes the request."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(f"{status} {reason}")
        self.status = status
        self.reason = reason


class Gate:
    """Lets an activity in, or raises Refused; it never answers anybody."""

    def __init__(self, settings: TeamsSettings, keys: SigningKeys) -> None:
        self._settings = settings
        self._keys = keys

    async def admit(self, request: web.Request) -> Mapping[str, Any]:
        """The request's activity, from an allowed tenant of the real Teams. Raises Refused."""
        if not self._settings.app_id:
            _only_from_here(request)
        try:
            activity = shape.parse(await self._body(request))
        except shape.Malformed as error:
            raise Refused(400, f"malformed: {error}") from None
        if self._settings.app_id:
            await self._authenticate(request, activity)
        if activity["channelId"] != CHANNEL:
            # Web chat and Direct Line clients choose their own user ids: they could be anybody.
            raise Refused(403, "another channel")
        self._check_tenant(activity)
        service = hosts.service_base(
            activity["serviceUrl"], self._settings.service_hosts, development=self._settings.development
        )
        if service is None:
            raise Refused(403, "service host not allowed")
        return activity

    async def _body(self, request: web.Request) -> bytes:
        limit = self._settings.max_body_bytes
        if request.headers.get("Content-Encoding", "identity").lower() != "identity":
            # Teams never compresses; a small bomb would otherwise unfold in memory.
            raise Refused(415, "compressed")
        if request.content_type != "application/json" or (request.charset or "utf-8").lower() != "utf-8":
            raise Refused(415, "not JSON in UTF-8")
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

    async def _authenticate(self, request: web.Request, activity: Mapping[str, Any]) -> None:
        headers = request.headers.getall("Authorization", [])
        scheme, _, token = headers[0].partition(" ") if len(headers) == 1 else ("", "", "")
        if scheme.lower() != "bearer" or not token:
            raise Refused(401, "no bearer token")
        try:
            kid = jwt.get_unverified_header(token).get("kid")
            if not isinstance(kid, str):
                raise Refused(401, "no kid")
            signer = await self._keys.find(kid)
            claims = jwt.decode(
                token,
                signer.key,
                algorithms=list(self._keys.algorithms),
                audience=self._settings.app_id,
                issuer=ISSUER,
                leeway=_LEEWAY_SECONDS,
                options={"require": ["iss", "aud", "exp", "nbf"], "strict_aud": True},
            )
        except KeysUnreachable:
            raise Refused(503, "signing keys unreachable") from None
        except UnknownKey:
            raise Refused(401, "unknown kid") from None
        # RecursionError: a token's header can be 3,000 brackets deep, and is read before its signature.
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError) as error:
            raise Refused(401, f"token: {type(error).__name__}") from None
        # The specification writes serviceUrl, the service itself serviceurl.
        if claims.get("serviceurl", claims.get("serviceUrl")) != activity["serviceUrl"]:
            raise Refused(401, "token for another service URL")
        if activity["channelId"] not in signer.endorsements:
            raise Refused(403, "key not endorsed for the channel")

    def _check_tenant(self, activity: Mapping[str, Any]) -> None:
        channel_data = activity.get("channelData") or {}
        named = {
            tenant
            for tenant in (activity["conversation"].get("tenantId"), (channel_data.get("tenant") or {}).get("id"))
            if tenant
        }
        if not named and not self._settings.allows_tenant(""):
            raise Refused(403, "no tenant")
        if not all(self._settings.allows_tenant(tenant) for tenant in named):
            raise Refused(403, "tenant not allowed")


def _only_from_here(request: web.Request) -> None:
    """Without an app id nobody is authenticated: only this machine may speak, and not on another's behalf.

    A tunnel forwards strangers from loopback and says so; a web page that rebinds its name to 127.0.0.1 is given
    away by the Host header.
    """
    forwarded = any(name in request.headers for name in ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host"))
    origin = request.headers.get("Origin", "")
    if (
        forwarded
        or not hosts.is_loopback_peer(request.remote)
        or not hosts.is_local_name(request.headers.get("Host", ""))
        or (origin and not hosts.is_local_name(origin.partition("://")[2]))
    ):
        raise Refused(403, "development mode answers this machine only")
