"""Server-sent events: what is new in a page's conversations, from where the browser left off."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Sequence

from aiohttp import web

# Between two signs of life, in seconds. page.js takes three missing ones for a lost connection.
HEARTBEAT = 10.0
# What the browser waits before it comes back, in milliseconds.
_COME_BACK = 1000

STALE = b"event: stale\ndata: {}\n\n"
"""Tells a page to load itself again."""

Positions = list[int]
News = Callable[[Positions], Awaitable[tuple[Positions, Sequence[dict[str, object]]]]]
"""Given the revisions seen, the revisions now and what lies between."""


class Bell:
    """Wakes the streams that show a person's conversation."""

    def __init__(self) -> None:
        self._waiting: dict[int, set[asyncio.Event]] = {}
        self.closed = False

    def listen(self, people: Iterable[int]) -> asyncio.Event:
        event = asyncio.Event()
        for person in people:
            self._waiting.setdefault(person, set()).add(event)
        return event

    def forget(self, people: Iterable[int], event: asyncio.Event) -> None:
        for person in people:
            listeners = self._waiting[person]
            listeners.discard(event)
            if not listeners:
                del self._waiting[person]

    def ring(self, person: int) -> None:
        for event in self._waiting.get(person, ()):
            event.set()

    def close(self) -> None:
        """Ends every stream."""
        self.closed = True
        for person in self._waiting:
            self.ring(person)


async def stream(
    request: web.Request,
    people: Sequence[int],
    seen: Positions,
    news: News,
    bell: Bell,
    headers: dict[str, str],
    heartbeat: float = HEARTBEAT,
) -> web.StreamResponse:
    """Sends what is newer than `seen` until the browser goes or the bell is closed.

    The id of an event is the state after it, so a browser that comes back names what it has; since the store is
    asked (not a memory of ours), nothing is lost in between, not even by a restart.
    """
    response = web.StreamResponse(
        headers={
            **headers,
            "Content-Type": "text/event-stream; charset=utf-8",
            "Cache-Control": "no-store",
            # For a proxy that would collect it first.
            "X-Accel-Buffering": "no",
        }
    )
    response.enable_chunked_encoding()
    await response.prepare(request)
    event = bell.listen(people)
    try:
        await response.write(f"retry: {_COME_BACK}\n\n".encode())
        while not bell.closed:
            # Before the look: what is written during it rings again.
            event.clear()
            seen, lines = await news(seen)
            if lines:
                await response.write(_event("lines", {"lines": lines}, seen))
                continue
            # A beat tells the page that we live; the look that follows it also finds what another process wrote.
            await response.write(_event("beat", {}, seen))
            try:
                await asyncio.wait_for(event.wait(), heartbeat)
            except TimeoutError:
                continue
    except ConnectionResetError:
        # The browser has gone.
        pass
    finally:
        bell.forget(people, event)
    return response


def _event(name: str, data: dict[str, object], seen: Positions) -> bytes:
    # ASCII JSON has no line break of any kind, so one data line holds it.
    position = ".".join(map(str, seen))
    return f"id: {position}\nevent: {name}\ndata: {json.dumps(data)}\n\n".encode("ascii")
