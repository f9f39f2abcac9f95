"""What must not get in, does not: never a 500, never a word to a stranger, and nobody is heard."""

import asyncio
import json
from collections.abc import AsyncIterator

import aiohttp
import pytest

from bot.channel import Delivery, Unreachable
from bot.teams.hosts import is_loopback_peer
from dialogs.message import Message
from tests.teams.bad_inputs import BAD, Bad, Draft
from tests.teams.conftest import OpenWorld
from tests.teams.fakes import Microsoft, World, a_message, in_production, token

pytestmark = pytest.mark.asyncio


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.name)
async def test_a_bad_input_is_refused_without_being_heard(
    bad: Bad, open_world: OpenWorld, microsoft: Microsoft, http: aiohttp.ClientSession
) -> None:
    world = await open_world(prepare=in_production)
    draft = Draft()
    bad.change(draft)
    headers, body = draft.made()
    data = aiohttp.payload.AsyncIterablePayload(_in_chunks(body)) if draft.chunked else body
    try:
        async with http.post(world.url, data=data, headers=headers, skip_auto_headers=["Content-Type"]) as response:
            status, answer = response.status, await response.read()
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError):
        # Hung up while we still wrote: fine for what was too large, for nothing else.
        assert bad.status in (413, 415)
        return
    assert status == bad.status
    if bad.code:
        assert json.loads(answer)["statusCode"] == bad.code
    else:
        assert answer == b""
    assert world.hear.heard == []
    assert microsoft.sent == []
    assert microsoft.calls["token"] == 0


async def _in_chunks(body: bytes) -> AsyncIterator[bytes]:
    for at in range(0, len(body), 65536):
        yield body[at : at + 65536]


async def test_the_table_has_at_least_ninety_lines_with_names_of_their_own() -> None:
    assert len(BAD) >= 90
    assert len({bad.name for bad in BAD}) == len(BAD)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_only_post_is_answered(method: str, open_world: OpenWorld, http: aiohttp.ClientSession) -> None:
    world = await open_world()
    async with http.request(method, world.url) as response:
        assert response.status == 405


async def test_unreachable_keys_are_503_so_that_teams_sends_again(
    open_world: OpenWorld, microsoft: Microsoft, http: aiohttp.ClientSession
) -> None:
    world = await open_world()
    microsoft.login_is_down = True
    async with http.post(world.url, json=a_message(), headers={"Authorization": f"Bearer {token()}"}) as response:
        assert response.status == 503
    # The next one does not ask again at once: everybody would wait for the same failure.
    async with http.post(world.url, json=a_message(), headers={"Authorization": f"Bearer {token()}"}) as response:
        assert response.status == 503
    assert microsoft.calls["openid"] == 1
    assert world.hear.heard == []


@pytest.mark.parametrize("published", [[], [{"kid": "current"}], [{"kty": "oct", "kid": "current", "k": "AQ"}], "x"])
async def test_a_key_list_without_a_usable_key_is_503(
    published: list[dict[str, str]], open_world: OpenWorld, microsoft: Microsoft, http: aiohttp.ClientSession
) -> None:
    world = await open_world()
    microsoft.published = published
    async with http.post(world.url, json=a_message(), headers={"Authorization": f"Bearer {token()}"}) as response:
        assert response.status == 503


async def test_a_key_that_vouches_for_other_channels_is_403(
    open_world: OpenWorld, microsoft: Microsoft, http: aiohttp.ClientSession
) -> None:
    world = await open_world()
    microsoft.published[0]["endorsements"] = ["webchat", "directline"]
    async with http.post(world.url, json=a_message(), headers={"Authorization": f"Bearer {token()}"}) as response:
        assert response.status == 403


async def test_a_channel_where_people_choose_their_own_ids_is_refused_even_when_the_key_vouches_for_it(
    open_world: OpenWorld, microsoft: Microsoft, http: aiohttp.ClientSession
) -> None:
    world = await open_world()
    microsoft.published[0]["endorsements"] = ["msteams", "webchat"]
    message = a_message(channelId="webchat")
    async with http.post(world.url, json=message, headers={"Authorization": f"Bearer {token()}"}) as response:
        assert response.status == 403
    assert world.hear.heard == []


