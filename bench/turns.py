"""What one turn costs, beside a stock echo bot in the same run: `python -m bench.turns [--json]`.

Ours does the whole "ask": gate, dedupe, match over the sample community, save, outbox, commit, and the postman's
delivery of the preview. The peer is the SDK's own `CloudAdapter` that echoes. Both run without an app id, each in a
process of its own, and answer to a connector in this one. CPU is what the operating system counted for the process,
replies included.
"""

import argparse
import asyncio
import json
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import aiohttp
import psutil
from aiohttp import web

ROOT = Path(__file__).parents[1]
PEOPLE = 100
ROUNDS = 3
SETTLING = 0.5
QUESTIONS = (
    "Does anyone have a template for a project document on mine action in the Sahel?",
    "Who can help us to set up anticipatory action for floods?",
    "How do others budget for monitoring and evaluation in small island states?",
    "Quelqu’un a-t-il travaillé sur la gouvernance locale après un conflit ?",
    "¿Quién sabe de gestión de escombros después de un terremoto?",
)


class Connector:
    """The far side: takes every message and counts it."""

    def __init__(self) -> None:
        self.received = 0
        self._news = asyncio.Condition()

    async def start(self) -> int:
        """Listens on loopback; returns the port."""
        application = web.Application()
        application.router.add_route("*", "/{anything:.*}", self._take)
        self._runner = web.AppRunner(application, access_log=None)
        await self._runner.setup()
        port = _free_port()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        return port

    async def has(self, wanted: int) -> None:
        """Waits until so many messages have come in all."""
        async with self._news:
            await self._news.wait_for(lambda: self.received >= wanted)

    async def stop(self) -> None:
        await self._runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        await request.read()
        async with self._news:
            self.received += 1
            self._news.notify_all()
        return web.json_response({"id": str(self.received)})


class Bot:
    """One bot in a process of its own."""

    def __init__(self, kind: str, connector: Connector, connector_port: int, folder: str) -> None:
        self.port = _free_port()
        self._connector = connector
        self._service = f"http://127.0.0.1:{connector_port}/"
        self._count = 0
        command = [sys.executable, "-m", "bench.turns", "--child", kind, "--port", str(self.port), "--folder", folder]
        self._process = subprocess.Popen(command, cwd=ROOT)
        self._measured = psutil.Process(self._process.pid)

    async def ready(self, session: aiohttp.ClientSession) -> None:
        """Waits until it answers, at most a minute."""
        for _ in range(600):
            try:
                async with session.get(f"http://127.0.0.1:{self.port}/"):
                    return
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.1)
        raise TimeoutError("a bot did not start")

    async def post(self, session: aiohttp.ClientSession, text: str) -> float:
        """One activity; returns the seconds until it was acknowledged."""
        self._count += 1
        person = self._count % PEOPLE
        activity = {
            "type": "message",
            "id": f"a{self._count}",
            "channelId": "msteams",
            "serviceUrl": self._service,
            "from": {"id": f"29:{person}", "name": f"Sample {person}", "aadObjectId": f"person-{person}"},
            "recipient": {"id": "28:bot", "name": "bot"},
            "conversation": {"id": f"conversation-{person}", "conversationType": "personal", "tenantId": "t"},
            "channelData": {"tenant": {"id": "t"}},
            "text": text,
            "locale": "en-GB",
        }
        began = time.perf_counter()
        async with session.post(f"http://127.0.0.1:{self.port}/api/messages", json=activity) as response:
            await response.read()
            if response.status >= 300:
                raise RuntimeError(f"answered {response.status}")
        return time.perf_counter() - began

    async def work(
        self, session: aiohttp.ClientSession, texts: Sequence[str], in_flight: int
    ) -> tuple[float, list[float]]:
        """Posts all texts; returns CPU seconds, replies and what follows them included, and each wait in seconds."""
        wanted = self._connector.received + len(texts)
        before = self._cpu()
        queue = list(texts)
        waited: list[float] = []

        async def worker() -> None:
            while queue:
                waited.append(await self.post(session, queue.pop()))

        await asyncio.gather(*(worker() for _ in range(in_flight)))
        await asyncio.wait_for(self._connector.has(wanted), 60)
        # The last reply has come, but a bot may still have to note that it was delivered.
        await asyncio.sleep(SETTLING)
        return self._cpu() - before, waited

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(20)

    def _cpu(self) -> float:
        times = self._measured.cpu_times()
        return float(times.user + times.system)


