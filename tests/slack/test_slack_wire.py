"""What comes to /slack/…: heard once, refused when it is not Slack's, and never a fault of ours."""

import json
from collections.abc import AsyncIterator
from urllib.parse import urlencode

import pytest
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import func, select

from app import House
from bot.settings import Settings
from storage import schema
from storage.database import Database
from tests.chat.player import FakeClock
from tests.chat.slack import SlackWire
from tests.slack.fakes import BOT, SECRET, TOKEN, WORKSPACE, event_body, headers, interaction, message

ASKER = "litia.waqa@sample.example"
QUESTION = "Does anyone have a template for a project document on mine action in the Sahel?"


class Door:
    """Requests to a house that knows the sample community, as Slack or somebody else would send them."""

    def __init__(self, house: House, wire: SlackWire) -> None:
        self.house, self.wire = house, wire
        self.user = wire._user(ASKER)

    async def post(self, path: str, body: bytes, *, at: float | None = None, **more: str) -> tuple[int, str]:
        now = int(self.house.now().timestamp() if at is None else at)
        signed = headers(body, now) | more
        async with self.wire._http.post(
            self.wire._near.make_url(f"/slack/{path}"), data=body, headers=signed
        ) as response:
            text = await response.text()
        assert self.house.slack is not None
        await self.house.slack.settled()
        return response.status, text

    async def said(self, text: str, ts: str = "1.1", event_id: str = "EvA", **more: object) -> tuple[int, str]:
        said = message(text, ts, self.user) | more
        return await self.post("events", event_body(said, event_id))

    def questions(self) -> int:
        with self.house.database.reading() as connection:
            return connection.execute(select(func.count()).select_from(schema.question)).scalar_one()


@pytest.fixture
async def door(community: Database) -> AsyncIterator[Door]:
    wire = SlackWire()
    house = House(Settings(_env_file=None, **wire.settings()), database=community, now=FakeClock())
    async with wire.open(house):
        yield Door(house, wire)


async def test_a_question_is_heard(door: Door) -> None:
    assert (await door.said(QUESTION))[0] == 200
    assert door.questions() == 1


async def test_the_same_signed_body_again_changes_nothing(door: Door) -> None:
    for _ in range(3):
        assert (await door.said(QUESTION))[0] == 200
    assert door.questions() == 1


async def test_a_redelivery_and_a_mention_twin_are_one_message(door: Door) -> None:
    await door.said(QUESTION, event_id="Ev1")
    await door.said(QUESTION, event_id="Ev2")
    await door.said(QUESTION, event_id="Ev3", type="app_mention")
    assert door.questions() == 1


@pytest.mark.parametrize(
    "more",
    [
        {"subtype": "message_changed", "message": {"text": "changed"}},
        {"subtype": "message_deleted"},
        {"bot_id": "B1"},
        {"user": BOT},
        {"edited": {"ts": "2.2"}},
    ],
    ids=["edited", "deleted", "a bot", "ourselves", "an edit"],
)
async def test_what_is_no_new_word_of_a_person_is_nothing(door: Door, more: dict[str, object]) -> None:
    assert (await door.said(QUESTION, **more))[0] == 200
    assert door.questions() == 0


async def test_in_slack_alone_nothing_listens_for_teams(community: Database) -> None:
    told = {"slack_bot_token": TOKEN, "slack_signing_secret": SECRET, "slack_workspaces": (WORKSPACE,)}
    told["public_url"] = "https://bot.example.org"
    house = House(Settings(_env_file=None, development=False, **told), database=community, now=FakeClock())
    async with TestClient(TestServer(house.application())) as client:
        assert (await client.post("/api/messages", json={})).status == 404
        assert (await client.post("/slack/events", json={})).status == 401
        assert (await client.get("/healthz")).status == 200


async def test_url_verification(door: Door) -> None:
    status, text = await door.post("events", json.dumps({"type": "url_verification", "challenge": "abc"}).encode())
    assert (status, json.loads(text)) == (200, {"challenge": "abc"})


@pytest.mark.parametrize("shift", [-301, 301, -86400])
async def test_a_stale_request_is_refused(door: Door, shift: int) -> None:
    body = event_body(message(QUESTION, "1.1", door.user))
    assert (await door.post("events", body, at=door.house.now().timestamp() + shift))[0] == 401
    assert door.questions() == 0


@pytest.mark.parametrize("path", ["events", "interactive", "command"])
async def test_who_is_not_slack_is_refused(door: Door, path: str) -> None:
    body = event_body(message(QUESTION, "1.1", door.user))
    assert (await door.post(path, body, **{"X-Slack-Signature": "v0=" + "0" * 64}))[0] == 401
    assert (await door.post(path, body, **{"X-Slack-Signature": "é"}))[0] in (400, 401)
    assert door.questions() == 0


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("events", b"", 400),
        ("events", b"[]", 400),
        ("events", b"{", 400),
        ("events", b'{"type": "event_callback", "team_id": "%s"}' % WORKSPACE.encode(), 400),
        ("events", b'{"type": "event_callback", "team_id": "T0OTHER", "event": {}}', 403),
        ("events", b'{"a": NaN}', 400),
        ("events", b'{"a":' * 80 + b"1" + b"}" * 80, 400),
        ("interactive", b"payload=%7B", 400),
        ("interactive", b"nothing", 400),
        ("command", b"text=a&text=b", 400),
        ("command", urlencode({"team_id": WORKSPACE, "text": "help"}).encode(), 400),
        ("events", b'{"a": "' + b"x" * 300_000 + b'"}', 413),
    ],
)
async def test_what_slack_never_sends_gets_a_refusal_and_touches_nothing(
    door: Door, path: str, body: bytes, status: int
) -> None:
    assert (await door.post(path, body))[0] == status
    assert door.questions() == 0


@pytest.mark.parametrize("word", ["help", "aide", "ayuda", ""])
async def test_connect_carries_any_command_and_answers_in_private(door: Door, word: str) -> None:
    before = len(door.wire.far.kept)
    form = {"team_id": WORKSPACE, "user_id": door.user, "channel_id": "C1", "command": "/connect", "text": word}
    status, text = await door.post("command", urlencode(form | {"trigger_id": f"t-{word}"}).encode())
    assert status == 200
    assert json.loads(text)["response_type"] == "ephemeral"
    while await door.house.postman.step(door.house.now()):
        pass
    assert len(door.wire.far.kept) > before


async def test_a_press_of_a_button_we_never_made_changes_nothing(door: Door) -> None:
    action = {"type": "button", "value": json.dumps({"say": "send 999", "card": "x"}), "action_id": "button:0"}
    body = interaction("block_actions", door.user, "t1", actions=[action], state={"values": {}})
    assert (await door.post("interactive", body))[0] == 200
    assert (await door.post("interactive", interaction("block_actions", door.user, "t2", actions=[])))[0] in (200, 400)
    assert door.questions() == 0
