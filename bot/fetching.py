"""Getting the files that people send in a chat: from hosts that are listed, in bounded time and size, never raising.

The channel's room calls this beside its turn, never within: a turn's transaction does not wait for the network.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath, PureWindowsPath

import aiohttp
from yarl import URL

from dialogs.incoming import LARGEST_FILE, MOST_FILES, File
from knowledge.text import clean

_LONGEST_URL = 4000
_LONGEST_NAME = 120
_CHUNK = 64 * 1024
_MOST_TRIES = 3
_LONGEST_WAIT = 10.0


@dataclass(frozen=True, slots=True)
class Remote:
    """A file as a channel tells of it. `size` in bytes, None = not told. `trouble` as in `File`: not even asked for."""

    name: str
    url: str = field(default="", repr=False)
    media_type: str = ""
    size: int | None = None
    trouble: str = ""


class _Trouble(Exception):
    """Why a file cannot be had: see `File.trouble`."""


class Fetcher:
    """Gets files over the room's session.

    hosts     host names, or with a leading dot everything below one; https only.
    also      an origin besides, whatever its scheme: the channel's own interface, which in tests is on loopback.
    loopback  plain http on this machine besides, for a desk in development.
    headers   sent along, to those addresses alone. With a token in them no redirect is followed.
    seconds   for one file, its waits included.
    """

    def __init__(
        self,
        session: Callable[[], aiohttp.ClientSession],
        hosts: Sequence[str],
        *,
        also: str = "",
        loopback: bool = False,
        headers: Mapping[str, str] | None = None,
        seconds: float = 60,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._session = session
        self._hosts = tuple(host.lower() for host in hosts)
        self._also = URL(also).origin() if also else None
        self._loopback = ("127.0.0.1", "localhost", "::1") if loopback else ()
        self._headers = dict(headers or {})
        self._redirects = 0 if headers else 2
        self._seconds = seconds
        self._pause = pause

    async def all(self, remotes: Sequence[Remote]) -> tuple[File, ...]:
        """What came of each, in order."""
        kept = remotes[:MOST_FILES]
        left = [_file(one, trouble="too_many") for one in remotes[MOST_FILES:]]
        # One after the other: side by side they would take the memory of all of them twice.
        return (*[await self._one(one) for one in kept], *left)

    async def _one(self, remote: Remote) -> File:
        if remote.trouble:
            return _file(remote, trouble=remote.trouble)
        if remote.size is not None and remote.size > LARGEST_FILE:
            return _file(remote, trouble="too_large")
        try:
            async with asyncio.timeout(self._seconds):
                content = await self._again(remote.url)
        except TimeoutError:
            return _file(remote, trouble="slow")
        except _Trouble as trouble:
            return _file(remote, trouble=str(trouble))
        return _file(remote, content=content, trouble="" if content else "empty")

    async def _again(self, address: str) -> bytes:
        """The content, asked for once more where the far side is only busy."""
        for left in reversed(range(_MOST_TRIES)):
            found = await self._try(address)
            if isinstance(found, bytes):
                return found
            if not left:
                break
            await self._pause(found)
        raise _Trouble("later")

    async def _try(self, address: str) -> bytes | float:
        """The content, or how many seconds to wait before asking again."""
        try:
            for _ in range(self._redirects + 1):
                async with self._session().get(
                    self._allowed(address), headers=self._headers, allow_redirects=False
                ) as response:
                    if response.status in (301, 302, 303, 307, 308):
                        # Slack sends whoever may not read a file to its login page.
                        address = response.headers.get("Location", "")
                        continue
                    if response.status == 429 or response.status >= 500:
                        return _wait(response.headers.get("Retry-After", ""))
                    if response.status in (404, 410):
                        raise _Trouble("gone")
                    if response.status != 200:
                        raise _Trouble("not_allowed")
                    content = await within(response, LARGEST_FILE)
                    if content is None:
                        raise _Trouble("too_large")
                    return content
        except aiohttp.ClientError:
            return 1.0
        raise _Trouble("not_allowed")

    def _allowed(self, address: str) -> URL:
        """The address, if files may come from there: parsed once, and asked for as it was parsed."""
        try:
            if len(address) > _LONGEST_URL or not address.isascii():
                raise ValueError
            url = URL(address, encoded=True)
            host = (url.host or "").lower()
            if url.user is not None or url.password is not None or not host:
                raise ValueError
            if (self._also is not None and url.origin() == self._also) or (
                url.scheme == "http" and host in self._loopback
            ):
                return url
            listed = any(host.endswith(one) if one.startswith(".") else host == one for one in self._hosts)
            if url.scheme != "https" or url.port != 443 or not listed:
                raise ValueError
        except ValueError:
            raise _Trouble("not_allowed") from None
        return url


async def within(response: aiohttp.ClientResponse, largest: int) -> bytes | None:
    """The body, read no further than `largest` bytes; None when it is larger."""
    if (response.content_length or 0) > largest:
        return None
    content = bytearray()
    async for chunk in response.content.iter_chunked(_CHUNK):
        content += chunk
        if len(content) > largest:
            return None
    return bytes(content)


def _wait(header: str) -> float:
    return min(float(header[:6]), _LONGEST_WAIT) if header.isascii() and header.isdigit() else 1.0


def file_name(told: str) -> str:
    """A file's name as it may be shown and kept: without a folder, without what cannot be seen."""
    name = PureWindowsPath(PurePosixPath(" ".join(clean(told).split())).name).name
    return name[-_LONGEST_NAME:] or "?"


def _file(remote: Remote, content: bytes = b"", trouble: str = "") -> File:
    return File(file_name(remote.name), remote.media_type[:120], content, trouble)
