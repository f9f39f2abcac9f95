"""What people really do in Teams, from HTTP to Incoming and back."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest

from bot.teams.hearing import listen
from dialogs.incoming import Heard, Posted, Scope
from dialogs.message import Button, Message
from tests.teams.bad_inputs import Draft
from tests.teams.conftest import OpenWorld
from tests.teams.fakes import SERVICE_URL, TENANT, World, a_message, a_press, in_production, jwk, token

pytestmark = pytest.mark.asyncio


async def post(world: World, http: aiohttp.ClientSession, activity: dict[str, Any], said: str = "") -> tuple[int, Any]:
    """Status and JSON answer (None if empty), for an activity that Teams really sent."""
    headers = {"Authorization": f"Bearer {said or token(serviceurl=activity['serviceUrl'])}"}
    async with http.post(world.url, json=activity, headers=headers) as response:
        body = await response.read()
        return response.status, json.loads(body) if body else None


async def test_the_draft_of_the_bad_inputs_is_good_before_it_is_spoilt(
    open_world: OpenWorld, http: aiohttp.ClientSession
) -> None:
    world = await open_world(prepare=in_production)
    headers, body = Draft().made()
    async with http.post(world.url, data=body, headers=headers) as response:
        assert (response.status, await response.read()) == (200, b"")
    assert len(world.hear.heard) == 1


async def test_a_typed_line_is_heard_with_all_that_teams_says_of_its_sender(
    open_world: OpenWorld, http: aiohttp.ClientSession
) -> None:
    world = await open_world()
    assert await post(world, http, a_message()) == (200, None)
    (heard,) = world.hear.heard
    assert heard.channel == "teams"
    assert heard.key == "1700000000001"
    assert heard.sender == "bbbbbbbb-0000-4000-8000-000000000002"
    assert heard.conversation == "a:sample-chat"
    assert (heard.text, heard.say, heard.greeting) == ("Who knows about mine action?", "", False)
    assert (heard.name, heard.locale, heard.time_zone) == ("Sample Member", "fr-FR", "Pacific/Fiji")
    assert heard.scope is Scope.PERSONAL
    assert heard.address == {
        "service_url": SERVICE_URL,
        "bot_id": "28:bot",
        "bot_name": "CoP bot",
        "tenant": TENANT,
        "conversation": "a:sample-chat",
        "user": "29:sample-user",
    }
    assert json.loads(json.dumps(heard.address)) == heard.address
    assert abs(heard.arrived_at - datetime.now(UTC)) < timedelta(minutes=5)


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": -299},
        {"nbf": 299},
        {"serviceUrl": SERVICE_URL, "serviceurl": None},
    ],
    ids=["five minutes of leeway after the end", "five minutes before the beginning", "the claim as specified"],
)
async def test_a_token_is_taken_within_the_leeway(
    changes: dict[str, Any], open_world: OpenWorld, http: aiohttp.ClientSession
) -> None:
    world = await open_world()
    now = int(datetime.now(UTC).timestamp())
    moved: dict[str, Any] = {name: now + value if isinstance(value, int) else value for name, value in changes.items()}
    status, _ = await post(world, http, a_message(), token(**moved))
    assert status == 200


async def test_a_tenant_is_recognised_in_any_case_and_from_either_place(
    open_world: OpenWorld, http: aiohttp.ClientSession
) -> None:
    world = await open_world(tenants=(TENANT.upper(), "another"))
    only_channel_data = a_message(conversation={"id": "a:1"})
    only_conversation = a_message(channelData=None)
    assert [(await post(world, http, activity))[0] for activity in (only_channel_data, only_conversation)] == [200, 200]
    assert [heard.address["tenant"] for heard in world.hear.heard] == [TENANT, TENANT]


@pytest.mark.parametrize(
    "url",
    [
        "https://smba.trafficmanager.net",
        "https://smba.trafficmanager.net:443/apac/",
        "https://SMBA.TrafficManager.net/uk/",
        "https://smba.infra.gcc.teams.microsoft.com/gcc",
        "https://smba.onyx.prod.teams.trafficmanager.net/x/",
    ],
)
async def test_the_documented_service_hosts_are_allowed(
    url: str, open_world: OpenWorld, http: aiohttp.ClientSession
) -> None:
    world = await open_world(prepare=in_production)
    assert await post(world, http, a_message(serviceUrl=url)) == (200, None)


async def test_the_bots_own_mention_is_taken_out_and_others_stay(
    open_world: OpenWorld, http: aiohttp.ClientSession
) -> None:
    world = await open_world()
    entities = [
        {"type": "mention", "text": "<at>CoP bot</at>", "mentioned": {"id": "28:bot", "name": "CoP bot"}},
        {"type": "mention", "text": "<at>Asha</at>", "mentioned": {"id": "29:asha", "name": "Asha"}},
        # The stock helper raises KeyError on some of these.
        {"type": "mention"},
        {"type": "mention", "text": "", "mentioned": {"id": "28:bot"}},
        {"type": "mention", "text": 5, "mentioned": {"id": "28:bot"}},
        {"type": "mention", "text": "x", "mentioned": "28:bot"},
        {"type": ["mention"]},
    ]
    channel = {"id": "19:x@thread.tacv2;messageid=1", "conversationType": "channel", "tenantId": TENANT}
    text = "<at>CoP bot</at>\xa0what does <at>Asha</at> know of (.*)+ ?\n"
    await post(world, http, a_message(text=text, entities=entities, conversation=channel))
    (heard,) = world.hear.heard
    assert heard.text == "what does <at>Asha</at> know of (.*)+ ?"
    assert heard.scope is Scope.CHANNEL


@pytest.mark.parametrize(
    ("conversation", "scope"),
    [
        ({"id": "a:1"}, Scope.PERSONAL),
        ({"id": "a:1", "conversationType": "personal"}, Scope.PERSONAL),
        ({"id": "19:1@unq.gbl.spaces", "conversationType": "groupChat"}, Scope.GROUP),
        ({"id": "19:1@thread.tacv2", "conversationType": "channel"}, Scope.CHANNEL),
        ({"id": "19:1@thread.v2"}, Scope.GROUP),
        ({"id": "a:1", "isGroup": True}, Scope.GROUP),
        ({"id": "19:1@thread.v2", "conversationType": "personal"}, Scope.GROUP),
        ({"id": "a:1", "conversationType": "invented"}, Scope.GROUP),
    ],
)
async def test_only_what_is_surely_personal_counts_as_personal(
    conversation: dict[str, Any], scope: Scope, open_world: OpenWorld, http: aiohttp.ClientSession
) -> None:
    world = await open_world()
    await post(world, http, a_message(conversation=conversation | {"tenantId": TENANT}))
    assert world.hear.heard[0].scope is scope


INSTALLED = a_message(type="installationUpdate", action="add", text=None)
ADDED = a_message(type="conversationUpdate", membersAdded=[{"id": "29:x"}, {"id": "28:bot"}], text=None)
MENTIONED = a_message(
    text="<at>bot</at> ", entities=[{"type": "mention", "text": "<at>bot</at>", "mentioned": {"id": "28:bot"}}]
)
PICTURE = a_message(text="", attachments=[{"contentType": "image/png", "contentUrl": "https://example.org/x.png"}])


@pytest.mark.parametrize(
    ("activity", "greets"),
    [(INSTALLED, True), (ADDED, True), (MENTIONED, False), (PICTURE, False)],
    ids=["installed", "added", "only mentioned", "a picture without a word"],
)
async def test_who_comes_in_is_greeted_and_who_says_nothing_said_nothing(
    activity: dict[str, Any], greets: bool, open_world: OpenWorld, http: aiohttp.ClientSession
) -> None:
    world = await open_world()
    assert await post(world, http, activity) == (200, None)
    (heard,) = world.hear.heard
    assert heard.greeting is greets
    assert (heard.text, heard.say) == ("", "")


async def test_a_sender_without_a_directory_id_goes_by_the_channel_id(
    open_world: OpenWorld, http: aiohttp.ClientSession
) -> None:
    world = await open_world()
    await post(world, http, a_message(**{"from": {"id": "29:only"}, "entities": None, "locale": None}))
    (heard,) = world.hear.heard
    assert (heard.sender, heard.name, heard.locale) == ("29:only", "", "")


async def test_a_cut_emoji_and_a_nul_are_heard_and_can_be_kept(
    open_world: OpenWorld, http: aiohttp.ClientSession
) -> None:
    world = await open_world()
    await post(world, http, a_message(text="half \ud83d and \0"))
    await post(world, http, a_press({"say": "ask", "text": "half \ud83d"}))
    typed, pressed = world.hear.heard
    assert typed.text == "half \ufffd and \ufffd"
    assert pressed.values == {"text": "half \ufffd"}
    typed.text.encode("utf-8")


async def test_a_redelivery_under_a_new_id_has_the_same_twin(
    open_world: OpenWorld, http: aiohttp.ClientSession
) -> None:
    world = await open_world()
    again = a_message(id="1700000000099", timestamp="2026-03-02T10:00:15.500Z")
    for activity in (a_message(), again, a_message(text="Something else"), a_press(), a_press(replyToId="m2")):
        await post(world, http, activity)
    first, second, other, pressed, elsewhere = world.hear.heard
    assert first.twin == second.twin
    assert first.key != second.key
    assert len({first.twin, other.twin, pressed.twin, elsewhere.twin}) == 4
    assert len(first.twin) == 64


async def test_a_press_brings_its_line_its_fields_and_its_card(
    open_world: OpenWorld, http: aiohttp.ClientSession
) -> None:
    world = await open_world()
    await post(world, http, a_press({"say": "answer 12", "card": "question-12", "text": "Yes.\nIt is.", "note": ""}))
    (heard,) = world.hear.heard
    assert (heard.say, heard.text, heard.pressed_card) == ("answer 12", "", "question-12")
    assert heard.values == {"text": "Yes.\nIt is.", "note": ""}


async def test_an_old_client_that_submits_is_heard_as_well(open_world: OpenWorld, http: aiohttp.ClientSession) -> None:
    world = await open_world()
    value = {"say": "take 12", "card": "offer-12", "why": "mine", "msteams": {"type": "messageBack"}}
    assert await post(world, http, a_message(text=None, value=value)) == (200, None)
    (heard,) = world.hear.heard
    assert (heard.say, heard.pressed_card, heard.values) == ("take 12", "offer-12", {"why": "mine"})


async def test_the_pressed_card_is_answered_with_the_one_that_takes_its_place(
    open_world: OpenWorld, http: aiohttp.ClientSession
) -> None:
    world = await open_world()
    mine = Message("Question 12 is yours.", card="offer-12", buttons=(Button("Answer", "answer 12"),))
    world.hear.answer = Heard(
        7,
        (
            Posted(8, Message("Somebody took it.", card="offer-12").to_json()),
            Posted(7, Message("Something else.").to_json()),
            Posted(7, mine.to_json()),
        ),
    )
    status, answer = await post(world, http, a_press())
    assert status == 200
    assert (answer["statusCode"], answer["type"]) == (200, "application/vnd.microsoft.card.adaptive")
    assert answer["value"]["body"][0]["inlines"][0]["text"] == "Question 12 is yours."


@pytest.mark.parametrize(
    ("answer", "value"),
    [
        (Heard(7), "OK"),
        (Heard(None), "OK"),
        (Heard(7, duplicate=True), "OK"),
        (Heard(7, (Posted(7, Message("Fine.").to_json()),)), "OK"),
        (
            Heard(7, (Posted(7, Message("[Taken](x) <b>already</b>.").to_json()),), refused=True),
            "Taken (x) b already /b .",
        ),
        (Heard(None, (Posted(9, Message("Not for you.", card="offer-12").to_json()),)), "OK"),
    ],
)
async def test_a_press_without_a_new_card_is_answered_with_a_short_word(
    answer: Heard, value: str, open_world: OpenWorld, http: aiohttp.ClientSession
) -> None:
    world = await open_world()
    world.hear.answer = answer
    status, body = await post(world, http, a_press())
    assert status == 200
    assert body == {"statusCode": 200, "type": "application/vnd.microsoft.activity.message", "value": value}


async def test_repeated_deliveries_are_acknowledged_every_time(
    open_world: OpenWorld, http: aiohttp.ClientSession
) -> None:
    world = await open_world()
    world.hear.answer = Heard(7, duplicate=True)
    assert [await post(world, http, a_message()) for _ in range(3)] == [(200, None)] * 3
    assert {(await post(world, http, a_press()))[0] for _ in range(3)} == {200}


async def test_a_new_signing_key_is_found_by_asking_once(open_world: OpenWorld, http: aiohttp.ClientSession) -> None:
    world = await open_world()
    now = 0.0
    keys = world.room._gate._keys
    keys._clock = lambda: now
    assert (await post(world, http, a_message()))[0] == 200
    world.microsoft.published = [jwk("next")]
    rolled = token("next")
    # Within a minute of the last look, an unknown kid is an invention.
    assert (await post(world, http, a_message(), rolled))[0] == 401
    now = 61.0
    answers = await asyncio.gather(*(post(world, http, a_message(), rolled) for _ in range(20)))
    assert {status for status, _ in answers} == {200}
    assert world.microsoft.calls["keys"] == 2
    # The old key is not in the list any more.
    assert (await post(world, http, a_message()))[0] == 401


async def test_keys_are_kept_for_a_day_and_no_longer(open_world: OpenWorld, http: aiohttp.ClientSession) -> None:
    world = await open_world()
    times = (0.0, 24 * 3600 - 1.0, 24 * 3600.0)
    now = [0.0]
    world.room._gate._keys._clock = lambda: now[0]
    for now[0] in times:
        assert (await post(world, http, a_message()))[0] == 200
    assert world.microsoft.calls["keys"] == 2


async def test_many_first_requests_fetch_the_keys_once(open_world: OpenWorld, http: aiohttp.ClientSession) -> None:
    world = await open_world()
    world.microsoft.gate.clear()
    waiting = [asyncio.create_task(post(world, http, a_message(id=str(number)))) for number in range(10)]
    await asyncio.wait_for(world.microsoft.asked.wait(), 10)
    world.microsoft.gate.set()
    assert {(await task)[0] for task in waiting} == {200}
    assert world.microsoft.calls["openid"] == 1


async def test_an_empty_tenant_list_or_missing_secret_stops_the_start_with_its_name() -> None:
    from bot.teams import TeamsSettings

    for wrong, named in (
        ({}, "app_id"),
        ({"app_id": "x"}, "app_password"),
        ({"app_id": "x", "app_password": "y"}, "tenants"),
        ({"app_id": "x", "app_password": "y", "tenants": ("t",), "openid_url": "http://a.example/"}, "openid_url"),
        ({"app_id": "x", "app_password": "y", "tenants": ("t",), "token_url": "http://127.0.0.1/"}, "token_endpoint"),
    ):
        with pytest.raises(ValueError, match=named):
            TeamsSettings(**wrong)
    settings = TeamsSettings(app_id="x", app_password="a-secret", tenants=("t",))
    assert settings.token_endpoint == "https://login.microsoftonline.com/t/oauth2/v2.0/token"
    assert "a-secret" not in repr(settings)


async def test_of_a_thread_in_a_channel_the_home_is_the_channel() -> None:
    thread = {"id": "19:abc@thread.tacv2;messageid=16", "conversationType": "channel", "tenantId": TENANT}
    heard = listen(a_message(conversation=thread), datetime.now(UTC))
    assert heard is not None
    assert heard.home is not None
    place, address = heard.home
    assert place == address["conversation"] == "19:abc@thread.tacv2"
    assert address["user"] == ""
    private = listen(a_message(), datetime.now(UTC))
    assert private is not None
    assert private.home is None
