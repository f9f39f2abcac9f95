"""The page in a real browser: what people see, type, press and hear read out."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright, expect

from dialogs.incoming import File, Heard, Incoming
from dialogs.message import Button, Field, Message, Quote
from tests.web.conftest import CHROMIUM, Stage
from tests.web.stage import ASHA, ELENA, LUCIA, MAMADOU, NOON, taken

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="needs Chromium: apt-get install chromium (or google-chrome in the path)"
)

FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
QUESTION = "Does anyone have a template for a project document on mine action in the Sahel?"

# Several browsers at once on a small machine are slow, and nothing here is about speed.
expect.set_options(timeout=60_000)

OpenPage = Callable[..., Awaitable[Page]]


@pytest_asyncio.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        await browser.close()


@pytest_asyncio.fixture
async def open_page(browser: Browser, stage: Stage) -> AsyncIterator[OpenPage]:
    """Opens the page and waits until it is live. What the console complains of fails the test."""
    complaints: list[str] = []

    def elsewhere(url: str) -> list[str]:
        return [] if url.startswith(stage.url) else [url]

    async def opening(path: str = "", *, width: int = 1280, height: int = 800, calm: bool = False) -> Page:
        context = await browser.new_context(
            viewport={"width": width, "height": height}, reduced_motion="reduce" if calm else "no-preference"
        )
        page = await context.new_page()
        context.set_default_timeout(60_000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: complaints.extend(elsewhere(request.url)))
        page.on("console", lambda message: complaints.extend(re.findall(".*Content Security.*", message.text)))
        page.on("dialog", lambda dialog: complaints.append(dialog.message))
        await page.goto(stage.url + path)
        await live(page)
        return page

    yield opening
    assert complaints == []


async def live(page: Page) -> None:
    await expect(page.get_by_role("status")).to_have_text("Live", use_inner_text=True)


def pane(page: Page, number: int) -> "PaneOnPage":
    return PaneOnPage(page, number)


class PaneOnPage:
    """One person's side, by what it is called for somebody who cannot see it."""

    def __init__(self, page: Page, number: int) -> None:
        self.whole = page.locator(f"#pane-{number}")
        self.log = self.whole.get_by_role("log")
        self.lines = self.log.locator(".line")
        self.input = self.whole.locator(".composer textarea")
        self.trouble = self.whole.get_by_role("alert")

    async def press(self, name: str) -> None:
        await self.whole.get_by_role("button", name=name, exact=True).click()

    async def say(self, text: str) -> None:
        await self.input.fill(text)
        await self.input.press("Enter")


async def test_a_question_goes_from_one_pane_to_the_other_and_its_answer_back(open_page: OpenPage) -> None:
    page = await open_page()
    asha, mamadou = pane(page, ASHA), pane(page, MAMADOU)
    await asha.say("Who knows <i>mines</i>?")
    await asha.press("Send the question")
    await expect(mamadou.log).to_contain_text("Who knows <i>mines</i>?")
    await mamadou.press("Je la prends")
    await mamadou.whole.get_by_label("Votre réponse").fill("Moi.\nToujours.")
    await mamadou.press("Envoyer la réponse")
    await expect(asha.log).to_contain_text("Did it help?")
    await expect(asha.log.locator("blockquote").last).to_have_text("Moi.\nToujours.", use_inner_text=True)
    await expect(pane(page, ELENA).lines).to_have_count(0)


async def test_a_card_changes_in_place_and_shows_that_it_did(open_page: OpenPage) -> None:
    page = await open_page()
    asha = pane(page, ASHA)
    await asha.say(QUESTION)
    await expect(asha.lines).to_have_count(2)
    await asha.press("Send the question")
    await expect(asha.lines.nth(1).locator("h3")).to_have_text("Question 1 is on its way")
    await expect(asha.log.locator(".changed")).to_contain_text("Updated")
    await expect(asha.lines).to_have_count(2)
    # The highlight is short.
    await expect(asha.log.locator(".changed")).to_have_count(0)


