"""The Teams room: hears at POST /api/messages, delivers what the postman brings."""

import asyncio
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import aiohttp
from aiohttp import web
from botbuilder.core import InvokeResponse, TurnContext
from botbuilder.schema import Activity

from bot.channel import Delivery, Group, Hear, Unreachable
from bot.failing import log_failure
from bot.fetching import Fetcher, Remote
from bot.teams import answers, cards
from bot.teams.adapter import Adapter
from bot.teams.connector import Connector
from bot.teams.gate import Gate, Refused
from bot.teams.groups import Groups
from bot.teams.hearing import CARD_ACTION, BadAction, files, listen
from bot.teams.keys import SigningKeys
from bot.teams.login import Login
from bot.teams.settings import TeamsSettings
from dialogs.incoming import Incoming

log = logging.getLogger(__name__)

PATH = "/api/messages"


class TeamsRoom:
    """A `bot.channel.Channel`. `start` and `close` belong to the loop that serves it.

    `send_seconds` is how long the far side may take for one message, `file_seconds` for one file. `now` is the time in
    UTC.
    """

    name = "teams"

    def __init__(
        self,
        settings: TeamsSettings,
        hear: Hear,
        *,
        send_seconds: float = 15,
        file_seconds: float = 60,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._settings = settings
        self._now = now
        self._hear = hear
        self._http: aiohttp.ClientSession | None = None
        login = Login(self._session, settings)
        connector = Connector(self._session, settings, login, timeout_seconds=send_seconds)
        self._connector = connector
        self._groups = Groups(self._session, settings, timeout_seconds=send_seconds)
        self._gate = Gate(settings, SigningKeys(self._session, settings.openid_url))
        self._adapter = Adapter(settings.app_id, connector)
        self._fetcher = Fetcher(self._session, settings.file_hosts, loopback=settings.development, seconds=file_seconds)
        self._under_way: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Opens the shared session."""
        if self._http is None:
            self._http = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=100, ttl_dns_cache=300), cookie_jar=aiohttp.DummyCookieJar()
            )

    async def close(self) -> None:
        """Lets what was acknowledged come to its end, then closes."""
        await self.settled()
        if self._http is not None:
            await self._http.close()
            self._http = None

    async def settled(self) -> None:
        """Returns when nothing that was acknowledged is still under way."""
        while self._under_way:
            await asyncio.wait(set(self._under_way))

    def routes(self) -> list[web.RouteDef]:
        return [web.post(PATH, self.receive)]

    async def receive(self, request: web.Request) -> web.Response:
        """One activity: refused, or heard and acknowledged after its turn's commit."""
        try:
            activity = await self._gate.admit(request)
            # The SDK's model is stricter than JSON about times and lists.
            try:
                model = Activity().deserialize(activity)
            except Exception as error:
                raise Refused(400, f"malformed: {type(error).__name__}") from None
        except Refused as refused:
            log.warning("teams: refused: %s", refused)
            response = web.Response(status=refused.status)
            # What we did not read is not worth keeping the line for.
            response.force_close()
            return response
        try:
            answer = await self._adapter.run(model, lambda context: self._turn(context, activity))
        except Exception as error:
            log_failure(log, "teams: a turn", error)
            return web.Response(status=503, headers={"Retry-After": "5"})
        if answer is None:
            return web.Response()
        return _invoke_response(answer)

    async def deliver(self, delivery: Delivery) -> str:
        """See `bot.channel.Channel`.

        `Delivery.id` travels as `channelData.clientActivityID`, the Bot Framework's name for a sender's own id of
        an activity: channelData is free for such parts, is ignored where unknown, and unlike an entity or a text it
        cannot show. The Connector itself takes no idempotency key, so delivery stays at least once.
        """
        address = delivery.address
        if not delivery.conversation or not address.get("service_url"):
            raise Unreachable("no_conversation")
        if not self._settings.allows_tenant(str(address.get("tenant") or "")):
            raise Unreachable("not_allowed", "tenant")
        activity = cards.render(delivery.message)
        activity["channelData"] = {"clientActivityID": str(delivery.id)}
        activity["from"] = {"id": address.get("bot_id", ""), "name": address.get("bot_name", "")}
        activity["recipient"] = {"id": address.get("user", "")}
        activity["conversation"] = {"id": delivery.conversation, "tenantId": address.get("tenant", "")}
        if delivery.replaces:
            activity["id"] = delivery.replaces
        return await self._connector.write(
            str(address["service_url"]), delivery.conversation, activity, delivery.replaces
        )

    @property
    def makes_groups(self) -> bool:
        """Whether the operator set up what it takes."""
        return bool(self._settings.app_id and self._settings.catalog_id)

    async def make_group(self, members: Sequence[Mapping[str, Any]], topic: str) -> Group:
        """See `bot.channel.MakesGroups`. Each call makes another chat: Graph takes no idempotency key."""
        return await self._groups.make(members, topic)

    async def _turn(self, context: TurnContext, activity: Mapping[str, Any]) -> None:
        is_press = activity["type"] == "invoke" and activity.get("name") == CARD_ACTION
        try:
            incoming = listen(activity, self._now())
        except BadAction as error:
            log.warning("teams: malformed action: %s", error)
            if is_press:
                await _answer(context, answers.malformed())
            return
        if incoming is None:
            return
        if remotes := files(activity):
            await self._bring(incoming, remotes)
            return
        heard = await self._hear(incoming)
        if is_press:
            await _answer(context, answers.to_press(incoming, heard))

    async def _bring(self, incoming: Incoming, remotes: Sequence[Remote]) -> None:
        """A turn with its files. One that takes long is acknowledged before, or Teams would send it again; if we fall
        over then, its sender has to send it again."""

        async def turn() -> None:
            await self._hear(replace(incoming, files=await self._fetcher.all(remotes)))

        task = asyncio.create_task(turn())
        self._under_way.add(task)
        task.add_done_callback(self._ended)
        done, _ = await asyncio.wait({task}, timeout=self._settings.ack_seconds)
        if done:
            task.result()

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log_failure(log, "teams: a turn", error)

    def _session(self) -> aiohttp.ClientSession:
        if self._http is None:
            raise RuntimeError("TeamsRoom.start() comes first")
        return self._http


async def _answer(context: TurnContext, body: Mapping[str, Any]) -> None:
    await context.send_activity(Activity(type="invokeResponse", value=InvokeResponse(status=200, body=body)))


def _invoke_response(answer: InvokeResponse) -> web.Response:
    if answer.body is None:
        return web.Response(status=int(answer.status))
    body = json.dumps(answer.body, ensure_ascii=False).encode("utf-8")
    return web.Response(status=int(answer.status), body=body, content_type="application/json", charset="utf-8")
