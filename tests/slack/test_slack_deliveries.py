"""What goes to Slack: every error's meaning, limits, people who left, channels, a slow database, and the socket."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import WSMsgType, web
from aiohttp.test_utils import TestServer
from sqlalchemy import select, update

from app import House
from bot.settings import Settings
from bot.slack import blocks, connector
from bot.slack.room import SlackRoom
from bot.slack.settings import SlackSettings
from dialogs.incoming import Heard, Incoming
from dialogs.message import Image, Link, Message
from storage.database import Database
from storage.schema import conversation, outbox, person
from tests.chat.player import FakeClock, put_for
from tests.chat.slack import SlackWire
from tests.slack.fakes import BOT, TOKEN, WORKSPACE, Slack, event_body, headers, interaction, message
from tests.slack.test_slack_wire import ASKER, QUESTION, Door


class Counter(Door):
    """A door with a clock, behind which messages wait for the asker."""

    def __init__(self, house: House, wire: SlackWire, clock: FakeClock) -> None:
        super().__init__(house, wire)
        self.clock = clock

    def write(self, text: str, card: str = "") -> None:
        put_for(self.house.database, ASKER, text, self.clock(), card)

    async def deliver(self) -> None:
        while await self.house.postman.step(self.clock()):
            pass

    def fate(self) -> tuple[str, str]:
        """The state of the last message and why."""
        with self.house.database.reading() as connection:
            row = connection.execute(select(outbox).order_by(outbox.c.id.desc()).limit(1)).one()
        return row.state, row.reason

    def shown(self) -> list[str]:
        return [sent["text"] for sent in self.wire.far.kept.values()]


@pytest.fixture
async def counter(community: Database) -> AsyncIterator[Counter]:
    wire, clock = SlackWire([ASKER]), FakeClock()
    house = House(Settings(_env_file=None, **wire.settings()), database=community, now=clock)
    async with wire.open(house):
        there = Counter(house, wire, clock)
        # Other channels would serve where Slack fails; here nobody has one.
        with community.begin() as connection:
            connection.execute(update(conversation).where(conversation.c.channel != "slack").values(unreachable="gone"))
        await there.deliver()
        yield there


def test_every_error_means_one_thing() -> None:
    kinds = [connector.RETRY, connector.OPERATOR, set(connector.UNREACHABLE), connector.GONE, connector.BUG]
    assert sum(map(len, kinds)) == len(set().union(*kinds))


@pytest.mark.parametrize("name", sorted(connector.RETRY | connector.OPERATOR | connector.BUG | {"a_new_one"}))
async def test_what_may_pass_waits_and_arrives(counter: Counter, name: str) -> None:
    counter.wire.far.errors["chat.postMessage"] = [name]
    counter.write("Something for you.")
    await counter.deliver()
    assert counter.fate()[0] == "waiting"
    assert "Something for you." not in counter.shown()
    counter.clock.at += timedelta(minutes=6)
    await counter.deliver()
    assert counter.fate() == ("done", "")
    assert counter.shown()[-1] == "Something for you."


@pytest.mark.parametrize("name", sorted(connector.UNREACHABLE))
async def test_what_can_never_arrive_is_given_up_with_its_reason(counter: Counter, name: str) -> None:
    counter.wire.far.errors["chat.postMessage"] = [name]
    counter.write("Something for you.")
    await counter.deliver()
    assert counter.fate() == ("dead", connector.UNREACHABLE[name])


async def test_a_busy_slack_is_left_in_peace_for_as_long_as_it_says(counter: Counter) -> None:
    counter.wire.far.errors["chat.postMessage"] = [17]
    counter.write("Something for you.")
    await counter.deliver()
    calls = len(counter.wire.far.calls)
    counter.clock.at += timedelta(seconds=16.9)
    await counter.deliver()
    assert len(counter.wire.far.calls) == calls
    with counter.house.database.reading() as connection:
        due = connection.execute(select(outbox.c.due_at).where(outbox.c.state == "waiting")).scalar_one()
    assert timedelta(0) < due - counter.clock() < timedelta(seconds=1.2)


async def test_a_card_that_is_no_longer_there_is_sent_anew(counter: Counter) -> None:
    counter.write("As it was.", card="c")
    await counter.deliver()
    counter.write("As it is.", card="c")
    counter.wire.far.errors["chat.update"] = ["message_not_found"]
    await counter.deliver()
    assert counter.shown()[-2:] == ["As it was.", "As it is."]
    counter.write("As it will be.", card="c")
    await counter.deliver()
    assert counter.shown()[-2:] == ["As it was.", "As it will be."]


async def test_who_is_deactivated_is_written_to_no_more_until_they_are_back(counter: Counter) -> None:
    change = {"type": "user_change", "user": {"id": counter.user, "deleted": True}}
    assert (await counter.post("events", event_body(change, "Ev7")))[0] == 200
    counter.write("Something for you.")
    await counter.deliver()
    assert counter.fate() == ("dead", "gone")
    assert (await counter.said("status", ts="7.7", event_id="Ev8"))[0] == 200
    await counter.deliver()
    assert counter.fate()[0] == "done"


@pytest.mark.parametrize("thread", ["", "3.3"])
async def test_a_mention_is_answered_in_place_for_one_pair_of_eyes_and_nothing_is_asked(
    counter: Counter, thread: str
) -> None:
    where = {"channel": "C9", "channel_type": "channel", "type": "app_mention"} | (
        {"thread_ts": thread} if thread else {}
    )
    assert (await counter.said(f"<@{BOT}> {QUESTION}", **where))[0] == 200
    await counter.deliver()
    (whisper,) = counter.wire.far.whispers
    assert (whisper["channel"], whisper["user"]) == ("C9", counter.user)
    assert whisper.get("thread_ts", "") == thread
    assert QUESTION not in json.dumps(whisper)
    assert counter.questions() == 0


async def test_slack_is_answered_in_time_while_the_database_is_slow_and_the_question_is_kept(counter: Counter) -> None:
    room = counter.house.slack
    assert room is not None
    hear, free = room._hear, asyncio.Event()

    async def slow(incoming: Incoming) -> Heard:
        await free.wait()
        return await hear(incoming)

    room._hear = slow
    room._settings = replace(room._settings, ack_seconds=0.01)
    post = counter.wire._near.make_url("/slack/events")
    body = event_body(message(QUESTION, "1.1", counter.user), "EvSlow")
    signed = headers(body, int(counter.clock().timestamp()))
    async with counter.wire._http.post(post, data=body, headers=signed) as response:
        assert response.status == 200
    assert counter.questions() == 0
    free.set()
    await room.settled()
    assert counter.questions() == 1


class Far(Slack):
    """Slack's Web API with the socket it names."""

    def __init__(self) -> None:
        super().__init__()
        self.to_send: list[dict[str, Any]] = []
        self.acknowledged: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.address = ""

    def app(self) -> web.Application:
        application = web.Application()
        application.add_routes([web.get("/socket", self._socket), web.post("/api/apps.connections.open", self._named)])
        application.add_routes([web.post("/api/{method}", self._answer)])
        return application

    async def _named(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != "Bearer xapp-1":
            return web.json_response({"ok": False, "error": "invalid_auth"})
        return web.json_response({"ok": True, "url": self.address})

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"type": "hello", "num_connections": 1})
        for envelope in self.to_send:
            await socket.send_json(envelope)
        async for said in socket:
            if said.type is WSMsgType.TEXT and said.data.startswith("{"):
                self.acknowledged.put_nowait(json.loads(said.data))
        return socket


