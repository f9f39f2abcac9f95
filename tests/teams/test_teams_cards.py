"""The renderer: what stands where in a card, and hostile text in every place of one. How each kind of message looks is
saved in tests/faces."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import literal
from bot.teams import cards
from dialogs.message import Button, Entry, Fact, Field, Image, Link, Message, Quote
from tests.teams.card_schema import as_bytes, check, runs, texts

HOSTILE = Path(__file__).parents[3] / "shared" / "data" / "hostile-strings.json"

MESSAGES = {
    "plain": Message("Thank you. The expert hears that it helped."),
    "plain_with_markup": Message("Read *budjet* as [budget](https://example.org)?", language="en"),
    "preview": Message(
        "This is what I will send. Nothing is sent until you confirm.",
        title="Your question",
        quotes=(Quote("Does anyone have a template for a project document on mine action in the Sahel?", "You"),),
        facts=(Fact("To", "an expert on mine action"), Fact("Audience", "UNDP"), Fact("Your name", "stays hidden")),
        buttons=(Button("Send", "confirm 12", "primary"), Button("Withdraw", "withdraw 12", "danger")),
        card="question-12",
    ),
    "suggestions": Message(
        "Trois réponses existent déjà.",
        entries_title="Réponses",
        entries=(
            Entry(
                "Modèle de document de projet", "Voir le dossier partagé.", "mars 2026", (Button("Utile", "helped 3"),)
            ),
            Entry("Sans texte"),
        ),
        facts=(Fact("Thème", "Action contre les mines"), Fact("", "sans étiquette"), Fact("Région", "")),
        buttons=(Button("Aucune ne convient", "none 12"),),
        note="Vous pouvez aussi écrire : aide",
        card="question-12",
        language="fr",
    ),
    "form": Message(
        "Escriba su respuesta.",
        title="Pregunta 12",
        fields=(
            Field("text", "Su respuesta", placeholder="Unas líneas bastan", multiline=True),
            Field("source", "Fuente", value="https://example.org/guía", max_length=200),
        ),
        buttons=(Button("Enviar", "answer 12", "primary", form=True), Button("Ahora no", "later 12")),
        card="question-12",
        language="es",
    ),
    "picture": Message(
        "Octobre 2026 en bref.",
        title="Résultats",
        facts=(Fact("Réponses", "48 sur 60"),),
        buttons=(Button("Le mois d’avant", "results 2026-09"),),
        links=(Link("Ouvrir le tableau de bord", "https://bot.example.org/open/gAAAAAB=="),),
        image=Image("https://bot.example.org/picture/gAAAAAB==", "Le partage est passé de 52 % à 64 % d’accord."),
        language="fr",
    ),
    "many_buttons": Message("Choose", buttons=tuple(Button(f"Choice {n}", f"choose {n}") for n in range(1, 14))),
}


def hostile_strings() -> list[str]:
    """All of them; "@@REPEAT:x:n" is x n times, and what follows the number stands at the end."""
    if not HOSTILE.exists():
        return []
    found = json.loads(HOSTILE.read_text("utf-8"))
    return [_expanded(text) for name, group in found.items() if name != "_about" for text in group]


def _expanded(text: str) -> str:
    repeat = re.fullmatch(r"@@REPEAT:(.*):(\d+)(.*)", text, re.DOTALL)
    return text if repeat is None else repeat[1] * int(repeat[2]) + repeat[3]


def everywhere(text: str) -> Message:
    """A message with the text in every place that people's words could reach."""
    return Message(
        text,
        title=text,
        quotes=(Quote(text, text), Quote(text)),
        facts=(Fact(text, text), Fact("", text)),
        entries=(Entry(text, text, text, (Button(text, "open 1"),)), Entry(text)),
        entries_title=text,
        fields=(Field("note", text, value=text[:1000], placeholder=text),),
        buttons=(Button(text, "go 1", "primary", form=True),),
        note=text,
        card="c-1",
    )


def test_a_message_survives_the_outbox_and_looks_the_same() -> None:
    for message in MESSAGES.values():
        assert cards.render(Message.from_json(json.loads(json.dumps(message.to_json())))) == cards.render(message)


