"""Group chats: made of exactly those who were named, written in once the app is there, and never half made twice."""

from typing import Any

import pytest
from aiohttp import web

from bot.channel import Delivery, Retry, Unreachable
from dialogs.message import Message
from tests.teams.conftest import OpenWorld
from tests.teams.fakes import CATALOG_ID, TENANT, Microsoft, World

pytestmark = pytest.mark.asyncio

PEOPLE = [f"bbbbbbbb-0000-4000-8000-00000000000{number}" for number in range(1, 5)]


def members(microsoft: Microsoft, people: list[str] = PEOPLE, **changes: Any) -> list[dict[str, Any]]:
    usual = {
        "service_url": microsoft.service_url,
        "bot_id": "28:bot",
        "bot_name": "CoP bot",
        "tenant": TENANT,
        "conversation": "a:theirs",
        "user": "29:theirs",
    } | changes
    microsoft.directory.update(PEOPLE)
    return [{**usual, "sender": person} for person in people]


async def opened(open_world: OpenWorld, **changes: Any) -> World:
    world = await open_world(**({"catalog_id": CATALOG_ID} | changes))

    async def pause(_seconds: float) -> None:
        return None

    world.room._groups._pause = pause
    return world


async def test_a_chat_of_those_people_is_made_and_the_bot_writes_in_it(
    open_world: OpenWorld, microsoft: Microsoft
) -> None:
    world = await opened(open_world)
    assert world.room.makes_groups
    group = await world.room.make_group(members(microsoft), "Peer assist: 3")
    (chat,) = microsoft.chats.values()
    assert [member["user@odata.bind"][-38:-2] for member in chat["members"]] == PEOPLE
    assert chat["topic"] == "Peer assist  3"
    assert await world.room.deliver(Delivery(7, group.conversation, group.address, Message("It begins."))) == "m1"
    assert microsoft.sent[-1].conversation == group.conversation
    assert "29:theirs" not in str(microsoft.sent[-1].activity)
    # One token for each, fetched once.
    assert microsoft.calls["token"] == 2


async def test_the_bot_cannot_write_where_its_app_was_not_added(open_world: OpenWorld, microsoft: Microsoft) -> None:
    world = await opened(open_world)
    group = await world.room.make_group(members(microsoft), "Peer assist 3")
    microsoft.with_app.clear()
    with pytest.raises(Unreachable):
        await world.room.deliver(Delivery(7, group.conversation, group.address, Message("It begins.")))


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_busy_graph_is_asked_again_while_nothing_was_made(
    status: int, open_world: OpenWorld, microsoft: Microsoft
) -> None:
    world = await opened(open_world)
    microsoft.graph_answers = [web.Response(status=status, headers={"Retry-After": "7"})]
    with pytest.raises(Retry) as later:
        await world.room.make_group(members(microsoft), "Peer assist 3")
    assert later.value.after == 7
    assert not microsoft.chats


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_once_the_chat_is_made_the_app_is_added_at_the_second_try(
    status: int, open_world: OpenWorld, microsoft: Microsoft
) -> None:
    world = await opened(open_world)
    microsoft.graph_answers = [None, web.Response(status=status)]
    group = await world.room.make_group(members(microsoft), "Peer assist 3")
    assert (len(microsoft.chats), microsoft.with_app) == (1, {group.conversation})


async def test_an_app_that_cannot_be_added_ends_it_and_no_second_chat_is_made(
    open_world: OpenWorld, microsoft: Microsoft
) -> None:
    world = await opened(open_world)
    microsoft.graph_answers = [None, *(web.Response(status=503) for _ in range(3))]
    with pytest.raises(Unreachable):
        await world.room.make_group(members(microsoft), "Peer assist 3")
    assert len(microsoft.chats) == 1


@pytest.mark.parametrize("status", [400, 403, 404])
async def test_what_graph_refuses_is_not_tried_again(status: int, open_world: OpenWorld, microsoft: Microsoft) -> None:
    world = await opened(open_world)
    microsoft.graph_answers = [web.Response(status=status)]
    with pytest.raises(Unreachable):
        await world.room.make_group(members(microsoft), "Peer assist 3")


@pytest.mark.parametrize(
    ("people", "changes"),
    [
        ([*PEOPLE[:2], "29:somebody-without-an-account"], {}),
        ([*PEOPLE[:2], "x') or ('1"], {}),
        (PEOPLE, {"tenant": "cccccccc-0000-4000-8000-000000000009"}),
    ],
)
async def test_whoever_is_not_of_the_tenant_is_brought_nowhere(
    people: list[str], changes: dict[str, Any], open_world: OpenWorld, microsoft: Microsoft
) -> None:
    world = await opened(open_world)
    with pytest.raises(Unreachable):
        await world.room.make_group(members(microsoft, people, **changes), "Peer assist 3")
    assert not microsoft.calls["graph"]


async def test_without_a_catalog_id_no_group_is_made(open_world: OpenWorld, microsoft: Microsoft) -> None:
    world = await opened(open_world, catalog_id="")
    assert not world.room.makes_groups
    with pytest.raises(Unreachable):
        await world.room.make_group(members(microsoft), "Peer assist 3")
    assert not microsoft.calls["graph"]
