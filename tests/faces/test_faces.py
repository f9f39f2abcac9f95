"""The faces of a message on every channel: side by side in one saved file each, and valid whatever the message."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from slack_sdk.models.views import View

from bot.email import letter
from bot.slack import blocks
from bot.teams import cards
from bot.web.html import message_html
from dialogs.message import Button, Entry, Fact, Field, Image, Link, Message, Quote
from dialogs.plain import to_text
from tests.slack.fakes import fault
from tests.teams.card_schema import as_bytes, check
from tests.teams.test_teams_cards import MESSAGES

OFF = "https://bot.example.org/mail/where-letters-are-stopped"
GOLDEN = Path(__file__).parent / "golden"
# "Format cards in Teams": what a card's message may weigh.
MOST_IN_TEAMS = 28 * 1024


def side_by_side(message: Message) -> str:
    faces = {
        "Plain": to_text(message),
        "Teams": json.dumps(cards.render(message), ensure_ascii=False, indent=1),
        "Slack": json.dumps(blocks.render(message), ensure_ascii=False, indent=1),
        "Web": message_html(message),
        "E-mail, plain text": letter.text(message, OFF),
        "E-mail, HTML": letter.html(message, OFF),
    }
    return "\n".join(f"== {name}\n{face}\n" for name, face in faces.items())


@pytest.mark.parametrize("name", MESSAGES)
def test_each_kind_of_message_looks_as_saved_on_every_channel(name: str) -> None:
    shown = side_by_side(MESSAGES[name])
    saved = GOLDEN / f"{name}.txt"
    if os.environ.get("WRITE_GOLDEN"):
        saved.write_text(shown, "utf-8")
    assert shown == saved.read_text("utf-8"), "run again with WRITE_GOLDEN=1 if the new look is meant"


words = st.text(max_size=60)
some_words = st.text(min_size=1, max_size=80).filter(str.strip)
# What is long or many repeats what is short: drawn letter by letter it would be more than one example may take.
long_words = st.one_of(words, st.builds(lambda piece, times: piece * times, some_words, st.integers(20, 60)))
lines = st.from_regex(r"[a-z]{2,12}( [0-9]{1,6})?( ~[0-9a-f]{40})?", fullmatch=True)
buttons = st.builds(Button, some_words, lines, st.sampled_from(["", "danger"]), form=st.booleans())


def many(one: st.SearchStrategy[object], most: int) -> st.SearchStrategy[tuple[object, ...]]:
    few = st.lists(one, max_size=3)
    return st.builds(lambda some, times: tuple((some * times)[:most]), few, st.sampled_from([1, 1, 1, 2, 5, most]))


fields = st.lists(
    st.builds(
        Field, st.sampled_from(["text", "note", "source"]), some_words, words, words, st.booleans(),
        st.integers(1, 4000),
    ),
    max_size=3, unique_by=lambda field: field.name,
).map(tuple)  # fmt: skip
urls = st.from_regex(r"https?://[a-z]{1,9}(:[0-9]{2,4})?/[!-~]{0,200}", fullmatch=True)
messages = st.builds(
    Message,
    text=long_words.filter(str.strip),
    title=words,
    quotes=many(st.builds(Quote, long_words.filter(bool), words), 6),
    facts=many(st.builds(Fact, words, words), 20),
    entries=many(st.builds(Entry, some_words, long_words, words, many(buttons, 3)), 60),
    entries_title=words,
    fields=fields,
    buttons=many(buttons, 30),
    links=many(st.builds(Link, some_words, urls), 6),
    image=st.none() | st.builds(Image, urls, some_words),
    note=words,
    card=st.from_regex(r"([a-z]{2,10}:[0-9]{1,6})?", fullmatch=True),
    language=st.sampled_from(["en", "fr", "es"]),
)


SHORT_LINES = tuple(
    Entry(str(n), buttons=(Button("Open", f"open {n}"), Button("Drop", f"drop {n}"))) for n in range(60)
)
LONG_FORM = tuple(Field(name, "é" * 80, "é" * 900, "…" * 60, multiline=True) for name in ("text", "note", "source"))


@given(messages)
@example(Message("Too many lines", entries=SHORT_LINES))
@example(Message("Too many buttons", buttons=tuple(Button("b" * 80, "say " + "x" * 60) for _ in range(30))))
@example(Message("Too long a form", fields=LONG_FORM, buttons=(Button("Send", "answer 12", form=True),)))
@example(Message("\U0001f600" * 20_000, title="é" * 3000, quotes=(Quote("ж" * 20_000, "q"),), note="n" * 9000))
def test_any_message_is_valid_on_every_channel(message: Message) -> None:
    in_teams = cards.render(message)
    assert len(as_bytes(in_teams)) <= MOST_IN_TEAMS
    for attachment in in_teams.get("attachments", ()):
        check(attachment["content"])
    in_slack = blocks.render(message)
    assert fault(in_slack["blocks"]) == ""
    assert 0 < len(in_slack["text"]) <= 40_000
    for block in in_slack["blocks"]:
        for element in block.get("elements", ()) if block["type"] == "actions" else ():
            carried = json.loads(element["value"]) if "value" in element else {}
            if "fields" in carried:
                view = blocks.modal(carried)
                View(**view).validate_json()
                assert fault(view["blocks"]) == ""
                assert len(view["private_metadata"]) <= 3000
    assert message_html(message)
    assert to_text(message).strip()
