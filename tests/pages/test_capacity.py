"""The capacity map in a real browser, and as files: for the desk, by place, and with nobody's name unasked."""

import csv
import io
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from openpyxl import load_workbook
from playwright.async_api import Page, async_playwright, expect
from sqlalchemy import insert, select, update

from knowledge.people import Role
from storage import schema
from storage.database import Database
from tests.chat.player import START
from tests.chat.town import ELIF, INGRID, LITIA, OUSMANE, SAMIRA
from tests.pages.conftest import CHROMIUM, Door

in_browser = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium: apt-get install chromium")
PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
PHONE, DESKTOP = (390, 844), (1280, 900)


@pytest.fixture(autouse=True)
def reachable(sqlite_community: Database) -> None:
    """Everybody has opened the bot."""
    with sqlite_community.begin() as connection:
        for number in connection.execute(select(schema.person.c.id)).scalars().all():
            row = {"channel": "direct", "remote_id": str(number), "person_id": number, "address": {}, "used_at": START}
            connection.execute(insert(schema.conversation), row)


def agree(door: Door, *keys: str) -> None:
    """These let colleagues find them."""
    for key in keys:
        with door.house.database.begin() as connection:
            door.house.work(connection).people.prefer(door.number(key), listed=True)


async def exported(door: Door, kind: str) -> bytes:
    answer = await door.open(ELIF, f"/capacity?format={kind}")
    assert answer.status == 200
    assert "attachment" in answer.headers["Content-Disposition"]
    return await answer.read()


async def test_no_name_is_told_of_whoever_did_not_agree_to_be_found(door: Door) -> None:
    assert "Faye" not in (await (await door.open(ELIF, "/capacity")).text()).replace("Elif", "")
    assert b"Faye" not in await exported(door, "csv")
    agree(door, OUSMANE)
    assert "Ousmane Faye (sample)" in await (await door.open(ELIF, "/capacity")).text()
    assert b"Ousmane Faye (sample)" in await exported(door, "csv")
    assert b"Samira" not in await exported(door, "csv")


async def test_each_file_says_the_same_and_what_its_columns_mean(door: Door) -> None:
    rows = list(csv.DictReader(io.StringIO((await exported(door, "csv")).decode("utf-8-sig"))))
    mines = [row for row in rows if row["topic"] == "mine-action" and row["language"] == "fr"]
    assert [(row["region"], row["people"], row["free"]) for row in mines] == [
        ("africa", "1", "1"),
        ("arab-states", "1", "1"),
    ]
    assert [row["people"] for row in rows if row["topic"] == "elections"] == ["0"]
    told = json.loads(await exported(door, "json"))
    assert len(told["rows"]) == len(rows)
    assert set(told["columns"]) == set(rows[0])
    book = load_workbook(io.BytesIO(await exported(door, "xlsx")))
    figures = book["figures"]
    assert figures.max_row == len(rows) + 1


async def test_a_member_is_shown_nothing_of_it(door: Door) -> None:
    answer = await door.open(LITIA, "/capacity")
    assert answer.status == 403
    assert "mine action" not in await answer.text()


async def test_whoever_looks_after_one_network_sees_its_people_alone(door: Door) -> None:
    with door.house.database.begin() as connection:
        pacific = connection.execute(select(schema.network.c.id).where(schema.network.c.key == "pacific")).scalar_one()
        row = {"person_id": door.number(LITIA), "role": Role.FACILITATOR.value, "network_id": pacific}
        connection.execute(insert(schema.role_grant), row)
    text = (await (await door.open(LITIA, "/capacity?format=json")).json())["rows"]
    assert {row["region"] for row in text if row["people"]} == {"asia-pacific"}


async def test_whoever_is_away_or_leaves_is_not_free(door: Door) -> None:
    async def free() -> list[tuple[int, int]]:
        rows = json.loads(await exported(door, "json"))["rows"]
        return [
            (row["people"], row["free"])
            for row in rows
            if (row["topic"], row["region"], row["language"]) == ("mine-action", "africa", "")
        ]

    assert await free() == [(1, 1)]
    with door.house.database.begin() as connection:
        later = door.clock.at.replace(year=door.clock.at.year + 1)
        door.house.work(connection).people.prefer(door.number(OUSMANE), away_until=later)
    assert await free() == [(1, 0)]
    with door.house.database.begin() as connection:
        leaving = update(schema.person).where(schema.person.c.id == door.number(OUSMANE)).values(leaving=True)
        connection.execute(leaving)
        door.house.work(connection).people.forget(door.number(OUSMANE))
    assert await free() == []


@pytest_asyncio.fixture
async def page(door: Door, request: pytest.FixtureRequest) -> AsyncIterator[Page]:
    agree(door, OUSMANE, SAMIRA)
    width, height = getattr(request, "param", DESKTOP)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--headless", "--no-sandbox"])
        context = await browser.new_context(viewport={"width": width, "height": height})
        page = await context.new_page()
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        await page.goto(str(door.client.make_url(door.link(ELIF, "/capacity"))))
        yield page
        assert complaints == []
        await browser.close()


@in_browser
@pytest.mark.parametrize("page", [PHONE, DESKTOP], indirect=True, ids=["phone", "desktop"])
async def test_the_map_is_sound_for_whoever_cannot_see_it_and_never_scrolls_sideways(
    page: Page, request: pytest.FixtureRequest
) -> None:
    await expect(page.get_by_role("heading", level=1)).to_have_text("Capacity map")
    found = await Axe().run(page)
    serious = [
        (one["id"], [node["html"] for node in one["nodes"]][:3])
        for one in found.response["violations"]
        if one["impact"] in ("serious", "critical")
    ]
    assert serious == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    if "PICTURES" in os.environ:
        name = "phone" if "phone" in request.node.name else "desktop"
        await page.screenshot(path=PICTURES / f"capacity-{name}.png")


@in_browser
async def test_the_map_is_read_and_narrowed_by_keyboard_alone(page: Page) -> None:
    reached = []
    for _ in range(20):
        await page.keyboard.press("Tab")
        here = await page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()")
        reached.append(here)
        if here == "language":
            break
    assert reached[0] == "Skip to the page" or reached[0].startswith("Skip")
    await page.keyboard.type("French")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/capacity?language=fr")
    await expect(page.get_by_role("combobox")).to_have_value("fr")
    line = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="mine action"))
    await expect(line.get_by_role("cell").last).to_have_text("8")
    await line.get_by_text("2 agreed to be found").press("Enter")
    await expect(line.get_by_text("Ousmane Faye (sample), Samira Haddad (sample)")).to_be_visible()


async def test_the_km_team_sees_everybody(door: Door) -> None:
    assert (await door.open(INGRID, "/capacity")).status == 200
