"""The whole bot is killed again and again while people ask: nothing is lost, heard twice, or shown to somebody else."""

import asyncio
import itertools
import json
import os
import random
import signal
import socket
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestServer
from sqlalchemy import func, select, update

from storage.database import Database
from storage.outbox import unfinished
from storage.schema import outbox, question
from tests.conftest import LONG
from tests.teams.fakes import Microsoft, a_message

ROOT = Path(__file__).parents[2]
PEOPLE = 40
KILLS = 60 if LONG else 10
# A bound for a machine with much else to do, not a measure.
SECONDS = 300 if not LONG else 900


class Replica:
    """One `app.py serve`, started again whenever it was killed."""

    def __init__(self, url: str, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        kept = {name: value for name, value in os.environ.items() if not name.startswith("CONNECT_")}
        self._environment = {**kept, "DATABASE_URL": url, "PORT": str(self.port), "PYTHONPATH": str(ROOT)}
        self._folder = folder
        self._process: asyncio.subprocess.Process

    async def start(self, http: aiohttp.ClientSession) -> None:
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, str(ROOT / "app.py"), "serve"),
            cwd=self._folder,
            env=self._environment,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        while self._process.returncode is None:
            try:
                async with http.get(f"http://127.0.0.1:{self.port}/healthz") as response:
                    if response.status == 200:
                        return
            except aiohttp.ClientError:
                await asyncio.sleep(0.05)
        raise AssertionError("the bot did not start")

    async def kill(self) -> None:
        self._process.send_signal(signal.SIGKILL)
        await self._process.wait()

    async def post(self, http: aiohttp.ClientSession, activity: dict[str, Any]) -> bool:
        """Whether it was acknowledged."""
        try:
            async with http.post(f"http://127.0.0.1:{self.port}/api/messages", json=activity) as response:
                assert response.status in (200, 503), await response.text()
                return response.status == 200
        except aiohttp.ClientError:
            return False


def ask(number: int, microsoft: Microsoft) -> dict[str, Any]:
    who = number % PEOPLE
    return a_message(
        id=f"ask-{number}",
        serviceUrl=microsoft.service_url,
        text=f"Who of you has experience with matter number {number:04}?",
        **{"from": {"id": f"29:{who}", "name": f"Sample {who}", "aadObjectId": f"crash-{who}"}},
        conversation={"id": f"a:{who}", "conversationType": "personal", "tenantId": "t"},
        channelData={"tenant": {"id": "t"}},
        entities=None,
    )


@pytest.mark.parametrize(("kind", "replicas"), [("sqlite", 1), ("postgresql", 2)])
async def test_what_was_acknowledged_survives_kill_9(
    kind: str, replicas: int, request: pytest.FixtureRequest, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = request.getfixturevalue("postgresql_url") if kind == "postgresql" else f"sqlite:///{tmp_path}/crash.db"
    microsoft = Microsoft()
    microsoft.valid_tokens.add("")  # Without an app id nothing carries a token.
    far = TestServer(microsoft.app())
    await far.start_server()
    microsoft.url = str(far.make_url("")).rstrip("/")
    bots = [Replica(url, tmp_path) for _ in range(replicas)]
    chance = random.Random(7)
    numbers = itertools.count()
    killed = asyncio.Event()

    async def people(http: aiohttp.ClientSession) -> None:
        """Each asks once, and Teams sends again, under the same id, whatever was not acknowledged."""
        while not killed.is_set():
            number = next(numbers)
            while not await chance.choice(bots).post(http, ask(number, microsoft)):
                await asyncio.sleep(0.05)
            await asyncio.sleep(0.1)

    async def killer(http: aiohttp.ClientSession) -> int:
        kills = 0
        while kills < KILLS:
            # Wherever it is in its work: a moment after it began to take questions again.
            await asyncio.sleep(chance.uniform(0.02, 0.3))
            bot = chance.choice(bots)
            await bot.kill()
            await bot.start(http)
            kills += 1
        killed.set()
        return kills

    try:
        async with aiohttp.ClientSession() as http:
            for bot in bots:
                await bot.start(http)
            async with asyncio.timeout(SECONDS):
                kills, *_ = await asyncio.gather(killer(http), *(people(http) for _ in range(4)))
                for bot in bots:
                    await bot.kill()
                # What a killed postman held is free when its lease ends: here at once, and not in a minute.
                long_ago = datetime(2026, 1, 1, tzinfo=UTC)
                database = Database(url)
                database.write(lambda connection: connection.execute(update(outbox).values(lease_until=long_ago)))
                for bot in bots:
                    await bot.start(http)
                while _count(database, select(func.count()).select_from(outbox).where(unfinished(outbox))):
                    await asyncio.sleep(0.1)
    finally:
        for bot in bots:
            await bot.kill()
    asks = next(numbers)
    asked = _count(database, select(func.count()).select_from(question))
    database.close()
    await far.close()

    shown: Counter[int] = Counter()
    for sent in microsoft.sent:
        for number in range(asks):
            if f"matter number {number:04}" in json.dumps(sent.activity):
                assert sent.conversation == f"a:{number % PEOPLE}", "somebody else's question was shown"
                shown[number] += 1
    repeats = sum(shown.values()) - len(shown)
    with capsys.disabled():
        print(f"\n{kind}: {asks} questions, {kills} kills, {repeats} previews sent more than once")
    assert sorted(shown) == list(range(asks)), "a preview was lost"
    assert asked == asks, "a question was lost, or heard twice"


def _count(database: Database, query: Any) -> int:
    with database.reading() as connection:
        return int(connection.execute(query).scalar_one())
