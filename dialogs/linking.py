"""The commands by which somebody tells that they are the same person on another channel."""

from dialogs.commands import Argument, Group, command
from dialogs.composing import Values, Words, words_for
from dialogs.message import Message
from dialogs.ports import Desk
from knowledge import linking
from knowledge.notices import Notice
from knowledge.people import Person


@command("link", Argument.CODE, optional=1, fr="lier", es="vincular", group=Group.YOU)
def link(desk: Desk, person: Person, code: str = "") -> list[Notice]:
    return linking.join(desk, person, code) if code else linking.give_code(desk, person)


@command("unlink", fr="délier", es="desvincular", group=Group.YOU)
def unlink(desk: Desk, person: Person) -> list[Notice]:
    return linking.part(desk, person, desk.newcomer_reach)


_LAST = frozenset({"last", "any", "dernier", "derniere", "dernière", "ultimo", "último"})


@command("prefer", Argument.CHANNEL, fr="préférer", es="preferir", group=Group.YOU)
def prefer(desk: Desk, person: Person, channel: str) -> list[Notice]:
    name = channel.lower().strip(" .!“”\"'")
    return linking.prefer(desk, person, "" if name in _LAST else name)


@words_for("prefer.set")
def _preferred(words: Words, values: Values) -> Message:
    if not values["channel"]:
        return Message(text=words.say("prefer.last"))
    return Message(text=words.say("prefer.channel", channel=values["channel"]), note=words.say("prefer.note"))


@words_for("link.code")
def _code(words: Words, values: Values) -> Message:
    return Message(
        text=words.say("link.code", code=values["code"], minutes=values["minutes"]), note=words.say("link.code_note")
    )