def test_parts_stand_in_the_order_of_the_neutral_message() -> None:
    message = everywhere("x")
    message = replace(message, title="1", text="2", quotes=(Quote("4", "3"),), facts=(Fact("5", "5"),), note="9")
    message = replace(message, entries_title="6", entries=(Entry("7", "7", "8", (Button("b", "b"),)),))
    assert texts(cards.card(message)["body"]) == ["1", "2", "3", "4", "5: 5", "6", "7", "7", "8", "9"]
    kinds = [element["type"] for element in cards.card(message)["body"]]
    assert kinds[-3:] == ["Input.Text", "ActionSet", "RichTextBlock"]


def test_a_button_carries_its_line_and_the_cards_name() -> None:
    card = cards.card(MESSAGES["form"])
    send, later = card["body"][-1]["actions"]
    assert send["data"] == {"say": "answer 12", "card": "question-12"}
    assert (send["associatedInputs"], later["associatedInputs"]) == ("auto", "none")
    assert send["style"] == "positive"
    assert "style" not in later


def test_a_field_cannot_take_the_place_of_the_buttons_own_line() -> None:
    with pytest.raises(ValueError, match="say"):
        cards.card(Message("x", fields=(Field("say", "Say"),)))


@pytest.mark.skipif(not HOSTILE.exists(), reason="shared/data/hostile-strings.json is not beside this checkout")
def test_no_hostile_string_was_skipped() -> None:
    assert len(hostile_strings()) >= 100
    assert "a" * 50_000 + "!" in hostile_strings()
    assert "\ud800" in hostile_strings()


@pytest.mark.parametrize("text", hostile_strings(), ids=lambda text: ascii(text[:30]))
def test_hostile_text_stays_text_in_every_place(text: str) -> None:
    message = everywhere(text)
    activity = cards.render(message)
    assert "entities" not in activity
    assert "text" not in activity
    content = activity["attachments"][0]["content"]
    check(content)
    as_bytes(activity)
    assert not [run for run in runs(content) if "{{" in run]
    shown = literal.clean(text) or "…"
    for quote in (texts(element["items"])[-1] for element in content["body"] if element.get("style") == "emphasis"):
        whole = quote == shown
        assert whole or (quote.endswith(" …") and shown.startswith(quote.removesuffix(" …")))
    for place in (activity["summary"], content["fallbackText"]):
        assert not re.search(r"[<>*_~`\[\]{}|#\\$\n]|&#?\w+;", place)


@pytest.mark.parametrize("text", hostile_strings(), ids=lambda text: ascii(text[:30]))
def test_hostile_text_as_a_whole_message_is_literal_or_a_card(text: str) -> None:
    activity = cards.render(Message(text))
    as_bytes(activity)
    if "text" in activity:
        assert activity["textFormat"] == "plain"
        assert literal.is_literal(activity["text"])
        assert "attachments" not in activity
    else:
        check(activity["attachments"][0]["content"])


@pytest.mark.parametrize("text", hostile_strings(), ids=lambda text: ascii(text[:30]))
def test_a_cleaned_text_holds_nothing_hidden_and_is_not_cleaned_further(text: str) -> None:
    shown = literal.clean(text)
    assert literal.clean(shown) == shown
    assert not re.search(
        "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]", shown
    )


@given(st.text(st.characters(codec=None), max_size=400))
@settings(max_examples=300, deadline=None)
def test_any_text_can_be_rendered_and_cleaning_is_final(text: str) -> None:
    shown = literal.clean(text)
    assert literal.clean(shown) == shown
    check(cards.card(everywhere(text)))


