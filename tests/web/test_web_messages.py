"""The renderer: one saved page piece per kind of message, and hostile text in every place of one."""

import html
import json
import os
import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.web.html import line_html, message_html
from bot.web.page import Pane, page_html, picker_html
from dialogs.message import Button, Entry, Fact, Field, Message, Quote
from storage.web import Line, Profile
from tests.web import stage

GOLDEN = Path(__file__).parent / "golden"
SHARED = Path(__file__).parents[3] / "shared" / "data" / "hostile-strings.json"
# A few of our own, for a checkout without that file.
OWN = [
    "<script>alert(1)</script>",
    "\"'><b onclick=x>",
    "&lt;b&gt; &amp;",
    "</textarea><p>",
    "\u202egnp",
    "\ud800",
    "{{ 1 }}",
]
ASSETS = {"page.css": "/web/page.css", "page.js": "/web/page.js", "icon.svg": "/web/icon.svg"}

ASHA = Profile(1, "Asha Naidu", "en", "asia-pacific", "Suva, Fiji", "Pacific/Fiji", True)
AT = datetime(2026, 3, 6, 14, 30, tzinfo=UTC)

MESSAGES = {
    "plain": Message("Write your question in your own words.\nOr write “help”."),
    "preview": stage.preview("Does anyone have a template for a project document?"),
    "offer": stage.offer("Does anyone have a template for a project document?"),
    "taken": stage.taken("Does anyone have a template for a project document?"),
    "answered": stage.answered("Yes: <b>use</b> the “standard” one & add annexes."),
    "one_line_field": Message(
        "Which one?", fields=(Field("n", "Number", "1"),), buttons=(Button("Go", "go", form=True),)
    ),
}


@pytest.mark.parametrize("name", MESSAGES)
def test_a_message_looks_as_saved(name: str) -> None:
    rendered = message_html(MESSAGES[name]) + "\n"
    saved = GOLDEN / f"{name}.html"
    if os.environ.get("WRITE_GOLDEN"):
        saved.write_text(rendered, "utf-8")
    assert rendered == saved.read_text("utf-8")


class Seen(HTMLParser):
    """What a browser would make of it: the tags with the names of their attributes, the text, the values."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.texts: list[str] = []
        self.values: list[str] = []
        self.feed(str(text))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(name for name, _ in attrs)))
        self.values += [value or "" for _, value in attrs]
        self.texts.append("")

    def handle_endtag(self, tag: str) -> None:
        self.tags.append(("/" + tag, ()))
        self.texts.append("")

    def handle_decl(self, decl: str) -> None:
        self.tags.append(("!" + decl, ()))

    def handle_comment(self, data: str) -> None:
        self.tags.append(("<!--", ()))

    def handle_data(self, data: str) -> None:
        self.texts.append(self.texts.pop() + data if self.texts else data)


def hostile_strings() -> list[str]:
    if not SHARED.exists():
        return OWN
    found = json.loads(SHARED.read_text("utf-8"))
    assert sum(map(len, found.values())) > 100
    return OWN + [_expanded(text) for name, group in found.items() if name != "_about" for text in group]


def _expanded(text: str) -> str:
    repeat = re.fullmatch(r"@@REPEAT:(.*):(\d+)(.*)", text, re.DOTALL)
    return text if repeat is None else repeat[1] * int(repeat[2]) + repeat[3]


def everywhere(text: str) -> Message:
    """A message with the text in every place that somebody's words could reach."""
    return Message(
        text=text,
        title=text,
        quotes=(Quote(text, text),),
        facts=(Fact(text, text),),
        entries=(Entry(text, text, text, (Button(text, text),)),),
        entries_title=text,
        fields=(Field(text, text, text, text), Field(text, text, text, text, multiline=True)),
        buttons=(Button(text, text, "primary", form=True),),
        note=text,
        card=text,
    )


