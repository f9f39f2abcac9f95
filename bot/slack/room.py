"""The Slack room: hears at /slack/… or over Socket Mode, delivers what the postman brings."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Protocol

import aiohttp
from aiohttp import web

from bot.channel import Delivery, Group, Hear, Retry, Unreachable
from bot.failing import log_failure
from bot.fetching import Fetcher, Remote
from bot.slack import blocks, hearing
from bot.slack.connector import Connector, SlackBug
from bot.slack.gate import Refused, admit, check_workspace, read_form, read_json
from bot.slack.settings import FILE_HOSTS, SlackSettings
from bot.slack.socket import Socket
from dialogs.incoming import Incoming, Scope
from dialogs.message import Message
from dialogs.wording import say_in
from knowledge.places import LANGUAGES

log = logging.getLogger(__name__)

_MOST_TRIES = 8
_LONGEST_ERROR = 300
_PRIVATE = "slack.answered_in_private"


class Directory(Protocol):
    """What the room tells of people, beside what they say. Handed in; a `remote_id` nobody has changes nothing."""

    async def described(self, remote_id: str, name: str, language: str, time_zone: str) -> None:
        """Keeps what Slack says of somebody who is in no import; "" says nothing."""
        ...

    async def left(self, remote_id: str) -> None:
        """Slack deactivated them: nothing arrives any more."""
        ...


class SlackRoom:
    """A `bot.channel.Channel`. `start` and `close` belong to the loop that serves it.

    `now` is the time in UTC. `send_seconds` is how long Slack may take for one message, `file_seconds` for one file;
    `pause` waits before a turn, or a file, is tried again.
    """

    name = hearing.CHANNEL

    def __init__(
        self,
        settings: SlackSettings,
        hear: Hear,
        directory: Directory,
        *,
        send_seconds: float = 15,
        file_seconds: float = 60,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._settings = settings
        self._hear = hear
        self._directory = directory
        self._now = now
        self._pause = pause
        self._http: aiohttp.ClientSession | None = None
        self._connector = Connector(self._session, settings, timeout_seconds=send_seconds)
        self._socket = Socket(settings, self.envelope) if settings.app_token else None
        self._fetcher = Fetcher(
            self._session,
            FILE_HOSTS,
            also=settings.api_url,
            headers={"Authorization": f"Bearer {settings.bot_token}"},
            seconds=file_seconds,
            pause=pause,
        )
        self._met: set[str] = set()
        self._under_way: set[asyncio.Task[Any]] = set()

    async def start(self) -> None:
        """Opens the shared session, and the socket where there is one."""
        if self._http is None:
            self._http = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=100, ttl_dns_cache=300), cookie_jar=aiohttp.DummyCookieJar()
            )
        if self._socket is not None:
            await self._socket.open()

    async def close(self) -> None:
        """Lets what was acknowledged come to its end, then closes."""
        if self._socket is not None:
            await self._socket.close()
        await self.settled()
        if self._http is not None:
            await self._http.close()
            self._http = None

    async def settled(self) -> None:
        """Returns when nothing that was acknowledged is still under way."""
        while self._under_way:
            await asyncio.wait(set(self._under_way))

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/slack/events", self._guarded(self._events)),
            web.post("/slack/interactive", self._guarded(self._interactive)),
            web.post("/slack/command", self._guarded(self._command)),
        ]

    async def deliver(self, delivery: Delivery) -> str:
        """See `bot.channel.Channel`. Slack's methods take no idempotency key: delivery stays at least once."""
        address = delivery.address
        workspace, user = str(address.get("workspace") or ""), str(address.get("user") or "")
        group = str(address.get("group") or "")
        if not workspace or not (user or group):
            raise Unreachable("no_conversation")
        if workspace not in self._settings.workspaces:
            raise Unreachable("not_allowed", "workspace")
        try:
            return await self._write(delivery, workspace, user, group, blocks.render(delivery.message))
        except SlackBug as refusal:
            if delivery.message.image is None:
                raise
            log.warning("slack: not with its picture: %s", refusal)
            return await self._write(delivery, workspace, user, group, blocks.render(delivery.message, pictures=False))

    async def _write(self, delivery: Delivery, workspace: str, user: str, group: str, body: Mapping[str, Any]) -> str:
        address = delivery.address
        if group and not delivery.replaces:
            return await self._connector.post(group, body)
        if address.get("channel"):
            return await self._connector.whisper(str(address["channel"]), user, body, str(address.get("thread") or ""))
        if delivery.replaces:
            return await self._connector.update(delivery.replaces, body)
        return await self._connector.post(await self._connector.room_of(workspace, user), body)

    async def make_group(self, members: Sequence[Mapping[str, Any]], topic: str) -> Group:
        """See `bot.channel.MakesGroups`. The same people have the same conversation each time; it has no topic."""
        workspaces = {str(member.get("workspace") or "") for member in members}
        users = sorted({str(member.get("user") or "") for member in members})
        if len(workspaces) != 1 or not all(users) or not workspaces <= set(self._settings.workspaces):
            raise Unreachable("not_allowed", "workspace")
        workspace = workspaces.pop()
        channel = await self._connector.group_of(workspace, users)
        if not channel:
            raise Unreachable("no_conversation")
        return Group(*hearing.group_of(workspace, channel))

    # What Slack sends

    async def envelope(self, kind: str, payload: Mapping[str, Any]) -> dict[str, Any] | None:
        """What came over the socket, which needs no signature. Returns what to answer; None for nothing."""
        try:
            match kind:
                case "events_api":
                    return await self._event(payload)
                case "interactive":
                    return await self._interaction(payload)
                case "slash_commands":
                    return await self._commanded({k: v for k, v in payload.items() if isinstance(v, str)})
        except (Refused, hearing.Malformed) as refused:
            log.warning("slack: refused: %s", refused)
        return None

    async def _events(self, body: bytes) -> dict[str, Any] | None:
        payload = read_json(body)
        if payload.get("type") == "url_verification":
            challenge = payload.get("challenge")
            if not isinstance(challenge, str):
                raise Refused(400, "challenge")
            return {"challenge": challenge}
        return await self._event(payload)

    async def _interactive(self, body: bytes) -> dict[str, Any] | None:
        return await self._interaction(read_json(read_form(body).get("payload", "")))

    async def _command(self, body: bytes) -> dict[str, Any] | None:
        return await self._commanded(read_form(body))

    async def _event(self, payload: Mapping[str, Any]) -> dict[str, Any] | None:
        check_workspace(self._settings, payload.get("team_id"))
        said = payload.get("event")
        if isinstance(said, dict) and said.get("type") == "user_change":
            self._changed(str(payload["team_id"]), said.get("user"))
            return None
        incoming = hearing.event(payload, self._now())
        if incoming is not None:
            remotes = hearing.files(payload) if incoming.scope is Scope.PERSONAL else []
            await self._within(self._bring(incoming, remotes) if remotes else self._turn(incoming))
        return None

    async def _interaction(self, payload: Mapping[str, Any]) -> dict[str, Any] | None:
        check_workspace(self._settings, hearing.workspace_of(payload))
        value = hearing.pressed_action(payload)
        carried = hearing.carried_by(value) if value is not None else {}
        if "fields" in carried:
            await self._within(self._open(payload, carried))
            return None
        incoming = hearing.press(payload, self._now())
        answer = None
        if incoming is not None:
            answer = await self._within(self._turn(incoming))
        if payload.get("type") == "view_submission" and answer is not None and answer.refused is not None:
            # The form stays open with what was typed, and says what is wrong with it.
            names = [block.get("block_id") for block in payload["view"].get("blocks") or () if isinstance(block, dict)]
            if names:
                return {"response_action": "errors", "errors": {names[0]: answer.refused}}
        return None

    async def _commanded(self, form: Mapping[str, str]) -> dict[str, Any] | None:
        check_workspace(self._settings, form.get("team_id"))
        answer = await self._within(self._turn(hearing.command(form, self._now())))
        if form.get("channel_id", "").startswith("D") or answer is None:
            return None
        return {"response_type": "ephemeral", "text": say_in(answer.language)(_PRIVATE)}

    # Turns

    async def _bring(self, incoming: Incoming, remotes: Sequence[Remote]) -> "_Answer":
        """A turn with its files."""
        return await self._turn(replace(incoming, files=await self._fetcher.all(remotes)))

    async def _turn(self, incoming: Incoming) -> "_Answer":
        """One turn, again while the database cannot be written: Slack was told that we heard."""
        for attempt in range(_MOST_TRIES):
            try:
                heard = await self._hear(incoming)
                break
            except Exception as error:
                log_failure(log, "slack: a turn", error)
                if attempt == _MOST_TRIES - 1:
                    raise
                await self._pause(min(2.0**attempt, 60.0))
        self._meet(incoming)
        own = [
            Message.from_json(posted.payload) for posted in heard.posted if posted.conversation == heard.conversation
        ]
        language = own[0].language if own else incoming.locale[:2]
        refused = own[0].text[:_LONGEST_ERROR] if heard.refused and own else None
        return _Answer(language if language in LANGUAGES else "en", refused)

    async def _open(self, payload: Mapping[str, Any], carried: Mapping[str, Any]) -> None:
        try:
            view = blocks.modal(carried)
        except (TypeError, KeyError, AttributeError):
            raise hearing.Malformed("fields") from None
        try:
            await self._connector.open_view(str(payload.get("trigger_id") or ""), view)
        except (Retry, Unreachable) as refusal:
            log.warning("slack: a form did not open: %s", refusal)

    async def _within(self, work: Coroutine[Any, Any, Any]) -> Any:
        """The work's result, or None when Slack must be answered before: the work goes on all the same."""
        task = asyncio.create_task(work)
        self._keep(task)
        done, _ = await asyncio.wait({task}, timeout=self._settings.ack_seconds)
        return task.result() if done else None

    def _keep(self, task: asyncio.Task[Any]) -> None:
        self._under_way.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._under_way.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("slack: given up: %s", type(error).__name__)

    # People

    def _meet(self, incoming: Incoming) -> None:
        """Asks Slack who this is, once while we run, and behind the turn's back."""
        if incoming.sender not in self._met:
            self._met.add(incoming.sender)
            self._keep(asyncio.create_task(self._look_up(incoming)))

    async def _look_up(self, incoming: Incoming) -> None:
        try:
            found = await self._connector.user(str(incoming.address["user"]))
            await self._describe(incoming.sender, found)
        except Exception as error:
            # Asked again when they say something more.
            self._met.discard(incoming.sender)
            log_failure(log, "slack: a look at a profile", error)

    def _changed(self, workspace: str, user: object) -> None:
        if isinstance(user, dict) and isinstance(user.get("id"), str):
            self._keep(asyncio.create_task(self._describe(hearing.person_of(workspace, user["id"]), user)))

    async def _describe(self, sender: str, user: Mapping[str, Any]) -> None:
        if user.get("deleted") is True:
            await self._directory.left(sender)
            return
        name, zone, locale = (user.get(part) for part in ("real_name", "tz", "locale"))
        language = locale[:2].lower() if isinstance(locale, str) else ""
        await self._directory.described(
            sender,
            name if isinstance(name, str) else "",
            language if language in LANGUAGES else "",
            zone if isinstance(zone, str) and len(zone) <= 64 else "",
        )

    # The edge

    def _guarded(
        self, handler: Callable[[bytes], Awaitable[dict[str, Any] | None]]
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handle(request: web.Request) -> web.Response:
            try:
                answer = await handler(await admit(request, self._settings, self._now().timestamp()))
            except Refused as refused:
                log.warning("slack: refused: %s", refused)
                response = web.Response(status=refused.status)
                # What we did not read is not worth keeping the line for.
                response.force_close()
                return response
            except hearing.Malformed as error:
                log.warning("slack: malformed: %s", error)
                return web.Response(status=400)
            except Exception as error:
                log_failure(log, "slack: a request", error)
                return web.Response(status=503, headers={"Retry-After": "5"})
            return web.Response() if answer is None else web.json_response(answer)

        return handle

    def _session(self) -> aiohttp.ClientSession:
        if self._http is None:
            raise RuntimeError("SlackRoom.start() comes first")
        return self._http


class _Answer:
    """What became of a turn: the speaker's language, and the refusal if there was one."""

    def __init__(self, language: str, refused: str | None) -> None:
        self.language = language
        self.refused = refused
