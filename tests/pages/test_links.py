"""Links and sessions on the real HTTP: what opens, for whom, for how long, and what nobody learns from them."""

import base64
import re
from datetime import timedelta

import pytest
from aiohttp import ClientResponse
from sqlalchemy import delete

from app import House
from bot.settings import Settings, SettingsError, read_settings
from knowledge.people import Role
from storage import personal
from storage.database import Database
from storage.schema import role_grant
from tests.chat.player import FakeClock
from tests.chat.town import LITIA
from tests.pages.conftest import Door

MEMBER = LITIA


async def test_a_link_opens_a_page_and_the_session_goes_on_without_it(door: Door) -> None:
    answer = await door.open(MEMBER, "/home?from=chat")
    assert (answer.status, str(answer.url.relative())) == (200, "/home?from=chat")
    assert "Litia Waqa" in await answer.text()
    assert (await door.client.get("/home")).status == 200


async def test_a_link_works_again_within_its_time_since_previews_open_it_first(door: Door) -> None:
    link = door.link(MEMBER, "/home")
    assert [(await door.client.get(link)).status for _ in range(2)] == [200, 200]


async def test_an_old_link_says_in_three_languages_how_to_get_a_new_one(door: Door) -> None:
    link = door.link(MEMBER, "/home")
    door.clock.at += timedelta(minutes=15, seconds=1)
    answer = await door.client.get(link, headers={"Accept-Language": "fr-FR,fr;q=0.9"})
    text = await answer.text()
    assert answer.status == 410
    assert re.findall(r'<section lang="(..)">', text) == ["fr", "en", "es"]
    assert "un nouveau lien" in text
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("token", ["x", "gAAAAAB" + "x" * 120, "%00", "é" * 10, "x" * 4000])
async def test_what_was_never_a_link_is_answered_like_an_old_one(door: Door, token: str) -> None:
    assert (await door.client.get(f"/open/{token}")).status == 410


async def test_a_link_is_no_session_and_a_session_no_link(door: Door) -> None:
    token = door.link(MEMBER, "/home").removeprefix("/open/")
    door.client.session.cookie_jar.update_cookies({"connect": token}, door.client.make_url("/"))
    assert (await door.client.get("/home")).status == 401
    session = door.house.signer.session(door.number(MEMBER))
    assert (await door.client.get(f"/open/{session}")).status == 410


async def test_a_session_ends_after_eight_hours(door: Door) -> None:
    await door.open(MEMBER, "/home")
    door.clock.at += timedelta(hours=8, seconds=1)
    answer = await door.client.get("/home")
    assert answer.status == 401
    assert "new link" in await answer.text()


async def test_nothing_in_an_address_or_a_cookie_tells_whom_it_is_for(door: Door) -> None:
    links = [door.house.signer.link(number, path) for number, path in ((7, "/home"), (12345, "/dashboard?month=x"))]
    tokens = [link.rsplit("/", 1)[1] for link in links] + [door.house.signer.session(12345)]
    for token in tokens:
        assert b"12345" not in base64.urlsafe_b64decode(token)
    # Nor does its length.
    assert len(tokens[0]) == len(tokens[1])
    assert door.house.signer.link(7, "/home") != links[0]


@pytest.mark.parametrize(
    "path", ["https://elsewhere.example", "//elsewhere.example", "/\\elsewhere.example", "/a b", "home", "", "/\nx"]
)
def test_a_link_leads_nowhere_but_to_our_pages(door: Door, path: str) -> None:
    with pytest.raises(ValueError, match="a path of ours"):
        door.house.signer.link(1, path)


async def test_the_cookie_cannot_be_read_by_scripts_and_stays_with_this_host(door: Door) -> None:
    answer = await door.client.get(door.link(MEMBER, "/home"), allow_redirects=False)
    assert answer.status == 303
    cookie = answer.headers["Set-Cookie"]
    assert {part.strip() for part in cookie.split(";")[1:]} == {
        "HttpOnly", "Max-Age=28800", "Path=/", "SameSite=Lax",
    }  # fmt: skip
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"


async def test_outside_development_the_cookie_needs_https(sqlite_community: Database) -> None:
    told = {"slack_bot_token": "xoxb-1", "slack_signing_secret": "s", "slack_workspaces": ("T1",)}
    settings = Settings(_env_file=None, development=False, public_url="https://bot.example.org/", **told)  # type: ignore[arg-type]
    house = House(settings, database=sqlite_community, now=FakeClock())
    assert house.signer.link(1, "/home").startswith("https://bot.example.org/open/")
    assert house.pages.cookie == "__Host-connect"
    assert house.web is None


