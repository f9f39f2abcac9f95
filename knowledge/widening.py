"""A question brought to a wider circle: with the yes of its asker and of whoever looks after it, in whichever order."""

from dataclasses import replace

from knowledge import cards, finding, routing
from knowledge.errors import Refusal
from knowledge.notices import Notice
from knowledge.people import Person
from knowledge.places import Audience, Widening
from knowledge.ports import Work
from knowledge.question import DRAFTS, OVER, Question


def widen(work: Work, person: Person, number: int, audience: Audience | None = None) -> list[Notice]:
    """Says yes to a wider circle; `audience` None: the next wider. With both yeses the question goes there."""
    question = _concerned(work, person, number)
    waiting = work.widenings.get(number)
    wider = audience or (waiting.audience if waiting else _next(question))
    limited = question.wishes.network is not None
    if wider < question.audience or (wider is question.audience and not limited):
        raise Refusal("widen.not_wider", question=number)
    mine = person.id == question.asker
    if waiting is not None and waiting.audience is wider and waiting.asker_agreed != mine:
        return _widened(work, person, question, wider)
    work.widenings.put(number, Widening(wider, mine))
    values = {"question": number, "audience": wider}
    told = Notice(person.id, "widen.asked" if mine else "widen.suggested", values, card=_card(number), about=number)
    if not mine:
        ask = {**values, "text": question.text}
        return [told, Notice(question.asker, "widen.agree", ask, card=_card(number), about=number)]
    return [
        told,
        *(
            Notice(
                one.id,
                "desk.widen",
                {**values, "text": question.text, "name": cards.name_on_desk(work, question)},
                card=_card(number),
                about=number,
            )
            for one in routing.facilitators(work, question)
        ),
    ]


def leave(work: Work, person: Person, number: int) -> list[Notice]:
    """It stays in its circle. The asker's no is told to nobody; a facilitator's to the asker."""
    question = _concerned(work, person, number)
    waiting = work.widenings.get(number)
    if waiting is None and person.id == question.asker:
        raise Refusal("widen.nothing", question=number)
    work.widenings.drop(number)
    kept = Notice(person.id, "widen.kept", {"question": number}, card=_card(number), about=number)
    if waiting is None or not waiting.asker_agreed:
        return [kept]
    gone = [replace(kept, to=one.id, only_edit=True) for one in routing.facilitators(work, question)]
    if person.id == question.asker:
        return [kept, *gone]
    declined = Notice(question.asker, "widen.declined", {"question": number}, card=_card(number), about=number)
    return [kept, *(one for one in gone if one.to != person.id), declined]


def _widened(work: Work, person: Person, question: Question, audience: Audience) -> list[Notice]:
    looked_after = routing.facilitators(work, question)
    work.widenings.drop(question.id)
    # One network was the narrowest circle of all: every wider one leaves it behind.
    wishes = replace(question.wishes, network=None)
    question = work.questions.save(replace(question, audience=audience, wishes=wishes))
    done = Notice(
        person.id, "widen.done", {"question": question.id, "audience": audience}, card=_card(question.id),
        about=question.id,
    )  # fmt: skip
    # The other side is told below: a card that changes in place is easily missed.
    other = [question.asker] if person.id != question.asker else [one.id for one in looked_after]
    edits = {one.id for one in looked_after} - {person.id}
    return [
        done,
        *(replace(done, to=one, only_edit=True) for one in sorted(edits - set(other))),
        *(Notice(one, "card.below", {}, card=done.card, only_edit=True) for one in other),
        *(replace(done, to=one, card="") for one in other),
    ]


def _concerned(work: Work, person: Person, number: int) -> Question:
    """A question on its way that is theirs, or that they look after. Any other reads as none."""
    question = finding.known(work, number)
    if person.id != question.asker and (question.state in DRAFTS or not routing.may_look_after(work, person, question)):
        raise Refusal("question.unknown", question=number)
    if question.state in DRAFTS | OVER:
        raise Refusal(f"question.is_{question.state}", question=number)
    return question


def _next(question: Question) -> Audience:
    if question.wishes.network is not None:
        return question.audience
    return next((one for one in Audience if one > question.audience), question.audience)


def _card(number: int) -> str:
    return f"widen:{number}"
