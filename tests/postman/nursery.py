"""A writer and postmen as real processes, made to be killed. Run as: python -m tests.postman.nursery URL PORT

Reads commands from its input, a line each, and answers each with a line: `writer`, `postman`, `digests` or `reminders`
starts one and tells its process id; `kill ID` ends that one without warning, and answers -ID when it had ended by
itself. At the end of its input it ends all it started, and with 1 when one of them had ended by itself. Processes are
forked, so that a successor is at work at once.
"""

import asyncio
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random

import aiohttp
from sqlalchemy import Connection, select

from app import House
from bot.channel import Delivery, Retry
from bot.postman import Postman
from bot.settings import Settings
from storage import outbox
from storage.database import Database
from storage.schema import conversation

# A lease ends soon, so that a test needs not wait long for what a dead postman held.
LEASE = timedelta(seconds=0.8)
SEND_SECONDS = 0.5
ENOUGH_WAITING = 60


def utc_now() -> datetime:
    return datetime.now(UTC)


def write(url: str) -> None:
    """Puts messages as fast as they are delivered, in transactions of a few. Each says its place in the order."""
    database, random = Database(url, threads=1), Random()
    with database.reading() as connection:
        places = list(connection.execute(select(conversation.c.id)).scalars())

    def turn(connection: Connection) -> bool:
        if outbox.counts(connection).get(outbox.WAITING, 0) > ENOUGH_WAITING:
            return False
        for place in random.choices(places, k=random.randint(1, 6)):
            last = connection.execute(select(conversation.c.last_number).where(conversation.c.id == place))
            outbox.put(
                connection,
                conversation_id=place,
                person_id=None,
                kind="note",
                about=0,
                card="",
                only_edit=False,
                payload={"text": f"{place}:{last.scalar_one() + 1}"},
                now=utc_now(),
            )
        return True

    while True:
        if not database.write(turn):
            time.sleep(0.01)


class Loopback:
    """A channel that posts to the test's receiver."""

    name = "loopback"

    def __init__(self, session: aiohttp.ClientSession, port: int) -> None:
        self._session = session
        self._url = f"http://127.0.0.1:{port}/{{}}"

    async def deliver(self, delivery: Delivery) -> str:
        body = {"id": delivery.id, "text": delivery.message.text}
        try:
            async with self._session.post(self._url.format(delivery.conversation), json=body) as response:
                if response.status != 200:
                    after = response.headers.get("Retry-After")
                    raise Retry(f"answered {response.status}", None if after is None else float(after))
                return await response.text()
        except aiohttp.ClientError as error:
            raise Retry(type(error).__name__) from None


async def bring(url: str, port: int) -> None:
    async with aiohttp.ClientSession() as session:
        await Postman(
            outbox.Outbox(Database(url, threads=2)),
            {Loopback.name: Loopback(session, port)},
            owner=f"{os.getpid()}",
            now=utc_now,
            random=Random(),
            batch=4,
            lease=LEASE,
            send_seconds=SEND_SECONDS,
            poll_seconds=0.02,
        ).run()


def _house(url: str) -> House:
    settings = Settings(_env_file=None, database_url=url, matching_encoder="none")  # type: ignore[call-arg]
    return House(settings, database=Database(url, threads=1), now=utc_now)


def send_digests(url: str) -> None:
    """Rings as the clock does, without a pause, for whoever waits for a digest."""
    house = _house(url)

    async def ring() -> None:
        while True:
            await house.tick()

    asyncio.run(ring())


def send_reminders(url: str) -> None:
    """Plans and sends reminders without a pause."""
    house = _house(url)

    async def ring() -> None:
        while True:
            await house.remind()

    asyncio.run(ring())


def _start(work: Callable[[], None]) -> int:
    child = os.fork()
    if child:
        return child
    try:
        work()
    except BaseException:
        # Nobody else would tell why a process is gone that nobody killed.
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(1)


def _end(child: int) -> bool:
    """False when it had ended by itself."""
    if os.waitpid(child, os.WNOHANG)[0]:
        return False
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return True


def main() -> None:
    url, port = sys.argv[1], int(sys.argv[2])
    roles: dict[str, Callable[[], None]] = {
        "writer": lambda: write(url),
        "postman": lambda: asyncio.run(bring(url, port)),
        "digests": lambda: send_digests(url),
        "reminders": lambda: send_reminders(url),
    }
    # Not yet waited for, so their ids cannot have passed to strangers.
    children: set[int] = set()
    for line in sys.stdin:
        word, *rest = line.split()
        if word == "kill":
            child = int(rest[0])
            children.remove(child)
            child = child if _end(child) else -child
        else:
            child = _start(roles[word])
            children.add(child)
        print(child, flush=True)
    ended = [_end(child) for child in children]
    if not all(ended):
        sys.exit(1)


if __name__ == "__main__":
    main()
