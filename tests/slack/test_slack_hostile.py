"""People's words in Slack's blocks: shown as they are, and acted on by nothing."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from bot.literal import clean
from bot.slack.blocks import render
from dialogs.message import Button, Entry, Fact, Field, Message, Quote
from tests.support.hostile import hostile_strings

# Shown whole, and letter by letter as they were written.
LEGITIMATE = (
    "مرحبا كيف الحال",
    "Où est l’école ? Ça va, merci — à bientôt.",
    "¿Cuándo? ¡Mañana!",
    "می‌خواهم",
    "👩🏽‍🚀 and 🏳️‍🌈",
    "x = [a for a in b if a < 3] and c > 2 && d",
    "https://www.undp.example/fr/page?a=1&b=2#top",
    "snake_case, *args, `code`, ~tilde~",
    "Привет, 你好, नमस्ते",
)


def message(text: str) -> Message:
    """The text in every place in which people's words can stand."""
    return Message(
        text="Sent.",
        title="Your question 1",
        quotes=(Quote(text, "The expert"),),
        facts=(Fact("Name", text[:200]),),
        entries=(Entry("Answer 1", text, "note", (Button("Show", "status 1"),)),),
        fields=(Field("text", "Your words", text[:2000]),),
        buttons=(Button("Send", "send 1"),),
    )


def objects(part: Any) -> Iterator[dict[str, Any]]:
    """Every object with a type, however deep."""
    if isinstance(part, dict):
        if "type" in part:
            yield part
        for inner in part.values():
            yield from objects(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from objects(inner)


@pytest.mark.parametrize("text", hostile_strings(), ids=lambda text: repr(text[:20]))
def test_nothing_in_people_s_words_is_read_by_slack(text: str) -> None:
    shown = render(message(text))
    json.dumps(shown).encode()
    for one in objects(shown["blocks"]):
        # The only formats that Slack reads as text and nothing else.
        assert one["type"] not in ("mrkdwn", "link", "user", "usergroup", "channel", "broadcast", "emoji", "date")
        if one["type"] == "plain_text":
            assert one.get("emoji") is False or not re.search(r":\w+:", one["text"])
    # The line for notifications is the one part that is read as markup: everything is escaped there.
    assert not re.search(r"<[!@#]|<https?:|<mailto:", shown["text"])
    assert len(shown["blocks"]) <= 50


@pytest.mark.parametrize("text", LEGITIMATE)
def test_nothing_legitimate_is_lost(text: str) -> None:
    shown = "\n".join(
        one["text"] for one in objects(render(message(text))["blocks"]) if isinstance(one.get("text"), str)
    )
    assert clean(text) == text
    assert shown.count(text) >= 3


@pytest.mark.parametrize("text", ["<!channel> & <@U1>", "<https://elsewhere.example|here>", "*bold* _it_"])
def test_the_line_for_notifications_is_escaped(text: str) -> None:
    assert render(Message(text=text))["text"] == text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