async def raw_answer(world: World, request: bytes) -> bytes:
    """The first line that the server answers to bytes of our own, with the connection held open."""
    reader, writer = await asyncio.open_connection("127.0.0.1", world.server.port)
    try:
        writer.write(request)
        await writer.drain()
        return await asyncio.wait_for(reader.readline(), 10)
    finally:
        writer.close()


def head(*lines: str) -> bytes:
    first = ("POST /api/messages HTTP/1.1", "Host: bot.example.org", "Content-Type: application/json")
    return "\r\n".join((*first, *lines, "", "")).encode()


async def test_a_body_that_is_announced_too_large_is_not_waited_for(open_world: OpenWorld) -> None:
    world = await open_world()
    assert b" 413 " in await raw_answer(world, head("Content-Length: 1000000000"))


async def test_a_body_that_never_ends_is_not_waited_for(open_world: OpenWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.teams.gate._BODY_SECONDS", 0.05)
    world = await open_world()
    assert b" 408 " in await raw_answer(world, head("Content-Length: 100") + b'{"type":')


@pytest.mark.parametrize(
    "lines",
    [
        ("Content-Length: -1",),
        ("Content-Length: many",),
        ("Content-Length: 2", "Content-Length: 3"),
        ("Content-Length: 2", "Transfer-Encoding: chunked"),
        ("Transfer-Encoding: chunked", "X: \0"),
    ],
)
async def test_broken_http_is_400(lines: tuple[str, ...], open_world: OpenWorld) -> None:
    world = await open_world()
    assert b" 400 " in await raw_answer(world, head(*lines) + b"zz\r\n{}\r\n")
    assert world.hear.heard == []


@pytest.mark.parametrize(
    "peer", [None, "", "10.0.0.1", "203.0.113.7", "0.0.0.0", "::", "fe80::1", "::ffff:10.0.0.1", "x"]
)
async def test_another_machine_is_no_loopback_peer(peer: str | None) -> None:
    assert not is_loopback_peer(peer)


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"])
async def test_this_machine_is_a_loopback_peer(peer: str) -> None:
    assert is_loopback_peer(peer)


async def test_a_turn_that_cannot_be_kept_is_503_and_its_text_is_not_logged(
    open_world: OpenWorld, http: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    world = await open_world()
    world.hear.error = RuntimeError("INSERT … ('a very private question')")
    message = a_message(text="a very private question")
    async with http.post(world.url, json=message, headers={"Authorization": f"Bearer {token()}"}) as response:
        assert (response.status, await response.read()) == (503, b"")
    assert "RuntimeError" in caplog.text
    assert "private question" not in caplog.text


async def test_without_an_app_id_only_this_machine_is_answered(
    open_world: OpenWorld, http: aiohttp.ClientSession
) -> None:
    world = await open_world(app_id="", app_password="", tenants=())
    async with http.post(world.url, json=a_message()) as response:
        assert response.status == 200
    port = world.server.port
    for headers in (
        {"X-Forwarded-For": "203.0.113.7"},
        {"Forwarded": "for=203.0.113.7"},
        {"Host": f"rebound.example:{port}"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ):
        async with http.post(world.url, json=a_message(), headers=headers) as response:
            assert response.status == 403, headers
    assert len(world.hear.heard) == 1


async def test_a_delivery_never_leaves_for_a_host_that_is_not_on_the_list(
    open_world: OpenWorld, microsoft: Microsoft
) -> None:
    world = await open_world(prepare=in_production)
    address = {"service_url": microsoft.service_url, "tenant": world.settings.tenants[0]}
    with pytest.raises(Unreachable) as refused:
        await world.room.deliver(Delivery(1, "a:1", address, Message("Hello")))
    assert refused.value.reason == "not_allowed"
    assert microsoft.calls == {}
