"""The desk's commands beside the figures: evidence from evaluations and interviews, and what members commented."""

import re
from datetime import date

from dialogs.commands import Argument, Group, command, number
from dialogs.composing import Values, Words, words_for
from dialogs.message import Button, Entry, Message, Quote
from dialogs.ports import Desk
from dialogs.reporting import evidence_line
from knowledge import commenting
from knowledge import evidence as findings
from knowledge.errors import Refusal
from knowledge.measurement.findings import Source
from knowledge.notices import Notice
from knowledge.people import DESK, Person
from knowledge.text import clean, excerpt, plain

_KINDS = {
    Source.EVALUATION: ("evaluation", "evaluacion"),
    Source.INTERVIEW: ("interview", "entretien", "entrevista"),
}
_RETRACT = ("retract", "retirer", "retirar")
_DAY = re.compile(r"\b(\d{4})-(\d{1,2})-(\d{1,2})\b")
MOST_SHOWN = 10


@command(
    "evidence", Argument.TEXT, fr="preuve", es="evidencia", roles=DESK, strict=True, optional=1,
    group=Group.MEASUREMENT,
)  # fmt: skip
def evidence(desk: Desk, person: Person, text: str = "") -> list[Notice]:
    """`evidence`, `evidence O1`, `evidence O1 interview, Dakar, 2026-10-03: what was said`, `evidence retract 3`."""
    head, colon, behind = clean(text).strip().partition(":")
    words = head.replace(",", " ").split()
    if not colon:
        if len(words) > 1 and plain(words[0]) in _RETRACT and number(words[1]) is not None:
            return findings.retract(desk, person, number(words[1]) or 0)
        if len(words) > 1:
            raise Refusal("evidence.how")
        return findings.listed(desk, person, words[0].upper() if words else "")
    kind = next((kind for kind, known in _KINDS.items() if len(words) > 1 and plain(words[1]) in known), None)
    if kind is None:
        raise Refusal("evidence.how")
    place = _DAY.sub(" ", head.split(maxsplit=1)[1].strip(" ,"))
    place = " ".join(re.sub(r"^\S+", "", place).replace(",", " ").split())
    return findings.enter(desk, person, words[0].upper(), kind, place, _day(head), behind.strip())


def _day(said: str) -> date | None:
    found = _DAY.search(said)
    if found is None:
        return None
    try:
        return date(*map(int, found.groups()))
    except ValueError:
        raise Refusal("evidence.day", said=found[0]) from None


@command(
    "comments", Argument.TEXT, fr="commentaires", es="comentarios", roles=DESK, strict=True, optional=1, reads=True,
    group=Group.MEASUREMENT,
)  # fmt: skip
def comments(desk: Desk, person: Person, text: str = "") -> list[Notice]:
    """`comments O2`, `comments O2 2` (its second page), `comments 3` (on survey 3), `comments 3 O2 1`."""
    words = text.split()
    if not words or len(words) > 3:
        raise Refusal("comments.how")
    survey = number(words[0])
    if survey is None:
        return commenting.comments(desk, person, words[0].upper(), _page(words[1:]))
    item = words[1] if len(words) > 1 and number(words[1]) is None else ""
    # An own survey's items are q1, q2, …; the framework's are capitals.
    item = item.lower() if item[:1] in "qQ" else item.upper()
    return commenting.of_survey(desk, person, survey, item, _page(words[2:] if item else words[1:]))


def _page(words: list[str]) -> int:
    page = number(words[0]) if words else 1
    if page is None:
        raise Refusal("comments.how")
    return page


@words_for("comments")
def _comments(words: Words, values: Values) -> Message:
    say, item = words.say, values["item"]
    worded = values["statement"]
    statement = worded.get("") or worded.get(say.language, "")
    where = f"comments {values['survey']}{' ' + item if item else ''}"
    buttons = []
    if values["page"] > 1:
        buttons.append(Button(say("button.page_before"), f"{where} {values['page'] - 1}"))
    if values["page"] < values["pages"]:
        buttons.append(Button(say("button.page_after"), f"{where} {values['page'] + 1}"))
    buttons += [
        Button(say("comments.on", item=other or say("comments.all")), f"comments {values['survey']} {other}".strip())
        for other in values["others"]
    ]
    kind = say(f"survey.kind_{values['kind']}")
    return Message(
        title=say("comments.title", survey=values["survey"], kind=kind),
        text=say("comments.text", number=values["many"], statement=statement)
        if statement
        else say("comments.text_all", number=values["many"]),
        quotes=tuple(Quote(one) for one in values["said"]),
        buttons=tuple(buttons),
        note=say("comments.note"),
    )


@words_for("evidence.kept", "evidence.back")
def _kept(words: Words, values: Values) -> Message:
    say, finding = words.say, values["finding"]
    return Message(
        text=say(words.key),
        quotes=(Quote(evidence_line(say, finding)),),
        buttons=(Button(say("evidence.retract"), f"evidence retract {finding.id}"),),
        note=say("evidence.note"),
    )


@words_for("evidence.retracted")
def _retracted(words: Words, values: Values) -> Message:
    say = words.say
    return Message(say("evidence.retracted"), quotes=(Quote(evidence_line(say, values["finding"])),))


@words_for("evidence.list")
def _list(words: Words, values: Values) -> Message:
    say = words.say
    found, names = values["findings"], values["names"]
    if not found:
        return Message(say("evidence.none"), note=say("evidence.example"))
    return Message(
        text=say.count("evidence.list", len(found)),
        entries=tuple(
            Entry(
                title=f"{one.item} {names[one.item][say.language]}" if one.item in names else one.item,
                text=evidence_line(say, one) if len(found) == 1 else excerpt(evidence_line(say, one), 400),
                buttons=(Button(say("evidence.retract"), f"evidence retract {one.id}"),),
            )
            for one in found[:MOST_SHOWN]
        ),
        note=say("evidence.example"),
    )