async def measure(activities: int) -> dict[str, Any]:
    """The figures, by name. `activities` are posted in each round, at 1 and again at 16 in flight."""
    connector = Connector()
    port = await connector.start()
    cpu: dict[tuple[str, int], list[float]] = {}
    waited: dict[tuple[str, int], list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        bots = {"ask": Bot("ours", connector, port, folder), "stock": Bot("stock", connector, port, folder)}
        try:
            async with aiohttp.ClientSession() as session:
                for bot in bots.values():
                    await bot.ready(session)
                    # Everybody says hello first: getting to know people is not what is measured.
                    await bot.work(session, ["hello"] * PEOPLE, 1)
                for number in range(ROUNDS):
                    texts = [f"{QUESTIONS[place % 5]} ({number}.{place})" for place in range(activities)]
                    for in_flight in (1, 16):
                        for name, bot in bots.items():
                            seconds, each = await bot.work(session, texts, in_flight)
                            cpu.setdefault((name, in_flight), []).append(seconds / activities * 1000)
                            waited.setdefault((name, in_flight), []).extend(each)
        finally:
            for bot in bots.values():
                bot.stop()
            await connector.stop()
    ask, stock = (statistics.median(cpu[name, 1] + cpu[name, 16]) for name in bots)
    figures: dict[str, Any] = {
        "activities": activities * ROUNDS * 2,
        "cpu_ms_ask": round(ask, 2),
        "cpu_ms_stock_echo": round(stock, 2),
        "cpu_ratio_ask_vs_stock_echo": round(ask / stock, 3),
    }
    # Under load deliveries share a look into the outbox: one in flight is the dearer case, and is shown by itself.
    for in_flight in (1, 16):
        ratio = statistics.median(cpu["ask", in_flight]) / statistics.median(cpu["stock", in_flight])
        figures[f"cpu_ratio_{in_flight}"] = round(ratio, 3)
    for (name, in_flight), acknowledged in waited.items():
        cuts = statistics.quantiles(acknowledged, n=100)
        prefix = "stock_" if name == "stock" else ""
        figures[f"{prefix}p50_ms_{in_flight}"] = round(cuts[49] * 1000, 2)
        figures[f"{prefix}p99_ms_{in_flight}"] = round(cuts[98] * 1000, 2)
    return figures


async def _ours(port: int, folder: str) -> None:
    from app import House
    from bot.settings import Settings
    from house.operator.samples import SAMPLE
    from storage import importing, migrations
    from storage.database import Database

    database = Database(f"sqlite:///{folder}/bench.db")
    migrations.upgrade(database)
    house = House(Settings(_env_file=None), database=database)  # type: ignore[call-arg]
    with importing.load([SAMPLE], sample=True) as batch:
        database.write(lambda connection: importing.apply(connection, batch, house.now()))
    await _serve(house.application(), port, house.start_background)


async def _stock(port: int) -> None:
    from botbuilder.core import ActivityHandler, TurnContext
    from botbuilder.integration.aiohttp import CloudAdapter, ConfigurationBotFrameworkAuthentication

    class Echo(ActivityHandler):  # type: ignore[misc]
        async def on_message_activity(self, turn_context: TurnContext) -> None:
            await turn_context.send_activity(f"Echo: {turn_context.activity.text}")

    class Configuration:
        APP_ID = ""
        APP_PASSWORD = ""
        APP_TYPE = "MultiTenant"
        APP_TENANTID = ""

    adapter, echo = CloudAdapter(ConfigurationBotFrameworkAuthentication(Configuration())), Echo()

    async def messages(request: web.Request) -> Any:
        return await adapter.process(request, echo) or web.Response(status=201)

    application = web.Application()
    application.router.add_post("/api/messages", messages)
    await _serve(application, port, lambda: None)


async def _serve(application: web.Application, port: int, begin: Any) -> None:
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    begin()
    # Never longer than a bench may take, should its parent be gone.
    await asyncio.sleep(900)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.add_argument("--activities", type=int, default=100, help="posted in each round")
    parser.add_argument("--child", choices=["ours", "stock"], help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--folder", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        asyncio.run(_ours(options.port, options.folder) if options.child == "ours" else _stock(options.port))
        return
    figures = asyncio.run(measure(options.activities))
    print(json.dumps(figures) if options.json else "\n".join(f"{name:30} {value}" for name, value in figures.items()))


if __name__ == "__main__":
    main()