async def test_a_file_is_sent_by_a_button_that_has_a_name(open_page: OpenPage, stage: Stage) -> None:
    page = await open_page()
    asha = pane(page, ASHA)
    await asha.input.fill("import people")
    async with page.expect_file_chooser() as chooser:
        await asha.whole.get_by_role("button", name="Send a file", exact=True).press("Enter")
    await (await chooser.value).set_files({"name": "people.csv", "mimeType": "text/csv", "buffer": b"email\n"})
    await expect(asha.lines.first.locator(".bubble")).to_have_text("import people\n📎 people.csv", use_inner_text=True)
    await expect(asha.input).to_have_value("")
    # The line is shown at once; only the answer says that it was heard.
    await expect(asha.lines.nth(1)).to_contain_text("This is what I will send")
    assert [(heard.text, heard.files) for heard in stage.script.heard] == [
        ("import people", (File("people.csv", content=b"email\n"),))
    ]


async def test_a_file_that_did_not_arrive_can_be_sent_again(open_page: OpenPage, stage: Stage) -> None:
    page = await open_page()
    asha = pane(page, ASHA)
    stage.script.broken = True
    sent = {"name": "people.csv", "mimeType": "text/csv", "buffer": b"email\n"}
    await asha.whole.locator(".chosen").set_input_files(sent)  # type: ignore[arg-type]
    await expect(asha.trouble).to_be_visible()
    stage.script.broken = False
    stage.script.heard.clear()
    await asha.press("Try again")
    await expect(asha.trouble).to_be_hidden()
    await expect(asha.lines.nth(1)).to_contain_text("Your file has arrived.")
    assert [heard.files for heard in stage.script.heard] == [(File("people.csv", content=b"email\n"),)]


async def test_a_first_visitor_starts_with_one_of_three_questions(open_page: OpenPage, stage: Stage) -> None:
    page = await open_page()
    asha = pane(page, ASHA)
    await expect(asha.whole.locator("[data-try]")).to_have_count(3)
    await asha.press(QUESTION)
    await expect(asha.lines.first).to_contain_text(QUESTION)
    await expect(asha.lines.nth(1)).to_contain_text("This is what I will send")
    await expect(asha.whole.locator("[data-try]").first).to_be_hidden()
    assert [heard.text for heard in stage.script.heard] == [QUESTION]


async def test_the_whole_play_works_by_keyboard_alone(open_page: OpenPage, stage: Stage) -> None:
    page = await open_page()
    asha = pane(page, ASHA)
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Skip to the conversations")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(asha.input).to_be_focused()
    await page.keyboard.type("Who knows mines?")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("Anybody?")
    await page.keyboard.press("Enter")
    await expect(asha.input).to_have_value("")
    await expect(asha.lines).to_have_count(2)
    assert stage.script.heard[0].text == "Who knows mines?\nAnybody?"
    # Backwards from where one writes: the last card's buttons.
    for name in ("Do not send", "Change the text", "Send the question"):
        await page.keyboard.press("Shift+Tab")
        button = asha.whole.get_by_role("button", name=name, exact=True)
        await expect(button).to_be_focused()
        assert await button.evaluate("button => getComputedStyle(button).outlineStyle") == "solid"
    await page.keyboard.press("Enter")
    await expect(asha.lines.nth(1)).to_contain_text("Question 1 is on its way")
    # The focus stays where the card was, so that Tab goes on from there.
    await expect(asha.lines.nth(1)).to_be_focused()
    await page.keyboard.press("Tab")
    await expect(asha.whole.get_by_role("button", name="Take it back", exact=True)).to_be_focused()


async def test_everything_has_a_name_and_new_lines_are_read_out(open_page: OpenPage) -> None:
    page = await open_page()
    for name, label in (("Asha Naidu", "Write as Asha Naidu"), ("Mamadou Sarr", "Écrire pour Mamadou Sarr")):
        region = page.get_by_role("region", name=name)
        await expect(region.get_by_role("log")).to_have_attribute("aria-live", "polite")
        await expect(region.get_by_label(label)).to_be_visible()
    await pane(page, ASHA).say("Hello")
    await expect(pane(page, ASHA).lines).to_have_count(2)
    nameless = await page.evaluate(
        """() => [...document.querySelectorAll("button, a, input, textarea")]
            .filter((it) => it.offsetParent && !it.innerText?.trim() && !it.ariaLabel && !it.labels?.length)
            .map((it) => it.outerHTML)"""
    )
    assert nameless == []


