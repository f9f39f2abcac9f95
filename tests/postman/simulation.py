"""A simulated world around the real postman and the real outbox: network, workers, crashes, time.

All chance comes from one seed and all waiting is virtual (`virtual.run`), so that a failure is found again by its
seed. Only the transactions themselves are real and take no time. What must hold is checked as it happens:

- a message arrives only where it belongs, and its first arrival comes after every earlier one of its conversation
  has arrived or is over;
- it arrives again only where something excuses that: a reply was lost, or a lease ran out (as after every crash);
- nobody knocks before the time that the far side asked for and a postman noted;
- only the last to claim a message says what becomes of it;
- when all is quiet every message is over: arrived, or given up for a true reason that somebody was told, once.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any, TypeVar

from sqlalchemy import Connection, select
from sqlalchemy.exc import OperationalError

from bot.channel import Delivery, Gone, Retry, Unreachable
from bot.postman import TEAMS_LIMITS, Limits, Postman
from storage.database import Database
from storage.outbox import Claimed, Outbox
from storage.schema import outbox as rows
from tests.postman import virtual
from tests.postman.stage import START, converse, put, states

T = TypeVar("T")

_LEASE = timedelta(seconds=60)
# Shorter than in life, so that giving up is part of every run.
_GIVE_UP = timedelta(hours=2)
# The attempt at which each message of the current round was claimed.
_round: ContextVar[dict[int, int]] = ContextVar("_round")


@dataclass
class Note:
    """What the world knows of one message."""

    place: int | None
    order: int
    text: str
    created_at: datetime
    card: str = ""
    only_edit: bool = False
    huge: bool = False
    attempt: int = 0
    # When it may be claimed: due, or, while leased, at the end of the lease.
    free_at: datetime = START
    leased: bool = False
    arrivals: int = 0
    excused: bool = False
    end: str = ""
    # Until when the far side wants no knock, and the attempt that noted it.
    asked: datetime | None = None
    noted: tuple[int, datetime] | None = None


@dataclass
class Weather:
    """How bad it is: chances per delivery, per transaction, per message."""

    fault: float = 0.25
    database_fault: float = 0.01
    stall: float = 0.004
    crash_every: int = 120
    outage_hours: tuple[float, float] = (0.0, 0.0)


@dataclass
class Worker:
    """One postman process. Crashes at an await of its own, after so many."""

    name: str
    fuse: int
    task: asyncio.Task[None] | None = None
    stalled: bool = False


@dataclass
class World:
    database: Database
    seed: int
    messages: int = 200
    workers: int = 3
    weather: Weather = field(default_factory=Weather)

    def __post_init__(self) -> None:
        self.random = Random(self.seed)
        self.notes: dict[int, Note] = {}
        self.names: dict[int, str] = {}
        self.blocked: set[str] = set()
        self.throttled: dict[str, datetime] = {}
        self.cards: dict[str, dict[str, str]] = {}
        self.told: Counter[int] = Counter()
        self.counts: Counter[str] = Counter()
        self.trace: list[tuple[float, str, Any]] = []
        self.broken: list[str] = []
        self.calm = False

    def now(self) -> datetime:
        return START + timedelta(seconds=asyncio.get_running_loop().time())

    def log(self, event: str, about: Any = None) -> None:
        self.counts[event] += 1
        self.trace.append((asyncio.get_running_loop().time(), event, about))

    def must(self, true: bool, rule: str, about: Any) -> None:
        if not true:
            self.broken.append(f"{self.now():%d %H:%M:%S} {rule}: {about}")

    def chance(self, probability: float) -> bool:
        return not self.calm and self.random.random() < probability

    # Time and crashes

    async def pause(self, worker: Worker | None = None, most: float = 0.05) -> None:
        """A place where a process may wait, stall, or die."""
        if worker is not None and worker.task is not None:
            worker.fuse -= 1
            if worker.fuse == 0 and not self.calm:
                self.log("crash", worker.name)
                asyncio.get_running_loop().call_soon(worker.task.cancel)
                await asyncio.Event().wait()
            if self.chance(self.weather.stall):
                self.log("stall", worker.name)
                worker.stalled = worker.stalled or self.random.random() < 0.7
                most = 150
            if worker.stalled:
                most = 150
        await asyncio.sleep(self.random.uniform(0, most))

    async def shift(self, worker: Worker, seconds: float) -> None:
        """A worker's life: rounds until it is stopped. A database that failed is asked again."""
        await asyncio.sleep(seconds)
        postman = Postman(
            WatchedOutbox(self, worker),
            {"fake": Network(self, worker)},
            owner=worker.name,
            now=self.now,
            random=self.random,
            limits={"fake": Limits(*TEAMS_LIMITS)},
            batch=self.random.choice([1, 4, 20]),
            lease=_LEASE,
            give_up=_GIVE_UP,
        )
        idle = 0.5
        while not worker.stalled:
            try:
                idle = 0.5 if await postman.step(self.now()) else min(idle * 2, 300)
            except OperationalError:
                self.log("round failed", worker.name)
            await asyncio.sleep(self.random.uniform(0, idle))

    async def employ(self) -> None:
        """Keeps the workers' places filled. One that fell half asleep goes on for a while beside its successor."""
        births = 0
        staff: list[Worker] = []
        asleep: list[asyncio.Task[None]] = []
        try:
            while True:
                for place in range(self.workers):
                    old = staff[place] if place < len(staff) else None
                    if old is not None and old.task is not None and not old.task.done():
                        if not old.stalled:
                            continue
                        self.log("asleep", old.name)
                        asleep.append(old.task)
                    births += 1
                    # A name may come back: a container keeps its own over restarts.
                    name = old.name if old is not None and self.chance(0.5) else f"worker {births}"
                    new = Worker(name, self.random.randint(1, 2 * self.weather.crash_every))
                    new.task = asyncio.create_task(self.shift(new, self.random.uniform(0, 20)))
                    staff[place : place + 1] = [new]
                await asyncio.sleep(5)
        finally:
            # Those still half asleep finish their round: what they say then must change nothing.
            await asyncio.gather(*asleep, return_exceptions=True)
            tasks = [one.task for one in staff if one.task is not None]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    # What people write

    async def write(self) -> None:
        with self.database.begin() as connection:
            for name in [*(f"person {n}" for n in range(8)), "facilitator"]:
                self.names[converse(connection, name)] = name
        people = [place for place, name in self.names.items() if name != "facilitator"]
        while len(self.notes) < self.messages:
            count = self.random.choice([1, 1, 2, 5])

            def turn(connection: Connection, count: int = count) -> None:
                for _ in range(count):
                    place = None if self.random.random() < 0.02 else self.random.choice(people)
                    self.put(connection, place)

            self.database.write(turn)
            if self.chance(0.01):
                self.blocked.add(self.names[self.random.choice(people)])
                self.log("blocked", sorted(self.blocked))
            await self.pause(most=self.random.choice([0.5, 10, 300]))

    def put(self, connection: Connection, place: int | None, text: str = "") -> None:
        order = sum(note.place == place for note in self.notes.values())
        note = Note(place, order, text or f"{place}:{order}", self.now())
        if not text:
            note.card = self.random.choice(["", "", "question-1", "question-2"])
            note.only_edit = bool(note.card) and self.random.random() < 0.2
            note.huge = self.random.random() < 0.01
        number = put(connection, place, note.text, card=note.card, only_edit=note.only_edit, now=self.now())
        self.notes[number] = note
        self.log("put", number)

    def on_dead(self, connection: Connection, claimed: Claimed, reason: str) -> None:
        facilitator = next(place for place, name in self.names.items() if name == "facilitator")
        if claimed.conversation_id != facilitator:
            self.put(connection, facilitator, f"{claimed.id} did not arrive: {reason}")
        self.told[claimed.id] += 1

    # A whole run

    async def live(self) -> None:
        employing = asyncio.create_task(self.employ())
        await self.write()
        # After a week of bad weather it clears, so that the rest can come to its end.
        deadline = self.now() + timedelta(days=7)
        while self.unfinished():
            if self.now() > deadline + timedelta(days=2):
                self.must(False, "everything comes to its end", self.unfinished())
                break
            self.calm = self.now() > deadline
            await asyncio.sleep(60)
        employing.cancel()
        await asyncio.gather(employing, return_exceptions=True)
        await asyncio.sleep(200)

    def unfinished(self) -> list[int]:
        return [number for number, note in self.notes.items() if not note.end]

    def run(self) -> "World":
        """Lives through it all and checks what was left. `broken` says which rules did not hold."""
        virtual.run(self.live())
        kept = states(self.database)
        with self.database.reading() as connection:
            found = connection.execute(select(rows.c.id, rows.c.state, rows.c.reason, rows.c.payload)).all()
        for row in found:
            note = self.notes[row.id]
            if row.state != note.end or row.payload:
                self.broken.append(f"kept as it ended: {row.id} {note} {row}")
            if row.state == "done" and not note.arrivals and not note.only_edit:
                self.broken.append(f"nothing is lost: {row.id} {note}")
            if row.state == "dead" and self.told[row.id] != 1:
                self.broken.append(f"somebody hears of it, once: {row.id} {note}")
        if len(kept) != len(self.notes):
            self.broken.append("every message is there")
        return self


class WatchedOutbox(Outbox):
    """The real outbox, in transactions that take no time, with the world looking on."""

    def __init__(self, world: World, worker: Worker) -> None:
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
            note.attempt, note.leased, note.free_at = one.attempts, True, at + _LEASE
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
            "gave_up": world.now() - note.created_at >= _GIVE_UP,
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


# Which call the transaction under way belongs to, and what it was told.
_call: ContextVar[tuple[Any, ...]] = ContextVar("_call")


class Network:
    """A far side in bad weather, as one worker sees it: throttles, breaks, hangs, loses replies."""

    name = "fake"

    def __init__(self, world: World, worker: Worker) -> None:
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
