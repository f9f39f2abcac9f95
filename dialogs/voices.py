"""The commands and words of questions that want more voices: for their askers, and for whoever reads them."""

from dialogs.commands import Argument, Group, command
from dialogs.composing import Values, Words, words_for
from dialogs.message import Button, Entry, Fact, Field, Message, Quote
from dialogs.ports import Desk
from dialogs.wording import Say
from knowledge import voices
from knowledge.notices import Notice
from knowledge.opening import LONGEST
from knowledge.people import DESK, Person

_QUESTION, _TEXT = Argument.QUESTION, Argument.TEXT


@command("voices", _QUESTION, optional=1, fr="voix", es="voces", reads=True, group=Group.TOGETHER)
def shown(desk: Desk, person: Person, question: int | None = None) -> list[Notice]:
    """`voices`: what wants more voices; `voices 12`: one of them or, to its asker, what others would read."""
    return voices.readable(desk, person) if question is None else voices.show(desk, person, question)


@command("open voices", _QUESTION, fr="ouvrir_voix", es="abrir_voces", group=Group.TOGETHER)
def open_(desk: Desk, person: Person, question: int) -> list[Notice]:
    return voices.open_(desk, person, question)


@command("stop voices", _QUESTION, fr="arrêter_voix", es="parar_voces", group=Group.TOGETHER)
def stop(desk: Desk, person: Person, question: int) -> list[Notice]:
    return voices.stop(desk, person, question)


@command("word voices", _QUESTION, _TEXT, optional=1, fr="formuler_voix", es="formular_voces", listed=False,
         group=Group.TOGETHER)  # fmt: skip
def word(desk: Desk, person: Person, question: int, text: str = "") -> list[Notice]:
    return voices.word(desk, person, question, text) if text else voices.word_form(desk, person, question)


@command("suggest voices", _QUESTION, fr="suggérer_voix", es="sugerir_voces", roles=DESK, strict=True, group=Group.DESK)
def suggest(desk: Desk, person: Person, question: int) -> list[Notice]:
    return voices.suggest(desk, person, question)


@command("volunteer", _QUESTION, fr="me_proposer", es="ofrecerme", group=Group.TOGETHER)
def volunteer(desk: Desk, person: Person, question: int) -> list[Notice]:
    return voices.volunteer(desk, person, question)


# Words


@words_for("voices.preview")
def _preview(words: Words, values: Values) -> Message:
    say, number = words.say, values["question"]
    facts = [Fact(say("voices.readers"), _readers(say, values))]
    if values["hints"]:
        facts.append(Fact(say("voices.may_tell"), say.listed([one.text for one in values["hints"]])))
    if values["named"]:
        facts.append(Fact(say("voices.your_name"), say("voices.named")))
    return Message(
        title=say("voices.title", question=number),
        text=say("voices.suggested_text" if values["suggested"] else "voices.preview_text"),
        quotes=(Quote(values["text"], say("digest.sort_query")),),
        facts=tuple(facts),
        buttons=(
            Button(say("button.voices_open"), f"open voices {number}", "primary"),
            Button(say("button.voices_word"), f"word voices {number}"),
            Button(say("button.voices_no"), f"stop voices {number}"),
        ),
        note=say("voices.note"),
    )


@words_for("voices.word_form")
def _word_form(words: Words, values: Values) -> Message:
    say, number = words.say, values["question"]
    return Message(
        title=say("voices.title", question=number),
        text=say("voices.word_text_opened" if values["opened"] else "voices.word_text"),
        fields=(Field("text", say("voices.word_field"), values["text"], multiline=True, max_length=LONGEST),),
        buttons=(
            Button(say("button.update"), f"word voices {number}", "primary", form=True),
            Button(say("button.back"), f"voices {number}"),
        ),
    )


@words_for("voices.opened")
def _opened(words: Words, values: Values) -> Message:
    say, number = words.say, values["question"]
    return Message(
        title=say("voices.title", question=number),
        text=say("voices.opened_text"),
        quotes=(Quote(values["text"], say("digest.sort_query")),),
        facts=(Fact(say("voices.readers"), _readers(say, values)),),
        buttons=(
            Button(say("button.voices_stop"), f"stop voices {number}"),
            Button(say("button.voices_word"), f"word voices {number}"),
        ),
        note=say("voices.opened_note"),
    )


@words_for("voices.read")
def _read(words: Words, values: Values) -> Message:
    say, number = words.say, values["question"]
    return Message(
        title=say("voices.read_title", question=number),
        text=say("voices.read_text"),
        quotes=(Quote(values["text"], say("side.asker")),),
        buttons=(Button(say("button.voices_answer"), f"volunteer {number}", "primary"),),
        note=say.foreign(values["language"]),
    )


@words_for("voices.list")
def _list(words: Words, values: Values) -> Message:
    say, found = words.say, values["questions"]
    if not found:
        return Message(say("voices.list_empty"))
    return Message(
        text=say.count("voices.list", len(found) + values["more"]),
        entries=tuple(
            Entry(
                say("voices.entry", question=number),
                text,
                note=say.foreign(language),
                buttons=(Button(say("button.show"), f"voices {number}"),),
            )
            for number, text, language in found
        ),
    )


def _readers(say: Say, values: Values) -> str:
    if values["network"] is not None:
        return say("voices.readers_network", network=values["network"].name(say.language))
    return say(f"audience.{values['audience'].word}")
