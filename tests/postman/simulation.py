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
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.exc import OperationalError

from bot.postman import TEAMS_LIMITS, Limits, Postman
from storage.database import Database
from storage.outbox import Claimed
from storage.schema import outbox as rows
from tests.postman import virtual
from tests.postman.stage import LEASE, START, converse, put, states
from tests.postman.watched import GIVE_UP, Network, WatchedOutbox


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
            per_second={"fake": 5},
            batch=self.random.choice([1, 4, 20]),
            lease=LEASE,
            give_up=GIVE_UP,
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
        anew = bool(note.card) and not note.only_edit and self.random.random() < 0.2
        number = put(connection, place, note.text, card=note.card, only_edit=note.only_edit, anew=anew, now=self.now())
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
