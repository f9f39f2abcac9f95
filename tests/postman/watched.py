"""What the simulated world watches: the real outbox in its transactions, and a network in bad weather."""

import asyncio
from collections import Counter
from collections.abc import Callable
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from bot.channel import Delivery, Gone, Retry, Unreachable
from storage.outbox import Claimed, Outbox
from tests.postman.stage import LEASE

if TYPE_CHECKING:
    from tests.postman.simulation import Worker, World

T = TypeVar("T")

# Shorter than in life, so that giving up is part of every run.
GIVE_UP = timedelta(hours=2)
# The attempt at which each message of the current round was claimed.
_round: ContextVar[dict[int, int]] = ContextVar("_round")
# Which call the transaction under way belongs to, and what it was told.
_call: ContextVar[tuple[Any, ...]] = ContextVar("_call")


class WatchedOutbox(Outbox):
    """The real outbox, in transactions that take no time, with the world looking on."""

    def __init__(self, world: "World", worker: "Worker") -> None:
        self.world = world
        self.worker = worker
        super().__init__(self, world.on_dead)  # type: ignore[arg-type]

    async def run(self, work: Callable[[Connection], T]) -> T:
        """Stands in for `Database.run`: fails before the commit, or after it without anybody knowing."""
        await self.world.pause(self.worker)
        if self.world.chance(self.world.weather.database_fault):
            raise OperationalError("", {}, Exception("the database is away"))
        kept = dict(self.world.notes), Counter(self.world.told)
        try:
            done = self.world.database.write(work)
        except BaseException:
            self.world.notes, self.world.told = kept
            raise
        self.committed(done)
        await self.world.pause(self.worker)
        if self.world.chance(self.world.weather.database_fault):
            raise OperationalError("", {}, Exception("the answer was lost"))
        return done

    # What the transaction under way is about: each is noted in the moment of its commit.
    def committed(self, result: Any) -> None:
        word, *about = _call.get()
        if word == "claim":
            self.claimed(result, *about)
        else:
            self.finished(result, word, *about)

    def claimed(self, found: list[Claimed], at: datetime) -> None:
        world = self.world
        for one in found:
            note = world.notes[one.id]
            world.must(not note.end, "what is over is never claimed", one)
            world.must(one.attempts == note.attempt + 1, "attempts count claims", one)
            world.must(
                not [
                    other
                    for other in world.notes.values()
                    if other.place == note.place is not None and other.order < note.order and not other.end
                ],
                "only the oldest unfinished is claimed",
                one,
            )
            world.must(at >= note.free_at, "claimed neither early nor while leased", one)
            if note.leased:
                world.log("lease ran out", one.id)
                note.excused = True
            note.attempt, note.leased, note.free_at = one.attempts, True, at + LEASE
        _round.set({one.id: one.attempts for one in found})

    def finished(self, ours: bool, word: str, claimed: Claimed, reason: str, at: datetime) -> None:
        world, note = self.world, self.world.notes[claimed.id]
        if not ours:
            world.log(f"late {word}", claimed.id)
            return
        world.must(
            note.leased and claimed.attempts == note.attempt, "only the last to claim has a say", (word, claimed)
        )
        world.log(word, claimed.id)
        note.leased = False
        if word == "retry":
            note.free_at = at
            if reason == "answered 429" and note.asked is not None:
                world.must(at >= note.asked, "due no earlier than asked", claimed)
                note.noted = claimed.attempts, note.asked
            return
        note.end = word
        name = world.names.get(note.place or 0, "")
        true = {
            "": word == "done",
            "blocked": name in world.blocked,
            "no_conversation": note.place is None,
            "too_large": note.huge,
            "gave_up": world.now() - note.created_at >= GIVE_UP,
        }
        world.must(true[reason], "given up for a true reason only", (reason, claimed))

    async def claim(self, **parts: Any) -> list[Claimed]:
        _call.set(("claim", parts["now"]))
        return await super().claim(**parts)

    async def done(self, claimed: Claimed, owner: str, remote_id: str, now: datetime) -> bool:
        _call.set(("done", claimed, "", now))
        return await super().done(claimed, owner, remote_id, now)

    async def retry(self, claimed: Claimed, owner: str, due_at: datetime, reason: str) -> bool:
        _call.set(("retry", claimed, reason, due_at))
        return await super().retry(claimed, owner, due_at, reason)

    async def dead(self, claimed: Claimed, owner: str, reason: str, now: datetime) -> bool:
        _call.set(("dead", claimed, reason, now))
        return await super().dead(claimed, owner, reason, now)


