"""Runs the Playground's server beside a bot, and talks to it as its own page does."""

import asyncio
import json
import os
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import ClientConnectionError, ClientSession

HERE = Path(__file__).parent
PROGRAM = HERE / "node_modules" / "@microsoft" / "m365agentsplayground" / "cli.js"
NODE = shutil.which("node")
PERSONAL, GROUP = "personal-chat-id", "group-chat-id"
MENTION = "<at>Communities of Practice</at>"
SECONDS = 30


def missing() -> str:
    """What to install before it can run; "" when nothing is missing."""
    if NODE is None:
        return "no Node.js: install it, then npm install in tests/playground"
    return "" if PROGRAM.exists() else "no Agents Playground: npm install in tests/playground"


@dataclass
class Playground:
    """One running server. `shown` are the messages of each conversation by id, as its page would show them."""

    url: str
    http: ClientSession
    shown: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def say(self, text: str, conversation: str = PERSONAL) -> None:
        """The current user (Litia) types."""
        said: dict[str, Any] = {"from": {"id": "user-id-0"}, "text": text, "textFormat": "plain"}
        if conversation != PERSONAL:
            # Elsewhere only a mention reaches the bot; it stands in the text as well.
            said["text"] = f"{MENTION} {text}"
            said["mentions"] = [{"mentioned": {"id": "bot-id"}, "text": MENTION}]
        address = f"{self.url}/_conversation/v1/conversations/{conversation}/messages"
        async with self.http.post(address, json=said) as response:
            assert response.status == 200, await response.text()

    async def press(self, message: dict[str, Any], title: str, **filled: str) -> dict[str, Any]:
        """Presses a button of a shown message; returns the bot's invoke response."""
        action = next(action for action in actions(message) if action["title"] == title)
        # What the page adds from the card's inputs.
        value = {"action": action | {"data": action["data"] | filled}, "trigger": "manual"}
        press = {
            "name": "adaptiveCard/action",
            "conversation": {"id": PERSONAL},
            "from": {"id": "user-id-0"},
            "replyToId": message["messageId"],
            "value": value,
        }
        async with self.http.post(f"{self.url}/_conversation/v1/invoke", json=press) as response:
            assert response.status == 200, await response.text()
            answered: dict[str, Any] = await response.json()
            return answered

    async def sees(self, words: str, conversation: str = PERSONAL) -> dict[str, Any]:
        """Waits for a message that says these words, and returns it."""

        def found() -> dict[str, Any] | None:
            shown = self.shown.get(conversation, {}).values()
            return next((message for message in shown if words in json.dumps(message, ensure_ascii=False)), None)

        async with self.news:
            await asyncio.wait_for(self.news.wait_for(lambda: found() is not None), SECONDS)
        message = found()
        assert message is not None
        return message

    async def changes(self, message: dict[str, Any], conversation: str = PERSONAL) -> dict[str, Any]:
        """Waits until a message was edited, and returns it as it stands then."""
        number = message["messageId"]
        async with self.news:
            await asyncio.wait_for(
                self.news.wait_for(lambda: self.shown[conversation].get(number, message) != message), SECONDS
            )
        return self.shown[conversation][number]

    async def listen(self) -> None:
        """Keeps `shown` current until cancelled."""
        async with self.http.ws_connect(f"{self.url}/_ws_conversation/v1/conversations/stream") as stream:
            async for event in stream:
                told = json.loads(event.data)
                if told.get("action") in ("createMessage", "updateMessage"):
                    message = told["message"]
                    async with self.news:
                        there = self.shown.setdefault(told["actionConversationId"], {})
                        there[message["messageId"]] = message
                        self.news.notify_all()


def actions(part: Any) -> list[dict[str, Any]]:
    """Every Action.Execute below a part of a message."""
    if isinstance(part, list):
        return [action for inner in part for action in actions(inner)]
    if not isinstance(part, dict):
        return []
    own = [part] if part.get("type") == "Action.Execute" else []
    return own + [action for inner in part.values() for action in actions(inner)]


@asynccontextmanager
async def running(endpoint: str, folder: Path) -> AsyncIterator[Playground]:
    """Starts the server before the bot at `endpoint`; ends it by its id. It writes its log into `folder`."""
    shutil.copy(HERE / ".m365agentsplayground.yml", folder)
    port = _free_port()
    process = await asyncio.create_subprocess_exec(
        *(str(NODE), str(PROGRAM), "start", "-e", endpoint, "-c", "msteams", "-p", str(port)),
        "--disable-telemetry",
        cwd=folder,
        env={**os.environ, "TEAMSAPPTESTER_BROWSER": "none"},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with ClientSession() as http:
            playground = Playground(f"http://localhost:{port}", http)
            await asyncio.wait_for(_answers(playground, process), SECONDS)
            listening = asyncio.create_task(playground.listen())
            yield playground
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _answers(playground: Playground, process: asyncio.subprocess.Process) -> None:
    while process.returncode is None:
        try:
            async with playground.http.get(f"{playground.url}/_internal/v1/config"):
                return
        except ClientConnectionError:
            await asyncio.sleep(0.1)
    raise RuntimeError("the Playground ended at once; its log says why")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
