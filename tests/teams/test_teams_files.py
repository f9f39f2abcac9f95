"""Files sent in Teams: from OneDrive alone, without a token, and never while Teams waits too long."""

from datetime import UTC
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot.teams.hearing import files, listen
from dialogs.incoming import LARGEST_FILE, File
from tests.chat.player import START
from tests.teams.conftest import OpenWorld
from tests.teams.fakes import Microsoft, World, a_message, token

SENT = b"email,name\na@sample.example,A\n"


async def heard_files(world: World, http: aiohttp.ClientSession, *attached: dict[str, Any], **more: Any) -> list[File]:
    """What the turn was handed of a message with these attachments."""
    activity = a_message(text="", attachments=list(attached), serviceUrl=world.microsoft.service_url, **more)
    signed = {"Authorization": f"Bearer {token(serviceurl=world.microsoft.service_url)}"}
    async with http.post(world.url, json=activity, headers=signed) as response:
        assert response.status == 200
    await world.room.settled()
    return list(world.hear.heard[-1].files)


async def test_a_file_is_handed_to_the_turn_and_no_token_goes_where_it_lies(
    open_world: OpenWorld, http: aiohttp.ClientSession, microsoft: Microsoft
) -> None:
    world = await open_world()
    found = await heard_files(world, http, microsoft.file_sent("people.csv", SENT))
    assert found == [File("people.csv", content=SENT)]
    assert "Authorization" not in microsoft.file_headers[0]


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [
        (web.Response(status=403), "not_allowed"),
        (web.Response(status=401), "not_allowed"),
        (web.Response(status=404), "gone"),
        (web.Response(body=b"x" * (LARGEST_FILE + 1)), "too_large"),
        (web.Response(body=b""), "empty"),
        (web.Response(status=302, headers={"Location": "https://elsewhere.example/people.csv"}), "not_allowed"),
        (web.Response(status=302, headers={"Location": "http://169.254.169.254/latest"}), "not_allowed"),
    ],
    ids=lambda one: one if isinstance(one, str) else str(one.status),
)
async def test_what_cannot_be_had_is_named_and_says_why(
    open_world: OpenWorld, http: aiohttp.ClientSession, microsoft: Microsoft, answer: web.Response, trouble: str
) -> None:
    world = await open_world()
    microsoft.file_answers.append(answer)
    found = await heard_files(world, http, microsoft.file_sent("people.csv", SENT))
    assert found == [File("people.csv", trouble=trouble)]


async def test_more_than_fits_is_not_read_to_its_end_where_nobody_said_how_much_it_is(
    open_world: OpenWorld, http: aiohttp.ClientSession, microsoft: Microsoft
) -> None:
    world = await open_world()
    found = await heard_files(world, http, microsoft.file_sent("people.csv", b"x" * (LARGEST_FILE + 1)))
    assert found == [File("people.csv", trouble="too_large")]


async def test_a_far_side_that_is_only_busy_is_asked_again(
    open_world: OpenWorld, http: aiohttp.ClientSession, microsoft: Microsoft
) -> None:
    world = await open_world()
    busy = {"Retry-After": "0"}
    microsoft.file_answers += [web.Response(status=429, headers=busy), web.Response(status=503, headers=busy)]
    assert await heard_files(world, http, microsoft.file_sent("people.csv", SENT)) == [File("people.csv", content=SENT)]
    microsoft.file_answers += [web.Response(status=429, headers=busy) for _ in range(3)]
    assert await heard_files(world, http, microsoft.file_sent("people.csv", SENT), id="another") == [
        File("people.csv", trouble="later")
    ]


