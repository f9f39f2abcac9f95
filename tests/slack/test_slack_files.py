"""Files sent in Slack: fetched with the bot's token from Slack alone."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.fetching import Fetcher, Remote
from bot.slack import hearing
from bot.slack.settings import FILE_HOSTS
from dialogs.incoming import LARGEST_FILE, File
from tests.chat.player import START
from tests.slack.fakes import BOT, TOKEN, WORKSPACE, Slack, message

SENT = b"email,name\na@sample.example,A\n"


def told(**file: Any) -> list[Remote]:
    said = message("", "1.1", subtype="file_share", files=[file])
    payload = {"team_id": WORKSPACE, "event_id": "Ev1", "authorizations": [{"user_id": BOT}], "event": said}
    assert hearing.event(payload, START) is not None
    return hearing.files(payload)


@asynccontextmanager
async def far_side(token: str = TOKEN) -> AsyncIterator[tuple[Slack, str, Fetcher]]:
    slack = Slack()

    async def at_once(_seconds: float) -> None:
        return None

    async with TestServer(slack.app()) as server, aiohttp.ClientSession() as http:
        origin = str(server.make_url("")).rstrip("/")
        headers = {"Authorization": f"Bearer {token}"}
        yield slack, origin, Fetcher(lambda: http, FILE_HOSTS, also=f"{origin}/api/", headers=headers, pause=at_once)


async def test_a_file_is_fetched_with_the_bots_token() -> None:
    async with far_side() as (slack, origin, fetcher):
        assert await fetcher.all(told(**slack.file_sent("people.csv", SENT, origin))) == (
            File("people.csv", "text/csv", SENT),
        )
        assert slack.file_tokens == [f"Bearer {TOKEN}"]


async def test_without_the_scope_a_login_page_is_not_taken_for_the_file() -> None:
    async with far_side(token="xoxb-without-the-scope") as (slack, origin, fetcher):
        found = await fetcher.all(told(**slack.file_sent("people.csv", SENT, origin)))
    assert [file.trouble for file in found] == ["not_allowed"]


@pytest.mark.parametrize(
    ("answers", "trouble"),
    [
        ([web.Response(status=404)], "gone"),
        ([web.Response(status=403)], "not_allowed"),
        ([web.Response(status=500)] * 3, "later"),
        ([web.Response(status=429, headers={"Retry-After": "30"})] * 3, "later"),
    ],
    ids=["404", "403", "500", "429"],
)
async def test_what_slack_answers_becomes_a_reason(answers: list[web.Response], trouble: str) -> None:
    async with far_side() as (slack, origin, fetcher):
        slack.file_answers += [web.Response(status=one.status, headers=one.headers) for one in answers]
        found = await fetcher.all(told(**slack.file_sent("people.csv", SENT, origin)))
    assert [file.trouble for file in found] == [trouble]


@pytest.mark.parametrize(
    ("more", "trouble"),
    [
        ({"size": LARGEST_FILE + 1}, "too_large"),
        ({"mode": "tombstone"}, "gone"),
        ({"mode": "external"}, "not_allowed"),
        ({"file_access": "check_file_info"}, "not_allowed"),
        ({"url_private_download": "https://elsewhere.example/people.csv"}, "not_allowed"),
        ({"url_private_download": "https://slack.com.elsewhere.example/people.csv"}, "not_allowed"),
        ({"url_private_download": "http://files.slack.com/people.csv"}, "not_allowed"),
    ],
    ids=str,
)
async def test_the_token_goes_nowhere_for_a_file_that_is_not_in_slack(more: dict[str, Any], trouble: str) -> None:
    async with far_side() as (slack, origin, fetcher):
        found = await fetcher.all(told(**slack.file_sent("people.csv", SENT, origin) | more))
        assert [file.trouble for file in found] == [trouble]
        assert slack.file_tokens == []


@pytest.mark.parametrize("files", ["people.csv", [7], {"name": "people.csv"}])
def test_files_in_no_form_of_slacks_are_malformed(files: object) -> None:
    with pytest.raises(hearing.Malformed):
        hearing.files({"event": {"files": files}})
