"""The desk on a page: what the queue in chat shows and no more, by place; on a phone, by keyboard, and heard."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import async_playwright, expect
from sqlalchemy import insert, select

from storage.database import Database
from storage.schema import person, work_item
from tests.chat.test_work_items import topic_without_an_expert
from tests.chat.town import INGRID, LITIA, NOBODY_KNOWS, OUSMANE, SOMEBODY_KNOWS, Town, town
from tests.house.running import ROOT
from tests.pages.conftest import CHROMIUM

CLARISSE, HALIMA = "clarisse.mbarga@sample.example", "halima.souleymane@sample.example"
AMINATA = "aminata.coulibaly@sample.example"


@asynccontextmanager
async def _served(database: Database) -> AsyncIterator[tuple[Town, TestClient[web.Request, web.Application]]]:
    """A desk with two questions and two work items."""
    async with town(database, topic_without_an_expert) as there:
        for number, text in enumerate((NOBODY_KNOWS, SOMEBODY_KNOWS), 1):
            await there.step(LITIA, f"ask {text}")
            await there.step(LITIA, f"send {number}")
        with database.begin() as connection:
            row = {"cause": "rejected_import", "key": "people.csv", "topic": "", "state": "open", "version": 1}
            told = {"file": "people.csv", "errors": 50}
            connection.execute(insert(work_item).values(**row, told=told, raised_at=there.clock.at))
        await there.house.tick()
        application = web.Application()
        application.add_routes(there.house.pages.routes())
        async with TestClient(TestServer(application)) as client:
            yield there, client


def _link(there: Town, key: str) -> str:
    with there.database.reading() as connection:
        number = connection.execute(select(person.c.id).where(person.c.key == key)).scalar_one()
    return there.house.signer.link(number, "/desk").removeprefix(there.house.signer.base)


async def test_it_shows_what_the_queue_shows_and_never_who_asked_or_when_to_the_hour(sqlite_database: Database) -> None:
    async with _served(sqlite_database) as (there, client):
        shown = await (await client.get(_link(there, INGRID))).text()
        assert NOBODY_KNOWS in shown
        assert "show 1" in shown
        assert "The import of people.csv was refused: 50 errors." in shown
        assert "done 1" in shown
        assert "underwater archaeology" in shown
        for told in ("Litia", "Waqa", "Suva", "09:", "T09", LITIA):
            assert told not in shown
        await there.step(INGRID, "queue")
        for count in ("With the facilitation: 1", "Open: 1"):
            assert count in there.texts_of(INGRID)
            name, _, number = count.partition(": ")
            assert f'<th scope="row">{name}</th><td>{number}</td>' in shown


@pytest.mark.parametrize("key", [OUSMANE, HALIMA])
async def test_whoever_is_of_no_desk_finds_no_such_page(key: str, sqlite_database: Database) -> None:
    async with _served(sqlite_database) as (there, client):
        answer = await client.get(_link(there, key))
        assert answer.status in (403, 404)
        assert "fusion" not in await answer.text()


async def test_who_moderates_reads_there_the_topic_and_none_of_the_words(sqlite_database: Database) -> None:
    async with _served(sqlite_database) as (there, client):
        shown = await (await client.get(_link(there, AMINATA))).text()
        assert "lutte antimines et document de projet" in shown
        assert "me proposer 2" in shown
        for told in ("template", "fusion", "people.csv", "Waqa"):
            assert told not in shown


async def test_the_desk_of_one_place_reads_what_lies_there(sqlite_database: Database) -> None:
    async with _served(sqlite_database) as (there, client):
        await there.step(INGRID, "grant facilitator of Sahel to Clarisse")
        await there.step(INGRID, "route 1 to network crisis")
        shown = await (await client.get(_link(there, CLARISSE))).text()
        assert "mine action in the Sahel" in shown
        assert "fusion" not in shown


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium: apt-get install chromium (or google-chrome in the path)")
@pytest.mark.parametrize("size", [(390, 844), (1280, 900)], ids=["phone", "desktop"])
async def test_it_is_read_on_a_phone_and_on_a_desktop_by_keyboard_and_by_whoever_hears_it(
    size: tuple[int, int], sqlite_database: Database
) -> None:
    async with _served(sqlite_database) as (there, client), async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = await browser.new_page(viewport={"width": size[0], "height": size[1]})
        page.set_default_timeout(60_000)
        await page.goto(str(client.make_url(_link(there, INGRID))))
        await expect(page.get_by_role("heading", level=1)).to_have_text("The desk")
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        await page.keyboard.press("Tab")
        assert await page.evaluate("document.activeElement.className") == "skip"
        found = await Axe().run(page)
        serious = [one["id"] for one in found.response["violations"] if one["impact"] in ("serious", "critical")]
        assert serious == []
        if "PICTURES" in os.environ:
            name = "desk-phone.png" if size[0] < 600 else "desk.png"
            await page.screenshot(path=ROOT / "docs" / "pictures" / name, full_page=True)
        await browser.close()


def test_it_stands_in_the_navigation_of_the_desk_and_of_who_moderates() -> None:
    from bot.pages.page import PAGES
    from knowledge.people import DESK, Role

    assert PAGES["/desk"].listed
    assert PAGES["/desk"].roles == DESK | {Role.MODERATOR}