class Network:
    """A far side in bad weather, as one worker sees it: throttles, breaks, hangs, loses replies."""

    name = "fake"

    def __init__(self, world: "World", worker: "Worker") -> None:
        self.world = world
        self.worker = worker

    async def deliver(self, delivery: Delivery) -> str:
        world, name = self.world, delivery.conversation
        await world.pause(self.worker, most=0.3)
        self.knock(delivery)
        hours = asyncio.get_running_loop().time() / 3600
        out = world.weather.outage_hours[0] <= hours < world.weather.outage_hours[1]
        fault = "down" if out else self.fault()
        world.log(fault, delivery.id)
        if fault == "down":
            raise Retry("answered 503")
        if fault == "bug":
            raise LookupError("a bug")
        if fault == "hangs":
            await world.pause(self.worker, most=400)
        elif fault == "throttles":
            world.throttled[name] = world.now() + timedelta(seconds=world.random.choice([1, 5, 30, 600]))
        elif fault == "limbo":
            # We give up waiting, and yet it arrives.
            world.notes[delivery.id].excused = True
            asyncio.get_running_loop().call_later(world.random.uniform(0, 120), self.arrive, delivery)
            await world.pause(self.worker, most=400)
            raise Retry("unreachable")
        if (free := world.throttled.get(name, world.now())) > world.now():
            world.notes[delivery.id].asked = free
            raise Retry("answered 429", (free - world.now()).total_seconds())
        remote_id = self.arrive(delivery)
        if fault == "reply lost":
            world.notes[delivery.id].excused = True
            raise Retry("connection reset")
        try:
            await world.pause(self.worker, most=0.3)
        except asyncio.CancelledError:
            world.notes[delivery.id].excused = True
            raise
        return remote_id

    def fault(self) -> str:
        kinds = ["down", "bug", "hangs", "throttles", "limbo", "reply lost"]
        return self.world.random.choice(kinds) if self.world.chance(self.world.weather.fault) else "well"

    def knock(self, delivery: Delivery) -> None:
        note = self.world.notes[delivery.id]
        if note.noted is not None and _round.get()[delivery.id] > note.noted[0]:
            self.world.must(self.world.now() >= note.noted[1], "never before the time asked for", delivery)

    def arrive(self, delivery: Delivery) -> str:
        world, name = self.world, delivery.conversation
        note = world.notes[delivery.id]
        if name in world.blocked:
            raise Unreachable("blocked")
        if note.huge:
            raise Unreachable("too_large")
        here = world.cards.setdefault(name, {})
        if delivery.replaces:
            if world.chance(0.05):
                here.pop(delivery.replaces, None)  # The person deleted it.
            if delivery.replaces not in here:
                raise Gone
        own = note.place is not None and world.names[note.place] == name and delivery.message.text == note.text
        world.must(own, "only where it belongs", delivery)
        if note.arrivals:
            world.log("again", delivery.id)
            world.must(note.excused, "twice only with an excuse", delivery)
        else:
            world.log("arrived", delivery.id)
            for number, other in world.notes.items():
                if other.place == note.place and other.order < note.order:
                    world.must(bool(other.arrivals or other.end), f"in order: {number} is missing", delivery)
        note.arrivals += 1
        if delivery.replaces:
            return delivery.replaces
        remote_id = f"{name}-{len(here) + 1}-{delivery.id}"
        here[remote_id] = note.card
        return remote_id
