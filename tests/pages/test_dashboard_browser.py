"""The dashboard in a real browser: on a phone and on a desk, by keyboard alone, for whoever hears it, and on paper.

With PICTURES=1 the pictures of the documents are taken on the way, of a larger pilot.
"""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect
from sqlalchemy import select, update

from app import House
from bot.settings import Settings
from storage.database import Database
from storage.schema import person
from tests.chat.player import FakeClock
from tests.house.running import ROOT
from tests.pages.conftest import CHROMIUM
from tests.pages.pilot import FACILITATOR, NOW, written

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="needs Chromium: apt-get install chromium (or google-chrome in the path)"
)

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
PICTURES = "PICTURES" in os.environ
PHONE, DESK = (390, 844), (1280, 900)
PATIENCE = 60_000
"""A first plot loads what draws it."""


@dataclass
class Stage:
    house: House
    browser: Browser
    url: str
    facilitator: int
    complaints: list[str]

    async def open(self, size: tuple[int, int], path: str = "/dashboard", dark: bool = False) -> Page:
        """A fresh browser that follows a link; what its console complains of fails the test."""
        context: BrowserContext = await self.browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE)
        page = await context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on(
            "console", lambda said: self.complaints.append(said.text) if said.type in ("error", "warning") else None
        )
        page.on("request", lambda request: self._elsewhere(request.url))
        link = self.house.signer.link(self.facilitator, path)
        await page.goto(link.replace(self.house.signer.base, self.url))
        return page

    def _elsewhere(self, url: str) -> None:
        if not url.startswith((self.url, "data:")):
            self.complaints.append(f"asked elsewhere: {url}")


@pytest_asyncio.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    shutil.copy(written(300, 7) if PICTURES else written(), tmp_path / "pilot.db")
    database = Database(f"sqlite:///{tmp_path / 'pilot.db'}")
    with database.begin() as connection:
        connection.execute(update(person).where(person.c.key == FACILITATOR).values(language="en"))
        number = connection.execute(select(person.c.id).where(person.c.key == FACILITATOR)).scalar_one()
    house = House(Settings(_env_file=None), database=database, now=FakeClock(NOW))
    application = web.Application()
    application.add_routes(house.pages.routes())
    server = TestServer(application)
    await server.start_server()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        stage = Stage(house, browser, str(server.make_url("")).rstrip("/"), number, [])
        yield stage
        await browser.close()
    await server.close()
    database.close()
    assert stage.complaints == []


async def widest(page: Page) -> int:
    return int(await page.evaluate("document.documentElement.scrollWidth"))


async def livened(page: Page) -> None:
    """Scrolls to each plot and waits until it answers the pointer."""
    figures = page.locator("figure[data-plot]")
    for place in range(await figures.count()):
        await figures.nth(place).scroll_into_view_if_needed()
        await expect(figures.nth(place)).to_have_attribute("data-live", "", timeout=PATIENCE)


async def _picture(page: Page, name: str, width: int, height: int) -> None:
    await page.evaluate("scrollTo(0, 0)")
    await page.screenshot(
        path=ROOT / "docs" / "pictures" / f"{name}.png",
        full_page=True,
        clip={"x": 0, "y": 0, "width": width, "height": height},
    )


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_nobody_is_kept_out_by_how_they_read(stage: Stage, size: tuple[int, int], dark: bool) -> None:
    page = await stage.open(size, dark=dark)
    await livened(page)
    if PICTURES and not dark:
        name, height = ("dashboard", 1750) if size is DESK else ("dashboard-phone", 2200)
        await _picture(page, name, size[0], height)
    await page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    found = await Axe().run(page)
    serious = [
        (one["id"], [node["html"][:200] for node in one["nodes"]][:3])
        for one in found.response["violations"]
        if one["impact"] in ("serious", "critical")
    ]
    assert serious == []
    assert await widest(page) == size[0]


async def test_a_plot_answers_the_pointer_and_a_picture_stands_where_it_cannot(stage: Stage) -> None:
    page = await stage.open(DESK)
    figure = page.locator('figure[data-plot="spread"]')
    await expect(figure.locator("img")).to_have_count(1)
    await figure.scroll_into_view_if_needed()
    await expect(figure).to_have_attribute("data-live", "", timeout=PATIENCE)
    canvas = figure.locator("canvas")
    box = await canvas.bounding_box()
    assert box is not None
    told = page.locator("#vg-tooltip-element.visible")
    for step in range(30):
        await canvas.hover(position={"x": box["width"] * (0.6 + step / 200), "y": box["height"] * 0.5})
        if await told.count():
            break
    await expect(told).to_contain_text("%")
    await expect(told).to_contain_text("gree")


async def test_the_dashboard_works_by_keyboard_alone(stage: Stage) -> None:
    page = await stage.open(DESK)
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    await expect(page.get_by_label("Month", exact=True)).to_be_focused()
    item = page.locator("details.item").first
    await item.locator("summary").focus()
    await page.keyboard.press("Enter")
    await expect(item.locator(".statement")).to_be_visible()
    await page.get_by_label("Month", exact=True).focus()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("button", name="Show")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text(
        "What was measured: September 2026", timeout=PATIENCE
    )


async def test_without_scripts_the_pictures_and_tables_say_it_all(stage: Stage) -> None:
    context = await stage.browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    link = stage.house.signer.link(stage.facilitator, "/dashboard").replace(stage.house.signer.base, stage.url)
    await page.goto(link)
    shown = page.locator("figure[data-plot] img")
    assert await shown.count() >= 8
    await expect(shown.first).to_be_visible()
    await page.locator("figure[data-plot] summary").first.click()
    await expect(page.locator("figure[data-plot] table").first).to_be_visible()
    await context.close()


async def test_the_printed_report_shows_every_part(stage: Stage, tmp_path: Path) -> None:
    page = await stage.open(DESK, "/dashboard/report")
    await livened(page)
    await page.emulate_media(media="print")
    await expect(page.locator("header.top")).to_be_hidden()
    await expect(page.locator("figure[data-plot] img").first).to_be_visible()
    await expect(page.locator(".live").first).to_be_hidden()
    await expect(page.locator("details.item .statement")).to_have_count(14)
    pdf = await page.pdf(format="A4", prefer_css_page_size=True)
    assert pdf.startswith(b"%PDF")
    if PICTURES:
        (tmp_path / "report.pdf").write_bytes(pdf)
        paper = ["pdftoppm", "-r", "70", "-f", "1", "-l", "1", "-singlefile", "-png"]
        kept = ROOT / "docs" / "pictures" / "report-printed"
        drawing = await asyncio.create_subprocess_exec(*paper, str(tmp_path / "report.pdf"), str(kept))
        assert await drawing.wait() == 0
