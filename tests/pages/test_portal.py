"""The portal, an item's page and the gaps in a real browser, and as files: each reader sees what they may read, and
nobody sees who asked."""

import csv
import io
import json
import os
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from openpyxl import load_workbook
from playwright.async_api import Browser, Page, async_playwright, expect
from sqlalchemy import insert, select, update

from knowledge.draft import ASKER, Draft, Kind, Says, State, Voice
from knowledge.item import Item, Part, Text, Use
from knowledge.places import Audience
from storage import schema
from storage.database import Database
from tests.chat.player import START
from tests.chat.town import ELIF, INGRID, LITIA, LUCA, OUSMANE, SAMIRA
from tests.pages.conftest import CHROMIUM, Door

in_browser = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium: apt-get install chromium")
PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
SIZES = {"phone": (390, 844), "desktop": (1280, 900)}
TEXT = Text(
    "How do we hand over a demining dog team when a project ends?",
    (
        Part(1, "Begin a year before: the handlers’ salaries move to the national budget first, the dogs follow."),
        Part(
            2,
            "Let the authority run the last accreditation itself, with us watching. https://mines.sample.example/dogs",
        ),
    ),
    "Salaries first, then accreditation, then the dogs: in that order, over a year.",
    "Share the draft budget line with the authority in the first quarter.",
)


def published(door: Door, audience: Audience = Audience.UNDP, network: int | None = None) -> int:
    """A consolidated reply in two wordings, of which one contributor shows their name."""
    with door.house.database.begin() as connection:
        work = door.house.work(connection)
        first = Text("How are demining dogs handed over?", TEXT.parts)
        item = work.items.add(
            Item(
                0, "draft:1", first.question, first.answer, "en", ("mine-action",), audience, network, "global", START,
                owner=door.number(SAMIRA), published_at=START,
            ),
            first,
            door.number(SAMIRA),
        )  # fmt: skip
        later = START + timedelta(days=40)
        work.items.save(item, item.reworded(TEXT, item.topics, later, later + timedelta(days=182)), TEXT)
        said = ((ASKER, LITIA, Says.YES), (1, OUSMANE, Says.NAMED), (2, ELIF, Says.YES))
        voices = tuple(Voice(place, door.number(key), says, 1, 1) for place, key, says in said)
        work.drafts.add(
            Draft(
                0, Kind.CONSOLIDATED, Text("", ()), "en", audience, network, None, START, voices, item=item.id,
                state=State.PUBLISHED,
            )
        )  # fmt: skip
        return item.id


async def rows(door: Door, key: str, path: str) -> list[dict[str, object]]:
    answer = await door.open(key, path)
    assert answer.status == 200
    return list(json.loads(await answer.read())["rows"])


async def test_what_is_kept_for_one_network_is_shown_and_exported_to_nobody_else(door: Door) -> None:
    with door.house.database.reading() as connection:
        mines = connection.execute(
            select(schema.network.c.id).where(schema.network.c.key == "mine-action")
        ).scalar_one()
    number = published(door, Audience.SUB_NETWORK, mines)
    assert "demining dog" in await (await door.open(SAMIRA, "/portal?q=demining+dog")).text()
    for path in ("/portal", "/portal?q=demining+dog+team", f"/item?number={number}"):
        assert "when a project ends" not in await (await door.open(LUCA, path)).text()
    assert number in {row["item"] for row in await rows(door, ELIF, "/lessons?format=json")}
    assert number not in {row["item"] for row in await rows(door, INGRID, "/lessons?format=json")}
    assert (await door.open(LITIA, "/lessons?format=json")).status == 403
    assert (await door.open(LITIA, "/gaps")).status == 403


async def test_names_stand_where_people_agreed_and_nobody_elses_stand_anywhere(door: Door) -> None:
    number = published(door)
    page = await (await door.open(LUCA, f"/item?number={number}")).text()
    # Luca is outside UNDP: to him there is no such item.
    assert "demining" not in page
    page = await (await door.open(OUSMANE, f"/item?number={number}")).text()
    assert "Salaries first" in page
    for key, told in ((SAMIRA, "Samira"), (LITIA, "Litia"), (ELIF, "Elif")):
        assert (told in page) is (key == SAMIRA), "only its owner and whoever wanted it are named"
    line = next(row for row in await rows(door, ELIF, "/lessons?format=json") if row["item"] == number)
    assert line["contributors"] == "Ousmane Faye (sample)"
    assert line["version"] == 2
    assert "Litia" not in json.dumps(line)


async def test_each_file_of_lessons_says_the_same(door: Door) -> None:
    published(door)
    told = await rows(door, ELIF, "/lessons?format=json")
    as_csv = (await (await door.open(ELIF, "/lessons?format=csv")).read()).decode("utf-8-sig")
    assert len(list(csv.DictReader(io.StringIO(as_csv)))) == len(told)
    book = load_workbook(io.BytesIO(await (await door.open(ELIF, "/lessons?format=xlsx")).read()))
    assert book["figures"].max_row == len(told) + 1
    assert book["dictionary"].max_row == len(list(book["figures"].columns)) + 1