@pytest.mark.parametrize(
    "text",
    [
        "مرحبا، كيف أساعدك؟ السَّلامُ عَلَيْكُمْ",
        "می‌خواهم",
        "क्‍ष श्री",
        "Éloïse a déjà répondu à l'été : « où ça ? »",
        "¿Cómo está? Ñandú",
        "👩‍👩‍👧‍👦 ❤️‍🔥 👍🏽 🇫🇯 🏴󠁧󠁢󠁥󠁮󠁧󠁿 1️⃣ 👨🏿‍🚀",
        "Tiếng Việt: ế ự",
        "中文、日本語、한국어",
        "line one\nline two\n\nline three\ttabbed",
        "x² ≤ 5 % — “quoted” … §",
    ],
)
def test_legitimate_text_is_not_touched(text: str) -> None:
    assert literal.clean(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("A\u200bd\u200cm\u200di\ufeffn", "Admin"),
        ("\u202eexe.fdp", "exe.fdp"),
        ("a\u2066b\u2069c\u061cd\u200ee", "abcde"),
        ("a\0b\x1b[31mc\x07", "abc"),
        ("a\r\nb\rc\u2028d\x85e", "a\nb\nc\nd\ne"),
        ("a\n\n\n\n \n\nb", "a\n\nb"),
        ("\ud83d and \udc00", "\ufffd and \ufffd"),
        ("\u3164\u3164", ""),
        ("so\u00adft", "soft"),
        ("e" + "\u0301" * 20, "e" + "\u0301" * 4),
        ("x\U000e0041\U000e0042", "x"),
    ],
)
def test_what_hides_is_taken_out(text: str, shown: str) -> None:
    assert literal.clean(text) == shown


def test_the_longest_question_fits_whole_whatever_it_is_written_in() -> None:
    for character in ("a", "é", "水", "😀", '"', "\n", "a\n"):
        text = "x" + character * (3998 // len(character)) + "x"
        message = replace(MESSAGES["preview"], quotes=(Quote(text, "You"),))
        shown = texts(cards.card(message))
        assert literal.clean(text) in shown


def test_two_longest_texts_in_emoji_are_cut_at_a_whole_emoji() -> None:
    family = "👩‍👩‍👧‍👦"
    message = Message("x", quotes=(Quote(family * 1000), Quote("😀" * 4000)))
    card = cards.card(message)
    check(card)
    cut = [text for text in texts(card) if text.endswith(" …")]
    assert cut
    for text in cut:
        assert not text.removesuffix(" …").replace(family, "").replace("😀", "")
    assert len(as_bytes(card)) > 20 * 1024


def test_a_long_text_is_cut_between_words() -> None:
    card = cards.card(Message("x", quotes=(Quote("knowledge " * 5000),)))
    (quote,) = [text for text in texts(card) if text.endswith(" …")]
    assert quote.endswith("knowledge …")


def test_a_list_that_is_too_long_ends_with_a_sign_that_it_goes_on() -> None:
    entries = tuple(Entry(f"Question {n}", "t " * 120, buttons=(Button("Open", f"open {n}"),)) for n in range(200))
    card = cards.card(Message("x", entries=entries))
    check(card)
    assert texts(card)[-1] == "…"
    assert "Question 0" in texts(card)


def test_what_a_person_edits_is_never_cut() -> None:
    message = Message("x", quotes=(Quote("q " * 4000),), fields=(Field("text", "Text", value="v" * 4000),))
    card = cards.card(message)
    check(card)
    (field,) = [element for element in card["body"] if element["type"] == "Input.Text"]
    assert field["value"] == "v" * 4000


@pytest.mark.parametrize(
    ("text", "is_literal"),
    [
        ("Question 12 is yours.", True),
        ('Reply with "answer 12 …", or just write.', True),
        ("See https://example.org/a-b?c=d", True),
        ("Merci ! À bientôt (demain)", True),
        ("a_b", False),
        ("2 * 3", False),
        ("<at>x</at>", False),
        ("&lt;", False),
        ("# x", False),
        ("- x", False),
        ("1. x", False),
        ("a {hidden} b", False),
        ("[x](y)", False),
        ("> quoted", False),
        ("one\n---\ntwo", False),
    ],
)
def test_only_text_without_markup_goes_as_plain_text(text: str, is_literal: bool) -> None:
    assert ("text" in cards.render(Message(text))) is is_literal


def test_the_notification_of_a_card_is_its_own_line_of_text() -> None:
    activity: dict[str, Any] = cards.render(replace(MESSAGES["preview"], text="*Take* <b>it</b>\nnow"))
    assert activity["summary"] == "Take b it /b now"
