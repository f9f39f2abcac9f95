"""All that is wrong with a refused file, on a page in a real browser and as files, for whoever may import."""

import csv
import io
import json

import pytest
from axe_playwright_python.async_playwright import Axe
from openpyxl import load_workbook
from playwright.async_api import async_playwright

from knowledge.import_problem import Problem, phrase
from knowledge.importing import Import, State
from storage import imports
from tests.chat.player import START
from tests.chat.town import ELIF, INGRID, LITIA
from tests.pages.conftest import CHROMIUM, Door

in_browser = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium: apt-get install chromium")


def refused(door: Door, many: int, by: str = INGRID) -> int:
    """An import with so many problems; one in a text that a spreadsheet would calculate."""
    wrong = tuple(Problem("people.csv", line, "language", (phrase("not_one_of", word="de", words="en, fr, es"),))
                  for line in range(2, many + 1))  # fmt: skip
    wrong += (Problem("people.csv", many + 1, "=1+1", (phrase("no_column", word="=1+1", kind="people"),)),)
    one = Import(door.number(by), State.FAILED, START, ("people.csv",), ("people",), problems=wrong)
    with door.house.database.begin() as connection:
        kept = imports.Imports(connection, START)
        added = kept.add(one, [])
        kept.save(added)
    return added.id


async def test_every_error_stands_there_with_its_line(door: Door) -> None:
    number = refused(door, 120)
    text = await (await door.open(INGRID, f"/imports?number={number}")).text()
    assert "120 things in it have to be mended" in text
    assert all(f'<td class="number">{line}</td>' in text for line in range(2, 122))


async def test_each_file_has_every_line_and_nothing_that_is_calculated(door: Door) -> None:
    number = refused(door, 12)

    async def exported(kind: str) -> bytes:
        answer = await door.open(INGRID, f"/imports?number={number}&format={kind}")
        assert f'filename="import-{number}-errors.{kind}"' in answer.headers["Content-Disposition"]
        return await answer.read()

    rows = list(csv.DictReader(io.StringIO((await exported("csv")).decode("utf-8-sig"))))
    assert [row["line"] for row in rows] == [str(line) for line in range(2, 14)]
    assert rows[0]["problem"] == "'de' is not one of en, fr, es"
    assert rows[-1]["column"] == "'=1+1"
    assert len(json.loads(await exported("json"))["rows"]) == 12
    assert load_workbook(io.BytesIO(await exported("xlsx")))["figures"].max_row == 13


async def test_they_are_told_in_the_language_of_whoever_looks(door: Door) -> None:
    number = refused(door, 3)
    with door.house.database.begin() as connection:
        door.house.work(connection).people.describe_self(door.number(INGRID), "language", "fr")
    text = await (await door.open(INGRID, f"/imports?number={number}")).text()
    assert "«\u00a0de\u00a0» n’est aucun de ces mots\u00a0: en, fr, es" in text


@pytest.mark.parametrize("query", ["number={}", "number=99", "number=x", "", "number={}&format=csv"])
async def test_nobody_else_learns_whether_it_exists(door: Door, query: str) -> None:
    number = refused(door, 3)
    answers = [await (await door.open(who, f"/imports?{query.format(number)}")).text() for who in (LITIA, ELIF)]
    assert all("people.csv" not in text and "have to be mended" not in text for text in answers)


async def test_one_without_errors_reads_as_one_that_is_not_there(door: Door) -> None:
    one = Import(door.number(INGRID), State.DONE, START, ("people.csv",), ("people",))
    with door.house.database.begin() as connection:
        number = imports.Imports(connection, START).add(one, []).id
    told = []
    for asked in (number, 99):
        answer = await door.open(INGRID, f"/imports?number={asked}")
        told.append((answer.status, (await answer.text()).replace(f"refused import {asked}", "refused import N")))
    assert told[0] == told[1]


@in_browser
@pytest.mark.parametrize("size", [(390, 844), (1280, 900)])
async def test_axe_finds_nothing_serious_and_the_page_does_not_scroll_sideways(
    door: Door, size: tuple[int, int]
) -> None:
    number = refused(door, 60)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--headless", "--no-sandbox"])
        page = await browser.new_page(viewport={"width": size[0], "height": size[1]})
        await page.goto(str(door.client.make_url(door.link(INGRID, f"/imports?number={number}"))))
        found = (await Axe().run(page)).response["violations"]
        assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []
        assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        await browser.close()
