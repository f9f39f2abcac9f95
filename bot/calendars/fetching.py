"""Fetches a calendar from an address that somebody gave: from the public internet alone, in bounded time and size.

A name may lead into our own network, at once or by a redirect: each address it resolves to is looked at where the
connection is made, so that what was looked at is what is connected to.
"""

import asyncio
import ipaddress
import socket
from dataclasses import dataclass

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from bot.fetching import within
from knowledge.ics.reading import LARGEST

SECONDS = 20.0
MOST_REDIRECTS = 3
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came of it. `problem` is a word, `calendar.fetch.<problem>`: address, private, insecure, unknown, refused,
    gone, slow, too_large, busy, redirects; "" when all is well. `unchanged`: no news since `etag` or `modified`."""

    content: bytes = b""
    etag: str = ""
    modified: str = ""
    unchanged: bool = False
    problem: str = ""


class _Problem(Exception):
    """See `Fetched.problem`."""


class PublicResolver(AbstractResolver):
    """Resolves names to public addresses; a name that leads to any other does not resolve at all."""

    def __init__(self, loopback: bool = False) -> None:
        self._within = aiohttp.ThreadedResolver()
        self._loopback = loopback

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET) -> list[
        ResolveResult
    ]:  # fmt: skip
        found = await self._within.resolve(host, port, family)
        for one in found:
            if not is_public(one["host"]) and not (self._loopback and host in _LOOPBACK):
                raise PrivateAddressError(f"{host} is within a network of its own")
        return found

    async def close(self) -> None:
        await self._within.close()


class PrivateAddressError(OSError):
    """A name that leads into a network that is not public."""


def is_public(address: str) -> bool:
    """Whether anybody on the internet could be asked at it. IPv4 within IPv6 counts as what it is."""
    try:
        at = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(at, ipaddress.IPv6Address):
        within = at.ipv4_mapped or at.sixtofour or (at.teredo[1] if at.teredo else None)
        # NAT64 (RFC 6052) leads to whatever its last four bytes say.
        if within is None and at in ipaddress.ip_network("64:ff9b::/96"):
            within = ipaddress.IPv4Address(int(at) & 0xFFFFFFFF)
        if within is not None:
            return is_public(str(within))
    return at.is_global and not (at.is_multicast or at.is_reserved or at.is_unspecified or at.is_loopback)


class CalendarFetcher:
    """`loopback`: this machine too, over plain http, for tests and a desk in development."""

    def __init__(self, *, loopback: bool = False, seconds: float = SECONDS) -> None:
        self._loopback = loopback
        self._seconds = seconds

    async def fetch(self, url: str, etag: str = "", modified: str = "") -> Fetched:
        """Never raises but when it is cancelled."""
        connector = aiohttp.TCPConnector(resolver=PublicResolver(self._loopback), use_dns_cache=False, limit=1)
        try:
            async with (
                asyncio.timeout(self._seconds),
                aiohttp.ClientSession(
                    connector=connector, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False, auto_decompress=False
                ) as session,
            ):
                return await self._fetch(session, url, etag, modified)
        except TimeoutError:
            return Fetched(problem="slow")
        except _Problem as problem:
            return Fetched(problem=str(problem))
        except aiohttp.ClientConnectorError as error:
            return Fetched(problem="private" if isinstance(error.os_error, PrivateAddressError) else "unknown")
        except (aiohttp.ClientError, OSError, ValueError):
            return Fetched(problem="unknown")

    async def _fetch(self, session: aiohttp.ClientSession, url: str, etag: str, modified: str) -> Fetched:
        # Compressed it could be a thousand times larger than it looks.
        headers = {"Accept": "text/calendar, */*;q=0.1", "Accept-Encoding": "identity", "User-Agent": "connect"}
        if etag:
            headers["If-None-Match"] = etag
        if modified:
            headers["If-Modified-Since"] = modified
        at = URL(url)
        for _ in range(MOST_REDIRECTS + 1):
            self._allowed(at)
            async with session.get(at, headers=headers, allow_redirects=False) as response:
                if response.status in (301, 302, 303, 307, 308):
                    at = at.join(URL(response.headers.get("Location", "")))
                    continue
                if response.status == 304:
                    return Fetched(etag=etag, modified=modified, unchanged=True)
                if response.status in (401, 403):
                    raise _Problem("refused")
                if response.status in (404, 410):
                    raise _Problem("gone")
                if response.status != 200:
                    raise _Problem("busy")
                if response.headers.get("Content-Encoding", "identity") not in ("identity", ""):
                    raise _Problem("busy")
                content = await within(response, LARGEST)
                if content is None:
                    raise _Problem("too_large")
                said = response.headers
                return Fetched(content, said.get("ETag", "")[:300], said.get("Last-Modified", "")[:100])
        raise _Problem("redirects")

    def _allowed(self, at: URL) -> None:
        host = at.host or ""
        if self._loopback and host in _LOOPBACK and at.scheme in ("http", "https"):
            return
        if at.scheme != "https":
            raise _Problem("insecure")
        if not host or at.user or at.password:
            raise _Problem("address")
        if at.port not in (443, 8443):
            raise _Problem("address")
        try:
            ipaddress.ip_address(host)
        except ValueError:
            return
        # aiohttp resolves no address that is one already.
        if not is_public(host):
            raise _Problem("private")
