"""Reminders while replicas are killed: is each put in the outbox once, and how late? And how planning grows.

python -m bench.reminders --kills 40 --json
python -m bench.reminders --growth --json

A replica is the whole bot: its clock, its postman, and a channel that takes everything. Each is forked from a process
that has loaded what it needs, so that its successor is at work at once: how long a bot takes to start is a matter of
its deployment, and no part of the lateness told here. While a replica is gone the others go on; with one alone, on
SQLite, what falls due meanwhile waits for its successor.
"""

import argparse
import asyncio
import itertools
import json
import logging
import multiprocessing
import random
import statistics
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import func, insert, make_url, select

from bot.channel import Delivery
from bot.settings import Settings
from knowledge.event import Event
from knowledge.event import State as EventState
from knowledge.reminding import PER_SECOND
from knowledge.rsvp import Answer
from storage import migrations
from storage.database import Database
from storage.events import Events
from storage.schema import conversation, outbox, person, reminder, rsvp

LEAD = 15
ROOM = timedelta(seconds=10)
"""Between the setting up and the first reminder that is due."""
GIVEN_UP = timedelta(seconds=60)
"""So long after the last was due nobody waits any longer."""


def utc_now() -> datetime:
    return datetime.now(UTC)


def prepare(database: Database, people: int, starts_at: datetime, now: datetime) -> None:
    """An event to which so many said yes, each reachable, reminded once."""
    from storage.reminders import Reminders

    with database.begin() as connection:
        first = (connection.execute(select(func.max(person.c.id))).scalar() or 0) + 1
        numbers = range(first, first + people)
        made = {
            "name": "Sample", "language": "en", "speaks": ["en"], "time_zone": "UTC", "region": "global", "reach": 20,
            "topics": [], "created_at": now,
        }  # fmt: skip
        connection.execute(insert(person), [{"id": n, "key": f"sample-{n}", **made} for n in numbers])
        there = {"channel": "bench", "address": {}, "used_at": now}
        connection.execute(insert(conversation), [{"person_id": n, "remote_id": f"{n}", **there} for n in numbers])
        wall = starts_at.replace(tzinfo=None)
        event = Event(0, None, "A sample webinar", wall, "UTC", 60, now, state=EventState.PLANNED)
        kept = Events(connection, now).add(event)
        said = {"event_id": kept.id, "occurrence": "", "answer": Answer.YES.value, "at": now, "named": False}
        connection.execute(insert(rsvp), [{"person_id": n, "unsure": False, **said} for n in numbers])
        Reminders(connection).set_usual(kept.id, [LEAD])


def _house(url: str) -> Any:
    from app import House

    logging.disable(logging.INFO)
    # A look that takes longer than a second is seen in the lateness.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    return House(Settings(_env_file=None, database_url=url, matching_encoder="none"))  # type: ignore[call-arg]


class Everything:
    """A channel that takes whatever it is given."""

    name = "bench"

    async def deliver(self, delivery: Delivery) -> str:
        return f"{delivery.id}"


def _replica(url: str) -> None:
    """The bot without its web side, until it is killed."""
    house = _house(url)
    house.channels[Everything.name] = Everything()

    async def serve() -> None:
        house.start_background()
        await asyncio.Event().wait()

    asyncio.run(serve())


class Watch:
    """When each reminder could first be seen in the outbox: at most a look later than it was committed."""

    LOOK_SECONDS = 0.05

    def __init__(self, database: Database) -> None:
        self._database = database
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.seen: dict[int, datetime] = {}
        """By the outbox's id."""

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def look(self) -> int:
        """How many there are by now."""
        with self._database.reading() as connection:
            ids = connection.execute(select(outbox.c.id).where(outbox.c.kind == "event.reminder")).scalars().all()
        now = utc_now()
        for number in ids:
            self.seen.setdefault(number, now)
        return len(self.seen)

    def _run(self) -> None:
        while not self._ended.wait(self.LOOK_SECONDS):
            self.look()


def crash(url: str, *, replicas: int, people: int, kills: int, seed: int = 1) -> dict[str, Any]:
    """Kills replicas at moments of chance while they plan and send. `lateness` in seconds: from when a reminder was due
    until it was committed to the outbox. `fell` are replicas that ended without being killed."""
    database, chance = Database(url), random.Random(seed)
    migrations.upgrade(database)
    takes = timedelta(seconds=people / PER_SECOND)
    due = (utc_now() + ROOM + takes).replace(microsecond=0)
    prepare(database, people, due + timedelta(minutes=LEAD), utc_now())
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["app"])

    def started() -> Any:
        process = processes.Process(target=_replica, args=(url,), daemon=True)
        process.start()
        return process

    alive = [started() for _ in range(replicas)]
    killed = fell = 0
    gap = (ROOM + takes).total_seconds() / (kills + 1)
    try:
        with Watch(database) as watch:
            while killed < kills or (utc_now() < due + GIVEN_UP and len(watch.seen) < people):
                time.sleep(chance.uniform(0.5, 1.5) * gap if killed < kills else 0.2)
                if killed < kills:
                    victim = chance.randrange(replicas)
                    fell += not alive[victim].is_alive()
                    alive[victim].kill()
                    alive[victim].join()
                    alive[victim] = started()
                    killed += 1
    finally:
        for process in alive:
            fell += not process.is_alive()
            process.kill()
            process.join()
    watch.look()
    found = _found(database, people, watch.seen)
    database.close()
    return {"database": database.url.get_backend_name(), "replicas": replicas, "kills": killed, "fell": fell, **found}