async def test_teams_is_answered_while_a_large_file_is_still_on_its_way(
    open_world: OpenWorld, http: aiohttp.ClientSession, microsoft: Microsoft
) -> None:
    world = await open_world(ack_seconds=0.01)
    microsoft.gate.clear()
    activity = a_message(
        text="", attachments=[microsoft.file_sent("people.csv", SENT)], serviceUrl=microsoft.service_url
    )
    microsoft.gate.set()
    signed = {"Authorization": f"Bearer {token(serviceurl=microsoft.service_url)}"}
    # The keys come first, and come at once: only the file is held up.
    async with http.post(world.url, json=a_message(serviceUrl=microsoft.service_url), headers=signed):
        pass
    microsoft.gate.clear()
    async with http.post(world.url, json=activity, headers=signed) as response:
        assert response.status == 200
    assert len(world.hear.heard) == 1
    microsoft.gate.set()
    await world.room.settled()
    assert world.hear.heard[1].files == (File("people.csv", content=SENT),)


async def test_a_file_that_never_comes_is_given_up(
    open_world: OpenWorld, http: aiohttp.ClientSession, microsoft: Microsoft
) -> None:
    world = await open_world(file_seconds=0.05)
    attached = microsoft.file_sent("people.csv", SENT)
    signed = {"Authorization": f"Bearer {token(serviceurl=microsoft.service_url)}"}
    async with http.post(world.url, json=a_message(serviceUrl=microsoft.service_url), headers=signed):
        pass
    microsoft.gate.clear()
    assert await heard_files(world, http, attached) == [File("people.csv", trouble="slow")]
    microsoft.gate.set()


@pytest.mark.parametrize(
    "address",
    [
        "http://sample-my.sharepoint.com/people.csv",
        "https://sharepoint.com.elsewhere.example/people.csv",
        "https://elsewheresharepoint.com/people.csv",
        "https://user@sample.sharepoint.com/people.csv",
        "https://sample.sharepoint.com:8443/people.csv",
        "https://127.0.0.1/people.csv",
        "https://sample.sharepoint.com@elsewhere.example/people.csv",
        "https://elsewhere.example\\@sample.sharepoint.com/people.csv",
        "file:///etc/passwd",
        "//sample.sharepoint.com/people.csv",
        "https://sample.sharepoint.com/" + "a" * 5000,
        "https://sämple.sharepoint.com/people.csv",
        "https://[::1/people.csv",
        "",
        None,
        7,
    ],
)
async def test_an_address_that_is_not_where_teams_keeps_files_is_not_asked(
    open_world: OpenWorld, http: aiohttp.ClientSession, microsoft: Microsoft, address: object
) -> None:
    world = await open_world()
    attached = microsoft.file_sent("people.csv", SENT)
    attached["content"]["downloadUrl"] = address
    assert await heard_files(world, http, attached) == [File("people.csv", trouble="not_allowed")]
    assert microsoft.calls["file"] == 0


async def test_more_files_than_are_read_are_named(
    open_world: OpenWorld, http: aiohttp.ClientSession, microsoft: Microsoft
) -> None:
    world = await open_world()
    found = await heard_files(world, http, *(microsoft.file_sent(f"{n}.csv", SENT) for n in range(7)))
    assert [file.trouble for file in found] == [""] * 5 + ["too_many"] * 2


def test_in_a_channel_no_file_is_fetched_and_formatted_text_is_none() -> None:
    attached = Microsoft(url="http://127.0.0.1").file_sent("people.csv", SENT)
    html = {"contentType": "text/html", "content": "<p>Hello</p>"}
    in_channel = {"id": "19:general", "conversationType": "channel"}
    assert files(a_message(attachments=[attached], conversation=in_channel)) == []
    assert files(a_message(attachments=[html])) == []


def test_two_files_without_a_word_are_not_one_message_twice() -> None:
    microsoft = Microsoft(url="http://127.0.0.1")
    one, other = (
        listen(a_message(text="", attachments=[microsoft.file_sent(name, SENT)]), START.astimezone(UTC))
        for name in ("people.csv", "networks.csv")
    )
    assert one is not None
    assert other is not None
    assert one.twin != other.twin
