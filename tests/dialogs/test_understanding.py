"""What typed lines mean."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs import asking, helping  # noqa: F401 - importing them declares their commands
from dialogs.commands import REGISTRY, read_call
from dialogs.message import Button, Entry, Fact, Field, Message, Quote
from dialogs.understanding import Meaning, understand
from knowledge.text import LONGEST_TEXT, clean, excerpt, plain

SAID = {
    Meaning.GREETING: ["hi", "Hello!", "Good morning", "Bonjour", "bonjour à tous", "Hola, buenos días", "bula"],
    Meaning.THANKS: ["thanks", "Thank you very much!", "merci beaucoup", "¡Muchas gracias!", "ok", "parfait"],
    Meaning.GOODBYE: ["bye", "au revoir", "hasta luego"],
    Meaning.SLIP: ["acept 12", "declne 3", "wihtdraw 3", "hepl", "satus", "repondree 4", "enviarr 2"],
    Meaning.COMMAND: ["help", "AIDE", "ayuda", "/help", "?", "accept 12", "Accept #12", "répondre 3 Voici",
                      "repondre 3 oui", "no 4", "status",
                      "estado", "idioma francés", "queue", "pass 12 to Awa", "ask a question",
                      "who knows about mine action?", "¿Quién sabe de desminado?"],
    Meaning.INCOMPLETE: ["answer", "send", "accept twelve", "withdraw"],
    Meaning.QUESTION: [
        "Does anyone have a template for a project document on mine action in the Sahel?",
        "help me find an expert on anticipatory action",
        "send me a template for a concept note please",
        "show me your plan for the floods",
        "Quelqu’un a-t-il un modèle de document de projet ?",
        "Comment travailler avec les chefs coutumiers",
        "Busco a alguien que sepa de gobernanza local",
        "I need to talk to somebody about elections",
        "من يعرف عن إزالة الألغام؟",
    ],
    Meaning.UNCLEAR: ["", "   ", "12", "...", "frobnicate", "mine action", "👍"],
}  # fmt: skip


@pytest.mark.parametrize(("meaning", "line"), [(meaning, line) for meaning, lines in SAID.items() for line in lines])
def test_a_line_is_understood(meaning: Meaning, line: str) -> None:
    assert understand(line).meaning is meaning


@given(st.text(max_size=300))
def test_nothing_typed_is_too_odd(line: str) -> None:
    assert understand(line).meaning in Meaning
    assert "\0" not in clean(line)
    assert len(excerpt(line, 40)) <= 40
    assert plain(plain(line)) == plain(line)


def test_hostile_lines_are_read_in_bounded_time() -> None:
    path = Path(__file__).parents[3] / "shared" / "data" / "hostile-strings.json"
    lines = ["a" * 100_000, "?" * 100_000, "accept " * 20_000, "((((" * 20_000, "\u200b" * 20_000]
    if path.exists():
        groups = json.loads(path.read_text(encoding="utf-8"))
        lines += [line for group in groups.values() if isinstance(group, list) for line in group]
    for line in lines:
        assert understand(line).meaning in Meaning


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("a\u202eb", "ab"),
        ("A\u200bd\u200cm\u200din", "Admin"),
        ("line\u2029para", "line\npara"),
        ("\r\nX: 1", "X: 1"),
        ("a\n\n\n\nb", "a\n\nb"),
        ("\ud800", ""),
        ("\U0001f469\u200d\U0001f467", "\U0001f469\u200d\U0001f467"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("مرحبا é ñ 汉", "مرحبا é ñ 汉"),
    ],
)
def test_what_cannot_be_seen_is_dropped_and_nothing_else(typed: str, kept: str) -> None:
    assert clean(typed) == kept


def test_every_command_is_called_by_each_of_its_words_and_by_nothing_else() -> None:
    seen: dict[str, str] = {}
    for command in REGISTRY.values():
        for words in command.words.values():
            for word in words:
                call = read_call(word)
                assert call is not None
                assert call.command is command
                assert seen.setdefault(plain(word) or word, command.name) == command.name


def test_a_form_fills_what_the_button_leaves_out() -> None:
    call = read_call("answer 12", {"text": "Yes.\nHere.", "other": "x"})
    assert call is not None
    assert call.complete
    assert {argument.value: said for argument, said in call.values.items()} == {"question": "12", "text": "Yes.\nHere."}


texts = st.text(min_size=1, max_size=20)
messages = st.builds(
    Message,
    text=texts,
    title=st.text(max_size=20),
    quotes=st.lists(st.builds(Quote, texts, st.text(max_size=9)), max_size=2).map(tuple),
    facts=st.lists(st.builds(Fact, texts, texts), max_size=2).map(tuple),
    entries=st.lists(
        st.builds(Entry, texts, buttons=st.lists(st.builds(Button, texts, texts), max_size=2).map(tuple)), max_size=2
    ).map(tuple),
    fields=st.lists(st.builds(Field, texts, texts, multiline=st.booleans()), max_size=2).map(tuple),
    buttons=st.lists(st.builds(Button, texts, texts, form=st.booleans()), max_size=3).map(tuple),
    card=st.text(max_size=9),
    language=st.sampled_from(["en", "fr", "es"]),
)


@given(messages)
def test_a_message_comes_back_from_the_outbox_as_it_went_in(message: Message) -> None:
    stored = json.loads(json.dumps(message.to_json()))
    assert Message.from_json(stored) == message


def test_the_longest_text_is_the_same_everywhere() -> None:
    assert Field("text", "Your words").max_length == LONGEST_TEXT