async def test_on_a_phone_one_pane_at_a_time_is_chosen_by_tab(open_page: OpenPage, stage: Stage) -> None:
    page = await open_page(width=360, height=740, calm=True)
    asha, mamadou = pane(page, ASHA), pane(page, MAMADOU)
    assert await page.evaluate("document.documentElement.scrollWidth") == 360
    await expect(asha.whole).to_be_in_viewport(ratio=0.99)
    await expect(mamadou.whole).not_to_be_in_viewport()
    await asha.press(QUESTION)
    await asha.press("Send the question")
    tab = page.get_by_role("navigation").get_by_role("link", name="Mamadou")
    await expect(tab.locator(".badge")).to_be_visible()
    await tab.click()
    await expect(mamadou.whole).to_be_in_viewport(ratio=0.99)
    await expect(tab.locator(".badge")).to_be_hidden()
    await expect(tab).to_have_attribute("aria-current", "true")
    # Nothing is wider than the phone.
    wide = await page.evaluate(
        """() => [...document.querySelectorAll(".pane")].flatMap((pane) => [...pane.querySelectorAll("*")]
            .filter((it) => !it.matches(".hidden, .hidden *") && it.getBoundingClientRect().right
                > pane.getBoundingClientRect().right + 1).map((it) => it.outerHTML))"""
    )
    assert wide == []
    sizes = await page.evaluate(
        "[...document.querySelectorAll('.press, .example, .composer button')].filter(it => it.offsetParent)"
        ".map(it => it.getBoundingClientRect().height)"
    )
    assert min(sizes) >= 24


async def test_nothing_is_lost_while_the_bot_is_away(open_page: OpenPage, stage: Stage) -> None:
    page = await open_page()
    asha, mamadou = pane(page, ASHA), pane(page, MAMADOU)
    await stage.script.post(MAMADOU, Message("Avant", card="c"))
    await expect(mamadou.lines).to_have_count(1)
    await stage.stop()
    await expect(page.get_by_role("status")).to_have_text("Reconnecting…", use_inner_text=True)
    await stage.store.deliver(MAMADOU, 101, Message("Après", card="c").to_json(), await first_line(stage), NOON)
    await stage.store.deliver(MAMADOU, 102, Message("Ensuite").to_json(), "", NOON)
    await asha.say("Anybody?")
    await expect(asha.trouble).to_have_text("The bot cannot be reached. Please try again.")
    await expect(asha.lines.first).to_contain_text("Not sent.")
    await stage.start()
    await live(page)
    await expect(mamadou.lines).to_have_count(2)
    await expect(mamadou.lines.first).to_contain_text("Après")
    await expect(mamadou.lines.last).to_contain_text("Ensuite")
    await asha.press("Try again")
    await expect(asha.lines.nth(1)).to_contain_text("This is what I will send")
    await expect(asha.lines).to_have_count(2)
    await expect(asha.trouble).to_be_hidden()
    assert [heard.text for heard in stage.script.heard] == ["Anybody?"]


async def test_an_answer_that_is_no_stream_is_tried_again(open_page: OpenPage, stage: Stage) -> None:
    page = await open_page()
    await page.route("**/web/events*", lambda route: route.fulfill(status=503))
    await page.goto(stage.url)
    await expect(page.get_by_role("status")).to_have_text("Reconnecting…", use_inner_text=True)
    await page.unroute("**/web/events*")
    await live(page)


async def first_line(stage: Stage) -> str:
    return str((await stage.store.lines(MAMADOU))[0].id)


async def test_what_cannot_be_kept_says_so_and_can_be_sent_again(open_page: OpenPage, stage: Stage) -> None:
    page = await open_page()
    mamadou = pane(page, MAMADOU)
    stage.script.broken = True
    await mamadou.say("aide")
    await expect(mamadou.trouble).to_contain_text("Cela n’a pas pu être gardé")
    await expect(mamadou.lines.first).to_contain_text("Non envoyé.")
    stage.script.broken = False
    # Also after the page was loaded again.
    await page.reload()
    await mamadou.press("Réessayer")
    await expect(mamadou.lines.nth(1)).to_contain_text("Write your question")
    await expect(mamadou.lines).to_have_count(2)


async def test_a_line_is_shown_as_being_sent_until_it_was_heard(open_page: OpenPage, stage: Stage) -> None:
    page = await open_page()
    heard = hold(stage)
    await pane(page, ASHA).say("help")
    # Its kept line has come by the stream, and still waits for the turn.
    await expect(page.locator(".sending:not([data-line='0'])")).to_contain_text("Sending…")
    heard.set()
    await expect(pane(page, ASHA).lines).to_have_count(2)
    await expect(page.locator(".sending")).to_have_count(0)