def test_outside_development_an_address_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"CONNECT_DEVELOPMENT": "false", "CONNECT_PUBLIC_URL": "http://bot.example.org"}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match="CONNECT_PUBLIC_URL: the https address"):
        read_settings(None)


async def test_roles_are_read_at_each_request(door: Door) -> None:
    number = facilitator(door)
    link = door.house.signer.link(number, "/probe").removeprefix(door.house.signer.base)
    assert (await door.client.get(link)).status == 200
    with door.house.database.begin() as connection:
        connection.execute(delete(role_grant).where(role_grant.c.person_id == number))
        door.house.work(connection).people.forget(number)
    refused = await door.client.get("/probe")
    assert refused.status == 403
    assert "secret of the desk" not in await refused.text()


async def test_whoever_was_forgotten_finds_every_page_closed(door: Door) -> None:
    await door.open(MEMBER, "/home")
    number = door.number(MEMBER)
    link = door.link(MEMBER, "/home")
    door.house.database.write(lambda connection: personal.Personal(connection).forget(number))
    for path in ("/home", link):
        answer = await door.client.get(path)
        assert answer.status == 403
        assert "Litia" not in await answer.text()


async def test_every_answer_keeps_the_browser_from_elsewhere(door: Door) -> None:
    answers = [
        await door.open(MEMBER, "/home"),
        await door.client.get("/open/x"),
        await door.client.get("/pages/pages.css"),
        await door.client.post("/leave"),
    ]
    for answer in answers:
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
    assert not re.findall(r"(?:src|href)=\"(?!/)(?!#)", await answers[0].text())


@pytest.mark.parametrize(
    "headers",
    [{}, {"Origin": "https://elsewhere.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}],
    ids=["none", "another", "hidden", "from elsewhere"],
)
async def test_a_form_from_elsewhere_changes_nothing(door: Door, headers: dict[str, str]) -> None:
    await door.open(MEMBER, "/home")
    if "Sec-Fetch-Site" in headers:
        headers = headers | door.origin
    assert (await door.client.post("/leave", headers=headers)).status == 403
    assert (await door.client.get("/home")).status == 200


async def test_whoever_leaves_needs_a_new_link(door: Door) -> None:
    await door.open(MEMBER, "/home")
    assert "You have left" in await (await door.client.post("/leave", headers=door.origin)).text()
    assert (await door.client.get("/home")).status == 401


async def test_a_page_reads_in_the_readers_language(door: Door) -> None:
    await door.open("ousmane.faye@sample.example", "/home")
    assert '<html lang="fr">' in await (await door.client.get("/home")).text()


async def test_a_broken_page_says_so_and_nothing_of_what_broke(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    answer = await door.open(MEMBER, "/broken?said=private-words")
    assert answer.status == 503
    assert "private-words" not in await answer.text() + caplog.text
    assert "/broken failed: RuntimeError" in caplog.text


async def test_a_refusal_is_told_in_the_readers_words(door: Door) -> None:
    answer = await door.open(MEMBER, "/refusing")
    assert answer.status == 403
    assert "There is no question 12" in await answer.text()


async def test_a_form_of_ours_is_read_and_leads_on(door: Door) -> None:
    await door.open(MEMBER, "/home")
    answer = await door.client.post("/form", data={"word": "é & b"}, headers=door.origin, allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (303, "/home?said=%C3%A9+%26+b")
    assert (await door.client.post("/form", json={}, headers=door.origin)).status == 415
    assert (await door.client.post("/home", headers=door.origin)).status == 405


async def test_what_needs_no_session_is_fetched_by_its_address_alone(door: Door) -> None:
    def path(kind: str, said: str) -> str:
        return door.house.signer.address(kind, said).removeprefix(door.house.signer.base)

    good = path("probed", "blue")
    answer: ClientResponse = await door.client.get(good)
    assert (answer.status, await answer.read(), answer.content_type) == (200, b"blue", "image/png")
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert (await door.client.get(path("probed", "gone"))).status == 404
    assert (await door.client.get("/probed/x")).status == 404
    # One kind's address is no other's.
    assert (await door.client.get(path("other", "blue").replace("/other/", "/probed/"))).status == 404
    door.clock.at += timedelta(days=2)
    assert (await door.client.get(good)).status == 404


def facilitator(door: Door) -> int:
    with door.house.database.reading() as connection:
        return door.house.work(connection).people.having_somewhere(Role.FACILITATOR)[0].id
