"""The weekly top 5, in chat."""

from dialogs.commands import Argument, Group, command
from dialogs.composing import Values, Words, words_for
from dialogs.message import Button, Message
from dialogs.ports import Desk
from knowledge import subscribing
from knowledge.digest import Way
from knowledge.errors import Refusal
from knowledge.notices import Notice
from knowledge.people import Person
from knowledge.text import clean, plain

_ON = frozenset("on yes oui si activer activar encender".split())
_WORDS = {
    "chat": Way.CHAT,
    "email": Way.EMAIL,
    "e mail": Way.EMAIL,
    "mail": Way.EMAIL,
    "courriel": Way.EMAIL,
    "correo": Way.EMAIL,
    "correo electronico": Way.EMAIL,
    "both": Way.BOTH,
    "les deux": Way.BOTH,
    "ambos": Way.BOTH,
    "off": Way.OFF,
    "stop": Way.OFF,
    "arreter": Way.OFF,
    "parar": Way.OFF,
}
_BEFORE = frozenset("by in par dans le por en el".split())


@command("digest", Argument.TEXT, fr="lettre", es="boletín", optional=1, group=Group.DIGEST)
def digest(desk: Desk, person: Person, text: str = "") -> list[Notice]:
    """`digest on`, `digest off`, `digest by email|chat|both`; alone it says how things stand."""
    said = plain(clean(text)).split()
    if not said:
        return subscribing.state(desk, person)
    if " ".join(said) in _ON:
        return subscribing.turn_on(desk, person)
    while len(said) > 1 and said[0] in _BEFORE:
        said = said[1:]
    way = _WORDS.get(" ".join(said))
    if way is None:
        raise Refusal("digest.unknown", said=text[:40])
    return subscribing.choose(desk, person, way)


@words_for("digest.state")
def _state(words: Words, values: Values) -> Message:
    say, way = words.say, values["way"]
    others = [one for one in Way if one is not way and (values["address"] or not one.by_email)]
    return Message(
        text=say(f"digest.is_{way}", address=values["address"]),
        buttons=tuple(Button(say(f"button.digest_{one}"), _line(one)) for one in others),
        note=say("digest.state_note"),
    )


def _line(way: Way) -> str:
    return "digest off" if way is Way.OFF else f"digest by {way}"


@words_for("digest.letters_stopped")
def _letters_stopped(words: Words, values: Values) -> Message:
    say, way = words.say, values["way"]
    return Message(
        text=say(f"digest.letters_stopped_{way}"),
        buttons=() if way is Way.CHAT else (Button(say("button.digest_chat"), _line(Way.CHAT)),),
    )


@words_for("digest.first_letter")
def _first_letter(words: Words, _values: Values) -> Message:
    return Message(title=words.say("digest.first_title"), text=words.say("digest.first_text"))