async def test_a_button_pressed_twice_is_heard_once(open_page: OpenPage, stage: Stage) -> None:
    page = await open_page()
    await stage.script.post(ASHA, Message("Take it?", buttons=(Button("Take", "take it"), Button("Leave", "leave it"))))
    heard = hold(stage)
    take = pane(page, ASHA).whole.get_by_role("button", name="Take", exact=True)
    await take.evaluate("button => { button.click(); button.click(); button.nextElementSibling.click(); }")
    await expect(take).to_have_attribute("aria-disabled", "true")
    heard.set()
    # It can be pressed again afterwards, when the card still stands.
    await expect(take).not_to_have_attribute("aria-disabled", "true")
    assert [one.say for one in stage.script.heard] == ["take it"]


def hold(stage: Stage) -> asyncio.Event:
    """Makes the turn wait until the event is set."""
    go, hear = asyncio.Event(), stage.script.hear

    async def held(incoming: Incoming) -> Heard:
        await go.wait()
        return await hear(incoming)

    stage.room._hear = held
    return go


async def test_what_somebody_is_writing_in_a_card_survives_its_change(open_page: OpenPage, stage: Stage) -> None:
    page = await open_page()
    mamadou = pane(page, MAMADOU)
    await stage.script.post(MAMADOU, taken("Who knows?"))
    await mamadou.whole.get_by_label("Votre réponse").fill("Moi, et voici")
    await stage.script.post(MAMADOU, taken("Who knows, please?"))
    await expect(mamadou.log).to_contain_text("Who knows, please?")
    await expect(mamadou.whole.get_by_label("Votre réponse")).to_have_value("Moi, et voici")
    await expect(mamadou.whole.get_by_label("Votre réponse")).to_be_focused()
    await stage.script.post(MAMADOU, Message("Trop tard.", card="offer1"))
    await expect(mamadou.input).to_have_value("Moi, et voici")


async def test_enter_in_a_cards_field_presses_its_forms_button(open_page: OpenPage, stage: Stage) -> None:
    page = await open_page()
    form = (Button("Cancel", "cancel", "danger"), Button("Save", "save", form=True))
    await stage.script.post(ASHA, Message("Your name?", fields=(Field("name", "Name"),), buttons=form, card="c"))
    await pane(page, ASHA).whole.get_by_label("Name").fill("Asha")
    await pane(page, ASHA).whole.get_by_label("Name").press("Enter")
    await expect(pane(page, ASHA).whole.get_by_role("button", name="Save")).to_have_class(re.compile("pressed"))
    await expect(pane(page, ASHA).whole.get_by_role("button", name="Save")).not_to_have_class(re.compile("pressed"))
    assert [(one.say, dict(one.values), one.pressed_card) for one in stage.script.heard] == [
        ("save", {"name": "Asha"}, "c")
    ]


async def test_hostile_words_are_read_as_they_were_written(open_page: OpenPage, stage: Stage) -> None:
    page = await open_page()
    words = [
        "<img src=x onerror=alert(1)>",
        "</p></form><script>alert(1)</script>",
        "[click](javascript:alert(1))",
        "&lt;b&gt; &amp;",
        '"><a href="https://evil.example">x</a>',
        "{{ 7 * 7 }} ${1}",
        "A\u202egnp.exe",
        "a" * 3000,
    ]
    asha = pane(page, ASHA)
    for number, word in enumerate(words):
        await stage.script.post(
            ASHA,
            Message(word, title=word, quotes=(Quote(word, word),), fields=(Field("f", word, word),), card=f"c{number}"),
        )
    await expect(asha.lines).to_have_count(len(words))
    for selector in (".card > p.words", "h3", "blockquote", "figcaption", ".field span"):
        assert await asha.log.locator(selector).evaluate_all("all => all.map(it => it.textContent)") == words
    assert await asha.log.locator(".field input").evaluate_all("all => all.map(it => it.value)") == words
    assert await asha.log.locator("img, script, a").count() == 0
    assert await asha.whole.evaluate("it => it.scrollWidth <= it.clientWidth")


