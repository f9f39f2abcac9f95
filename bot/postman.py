"""The postman: brings what stands in the outbox to people, in order, again until it arrives or cannot.

Delivery is at least once: a crash between sending and noting it sends again, under the same id of ours.
"""

import asyncio
import contextlib
import logging
import math
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any, Protocol, TypeVar

from bot.channel import Channel, Delivery, Gone, Retry, Unreachable
from bot.failing import log_failure
from dialogs.message import Message

log = logging.getLogger(__name__)


class Claimed(Protocol):
    """A leased message; `storage/outbox.py` says what each part means."""

    @property
    def id(self) -> int: ...
    @property
    def attempts(self) -> int: ...
    @property
    def created_at(self) -> datetime: ...
    @property
    def conversation_id(self) -> int | None: ...
    @property
    def channel(self) -> str: ...
    @property
    def remote_id(self) -> str: ...
    @property
    def address(self) -> Mapping[str, Any]: ...
    @property
    def payload(self) -> Mapping[str, Any]: ...
    @property
    def only_edit(self) -> bool: ...
    @property
    def replaces(self) -> str: ...
    @property
    def door(self) -> str: ...
    @property
    def followed(self) -> bool: ...


C = TypeVar("C", bound=Claimed)


class Outbox(Protocol[C]):
    """What the postman needs kept. Each call is one transaction; False: the lease was no longer ours."""

    async def claim(self, *, owner: str, now: datetime, lease: timedelta, limit: int) -> Sequence[C]: ...
    async def done(self, claimed: C, owner: str, remote_id: str, now: datetime) -> bool: ...
    async def retry(self, claimed: C, owner: str, due_at: datetime, reason: str) -> bool: ...
    async def dead(self, claimed: C, owner: str, reason: str, now: datetime) -> bool: ...


class Limits:
    """How many messages one conversation bears: (count, seconds) windows, all of which hold.

    Kept in memory, so several postmen may together exceed them: the channel's own 429 is obeyed then.
    """

    def __init__(self, *windows: tuple[int, float]) -> None:
        self._windows = windows
        self._most = max((count for count, _ in windows), default=0)
        self._sent: dict[int, deque[datetime]] = {}

    def free_at(self, conversation: int, now: datetime) -> datetime:
        """When the next message may go: `now`, or the moment the fullest window lets one in."""
        sent = self._sent.get(conversation)
        if not sent:
            return now
        waits = [sent[-count] + timedelta(seconds=seconds) for count, seconds in self._windows if len(sent) >= count]
        return max([now, *waits])

    def note(self, conversation: int, now: datetime) -> None:
        self._sent.setdefault(conversation, deque(maxlen=self._most)).append(now)

    def forget(self, now: datetime) -> None:
        """Drops conversations whose windows have all passed."""
        longest = timedelta(seconds=max((seconds for _, seconds in self._windows), default=0))
        for conversation in [one for one, sent in self._sent.items() if sent[-1] + longest < now]:
            del self._sent[conversation]


# "Rate limit your bot in Teams": per bot and thread, and the lower end of what an app may do in a tenant.
TEAMS_PER_SECOND = 30.0
TEAMS_LIMITS = ((7, 1), (8, 2), (60, 30), (1800, 3600))

# "Rate limits": chat.postMessage about one a second and channel, with short bursts.
SLACK_LIMITS = ((5, 5), (60, 60))


class Turnstile:
    """Lets so many a second through, evenly; whoever comes too soon waits in line. Each postman has its own."""

    def __init__(self, per_second: float) -> None:
        self._gap = 1 / per_second
        self._free_at = 0.0

    async def wait(self) -> None:
        now = asyncio.get_running_loop().time()
        mine = max(now, self._free_at)
        self._free_at = mine + self._gap
        await asyncio.sleep(mine - now)


