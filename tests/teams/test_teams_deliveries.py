"""What the postman brings, and what the connector's answers mean."""

import asyncio
from email.utils import formatdate
from typing import Any

import pytest
from aiohttp import web

from bot.channel import Delivery, Gone, Retry, Unreachable
from bot.teams.connector import retry_after
from dialogs.message import Button, Message
from tests.teams.conftest import OpenWorld
from tests.teams.fakes import PASSWORD, TENANT, Microsoft

pytestmark = pytest.mark.asyncio


def delivery(microsoft: Microsoft, replaces: str = "", conversation: str = "a:sample-chat", **changes: Any) -> Delivery:
    address = {
        "service_url": microsoft.service_url,
        "bot_id": "28:bot",
        "bot_name": "CoP bot",
        "tenant": TENANT,
        "conversation": conversation,
        "user": "29:sample-user",
    } | changes
    return Delivery(42, conversation, address, Message("It's yours", card="q", buttons=(Button("A", "a"),)), replaces)


async def test_a_message_is_posted_with_our_own_id_and_its_channel_id_comes_back(
    open_world: OpenWorld, microsoft: Microsoft
) -> None:
    world = await open_world()
    assert await world.room.deliver(delivery(microsoft)) == "m1"
    (sent,) = microsoft.sent
    assert (sent.method, sent.conversation, sent.authorization) == ("POST", "a:sample-chat", "Bearer token-1")
    assert sent.activity["channelData"] == {"clientActivityID": "42"}
    assert sent.activity["from"] == {"id": "28:bot", "name": "CoP bot"}
    assert sent.activity["recipient"] == {"id": "29:sample-user"}
    assert "It's yours" in str(sent.activity["attachments"])


async def test_a_message_that_replaces_one_is_put_in_its_place(open_world: OpenWorld, microsoft: Microsoft) -> None:
    world = await open_world()
    first = await world.room.deliver(delivery(microsoft))
    assert await world.room.deliver(delivery(microsoft, replaces=first)) == first
    assert [(sent.method, sent.replaces) for sent in microsoft.sent] == [("POST", ""), ("PUT", first)]
    assert microsoft.sent[1].activity["id"] == first


@pytest.mark.parametrize("conversation", ["19:abc@thread.tacv2;messageid=16", "a:1/2?x=y#z", "a:%2e%2e", "a b+c&d"])
async def test_a_conversation_id_stays_one_part_of_the_path(
    conversation: str, open_world: OpenWorld, microsoft: Microsoft
) -> None:
    world = await open_world()
    await world.room.deliver(delivery(microsoft, conversation=conversation))
    assert microsoft.sent[0].conversation == conversation


async def test_many_messages_share_one_token(open_world: OpenWorld, microsoft: Microsoft) -> None:
    world = await open_world()
    microsoft.gate.clear()
    waiting = [asyncio.create_task(world.room.deliver(delivery(microsoft))) for _ in range(20)]
    await asyncio.wait_for(microsoft.asked.wait(), 10)
    microsoft.gate.set()
    await asyncio.gather(*waiting)
    assert (microsoft.calls["token"], len(microsoft.sent)) == (1, 20)


async def test_a_token_is_renewed_shortly_before_it_ends(open_world: OpenWorld, microsoft: Microsoft) -> None:
    world = await open_world()
    times = (0.0, 3299.0, 3301.0)
    now = [0.0]
    world.room._connector._login._clock = lambda: now[0]
    for now[0] in times:
        await world.room.deliver(delivery(microsoft))
    assert [sent.authorization for sent in microsoft.sent] == ["Bearer token-1", "Bearer token-1", "Bearer token-2"]


async def test_a_refused_token_is_replaced_once_for_all_who_held_it(
    open_world: OpenWorld, microsoft: Microsoft
) -> None:
    world = await open_world()
    await world.room.deliver(delivery(microsoft))
    microsoft.valid_tokens.clear()
    await asyncio.gather(*(world.room.deliver(delivery(microsoft)) for _ in range(5)))
    assert microsoft.calls["token"] == 2


