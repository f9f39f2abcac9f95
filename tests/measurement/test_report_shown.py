"""A full report, as people read it: whole on every channel and in every language, with what it says said right."""

import json

import pytest

from bot.slack import blocks
from bot.teams import cards
from bot.web.html import message_html
from dialogs.composing import compose
from dialogs.message import Message
from dialogs.plain import to_text
from dialogs.wording import say_in
from knowledge import reporting
from knowledge.matching.port import Catalogue
from knowledge.notices import Notice
from knowledge.places import LANGUAGES
from storage.database import Database
from tests.chat.player import words_of
from tests.measurement.test_pilot import piloted


def _report(database: Database, language: str) -> Message:
    with piloted(database) as (_, reading):
        made = reporting.made(reading)  # type: ignore[arg-type]
    return compose(Notice(1, "report", {"report": made}), say_in(language), Catalogue(1))


@pytest.mark.parametrize("region", ["", "africa"])
def test_one_statement_is_told_with_all_its_answers(region: str, sqlite_database: Database) -> None:
    with piloted(sqlite_database) as (_, reading):
        made = reporting.made(reading, region=region)  # type: ignore[arg-type]
    text = to_text(compose(Notice(1, "report.item", {"report": made, "item": "O2"}), say_in("en"), Catalogue(1)))
    result = next(line.latest for section in made.sections for line in section.lines if line.item == "O2")
    assert result is not None
    most = result.together.counts[-1]
    assert f"Strongly agree: {most}" in text
    assert ("By region" in text) is (not region)
    if not region:
        assert "69% agree (132 of 191; 62 to 75%)" in text
        assert "Higher than before" in text


def _strings(part: object) -> str:
    if isinstance(part, dict):
        return "".join(_strings(inner) for inner in part.values())
    if isinstance(part, list):
        return "".join(_strings(inner) for inner in part)
    return part if isinstance(part, str) else ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_of_a_full_report_is_cut_on_any_channel(language: str, sqlite_database: Database) -> None:
    message = _report(sqlite_database, language)
    shown = {
        "teams": _strings(cards.render(message)),
        "slack": _strings(blocks.render(message)["blocks"]),
        "page": message_html(message).unescape(),
    }
    assert len(json.dumps(blocks.render(message)["blocks"])) < blocks.MOST_BYTES
    for channel, text in shown.items():
        flat = "".join(text.split())
        lines = [line for words in words_of(message) for line in words.split("\n")]
        assert [line for line in lines if "".join(line.split()) not in flat] == [], channel


def test_a_report_says_how_sure_each_figure_is(sqlite_database: Database) -> None:
    text = to_text(_report(sqlite_database, "en"))
    assert "O2 New knowledge: 69% agree (132 of 191; 62 to 75%), up from 39%" in text
    assert "up from " in text
    assert "before: may be chance" in text
    assert "Questions answered: " in text
    assert "at random it would be " in text
    assert "wanted: at least 60%: met" in text
