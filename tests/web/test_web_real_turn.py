"""The main conversation in a real browser, with the real turn, postman and sample community behind it.

With PICTURES=1 the screenshot of the README is taken on the way.
"""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp.test_utils import TestServer
from playwright.async_api import Page, async_playwright, expect

from app import House
from bot.settings import Settings
from storage import importing
from storage.database import Database
from tests.web.conftest import CHROMIUM

# Reading the model and starting a browser take their time on a small machine.
expect.set_options(timeout=60_000)

ROOT = Path(__file__).parents[2]
QUIET = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: apt-get install chromium")


@pytest_asyncio.fixture
async def page(sqlite_database: Database) -> AsyncIterator[Page]:
    house = House(Settings(_env_file=None), database=sqlite_database)
    with importing.load([ROOT / "samples" / "community"], sample=True) as batch:
        sqlite_database.write(lambda connection: importing.apply(connection, batch, house.now()))
    server = TestServer(house.application())
    await server.start_server()
    house.start_background()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = await browser.new_page(viewport={"width": 1440, "height": 900})
        await page.goto(str(server.make_url("/")))
        await page.wait_for_selector("[data-state=live]")
        yield page
        await browser.close()
    await house.stop_background()
    await server.close()


async def test_a_question_from_suva_is_answered_from_dakar_before_ones_eyes(page: Page) -> None:
    member, expert = page.locator(".pane").nth(0), page.locator(".pane").nth(1)
    await member.locator(".example").first.click()
    preview = member.locator(".card").last
    await expect(preview).to_contain_text("not sent yet")
    await expect(expert.locator(".card")).to_have_count(0)

    await preview.get_by_role("button", name="Send").click()
    offer = expert.locator(".card").last
    await expect(offer).to_contain_text("lutte antimines")
    await expect(preview).to_contain_text("Sent.")

    await offer.get_by_role("button", name="La prendre").click()
    await expect(preview).to_contain_text("An expert has taken it")
    if "PICTURES" in os.environ:
        pictures = ROOT / "docs" / "pictures"
        pictures.mkdir(parents=True, exist_ok=True)
        await offer.locator("textarea").fill("Oui : commencez par la stratégie nationale, puis le plan type.")
        await page.wait_for_timeout(3000)
        await page.screenshot(path=str(pictures / "try-it.png"))
    await offer.locator("textarea").fill("Oui : commencez par la stratégie nationale.")
    await offer.get_by_role("button", name="Envoyer la réponse").click()
    await expect(member.locator(".card").filter(has_text="commencez par la stratégie nationale")).to_be_visible()

    await member.get_by_role("button", name="Solved").click()
    await expect(expert).to_contain_text("l’a résolue")
    assert "Ousmane" not in await member.locator("[role=log]").inner_text()
    assert "Litia" not in await expert.locator("[role=log]").inner_text()