async def test_a_pane_becomes_somebody_else_and_the_address_remembers(open_page: OpenPage, stage: Stage) -> None:
    page = await open_page()
    await pane(page, ASHA).input.fill("half a thought")
    await page.get_by_role("button", name="Be somebody else instead of Elena Weber").click()
    await expect(page.get_by_role("searchbox")).to_be_focused()
    await expect(page.locator(".found li")).to_have_count(5)
    await page.keyboard.type("bogota")
    # At once, before the list has followed: it means what was typed.
    await page.keyboard.press("Enter")
    lucia = pane(page, LUCIA)
    await expect(lucia.input).to_be_focused()
    await expect(page).to_have_url(stage.url + "?who=1,2,4")
    await expect(lucia.whole).to_contain_text("En espera de una pregunta")
    await expect(pane(page, ASHA).input).to_have_value("half a thought")
    await page.get_by_role("link", name="Retirer Mamadou Sarr de cette page").click()
    await expect(page.locator(".pane")).to_have_count(2)
    await page.get_by_role("button", name="Add a person").click()
    await page.get_by_role("link", name="Elena Weber").click()
    await expect(page.locator(".pane")).to_have_count(3)
    await expect(page).to_have_url(stage.url + "?who=1,4,3")


async def test_the_dialog_closes_by_escape_and_gives_the_focus_back(open_page: OpenPage) -> None:
    page = await open_page()
    change = page.get_by_role("button", name="Be somebody else instead of Asha Naidu")
    await change.click()
    await expect(page.get_by_role("dialog", name="Who should this be?")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_be_hidden()
    await expect(change).to_be_focused()
    await change.click()
    await page.get_by_role("button", name="Close").click()
    await expect(page.get_by_role("dialog")).to_be_hidden()


async def test_who_reads_further_up_is_not_pulled_down_but_told(open_page: OpenPage, stage: Stage) -> None:
    for number in range(30):
        await stage.script.post(ASHA, Message(f"Line {number}", card=f"c{number}"))
    page = await open_page()
    talk = pane(page, ASHA).whole.locator(".talk")
    await expect(pane(page, ASHA).lines.last).to_be_in_viewport()
    await talk.evaluate("it => it.scrollTo(0, 0)")
    await stage.script.post(ASHA, Message("The newest"))
    jump = pane(page, ASHA).whole.get_by_role("button", name="New message below")
    await expect(jump).to_be_visible()
    await expect(pane(page, ASHA).lines.first).to_be_in_viewport()
    await jump.click()
    await expect(pane(page, ASHA).lines.last).to_be_in_viewport()
    await stage.script.post(ASHA, Message("Line 0, changed", card="c0"))
    await pane(page, ASHA).press("A card changed above")
    await expect(pane(page, ASHA).lines.first).to_be_in_viewport()


async def test_a_line_that_overtakes_the_word_of_a_scroll_pulls_nobody_down(open_page: OpenPage, stage: Stage) -> None:
    for number in range(30):
        await stage.script.post(ASHA, Message(f"Line {number}"))
    page = await open_page()
    await expect(pane(page, ASHA).lines.last).to_be_in_viewport()
    # A browser tells of a scroll a frame late; here it never does.
    await page.evaluate("addEventListener('scroll', event => event.stopImmediatePropagation(), true)")
    await pane(page, ASHA).whole.locator(".talk").evaluate("it => it.scrollTo(0, 0)")
    await stage.script.post(ASHA, Message("The newest"))
    await expect(pane(page, ASHA).whole.get_by_role("button", name="New message below")).to_be_visible()
    await expect(pane(page, ASHA).lines.first).to_be_in_viewport()


async def test_nothing_moves_for_who_asked_for_less_motion(open_page: OpenPage, stage: Stage) -> None:
    page = await open_page(calm=True)
    await stage.script.post(ASHA, Message("One", card="c"))
    await expect(pane(page, ASHA).lines).to_have_count(1)
    await stage.script.post(ASHA, Message("Two", card="c"))
    await expect(page.locator(".changed")).to_contain_text("Updated")
    assert await page.evaluate("document.getAnimations().length") == 0


async def test_two_windows_show_the_same_conversation(open_page: OpenPage) -> None:
    one, other = await open_page(), await open_page("?who=1,2")
    await pane(one, ASHA).say("help")
    for page in (one, other):
        await expect(pane(page, ASHA).lines).to_have_count(2)
    await expect(pane(other, ASHA).lines.first).to_contain_text("help")
