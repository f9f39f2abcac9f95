"""The pulse as members meet it: a card, a tap, and answers typed in words."""

import re

from rapidfuzz.distance import OSA

from dialogs.commands import Argument, Group, command
from dialogs.composing import Values, Words, words_for
from dialogs.held import event_facts, want_button
from dialogs.message import Button, Fact, Field, Message, Quote
from dialogs.ports import Desk
from knowledge import pulse as pulses
from knowledge.errors import Refusal
from knowledge.ledger import Asked
from knowledge.notices import Notice
from knowledge.people import Person
from knowledge.survey import POINTS
from knowledge.text import clean, plain

_ON = ("on", "oui", "yes", "si", "reprendre", "reanudar")
_STOP = ("stop", "off", "arreter", "arretez", "parar", "pare", "no more", "plus de questions", "basta")
_SKIP = (
    "skip",
    "pass",
    "passer",
    "ignorer",
    "saltar",
    "omitir",
    "don t know",
    "i don t know",
    "je ne sais pas",
    "no se",
)

# What people write for each point, beside its own label and number; accents and case folded.
_POINTS = {
    1: "strongly disagree|totally disagree|not at all|pas du tout d accord|pas du tout|"
    "totalmente en desacuerdo|muy en desacuerdo|para nada",
    2: "disagree|i disagree|rather not|plutot pas d accord|pas d accord|plutot non|en desacuerdo|no estoy de acuerdo",
    3: "neither|neutral|neither agree nor disagree|in between|ni d accord ni pas d accord|neutre|sans avis|"
    "ni de acuerdo ni en desacuerdo|ni lo uno ni lo otro",
    4: "agree|i agree|rather agree|plutot d accord|d accord|je suis d accord|plutot oui|de acuerdo|estoy de acuerdo",
    5: "strongly agree|totally agree|fully agree|completely agree|tout a fait d accord|tout a fait|"
    "totalement d accord|totalmente de acuerdo|muy de acuerdo|completamente de acuerdo",
}
_WORDS = {words: point for point, all_of_it in _POINTS.items() for words in all_of_it.split("|")}
_MISSPELT = 8  # Letters from which one slip of the hand leaves no doubt; "agree" and "disagree" stay two words.


@command("pulse", Argument.TEXT, fr="sondage", es="sondeo", optional=1, group=Group.MEASUREMENT)
def pulse(desk: Desk, person: Person, text: str = "") -> list[Notice]:
    """`pulse 12 4`, `pulse 12 skip`, `pulse stop`, `pulse on`; alone it says how things stand."""
    said = plain(text)
    number, _, rest = said.partition(" ")
    if said in _ON:
        return pulses.go_on(desk, person)
    if said in _STOP:
        return pulses.stop(desk, person)
    if number == "0":
        raise Refusal("pulse.preview")
    if number.isdecimal() and len(number) <= 18:
        point = point_of(rest)
        if rest in _STOP:
            return pulses.stop(desk, person, int(number))
        if rest in _SKIP:
            return pulses.skip(desk, person, int(number))
        if point is None:
            raise Refusal("pulse.point")
        return pulses.answer(desk, person, int(number), point)
    waiting = pulses.waiting(desk, person)
    if waiting is None or text:
        asked = [] if text else pulses.asked_for(desk, person)
        if asked:
            return asked
        turn = desk.pulses.turn(person.id)
        return [Notice(person.id, "pulse.state_stopped" if turn is not None and turn.stopped else "pulse.state")]
    survey = desk.surveys.get(waiting.survey)
    assert survey is not None
    return [pulses.card(desk, survey, waiting)]


@command(
    "remark", Argument.PULSE, Argument.TEXT, fr="remarque", es="observación", listed=False, group=Group.MEASUREMENT
)
def remark(desk: Desk, person: Person, pulse: int, text: str) -> list[Notice]:
    return pulses.remark(desk, person, pulse, clean(text))


def point_of(said: str) -> int | None:
    """The point that words mean, in any of the three languages; None when they are no answer, or in doubt."""
    words = plain(said)
    if re.fullmatch(r"[1-5]( 5)?", words):
        return int(words[0])
    if words in _WORDS:
        return _WORDS[words]
    near = {
        point
        for known, point in _WORDS.items()
        if len(known) >= _MISSPELT and abs(len(known) - len(words)) <= 1 and OSA.distance(known, words) == 1
    }
    return near.pop() if len(near) == 1 else None


def typed(desk: Desk, person: Person, text: str, *, loose: bool) -> list[Notice] | None:
    """What a typed line says to a waiting pulse; None when it is nothing to it.

    With `loose` the line means nothing else: it is asked again, once.
    """
    if len(text) > 60 or "\n" in text.strip():
        return None
    said = plain(text)
    meant = point_of(said) is not None or said in _SKIP or said in _STOP
    if not meant and not loose:
        return None
    waiting: Asked | None = pulses.waiting(desk, person)
    if waiting is None:
        return None
    if said in _STOP:
        return pulses.stop(desk, person)
    if said in _SKIP:
        return pulses.skip(desk, person, waiting.id)
    point = point_of(said)
    if point is not None:
        return pulses.answer(desk, person, waiting.id, point)
    return None if waiting.unclear else pulses.ask_again(desk, waiting)


@words_for("pulse.card", "pulse.again", "pulse.unclear")
def _card(words: Words, values: Values) -> Message:
    say, number = words.say, values["pulse"]
    worded = values["statement"]
    facts = [Fact(say("pulse.why"), say(f"pulse.why_{values['kind']}"))]
    if values["done"]:
        facts.append(Fact(say("pulse.done"), values["done"]))
    if values["said"]:
        agree, last = values["said"]["agree"], values["said"]["statement"]
        said = say(
            "pulse.said_text", statement=last.get("") or last[say.language], percent=round(100 * agree.part),
            count=agree.count, n=agree.n,
        )  # fmt: skip
        facts.append(Fact(say("pulse.said"), said))
    title = (
        say("pulse.title_of", place=values["place"], of=values["of"]) if values["of"] > 1 and values["place"] else ""
    )
    preview = values.get("preview", False)
    event = values.get("event")
    if event is not None:
        title = say("held.question_title")
        facts[:0] = event_facts(say, values)
    return Message(
        title=say("pulse.preview") if preview else title or say("pulse.title"),
        text=say(words.key),
        quotes=(Quote(worded.get("") or worded[say.language]),),
        facts=tuple(facts),
        buttons=(
            *(Button(say(f"pulse.point_{point}"), f"pulse {number} {point}") for point in POINTS),
            Button(say("pulse.skip"), f"pulse {number} skip"),
            Button(say("pulse.stop"), f"pulse {number} stop"),
            *want_button(say, values),
        ),
        note=say("held.question_note" if event else "pulse.note", scores=values["scores"], remarks=values["remarks"]),
    )


@words_for("pulse.answered", "pulse.skipped", "pulse.remarked")
def _done(words: Words, values: Values) -> Message:
    say, number = words.say, values["pulse"]
    if not values["may_remark"]:
        return Message(say(words.key), buttons=want_button(say, values))
    return Message(
        text=say(words.key),
        fields=(
            Field(
                "text", say("pulse.field"), placeholder=say("pulse.placeholder"), multiline=True,
                max_length=pulses.LONGEST_REMARK,
            ),
        ),
        buttons=(Button(say("pulse.remark"), f"remark {number}", form=True), *want_button(say, values)),
        note=say("pulse.remark_note", remarks=values["remarks"]),
    )  # fmt: skip
