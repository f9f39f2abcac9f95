"""The commands of what is kept of oneself."""

from dialogs.commands import Argument, Group, command, yes_or_no
from dialogs.composing import Values, Words, words_for
from dialogs.message import Button, Message, Quote
from dialogs.ports import Desk
from knowledge import forgetting
from knowledge.errors import Refusal
from knowledge.notices import Notice
from knowledge.people import Person
from knowledge.text import plain


@command("data", also="my_data", fr="données mes_données", es="datos mis_datos", reads=True, group=Group.YOU)
def data(desk: Desk, person: Person) -> list[Notice]:
    return forgetting.mine(desk, person)


@command("forget", Argument.TEXT, optional=1, fr="oublier oublie", es="olvidar olvida", group=Group.YOU)
def forget(desk: Desk, person: Person, text: str = "") -> list[Notice]:
    """`forget me` asks first; `forget me yes`, which the button says, does it."""
    words = plain(text).split()
    if words[:1] in (["me"], ["moi"], ["m"]):
        words = words[1:]
    if not words:
        return forgetting.before_forgetting(desk, person)
    if not yes_or_no(" ".join(words)):
        raise Refusal("forget.not_done")
    return forgetting.forget(desk, person)


@words_for("data.intro")
def _intro(words: Words, values: Values) -> Message:
    say = words.say
    return Message(
        text=say.count("data.intro", values["pieces"]),
        note=say.count("data.left", values["left"]) if values["left"] else "",
    )


@words_for("data.piece")
def _piece(words: Words, values: Values) -> Message:
    label = words.say("data.piece", piece=values["piece"], pieces=values["pieces"])
    return Message(text=label, quotes=(Quote(values["text"]),))


@words_for("forget.confirm")
def _confirm(words: Words, values: Values) -> Message:
    say = words.say
    return Message(
        title=say("forget.title"),
        text=say("forget.text"),
        buttons=(Button(say("button.forget"), "forget me yes", "danger"), Button(say("button.data"), "data")),
        note=say("forget.stays"),
    )
