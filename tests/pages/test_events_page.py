"""The calendar in a browser and in calendar programs: what one may know of, in one's own time, and no more."""

from datetime import timedelta

import icalendar
import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import async_playwright

from knowledge import feeding
from knowledge.event import Kind
from knowledge.held import Kind as Left
from knowledge.held import Material
from knowledge.people import Person
from knowledge.places import Audience
from knowledge.rsvp import Answer, Rsvp
from storage.events import Events
from tests.chat.town import ELIF, LITIA, OUSMANE
from tests.events.making import event
from tests.pages.conftest import CHROMIUM, Door


def planned(door: Door, **more: object) -> int:
    with door.house.database.begin() as connection:
        told = {"id": 0, "title": "Anticipatory action", "kind": Kind.WEBINAR, **more}
        return Events(connection, door.clock()).add(event(**told)).id


def network(door: Door, key: str) -> int:
    with door.house.database.reading() as connection:
        return next(one.id for one in door.house.work(connection).catalogue.networks if one.key == key)


def person(door: Door, key: str) -> Person:
    with door.house.database.reading() as connection:
        return door.house.work(connection).people.get(door.number(key))


async def test_the_page_shows_what_its_reader_may_know_of_in_their_own_time(door: Door) -> None:
    planned(door, network=network(door, "crisis"))
    planned(door, title="Safe space", network=network(door, "mine-action"), audience=Audience.SUB_NETWORK)
    text = await (await door.open(LITIA, "/events")).text()
    assert "Anticipatory action" in text
    assert "Sun 15 Mar, 02:00–03:30 (Suva time)" in text
    assert "Safe space" not in text
    assert "Safe space" in await (await door.open(OUSMANE, "/events")).text()
    assert "Nothing is in the calendar" in await (await door.open(LITIA, "/events?from=2026-06-01")).text()
    for odd in ("from=0001-01-01", "from=9999-12-31", "from=x", "network=99999999999", "network=x", "mine=1&from="):
        assert (await door.open(LITIA, f"/events?{odd}")).status == 200


async def test_what_is_left_of_an_event_stands_beside_it_for_whoever_may_know_of_it(door: Door) -> None:
    number = planned(door, start="2026-02-24 15:00", network=network(door, "crisis"))
    hidden = planned(
        door, start="2026-02-25 15:00", network=network(door, "mine-action"), audience=Audience.SUB_NETWORK
    )
    with door.house.database.begin() as connection:
        held = door.house.work(connection).held
        for one, kind, text in (
            (number, Left.NOTES, "We agreed on <three> things."),
            (number, Left.RECORDING, "https://meet.example/recording"),
            (hidden, Left.NOTES, "Nobody else's business"),
        ):
            held.attach(Material(0, one, "once", kind, text, None, door.clock()))
    text = await (await door.open(LITIA, "/events?from=2026-02-20")).text()
    assert "We agreed on &lt;three&gt; things." in text
    assert 'href="https://meet.example/recording"' in text
    assert "else&#39;s business" not in text
    assert "business" in await (await door.open(OUSMANE, "/events?from=2026-02-20")).text()


async def test_a_feed_is_its_owners_alone_and_tells_nothing_once_revoked(door: Door) -> None:
    number = planned(door)
    with door.house.database.begin() as connection:
        work = door.house.work(connection)
        [notice] = feeding.feed(work, person(door, LITIA), "")
        [single] = feeding.one(work, person(door, LITIA), number)
    base = door.house.signer.base
    for told in (notice, single):
        answer = await door.client.get(str(told.values["url"]).removeprefix(base))
        assert (answer.status, answer.content_type) == (200, "text/calendar")
        [shown] = icalendar.Calendar.from_ical(await answer.read()).walk("VEVENT")
        assert str(shown["SUMMARY"]) == "Anticipatory action"
        assert "Litia" not in await answer.text()
    path = str(notice.values["url"]).removeprefix(base)
    with door.house.database.begin() as connection:
        Events(connection, door.clock()).put_rsvp(number, Rsvp(door.number(LITIA), Answer.NO, door.clock()))
    assert "Anticipatory" not in await (await door.client.get(path)).text()
    with door.house.database.begin() as connection:
        feeding.revoke(door.house.work(connection), person(door, LITIA))
    assert (await door.client.get(path)).status == 404
    assert (await door.client.get("/calendar/nothing")).status == 404


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1200])
async def test_the_page_can_be_read_by_everybody(door: Door, scheme: str, width: int) -> None:
    planned(door, network=network(door, "crisis"), place="UN House", link="https://meet.example/x")
    planned(door, title="Retreat", start="2026-03-20 00:00", minutes=1440, all_day=True)
    held = planned(door, title="Breakfast", start="2026-03-02 08:00")
    with door.house.database.begin() as connection:
        kept = door.house.work(connection).held
        kept.attach(Material(0, held, "once", Left.NOTES, "A long word: " + "x" * 300, None, door.clock()))
        kept.attach(Material(0, held, "once", Left.RECORDING, "https://meet.example/rec", None, door.clock()))
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = await browser.new_page(color_scheme=scheme, viewport={"width": width, "height": 900})
        await page.goto(str(door.client.make_url(door.link(ELIF, "/events"))))
        assert await page.locator("tbody tr").count() == 3
        await page.get_by_text("Notes").first.click()
        wider = await page.evaluate("document.documentElement.scrollWidth > innerWidth")
        assert not wider
        found = await Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        await page.get_by_label("For me only").check()
        await page.get_by_role("button", name="Show").click()
        assert "mine=1" in page.url
        await browser.close()


async def test_what_was_is_not_told_for_ever(door: Door) -> None:
    number = planned(door)
    door.clock.at += timedelta(days=60)
    with door.house.database.reading() as connection:
        assert feeding.events_for(door.house.work(connection), person(door, LITIA), None) == []
    assert number