class Postman:
    """One worker. Any number may share an outbox, each with an `owner` of its own.

    `now` gives UTC; `step` takes it as an argument, so that a simulation can drive it. `limits` and `per_second` are by
    channel: what one conversation bears, and the whole channel from this postman.
    Raises ValueError where a lease would end before a batch is out: each message would be sent twice.
    """

    def __init__(
        self,
        outbox: Outbox[C],
        channels: Mapping[str, Channel],
        *,
        owner: str,
        now: Callable[[], datetime],
        random: Random,
        limits: Mapping[str, Limits] | None = None,
        per_second: Mapping[str, float] | None = None,
        batch: int = 20,
        lease: timedelta = timedelta(seconds=60),
        send_seconds: float = 30,
        give_up: timedelta = timedelta(hours=24),
        poll_seconds: float = 0.5,
    ) -> None:
        self._outbox: Outbox[Any] = outbox
        self._channels = channels
        self._owner = owner
        self._now = now
        self._random = random
        self._limits = limits or {}
        self._turnstiles = {name: Turnstile(rate) for name, rate in (per_second or {}).items()}
        longest = send_seconds + max((batch / rate for rate in (per_second or {}).values()), default=0)
        if longest >= lease.total_seconds():
            raise ValueError(f"a lease of {lease.total_seconds():g} s for deliveries of up to {longest:g} s")
        self._batch = batch
        self._lease = lease
        self._send_seconds = send_seconds
        self._give_up = give_up
        self._poll_seconds = poll_seconds
        self._wake = asyncio.Event()
        self._stopping = False
        self._more = False

    async def step(self, now: datetime) -> int:
        """Claims what is due and brings it; returns how many messages were claimed. No transaction is open while
        the network is waited for."""
        claimed = await self._outbox.claim(owner=self._owner, now=now, lease=self._lease, limit=self._batch)
        # An empty claim costs as much as a full one: another follows at once only where more is known to wait.
        self._more = len(claimed) == self._batch or any(one.followed for one in claimed)
        # All come to their end before one failure is told: none goes on behind the back of whoever stops us.
        ends = await asyncio.gather(*(self._bring(one, now) for one in claimed), return_exceptions=True)
        for end in ends:
            if isinstance(end, BaseException):
                raise end
        return len(claimed)

    async def run(self) -> None:
        """Delivers until `stop`. A database that does not answer is tried again at the next poll."""
        while not self._stopping:
            self._wake.clear()
            try:
                while await self.step(self._now()) and self._more and not self._stopping:
                    pass
                for limits in self._limits.values():
                    limits.forget(self._now())
            except Exception:
                log.exception("the outbox could not be read")
            if not self._stopping:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), self._poll_seconds)

    def wake(self) -> None:
        """Something was put in the outbox: no need to wait for the next poll."""
        self._wake.set()

    async def stop(self) -> None:
        """Ends `run` after the deliveries under way."""
        self._stopping = True
        self._wake.set()

    async def _bring(self, claimed: Any, now: datetime) -> None:
        if claimed.door:
            await self._outbox.dead(claimed, self._owner, claimed.door, now)
            return
        if claimed.only_edit and not claimed.replaces:
            await self._outbox.done(claimed, self._owner, "", now)
            return
        limits = self._limits.get(claimed.channel)
        if limits is not None:
            free_at = limits.free_at(claimed.conversation_id, now)
            if free_at > now:
                await self._outbox.retry(claimed, self._owner, free_at, "pace")
                return
        turnstile = self._turnstiles.get(claimed.channel)
        if turnstile is not None:
            await turnstile.wait()
        if limits is not None:
            limits.note(claimed.conversation_id, self._now())
        try:
            remote_id = await asyncio.wait_for(self._deliver(claimed), self._send_seconds)
        except Unreachable as refusal:
            log.warning("message %s cannot be delivered: %s", claimed.id, refusal)
            await self._outbox.dead(claimed, self._owner, refusal.reason, self._now())
        except Retry as later:
            await self._again(claimed, later.reason, later.after)
        except TimeoutError:
            await self._again(claimed, "timed out", None)
        except (Exception, asyncio.CancelledError) as error:
            if isinstance(error, asyncio.CancelledError) and _cancelled():
                raise
            # A bug of ours, or a channel that is not there: kept and tried again, so that a repair brings it.
            log_failure(log, f"message {claimed.id}", error)
            await self._again(claimed, type(error).__name__, None)
        else:
            await self._outbox.done(claimed, self._owner, remote_id, self._now())

    async def _deliver(self, claimed: Any) -> str:
        channel = self._channels[claimed.channel]
        delivery = Delivery(
            id=claimed.id,
            conversation=claimed.remote_id,
            address=claimed.address,
            message=Message.from_json(claimed.payload),
            replaces=claimed.replaces,
        )
        try:
            return await channel.deliver(delivery)
        except Gone:
            if claimed.only_edit:
                return ""
            return await channel.deliver(
                Delivery(delivery.id, delivery.conversation, delivery.address, delivery.message)
            )

    async def _again(self, claimed: Any, reason: str, after: float | None) -> None:
        now = self._now()
        if now - claimed.created_at >= self._give_up:
            log.warning("message %s given up: %s", claimed.id, reason)
            await self._outbox.dead(claimed, self._owner, "gave_up", now)
            return
        seconds = self._back_off(claimed.attempts)
        if after is not None and math.isfinite(after) and after >= 0:
            # Never earlier than the far side asked; a little later, so that not everybody returns at once.
            seconds = min(after, self._give_up.total_seconds()) + self._random.uniform(0, 1)
        await self._outbox.retry(claimed, self._owner, now + timedelta(seconds=seconds), reason)

    def _back_off(self, attempts: int) -> float:
        """Seconds: exponential with full jitter, capped at five minutes ("Exponential Backoff And Jitter", AWS)."""
        return self._random.uniform(0.05, min(300.0, 2.0 ** min(attempts, 9)))


def _cancelled() -> bool:
    """Whether we are to stop; otherwise something within a channel was cancelled, which is a failure like others."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