async def test_an_item_that_is_opened_is_counted_and_not_by_whom(door: Door) -> None:
    number = published(door)
    for key in (OUSMANE, LITIA):
        await door.open(key, f"/item?number={number}")
    with door.house.database.reading() as connection:
        assert door.house.work(connection).items.uses(number)[Use.OPENED] == 2


async def test_a_search_reads_other_languages_and_leaves_accents_aside(door: Door) -> None:
    published(door)
    for said in ("demining dog", "DÉMINING dog", "Comment remettre des chiens de déminage à la fin d’un projet ?"):
        assert "demining dog team" in await (await door.open(OUSMANE, "/portal?" + _query(said))).text(), said
    assert "demining dog team" not in await (await door.open(OUSMANE, "/portal?" + _query("elections"))).text()
    assert "demining dog team" not in await (await door.open(OUSMANE, "/portal?topic=elections")).text()
    assert "demining dog team" not in await (await door.open(OUSMANE, "/portal?language=es")).text()


def _query(said: str) -> str:
    return urlencode({"q": said})


def missed(database: Database, people: int) -> None:
    """So many people asked about elections in February, and nobody answered."""
    with database.begin() as connection:
        askers = (
            connection.execute(select(schema.person.c.id).order_by(schema.person.c.id).limit(people)).scalars().all()
        )
        for number in askers:
            asked = {
                "version": 1, "asker_id": number, "text": "How do we plan for elections?", "language": "en",
                "audience": 20, "state": "escalated", "relayed": 0, "reminded": False, "asker_named": False,
                "expert_named": False, "asked_at": START - timedelta(days=20), "sent_at": START - timedelta(days=20),
            }  # fmt: skip
            connection.execute(insert(schema.question), asked)


@pytest.mark.parametrize(("people", "told"), [(4, False), (5, True)])
async def test_a_topic_that_fewer_than_five_missed_is_told_nowhere(door: Door, people: int, told: bool) -> None:
    missed(door.house.database, people)
    page = await (await door.open(ELIF, "/gaps")).text()
    assert ("elections" in page) is told
    found = [row for row in await rows(door, ELIF, "/gaps?format=json") if row["topic"] == "elections"]
    assert bool(found) is told
    assert "built-in" not in page, "a name of a column that Python has too"
    if told:
        assert found[0]["askers"] == 5
        # Of regions fewer than five of them asked from, no number of askers stands anywhere.
        assert all("askers" not in row for row in found[1:])
        assert found[0]["experts"] == sum(int(str(row["experts"])) for row in found[1:] if "experts" in row)


async def test_the_month_under_way_is_not_told(door: Door) -> None:
    missed(door.house.database, 9)
    with door.house.database.begin() as connection:
        connection.execute(update(schema.question).values(sent_at=START))
    assert "elections" not in await (await door.open(ELIF, "/gaps")).text()


@pytest_asyncio.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--headless", "--no-sandbox"])
        yield browser
        await browser.close()


async def _opened(browser: Browser, door: Door, key: str, path: str, size: str) -> Page:
    width, height = SIZES[size]
    context = await browser.new_context(viewport={"width": width, "height": height})
    page = await context.new_page()
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    await page.goto(str(door.client.make_url(door.link(key, path))))
    return page


@in_browser
@pytest.mark.parametrize("size", SIZES)
async def test_the_pages_are_sound_for_whoever_cannot_see_them_and_never_scroll_sideways(
    browser: Browser, door: Door, size: str
) -> None:
    number = published(door)
    missed(door.house.database, 9)
    pages = {"portal": (OUSMANE, "/portal"), "item": (SAMIRA, f"/item?number={number}"), "gaps": (ELIF, "/gaps")}
    for name, (key, path) in pages.items():
        page = await _opened(browser, door, key, path, size)
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
        found = await Axe().run(page)
        serious = [
            (one["id"], [node["html"] for node in one["nodes"]][:3])
            for one in found.response["violations"]
            if one["impact"] in ("serious", "critical")
        ]
        assert serious == [], name
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
        if "PICTURES" in os.environ:
            await page.screenshot(path=PICTURES / f"{name}-{size}.png")
        await page.context.close()


@in_browser
async def test_an_item_is_found_and_read_by_keyboard_alone(browser: Browser, door: Door) -> None:
    published(door)
    page = await _opened(browser, door, ELIF, "/portal", "desktop")
    for _ in range(30):
        await page.keyboard.press("Tab")
        if await page.evaluate("document.activeElement.id") == "q":
            break
    await page.keyboard.type("demining dog team")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/portal?q=demining**")
    link = page.get_by_role("link", name=TEXT.question)
    for _ in range(40):
        await page.keyboard.press("Tab")
        if await link.evaluate("one => one === document.activeElement"):
            break
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/item?number=*")
    await expect(page.get_by_role("heading", level=1)).to_have_text(TEXT.question)
    await expect(page.get_by_text("Ousmane Faye (sample)")).to_be_visible()
    for _ in range(40):
        await page.keyboard.press("Tab")
        if await page.evaluate("document.activeElement.tagName") == "SUMMARY":
            break
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("How are demining dogs handed over?")).to_be_visible()