async def test_a_token_refused_twice_is_tried_again_later(open_world: OpenWorld, microsoft: Microsoft) -> None:
    world = await open_world()
    microsoft.next_answers = [web.Response(status=401), web.Response(status=401)]
    with pytest.raises(Retry):
        await world.room.deliver(delivery(microsoft))
    assert len(microsoft.sent) == 2


async def test_a_wrong_secret_waits_and_is_not_logged(
    open_world: OpenWorld, microsoft: Microsoft, caplog: pytest.LogCaptureFixture
) -> None:
    world = await open_world()
    microsoft.password = "changed"
    with pytest.raises(Retry) as refused:
        await world.room.deliver(delivery(microsoft))
    assert refused.value.after == 300
    assert microsoft.sent == []
    assert "login refused" in caplog.text
    assert PASSWORD not in caplog.text


async def test_a_login_that_is_down_is_tried_again_later(open_world: OpenWorld, microsoft: Microsoft) -> None:
    world = await open_world()
    microsoft.login_is_down = True
    with pytest.raises(Retry):
        await world.room.deliver(delivery(microsoft))


@pytest.mark.parametrize(
    ("status", "headers", "after"),
    [
        (429, {"Retry-After": "7"}, 7.0),
        (429, {"Retry-After": "0"}, 0.0),
        (429, {"Retry-After": "99999999999999"}, 3600.0),
        (429, {"Retry-After": "soon"}, None),
        (429, {}, None),
        (408, {}, None),
        (409, {}, None),
        (412, {"Retry-After": "2"}, 2.0),
        (500, {}, None),
        (502, {}, None),
        (503, {"Retry-After": "30"}, 30.0),
        (504, {}, None),
        (307, {"Location": "/elsewhere"}, None),
        (302, {"Location": "/elsewhere"}, None),
    ],
)
async def test_what_will_pass_is_tried_again(
    status: int, headers: dict[str, str], after: float | None, open_world: OpenWorld, microsoft: Microsoft
) -> None:
    world = await open_world()
    microsoft.next_answers = [web.Response(status=status, headers=headers)]
    with pytest.raises(Retry) as retry:
        await world.room.deliver(delivery(microsoft))
    assert retry.value.after == after
    assert (len(microsoft.sent), microsoft.redirected) == (1, 0)


async def test_a_retry_after_may_be_a_date() -> None:
    assert retry_after(formatdate(1_000_030, usegmt=True), 1_000_000) == 30
    assert retry_after(formatdate(999_000, usegmt=True), 1_000_000) == 0
    assert retry_after(formatdate(9_000_000, usegmt=True), 1_000_000) == 3600
    assert [retry_after(strange, 0) for strange in ("", "-5", "1.5", "٣", "Fri, 99 Foo 2026", "inf")] == [None] * 6


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (400, {"error": {"code": "BadArgument"}}, "rejected"),
        (403, {"error": {"code": "ConversationBlockedByUser"}}, "blocked"),
        (403, {"errorCode": 209, "message": '{"subCode": "MessageWritesBlocked"}'}, "blocked"),
        (403, {"error": {"code": "BotNotInConversationRoster"}}, "blocked"),
        (403, {"error": {"code": "BotDisabledByAdmin"}}, "not_allowed"),
        (403, None, "not_allowed"),
        (404, {"error": {"code": "ConversationNotFound"}}, "gone"),
        (410, None, "gone"),
        (413, {"error": {"code": "MessageSizeTooBig"}}, "too_large"),
        (422, None, "rejected"),
    ],
)
async def test_what_will_never_pass_names_its_reason(
    status: int, body: Any, reason: str, open_world: OpenWorld, microsoft: Microsoft
) -> None:
    world = await open_world()
    microsoft.next_answers = [web.json_response(body, status=status)]
    with pytest.raises(Unreachable) as unreachable:
        await world.room.deliver(delivery(microsoft))
    assert unreachable.value.reason == reason


