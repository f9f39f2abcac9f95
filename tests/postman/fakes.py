"""A channel that keeps a real one's rules, and a clock that stands still until it is moved."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import Connection, select

from bot.channel import Channel, Delivery, Gone, Retry, Unreachable
from bot.postman import Limits, Postman
from storage.database import Database
from storage.outbox import Outbox
from storage.schema import conversation
from storage.schema import outbox as rows
from tests.postman.stage import LEASE, START, converse, put


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **parts: float) -> datetime:
        self.now += timedelta(**parts)
        return self.now


@dataclass
class FakeChannel:
    """Remembers what arrived; refuses what the far side of a real channel refuses.

    Who was told to wait and comes earlier is `impatient`. `upset` makes the next deliveries fail, each with its
    exception (or by awaiting what a function gives), before anything has arrived.
    """

    clock: Clock
    name: str = "fake"
    arrived: list[tuple[str, str]] = field(default_factory=list)
    edited: list[tuple[str, str]] = field(default_factory=list)
    attempts: list[tuple[datetime, Delivery]] = field(default_factory=list)
    messages: dict[str, str] = field(default_factory=dict)
    throttled_until: dict[str, datetime] = field(default_factory=dict)
    impatient: int = 0
    blocked: set[str] = field(default_factory=set)
    upset: list[BaseException | Callable[[], Any]] = field(default_factory=list)

    def throttle(self, conversation: str, seconds: float) -> None:
        self.throttled_until[conversation] = self.clock() + timedelta(seconds=seconds)

    async def deliver(self, delivery: Delivery) -> str:
        now, place, text = self.clock(), delivery.conversation, delivery.message.text
        self.attempts.append((now, delivery))
        assert delivery.address == {"to": place}
        if self.upset:
            trouble = self.upset.pop(0)
            if isinstance(trouble, BaseException):
                raise trouble
            await trouble()
        if place in self.blocked:
            raise Unreachable("blocked", "403")
        until = self.throttled_until.pop(place, None)
        if until is not None and now < until:
            first_asked = sum(one.id == delivery.id for _, one in self.attempts) == 1
            self.impatient += not first_asked
            self.throttled_until[place] = until
            raise Retry("answered 429", (until - now).total_seconds())
        if delivery.replaces:
            if delivery.replaces not in self.messages:
                raise Gone
            self.messages[delivery.replaces] = text
            self.edited.append((place, text))
            return delivery.replaces
        remote_id = f"{place}-{len(self.messages) + 1}"
        self.messages[remote_id] = text
        self.arrived.append((place, text))
        return remote_id

    @property
    def texts(self) -> list[str]:
        return [text for _, text in self.arrived]


def postman(
    database: Database,
    channel: Channel,
    clock: Callable[[], datetime],
    *,
    owner: str = "one",
    outbox: Outbox | None = None,
    on_dead: Callable[[Connection, Any, str], None] | None = None,
    limits: Mapping[str, Limits] | None = None,
    send_seconds: float = 30,
    seed: int = 1,
) -> Postman:
    return Postman(
        outbox or Outbox(database, on_dead),
        {channel.name: channel},
        owner=owner,
        now=clock,
        random=Random(seed),
        limits=limits,
        lease=LEASE,
        send_seconds=send_seconds,
        poll_seconds=0.01,
    )


def said(database: Database, *texts: str, to: str = "asha", **more: Any) -> list[int]:
    """Messages waiting for one person; returns their ids."""
    with database.begin() as connection:
        found = connection.execute(select(conversation.c.id).where(conversation.c.remote_id == to)).scalar()
        place = found or converse(connection, to)
        return [put(connection, place, text, **more) for text in texts]


async def until(true: Callable[[], bool], seconds: float = 20) -> None:
    """Waits for something that another task or process brings about. Raises TimeoutError when it does not."""
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.005)


async def drain(worker: Postman, database: Database, clock: Clock) -> None:
    """Steps until all is over. When nothing can be claimed the clock leaps to the moment when something can."""
    while True:
        if await worker.step(clock()):
            continue
        with database.reading() as connection:
            unfinished = connection.execute(
                select(rows.c.due_at, rows.c.lease_until).where(rows.c.state.in_(["waiting", "leased"]))
            ).all()
        if not unfinished:
            return
        clock.now = min(moment for found in unfinished for moment in found if moment and moment > clock.now)
