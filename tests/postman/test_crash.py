"""Real processes, killed without warning in the middle of their work: all arrives, in order, where it belongs."""

import asyncio
import sys
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from random import Random

from aiohttp import web
from sqlalchemy import func, select

from storage import outbox
from storage.database import Database
from storage.schema import conversation
from tests.conftest import LONG
from tests.postman.fakes import until
from tests.postman.stage import converse

ROOT = Path(__file__).parents[2]
KILLS = 100 if LONG else 20
CONVERSATIONS = 24


class Receiver:
    """The far side: remembers the first arrival of each message, answers badly now and then."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.kind = True
        self.arrivals = 0
        self.order: defaultdict[str, list[int]] = defaultdict(list)
        self.counts: Counter[str] = Counter()
        self.wrong: list[str] = []
        # The arrival that gets no answer until `go_on` is set, so that its postman can be killed before.
        self.hold_at = 0
        self.go_on = asyncio.Event()

    async def post(self, request: web.Request) -> web.StreamResponse:
        fault = self.random.random() if self.kind else 1.0
        if fault < 0.02:
            self.counts["429"] += 1
            return web.Response(status=429, headers={"Retry-After": "0.1"})
        if fault < 0.03:
            self.counts["503"] += 1
            return web.Response(status=503)
        body = await request.json()
        self.arrive(request.match_info["conversation"], body["text"])
        if self.arrivals == self.hold_at:
            await self.go_on.wait()
        if fault < 0.04:
            self.counts["hung up"] += 1
            assert request.transport is not None
            request.transport.abort()
        return web.Response(text=str(body["id"]))

    def has_seen(self, count: int) -> bool:
        return self.arrivals >= count

    def arrive(self, place: str, text: str) -> None:
        self.arrivals += 1
        belongs, number = text.split(":")
        seen = self.order[place]
        if belongs != place:
            self.wrong.append(f"{text} arrived in {place}")
        elif int(number) <= len(seen):
            self.counts["again"] += 1
        elif int(number) == len(seen) + 1:
            seen.append(int(number))
        else:
            self.wrong.append(f"{text} arrived in {place} after {len(seen)}")


class Nursery:
    """Starts and kills the processes, through the one that forks them."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.alive: dict[int, str] = {}

    async def _tell(self, line: str) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{line}\n".encode())
        return int(await asyncio.wait_for(self._process.stdout.readline(), 60))

    async def start(self, role: str) -> None:
        self.alive[await self._tell(role)] = role

    async def kill(self, child: int) -> None:
        assert await self._tell(f"kill {child}") == child, "it had ended by itself"
        del self.alive[child]


@asynccontextmanager
async def nursery(database: Database, port: int) -> AsyncIterator[Nursery]:
    url = database.url.render_as_string(hide_password=False)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.postman.nursery", url, str(port),
        cwd=ROOT, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        yield Nursery(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        ended = await asyncio.wait_for(process.wait(), 20)
    assert ended == 0, "a process had ended by itself"


@asynccontextmanager
async def served(receiver: Receiver) -> AsyncIterator[int]:
    """The port on which the receiver listens."""
    application = web.Application()
    application.add_routes([web.post("/{conversation}", receiver.post)])
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()


def unfinished(database: Database) -> int:
    with database.reading() as connection:
        counts = outbox.counts(connection)
    assert "dead" not in counts
    return sum(counts.values()) - counts.get("done", 0)


def written(database: Database) -> int:
    with database.reading() as connection:
        return int(connection.execute(select(func.sum(conversation.c.last_number))).scalar_one())


async def test_kill_9_loses_nothing_and_confuses_nobody(database: Database) -> None:
    random = Random()
    with database.begin() as connection:
        for n in range(1, CONVERSATIONS + 1):
            assert converse(connection, f"{n}", channel="loopback") == n
    receiver = Receiver(random)
    kills: Counter[str] = Counter()
    async with served(receiver) as port, nursery(database, port) as processes:
        for role in ["writer", *["postman"] * (1 if database.is_sqlite else 3)]:
            await processes.start(role)
        while kills.total() < KILLS:
            strike = receiver.arrivals + random.randint(10, 60)
            if random.random() < 0.5:
                receiver.go_on.clear()
                receiver.hold_at = strike
            await until(partial(receiver.has_seen, strike), 30)
            role = random.choice(["postman", "postman", "writer"])
            child = random.choice([child for child, is_a in processes.alive.items() if is_a == role])
            await processes.kill(child)
            kills[role] += 1
            receiver.go_on.set()
            await processes.start(role)
        (writer,) = [child for child, role in processes.alive.items() if role == "writer"]
        await processes.kill(writer)
        receiver.kind = False
        await until(lambda: not unfinished(database), 30)
    messages = written(database)
    print(f"\n{messages} messages, kills: {dict(kills)}, receiver: {dict(receiver.counts)}")
    assert receiver.wrong == []
    assert sum(len(seen) for seen in receiver.order.values()) == messages
    assert messages > KILLS * 5
    assert receiver.counts["again"], "nobody was killed at the moment that matters"
