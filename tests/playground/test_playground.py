"""The main conversation in the Agents Playground, whose connector, cards and pages are Microsoft's.

With PICTURES=1 the screenshot of the README is taken on the way.
"""

import json
import os
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp.test_utils import TestServer
from playwright.async_api import async_playwright, expect
from sqlalchemy import select

from app import House
from bot.settings import Settings
from dialogs.incoming import Incoming
from storage import importing
from storage.database import Database
from storage.schema import person
from tests.playground.playground import GROUP, Playground, missing, running
from tests.web.conftest import CHROMIUM
from tests.web.test_web_real_turn import QUIET

# Reading the model and starting a browser take their time on a small machine.
expect.set_options(timeout=60_000)

ROOT = Path(__file__).parents[2]
OUSMANE = "ousmane.faye@sample.example"
ASKED = "Does anyone have a template for a project document on mine action in the Sahel?"

pytestmark = pytest.mark.skipif(bool(missing()), reason=missing())


@dataclass
class Desk:
    """The Playground with Litia at it, and the bot, through which others speak on the try-it page's channel."""

    playground: Playground
    house: House

    async def says(self, key: str, text: str) -> None:
        with self.house.database.reading() as connection:
            number = connection.execute(select(person.c.id).where(person.c.key == key)).scalar_one()
        incoming = Incoming("web", uuid.uuid4().hex, str(number), f"web:{number}", {}, self.house.now(), text=text)
        await self.house.hear(incoming)


@pytest_asyncio.fixture
async def desk(sqlite_database: Database, tmp_path: Path) -> AsyncIterator[Desk]:
    house = House(Settings(_env_file=None), database=sqlite_database)
    with importing.load([ROOT / "samples" / "community"], sample=True) as batch:
        sqlite_database.write(lambda connection: importing.apply(connection, batch, house.now()))
    server = TestServer(house.application())
    await server.start_server()
    house.start_background()
    async with running(str(server.make_url("/api/messages")), tmp_path) as playground:
        yield Desk(playground, house)
    await house.stop_background()
    await server.close()


async def test_a_question_is_asked_in_teams_and_answered_and_solved(desk: Desk) -> None:
    teams = desk.playground
    await teams.say(ASKED)
    preview = await teams.sees("Your question 1, not sent yet")

    answered = await teams.press(preview, "Send")
    assert answered["type"] == "application/vnd.microsoft.card.adaptive"
    assert "Sent." in json.dumps(answered["value"])
    sent = await teams.sees("I am asking somebody who knows the subject")
    assert sent["messageId"] == preview["messageId"], "the card must be replaced, not sent again"

    await desk.says(OUSMANE, "prendre 1")
    taken = await teams.sees("An expert has taken it and is preparing an answer.")
    assert taken["messageId"] == preview["messageId"]
    await desk.says(OUSMANE, "répondre 1 Commencez par la stratégie nationale.")
    answer = await teams.sees("Commencez par la stratégie nationale.")
    assert "Ousmane" not in json.dumps(answer)

    helped = await teams.sees("Did this help with question 1?")
    await teams.press(helped, "Write back", text="Merci, et le budget ?")
    await teams.sees("Passed on to the expert of question 1.")
    # A button works once: the card is edited, so that it can be pressed again.
    helped = await teams.changes(helped)
    closed = await teams.press(helped, "Solved")
    assert "Question 1 is solved." in json.dumps(closed["value"])
    await teams.sees("Question 1 is solved.")


async def test_a_late_press_is_answered_and_changes_nothing(desk: Desk) -> None:
    teams = desk.playground
    await teams.say(ASKED)
    preview = await teams.sees("Your question 1, not sent yet")
    await teams.press(preview, "Send")
    await teams.sees("I am asking somebody who knows the subject")
    late = await teams.press(preview, "Send")
    assert late["type"] == "application/vnd.microsoft.activity.message"
    await teams.sees("Question 1 has been sent already.")


async def test_nothing_private_is_read_in_a_group(desk: Desk) -> None:
    await desk.playground.say(ASKED, GROUP)
    said = await desk.playground.sees("I answer questions in private", GROUP)
    assert ASKED not in json.dumps(said)
    with desk.house.database.reading() as connection:
        assert desk.house.work(connection).questions.get(1) is None


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: apt-get install chromium")
async def test_the_conversation_looks_and_works_in_its_own_page(desk: Desk) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = await browser.new_page(viewport={"width": 1280, "height": 1000})
        await page.goto(desk.playground.url)
        # Opening the page installs the bot, of which Teams tells twice.
        await expect(page.get_by_text("Ask your community, in private")).to_have_count(1)
        await desk.playground.say(ASKED)
        await page.get_by_role("button", name="Send", exact=True).click()
        await expect(page.get_by_text("I am asking somebody who knows the subject")).to_be_visible()
        await desk.says(OUSMANE, "prendre 1")
        await desk.says(OUSMANE, "répondre 1 Commencez par la stratégie nationale, puis prenez le plan type.")
        await expect(page.get_by_text("Did this help with question 1?")).to_be_visible()
        if "PICTURES" in os.environ:
            await page.wait_for_timeout(1000)
            await page.screenshot(path=str(ROOT / "docs" / "pictures" / "playground.png"))
        await page.get_by_role("button", name="Solved").click()
        await expect(page.get_by_text("Question 1 is solved.")).to_be_visible()
        await browser.close()


def test_who_sits_at_the_desk_is_somebody_of_the_sample() -> None:
    settings = (Path(__file__).parent / ".m365agentsplayground.yml").read_text(encoding="utf-8")
    people: dict[str, Any] = {}
    for line in (ROOT / "samples" / "community" / "people.csv").read_text(encoding="utf-8").splitlines()[1:]:
        cells = line.split(",", 1)
        people[cells[0]] = cells[1]
    ids = [f"00000000-0000-4000-8000-00000000000{number}" for number in range(1, 6)]
    mails = [line.split()[-1] for line in settings.splitlines() if line.strip().startswith("email:")]
    assert all(one in people[mail] for one, mail in zip(ids, mails, strict=False))