async def test_the_fakes_own_rules_are_understood(open_world: OpenWorld, microsoft: Microsoft) -> None:
    world = await open_world()
    microsoft.blocked, microsoft.uninstalled, microsoft.unknown = {"a:blocked"}, {"a:removed"}, {"a:unknown"}
    for conversation, reason in (("a:blocked", "blocked"), ("a:removed", "not_allowed"), ("a:unknown", "gone")):
        with pytest.raises(Unreachable) as unreachable:
            await world.room.deliver(delivery(microsoft, conversation=conversation))
        assert unreachable.value.reason == reason
    with pytest.raises(Gone):
        await world.room.deliver(delivery(microsoft, replaces="never-sent"))


async def test_a_far_side_that_never_answers_is_given_up_and_tried_later(
    open_world: OpenWorld, microsoft: Microsoft
) -> None:
    world = await open_world(send_seconds=0.05)
    microsoft.is_hanging = True
    with pytest.raises(Retry):
        await world.room.deliver(delivery(microsoft))


async def test_a_far_side_that_is_not_there_is_tried_later(open_world: OpenWorld, microsoft: Microsoft) -> None:
    world = await open_world()
    # Port 9 (discard) of loopback: nobody listens there.
    with pytest.raises(Retry):
        await world.room.deliver(delivery(microsoft, service_url="http://127.0.0.1:9/"))


@pytest.mark.parametrize("answer", [b"", b"[]", b"{}", b'{"id": 5}', b"<html>", b"[" * 60_000])
async def test_a_strange_answer_to_a_taken_message_is_no_reason_to_say_it_twice(
    answer: bytes, open_world: OpenWorld, microsoft: Microsoft
) -> None:
    world = await open_world()
    microsoft.next_answers = [web.Response(status=201, body=answer)]
    assert await world.room.deliver(delivery(microsoft)) == ""


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"service_url": "https://evil.example/"}, "not_allowed"),
        ({"service_url": ""}, "no_conversation"),
        ({"tenant": "cccccccc-0000-4000-8000-000000000003"}, "not_allowed"),
        ({"tenant": ""}, "not_allowed"),
        ({"conversation": ""}, "no_conversation"),
        ({"conversation": ".."}, "no_conversation"),
    ],
)
async def test_an_address_that_is_not_allowed_gets_neither_message_nor_token(
    changes: dict[str, str], reason: str, open_world: OpenWorld, microsoft: Microsoft
) -> None:
    world = await open_world()
    with pytest.raises(Unreachable) as unreachable:
        await world.room.deliver(delivery(microsoft, **changes))
    assert unreachable.value.reason == reason
    assert microsoft.calls == {}


async def test_without_an_app_id_messages_leave_without_a_token(open_world: OpenWorld, microsoft: Microsoft) -> None:
    world = await open_world(app_id="", app_password="", tenants=())
    microsoft.valid_tokens = {""}
    assert await world.room.deliver(delivery(microsoft)) == "m1"
    assert (microsoft.sent[0].authorization, microsoft.calls["token"]) == ("", 0)


async def test_the_sdks_own_sends_take_the_same_road(open_world: OpenWorld, microsoft: Microsoft) -> None:
    """The product's turns do not send, but a middleware of the SDK could."""
    from botbuilder.core import TurnContext
    from botbuilder.schema import Activity, ChannelAccount, ConversationAccount

    world = await open_world()
    incoming = Activity(
        type="message",
        id="1",
        service_url=microsoft.service_url,
        channel_id="msteams",
        conversation=ConversationAccount(id="a:1"),
        recipient=ChannelAccount(id="28:bot"),
        from_property=ChannelAccount(id="29:x"),
    )

    async def echo(context: TurnContext) -> None:
        sent = await context.send_activity("Echo")
        await context.update_activity(Activity(id=sent.id, type="message", text="Edited"))

    assert await world.room._adapter.run(incoming, echo) is None
    assert [(sent.method, sent.activity["text"]) for sent in microsoft.sent] == [("POST", "Echo"), ("PUT", "Edited")]
    assert microsoft.calls["token"] == 1
