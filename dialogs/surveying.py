"""The facilitator's `survey` commands."""

import re

from dialogs.commands import Argument, Group, command
from dialogs.composing import Values, Words, words_for
from dialogs.message import Button, Entry, Fact, Message, Quote
from dialogs.ports import Desk
from knowledge import surveying
from knowledge.errors import Refusal
from knowledge.notices import Notice
from knowledge.people import DESK, Person
from knowledge.survey import Expected, Kind, State, Survey
from knowledge.text import clean, excerpt, plain

_VERBS = {
    "plan": ("plan", "planifier", "planificar"),
    "show": ("show", "voir", "ver"),
    "preview": ("preview", "apercu", "vista"),
    "start": ("start", "resume", "lancer", "reprendre", "iniciar", "reanudar"),
    "pause": ("pause", "suspendre", "pausar"),
    "close": ("close", "clore", "cerrar"),
    "extend": ("extend", "prolonger", "prolongar"),
    "note": ("note", "noter", "nota"),
}
_KINDS = {
    Kind.BASELINE: ("baseline", "initiale", "inicial"),
    Kind.ROTATION: ("rotation", "rotacion"),
    Kind.ENDLINE: ("endline", "finale", "final"),
    Kind.OWN: ("own", "propre", "propia"),
}
_DAYS = re.compile(r"(\d{1,4})(?:\s*(?:days?|jours?|dias?|días?|d|j))?(?=$|[\s:])", re.IGNORECASE)


@command(
    "survey", Argument.TEXT, fr="enquête", es="encuesta", roles=DESK, optional=1, strict=True, group=Group.MEASUREMENT
)
def survey(desk: Desk, person: Person, text: str = "") -> list[Notice]:
    """`survey` alone lists them; `survey plan rotation 28`, `survey plan own 14: One? | Two?`, `survey start 3`, …"""
    said = clean(text).strip()
    if not said:
        return surveying.overview(desk, person)
    word, _, rest = said.partition(" ")
    verb = next((verb for verb, words in _VERBS.items() if plain(word) in words), None)
    if verb is None:
        raise Refusal("survey.verb", word=word[:40])
    if verb == "plan":
        return _plan(desk, person, rest.strip())
    first, _, behind = rest.strip().lstrip("#").partition(" ")
    if not first.isdecimal() or len(first) > 18:
        raise Refusal("survey.which", verb=word[:40])
    number, behind = int(first), behind.strip()
    match verb:
        case "extend":
            days = _DAYS.fullmatch(behind)
            if days is None:
                raise Refusal("survey.extend", survey=number)
            return surveying.extend(desk, person, number, int(days[1]))
        case "note":
            return surveying.note(desk, person, number, behind)
        case "preview":
            return surveying.preview(desk, person, number)
        case "start":
            return surveying.start(desk, person, number)
        case "pause":
            return surveying.pause(desk, person, number)
        case "close":
            return surveying.close(desk, person, number)
        case _:
            return surveying.show(desk, person, number)


def _plan(desk: Desk, person: Person, said: str) -> list[Notice]:
    head, colon, behind = said.partition(":")
    words = head.split(maxsplit=1)
    kind = next((kind for kind, known in _KINDS.items() if words and plain(words[0]) in known), None)
    if kind is None or bool(colon) != (kind is Kind.OWN):
        raise Refusal("survey.plan")
    days = None
    if len(words) > 1:
        found = _DAYS.fullmatch(words[1].strip())
        if found is None:
            raise Refusal("survey.plan")
        days = int(found[1])
    questions = [question.strip() for question in behind.split("|") if question.strip()]
    return surveying.plan(desk, person, kind, days, questions)


@words_for("survey.list")
def _list(words: Words, values: Values) -> Message:
    say = words.say
    plans = tuple(Button(say(f"survey.plan_{kind}"), f"survey plan {kind}") for kind in _KINDS if kind is not Kind.OWN)
    if not values["surveys"]:
        return Message(text=say("survey.none"), buttons=plans, note=say("survey.own_how"))
    return Message(
        text=say("survey.list"),
        entries=tuple(
            Entry(
                title=_title(words, one),
                text=say(f"survey.state_{one.state}"),
                buttons=(Button(say("button.show"), f"survey show {one.id}"),),
            )
            for one in values["surveys"]
        ),
        buttons=plans,
        note=say("survey.own_how"),
    )


def _turnout(words: Words, survey: Survey, turnout: tuple[int, int] | None) -> str:
    if turnout is None:
        return words.say("survey.turnout_untold")
    asked, answered = turnout
    if survey.state is State.CLOSED:
        return words.say("survey.turnout", asked=asked, answered=answered)
    if not answered:
        return words.say("survey.turnout_few", asked=asked, least=survey.least_scores)
    return words.say("survey.turnout_so_far", asked=asked, answered=answered)


@words_for("survey.card")
def _card(words: Words, values: Values) -> Message:
    say = words.say
    one: Survey = values["survey"]
    due: Expected = values["expected"]
    facts = [Fact(say("survey.state"), say(f"survey.state_{one.state}")), Fact(say("survey.days"), str(one.days))]
    if one.state in (State.RUNNING, State.PAUSED) and one.closes_at is not None:
        facts.append(Fact(say("survey.closes"), say.when(one.closes_at)))
    if one.state is State.PLANNED:
        margin = say("survey.no_margin") if due.margin is None else say("survey.margin", points=round(100 * due.margin))
        facts += [
            Fact(
                say("survey.expected"),
                say("survey.expected_text", members=due.members, percent=round(100 * due.rate), answers=due.answers),
            ),
            Fact(say("survey.precision"), margin),
            Fact(say("survey.needed"), say("survey.needed_text", members=due.members_needed, least=one.least_scores)),
        ]
    else:
        facts.append(Fact(say("survey.answered"), _turnout(words, one, values["turnout"])))
    if one.note:
        facts.append(Fact(say("pulse.done"), one.note))
    number = one.id
    buttons = {
        State.PLANNED: (("preview", ""), ("start", "primary")),
        State.RUNNING: (("pause", ""), ("close", "danger")),
        State.PAUSED: (("start", "primary"), ("close", "danger")),
        State.CLOSED: (),
    }[one.state]
    return Message(
        title=_title(words, one),
        text=say(
            "survey.text_own" if one.kind is Kind.OWN else "survey.text_wave" if one.is_wave else "survey.text_turn"
        ),
        quotes=tuple(Quote(excerpt(question, 200)) for question in one.wording.values()),
        facts=tuple(facts),
        buttons=tuple(Button(say(f"survey.{verb}"), f"survey {verb} {number}", style) for verb, style in buttons),
        note=say("survey.note_closed", survey=number)
        if one.state is State.CLOSED
        else say("survey.note", scores=one.least_scores, remarks=one.least_remarks),
    )


def _title(words: Words, one: Survey) -> str:
    return words.say("survey.title", survey=one.id, kind=words.say(f"survey.kind_{one.kind}"))
