"""The commands that bring a question to a wider circle, or leave it where it is."""

from dialogs.commands import Argument, audience_named, command
from dialogs.composing import Values, Words, words_for
from dialogs.message import Button, Fact, Message, Quote
from dialogs.ports import Desk
from knowledge import widening
from knowledge.errors import Refusal
from knowledge.notices import Notice
from knowledge.people import Person


@command("widen", Argument.QUESTION, Argument.AUDIENCE, optional=1, fr="élargir", es="ampliar")
def widen(desk: Desk, person: Person, question: int, audience: str = "") -> list[Notice]:
    wider = audience_named(audience)
    if audience and wider is None:
        raise Refusal("widen.unclear", word=audience[:40])
    return widening.widen(desk, person, question, wider)


@command("stay", Argument.QUESTION, fr="rester", es="quedar", listed=False)
def stay(desk: Desk, person: Person, question: int) -> list[Notice]:
    return widening.leave(desk, person, question)


def _circle(words: Words, values: Values) -> str:
    return words.say(f"audience.{values['audience'].word}")


@words_for("widen.asked", "widen.suggested")
def _asked(words: Words, values: Values) -> Message:
    say, number = words.say, values["question"]
    return Message(
        text=say(words.key, question=number, audience=_circle(words, values)),
        buttons=(Button(say("button.stay"), f"stay {number}"),),
    )


@words_for("widen.agree", "desk.widen")
def _agree(words: Words, values: Values) -> Message:
    say, number = words.say, values["question"]
    by_asker = words.key == "widen.agree"
    named = values.get("name") or ""
    label = "" if by_asker else say("side.asker_named", name=named) if named else say("side.asker")
    return Message(
        title=say("widen.title", question=number),
        text=say("widen.agree_text" if by_asker else "widen.desk_text"),
        quotes=(Quote(values["text"], label),),
        facts=(Fact(say("widen.to"), _circle(words, values)),),
        buttons=(
            Button(say("button.widen"), f"widen {number} {values['audience'].word}", "primary"),
            Button(say("button.stay"), f"stay {number}"),
        ),
        note=say("widen.note"),
    )


@words_for("widen.done")
def _done(words: Words, values: Values) -> Message:
    return Message(words.say("widen.done", question=values["question"], audience=_circle(words, values)))
