"""The page of past digests: what went out, and of each what its reader may read now."""

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import async_playwright, expect
from sqlalchemy import insert, update

from storage.database import Database
from storage.schema import digest, item, network
from tests.chat.player import START
from tests.chat.town import LITIA
from tests.pages.conftest import CHROMIUM, Door

LUCA = "luca.ferraro@sample.example"


def _sent(database: Database) -> None:
    """A digest of a network that colleagues of sister agencies read too; half of it is for UNDP alone."""
    with database.begin() as connection:
        connection.execute(update(network).where(network.c.key == "climate-nature").values(audience=30))
        there = connection.execute(network.select().where(network.c.key == "climate-nature")).one().id
        for number, audience in ((1001, 20), (1002, 30)):
            row = {"key": f"k{number}", "question": f"Question {number}?", "answer": "<b>So.</b>", "language": "en"}
            more = {"topics": [], "region": "global", "created_at": START, "published_at": START}
            connection.execute(insert(item), {**row, **more, "id": number, "audience": audience})
        made = {"network_id": there, "version": 1, "created_at": START, "approved_at": START}
        picks = [["item:1001", "", ""], ["item:1002", "In other words", ""]]
        connection.execute(insert(digest), {**made, "week": "2026-W09", "state": "sent", "picks": picks})
        connection.execute(insert(digest), {**made, "week": "2026-W10", "state": "draft", "picks": picks})


async def test_it_keeps_what_went_out_and_shows_each_reader_what_is_theirs(door: Door) -> None:
    _sent(door.house.database)
    text = await (await door.open(LITIA, "/digests")).text()
    assert "week 2026-W09" in text
    assert "2026-W10" not in text
    assert "Question 1001?" in text
    assert "In other words" in text
    assert "&lt;b&gt;So.&lt;/b&gt;" in text
    text = await (await door.open(LUCA, "/digests")).text()
    assert "Question 1001?" not in text
    assert "In other words" in text


async def test_what_is_retired_since_is_no_longer_there(door: Door) -> None:
    _sent(door.house.database)
    with door.house.database.begin() as connection:
        connection.execute(update(item).where(item.c.id == 1002).values(state="retired"))
    assert "In other words" not in await (await door.open(LITIA, "/digests")).text()


async def test_where_nothing_was_sent_it_says_so(door: Door) -> None:
    assert "Nothing was sent" in await (await door.open(LITIA, "/digests")).text()


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium: apt-get install chromium")
@pytest.mark.parametrize("size", [(390, 844), (1280, 900)], ids=["phone", "desktop"])
async def test_in_a_browser_it_is_sound_reached_by_keyboard_and_never_scrolls_sideways(
    door: Door, size: tuple[int, int]
) -> None:
    _sent(door.house.database)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--headless", "--no-sandbox"])
        page = await browser.new_page(viewport={"width": size[0], "height": size[1]})
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        await page.goto(str(door.client.make_url(door.link(LITIA, "/digests"))))
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
        await expect(page.get_by_role("list").last.get_by_role("listitem")).to_have_count(2)
        found = (await Axe().run(page)).response["violations"]
        assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        await page.keyboard.press("Tab")
        assert await page.evaluate("document.activeElement.className") == "skip"
        await page.keyboard.press("Enter")
        assert await page.evaluate("document.activeElement.id") == "main"
        assert complaints == []
        await browser.close()