class Nobody:
    async def described(self, *_: object) -> None: ...
    async def left(self, *_: object) -> None: ...


@asynccontextmanager
async def _socketed(envelopes: list[dict[str, Any]], heard: list[Incoming]) -> AsyncIterator[Far]:
    async def hear(incoming: Incoming) -> Heard:
        heard.append(incoming)
        return Heard(None)

    far = Far()
    far.to_send = envelopes
    async with TestServer(far.app()) as server:
        far.address = str(server.make_url("/socket")).replace("http:", "ws:")
        told = SlackSettings(
            bot_token=TOKEN, app_token="xapp-1", workspaces=(WORKSPACE,), api_url=str(server.make_url("/api/"))
        )
        room = SlackRoom(told, hear, Nobody())
        await room.start()
        try:
            yield far
        finally:
            await room.close()


async def test_over_the_socket_what_is_said_is_heard_and_acknowledged_without_a_signature() -> None:
    said = json.loads(event_body(message(QUESTION, "1.1"), "Ev1"))
    slash = {"team_id": WORKSPACE, "user_id": "U1", "channel_id": "C1", "trigger_id": "t1", "text": "help"}
    strange = {**said, "team_id": "T0STRANGE"}
    heard: list[Incoming] = []
    envelopes = [
        {"type": "events_api", "envelope_id": "e1", "payload": said, "accepts_response_payload": False},
        {"type": "slash_commands", "envelope_id": "e2", "payload": slash, "accepts_response_payload": True},
        {"type": "events_api", "envelope_id": "e3", "payload": strange, "accepts_response_payload": False},
    ]
    async with _socketed(envelopes, heard) as far:
        answers = {one["envelope_id"]: one for one in [await far.acknowledged.get() for _ in envelopes]}
    assert set(answers) == {"e1", "e2", "e3"}
    assert [one.text for one in heard] == [QUESTION, "help"]
    assert answers["e2"]["payload"]["response_type"] == "ephemeral"