def writable(text: str) -> str:
    """The text as a page can hold it."""
    return re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]", "\ufffd", text)


def shows_literally(text: str) -> None:
    rendered = message_html(everywhere(text))
    rendered.encode("utf-8")
    seen, innocent = Seen(rendered), Seen(message_html(everywhere("x")))
    assert seen.tags == innocent.tags
    expected = writable(text)
    # Every place that holds "x" in the innocent one holds the text, letter for letter.
    assert [place.replace("x", expected) for place in innocent.texts if "x" in place.split()] == [
        place for place, plain in zip(seen.texts, innocent.texts, strict=True) if "x" in plain.split()
    ]
    assert [value for value, plain in zip(seen.values, innocent.values, strict=True) if plain == "x"] == [
        expected
    ] * innocent.values.count("x")


@pytest.mark.parametrize("text", hostile_strings(), ids=lambda text: ascii(text[:30]))
def test_hostile_text_stays_text_in_every_place(text: str) -> None:
    shows_literally(text)


@given(st.text(st.characters(), min_size=1))
def test_any_text_stays_text_in_every_place(text: str) -> None:
    shows_literally(text)


@pytest.mark.parametrize("text", hostile_strings(), ids=lambda text: ascii(text[:30]))
def test_a_hostile_name_stays_a_name_on_the_whole_page(text: str) -> None:
    def page(name: str) -> str:
        person = Profile(1, name, "en", "africa", name, name, True)
        lines = [Line(1, 1, AT, typed=name, key=name), Line(2, 2, AT, message={"text": name})]
        return page_html([Pane(person, lines, 2)], language="en", now=AT, assets=ASSETS, name=name)

    page(text).encode("utf-8")
    assert Seen(page(text)).tags == Seen(page("x")).tags
    assert writable(text) in html.unescape(page(text))


@pytest.mark.parametrize("text", OWN, ids=ascii)
def test_a_hostile_name_stays_a_name_in_the_picker(text: str) -> None:
    def picker(name: str) -> str:
        return picker_html([Profile(1, name, "en", "africa", name, "UTC", True)], [1], 0, "en")

    assert Seen(picker(text)).tags == Seen(picker("x")).tags


def test_a_line_of_plain_text_is_a_bubble_and_anything_more_a_card() -> None:
    assert 'class="bubble' in message_html(Message("Hello"))
    assert 'class="card"' in message_html(Message("Hello", card="q1"))


def test_each_text_takes_its_own_direction() -> None:
    rendered = message_html(everywhere("مرحبا"))
    tags = Seen(rendered)
    with_words = [names for tag, names in tags.tags if tag in ("p", "h3", "h4", "blockquote", "dt", "dd", "figcaption")]
    assert with_words
    assert all("dir" in names for names in with_words)


def test_a_field_keeps_the_line_break_it_begins_with() -> None:
    rendered = message_html(Message("x", fields=(Field("text", "Text", "\n\nthree", multiline=True),)))
    # A parser drops the first of them.
    assert ">\n\n\nthree</textarea>" in rendered


def test_a_line_shows_the_time_by_its_persons_clock() -> None:
    assert ">02:30</time>" in line_html(Line(1, 1, AT, message={"text": "Hello"}), ASHA)


def test_a_time_zone_nobody_knows_reads_as_utc() -> None:
    lost = Profile(1, "Asha", "en", "asia-pacific", "", "../etc/passwd", True)
    assert ">14:30</time>" in line_html(Line(1, 1, AT, typed="Hello", key="k"), lost)


def test_a_message_kept_by_another_version_still_shows_its_text() -> None:
    kept = {"text": "Your question is taken.", "hologram": {"spin": 2}}
    assert "Your question is taken." in line_html(Line(1, 1, AT, message=kept), ASHA)


def test_what_was_not_heard_offers_to_try_again() -> None:
    assert "line mine failed" in line_html(Line(1, 1, AT, typed="Hello", key="k", failed=True), ASHA)