def _left(database: Database, people: int) -> int:
    with database.reading() as connection:
        sent = select(func.count()).select_from(outbox).where(outbox.c.kind == "event.reminder")
        return people - int(connection.execute(sent).scalar_one())


def _found(database: Database, people: int, seen: Mapping[int, datetime]) -> dict[str, Any]:
    with database.reading() as connection:
        rows = connection.execute(
            select(outbox.c.id, outbox.c.person_id, outbox.c.about).where(outbox.c.kind == "event.reminder")
        ).all()
        due = dict(connection.execute(select(reminder.c.id, reminder.c.due_at)).all())
        waits = select(func.count()).select_from(reminder).where(reminder.c.state == "waiting")
        waiting = int(connection.execute(waits).scalar_one())
    sent = Counter(row.person_id for row in rows)
    late = sorted((seen[row.id] - due[row.about]).total_seconds() for row in rows)
    of_100 = statistics.quantiles(late, n=100, method="inclusive") if len(late) > 1 else [float("nan")] * 99
    return {
        "reminders": people,
        "twice": sum(count - 1 for count in sent.values()),
        "lost": people - len(sent) - waiting,
        "still_waiting": waiting,
        "lateness_p50_s": round(of_100[49], 2),
        "lateness_p99_s": round(of_100[98], 2),
        "lateness_max_s": round(late[-1], 2) if late else None,
    }


def growth(url: str, people: int) -> dict[str, Any]:
    """How long planning and sending take for one event of so many people, on one replica without other work."""
    from storage.reminders import Reminders

    house = _house(url)
    database = house.database
    migrations.upgrade(database)
    clock = itertools.count()
    now = utc_now().replace(microsecond=0)
    house.now = lambda: now
    prepare(database, people, now + timedelta(hours=2), now)

    def unwritten(connection: Any) -> bool:
        store = Reminders(connection)
        return bool(store.unplanned(now, now + timedelta(days=8), 1) or store.unwritten(1))

    async def run(going_on: Callable[[], bool]) -> tuple[float, float]:
        """Seconds in all, and of the longest look."""
        began, longest = time.perf_counter(), 0.0
        while going_on():
            one = time.perf_counter()
            await house.remind()
            longest = max(longest, time.perf_counter() - one)
            next(clock)
        return time.perf_counter() - began, longest

    def reading(check: Callable[[Any], bool]) -> Callable[[], bool]:
        def going_on() -> bool:
            with database.reading() as connection:
                return check(connection)

        return going_on

    planned, page = asyncio.run(run(reading(unwritten)))
    now += timedelta(minutes=105, seconds=1)
    sent, batch = asyncio.run(run(reading(lambda connection: Reminders(connection).any_due(now))))
    result = {
        "database": database.url.get_backend_name(),
        "people": people,
        "left": _left(database, people),
        "planned_s": round(planned, 1),
        "planned_per_s": round(people / planned),
        "sent_s": round(sent, 1),
        "sent_per_s": round(people / sent),
        "longest_look_s": round(max(page, batch), 2),
    }
    database.close()
    return result


@contextmanager
def _databases() -> Iterator[list[tuple[str, int]]]:
    """SQLite with one replica, PostgreSQL with three."""
    from tests.support import postgresql

    with tempfile.TemporaryDirectory() as folder, postgresql.server() as server:
        yield [(f"sqlite:///{Path(folder) / 'bench.db'}", 1), (server, 3)]


def _another(url: str) -> str:
    """An empty database beside one."""
    if url.startswith("sqlite"):
        return url.replace("bench.db", "large.db")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE large")
    return make_url(url).set(database="large").render_as_string(hide_password=False)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--reminders", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--growth", action="store_true", help="plan and send for 5,000 and for 50,000 people instead")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    results = []
    with _databases() as databases:
        for url, replicas in databases:
            if options.growth:
                results.append(growth(url, 5000))
                results.append(growth(_another(url), 50_000))
            else:
                results.append(
                    crash(url, replicas=replicas, people=options.reminders, kills=options.kills, seed=options.seed)
                )
    for result in results:
        print(json.dumps(result) if options.json else "  ".join(f"{name} {value}" for name, value in result.items()))


if __name__ == "__main__":
    main()