STRANGER = "somebody-new"
PROFILE = {"real_name": "Sample Newcomer", "tz": "Africa/Dakar", "locale": "fr-FR", "deleted": False}


@pytest.mark.parametrize("first", [None, 30, "internal_error"], ids=["at once", "after a 429", "after a failure"])
async def test_whom_nobody_knows_is_known_by_what_slack_says_of_them_behind_the_turn_s_back(
    community: Database, first: str | int | None
) -> None:
    wire, clock = SlackWire([STRANGER]), FakeClock()
    house = House(Settings(_env_file=None, **wire.settings()), database=community, now=clock)
    wire.far.errors["users.info"] = [] if first is None else [first]
    wire.far._users_info = lambda sent: {"user": {"id": sent["user"], **PROFILE}}  # type: ignore[method-assign]
    async with wire.open(house):
        assert house.slack is not None
        # Whatever limit Slack named when they came in is over when they speak.
        house.slack._connector._closed_until.clear()
        await wire.say(STRANGER, "hello")
        with community.reading() as connection:
            met = select(person.c.name, person.c.time_zone, person.c.language)
            newcomer = met.where(person.c.key == f"slack:{WORKSPACE}:{wire._user(STRANGER)}")
            assert tuple(connection.execute(newcomer).one()) == ("Sample Newcomer", "Africa/Dakar", "fr")


async def test_a_limit_on_opening_conversations_is_obeyed_as_one_on_messages(counter: Counter) -> None:
    assert counter.house.slack is not None
    counter.house.slack._connector._rooms.clear()
    counter.wire.far.errors["conversations.open"] = [9]
    counter.write("Something for you.")
    await counter.deliver()
    assert counter.fate()[0] == "waiting"
    assert counter.wire.far.calls[-1][0] == "conversations.open"
    with counter.house.database.reading() as connection:
        due = connection.execute(select(outbox.c.due_at).where(outbox.c.state == "waiting")).scalar_one()
    assert timedelta(seconds=9) <= due - counter.clock() < timedelta(seconds=10.2)


PICTURED = Message(
    "October in short.",
    image=Image("https://bot.example.org/picture/x", "64 % agree."),
    links=(Link("Open the dashboard", "https://bot.example.org/open/x"),),
)


async def test_a_picture_that_slack_cannot_fetch_is_told_in_words(counter: Counter) -> None:
    counter.wire.far.errors["chat.postMessage"] = ["invalid_blocks"]
    put_for(counter.house.database, ASKER, PICTURED, counter.clock())
    await counter.deliver()
    assert counter.fate() == ("done", "")
    shown = list(counter.wire.far.kept.values())[-1]["blocks"]
    assert [block["type"] for block in shown] == ["rich_text", "actions"]
    assert "64 % agree." in json.dumps(shown, ensure_ascii=False)


async def test_a_picture_on_this_machine_is_never_sent_to_slack() -> None:
    local = replace(PICTURED, image=Image("http://localhost:8080/picture/x", "64 % agree."))
    assert "image" not in [block["type"] for block in blocks.render(local)["blocks"]]
    assert "image" in [block["type"] for block in blocks.render(PICTURED)["blocks"]]


async def test_a_link_that_was_opened_says_nothing(counter: Counter) -> None:
    action = {"type": "button", "action_id": "link:0", "url": "https://bot.example.org/open/x"}
    body = interaction("block_actions", counter.user, "t9", actions=[action], state={"values": {}})
    before = len(counter.wire.far.kept)
    assert (await counter.post("interactive", body))[0] == 200
    await counter.deliver()
    assert len(counter.wire.far.kept) == before
