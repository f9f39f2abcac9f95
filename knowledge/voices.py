"""More voices: an asker lets others read a question in words of their own, and whoever reads it may offer to answer.

Such a question is a candidate of the weekly top 5. Nobody reads more of it than those words, whoever offers to answer
included, and nobody who asks: so it goes to everybody of a circle or to nobody of it. Who is left out of what others
read could be seen from who does not read it, by anybody who looks at a digest over a colleague's shoulder.
"""

from knowledge import cards, direct_connect, drafting, finding, moving_on, queueing, routing, telling
from knowledge.errors import Refusal
from knowledge.matching.port import Reason
from knowledge.notices import Notice
from knowledge.opening import LONGEST, Opening
from knowledge.people import Person
from knowledge.ports import Work
from knowledge.question import LIVE, UNDER_WAY, WAITING, OfferState, Question
from knowledge.text import shortened
from knowledge.wishes import Identity

MOST_SHOWN = 10


# The asker


def show(work: Work, person: Person, number: int) -> list[Notice]:
    """To its asker how it stands, or what others would read if they said yes; to whoever may read it, its words."""
    question = finding.known(work, number)
    if question.asker == person.id:
        current = held(work, question)
        return [_own_card(work, question, current)] if current else [_preview(work, question)]
    opening = read_by(work, person, question)
    if opening is None:
        raise Refusal("question.unknown", question=number)
    values = {"question": number, "text": opening.text, "language": question.language}
    return [Notice(person.id, "voices.read", values, card=_card(number), about=number)]


def word(work: Work, asker: Person, number: int, text: str) -> list[Notice]:
    """Other words for it. Nobody reads those that were agreed to any more, nor these before a yes."""
    question = finding.asked(work, asker, number)
    _may_open(question)
    words = finding.readable(text)
    if len(words) > LONGEST:
        raise Refusal("voices.too_long", question=number, length=len(words), longest=LONGEST)
    if question.opening is not None:
        question = work.questions.save(question.shut(asker.id))
    return [_preview(work, question, words)]


def word_form(work: Work, asker: Person, number: int) -> list[Notice]:
    """The card gives way to a field with its words."""
    question = finding.asked(work, asker, number)
    _may_open(question)
    values = {"question": number, "text": _draft(work, question).text, "opened": question.opening is not None}
    return [Notice(asker.id, "voices.word_form", values, card=_card(number), about=number)]


def open_(work: Work, asker: Person, number: int) -> list[Notice]:
    """The asker's yes to the words they were shown. Where they were shown none, or those of another circle, it shows
    them first."""
    finding.may_write(asker)
    question = finding.asked(work, asker, number)
    _may_open(question)
    seen = work.openings.latest(number)
    if seen is None or (seen.audience, seen.network) != question.circle:
        return [_preview(work, question)]
    if question.opening == seen.id:
        raise Refusal("voices.opened_already", question=number)
    question = work.questions.save(question.opened(asker.id, seen.id))
    work.openings.agreed(seen.id, work.now)
    return [_own_card(work, question, seen)]


def stop(work: Work, asker: Person, number: int) -> list[Notice]:
    """Nobody reads it any more: in no digest that is still to come, nor in those that stand in a chat."""
    question = finding.asked(work, asker, number)
    was_open = question.opening is not None
    if was_open:
        work.questions.save(question.shut(asker.id))
    kept = "voices.stopped" if was_open else "voices.kept"
    return [Notice(asker.id, kept, {"question": number}, card=_card(number), about=number)]


def suggest(work: Work, facilitator: Person, number: int) -> list[Notice]:
    """Somebody who looks after it has its asker asked: once, so that nobody is pressed. What its asker thinks of it is
    told to nobody but by their yes."""
    question = finding.on_desk(work, facilitator, number)
    _may_open(question)
    if question.opening is not None:
        raise Refusal("voices.opened_already", question=number)
    told = Notice(facilitator.id, "voices.suggested", {"question": number}, about=number)
    if work.openings.latest(number) is not None:
        return [told]
    return [told, _preview(work, question, suggested=True)]


# Whoever reads it


def readable(work: Work, person: Person) -> list[Notice]:
    """The questions that want more voices and that they may read, the newest first, without those they have said no to;
    their own as if it were another's: who looks over their shoulder sees no difference."""
    found = []
    for question in work.questions.opened():
        opening = read_by(work, person, question)
        offer = question.offer_to(person.id)
        said_no = offer is not None and offer.state not in LIVE | {OfferState.TAKEN, OfferState.ANSWERED}
        if opening is not None and not said_no:
            found.append((opening.at, question.id, opening.text, question.language))
    found.sort(key=lambda one: (one[0] or work.now, one[1]), reverse=True)
    values = {"questions": [one[1:] for one in found[:MOST_SHOWN]], "more": max(len(found) - MOST_SHOWN, 0)}
    return [Notice(person.id, "voices.list", values)]


def volunteer(work: Work, person: Person, number: int) -> list[Notice]:
    """Whoever reads it answers it: they hold it from now on, or answer beside whoever does. Of a question that is open
    to nobody, whoever moderates its network may have themselves asked (`queueing.volunteer`)."""
    question = work.questions.get(number)
    if question is None or (question.asker != person.id and read_by(work, person, question) is None):
        return queueing.volunteer(work, person, number)
    if question.asker == person.id:
        raise Refusal("voices.own", question=number)
    finding.may_write(person)
    offer = question.offer_to(person.id)
    if offer is not None and offer.state is OfferState.BESIDE and question.state not in WAITING:
        return [cards.beside_card(work, question, person.id)]
    if question.expert == person.id or (offer is not None and offer.state is OfferState.ANSWERED):
        return [cards.held_card(work, question, person.id)]
    if offer is not None:
        return direct_connect.accept(work, person, number)
    if not routing.may_be_offered(work, question, person):
        raise Refusal("question.not_wanted", question=number)
    reasons = (Reason("opening", {"opening": question.opening}),)
    if question.state not in WAITING:
        beside = work.questions.save(question.invited(person.id, reasons, work.now))
        return [cards.beside_card(work, beside, person.id)]
    due_at = moving_on.answer_due(work, person.id)
    return direct_connect.taken(work, question, question.offered(person.id, reasons, work.now, due_at), person)


def read_by(work: Work, person: Person, question: Question) -> Opening | None:
    """The words in which somebody may read it; None where they may not. Who looks after it reads what others do."""
    opening = held(work, question)
    if opening is None:
        return None
    reads = person.may_read(opening.audience, opening.network) or routing.may_look_after(work, person, question)
    return opening if reads else None


def held(work: Work, question: Question) -> Opening | None:
    """What its asker lets others read now; None for nothing."""
    if question.opening is None or question.state not in UNDER_WAY or not question.text:
        return None
    return work.openings.get(question.opening)


# Small parts


def _may_open(question: Question) -> None:
    """Raises Refusal where it is not under way, or where its asker keeps it from some of those who would read it."""
    if question.state not in UNDER_WAY:
        raise Refusal(f"question.is_{question.state}", question=question.id)
    wishes = question.wishes
    if wishes.excluded or wishes.not_my_office or wishes.same_region:
        raise Refusal("voices.kept_from", question=question.id)


def _draft(work: Work, question: Question, words: str = "") -> Opening:
    """The words that its asker was shown last, for its circle of now; at first its own, without what may tell who
    asks."""
    latest = work.openings.latest(question.id)
    audience, network = question.circle
    if not words:
        asker = work.people.get(question.asker)
        own = drafting.without_identities(work, question.text, [asker])
        words = latest.text if latest else shortened(own, LONGEST)
    if latest is not None and (latest.text, latest.audience, latest.network) == (words, audience, network):
        return latest
    return work.openings.add(Opening(0, question.id, words, audience, network))


def _preview(work: Work, question: Question, words: str = "", *, suggested: bool = False) -> Notice:
    """What others would read, before the asker's yes."""
    _may_open(question)
    draft = _draft(work, question, words)
    asker = work.people.get(question.asker)
    hints = telling.hints(draft.text, asker, work.catalogue)
    values = {**_shown(work, question, draft), "suggested": suggested, "hints": hints}
    return Notice(question.asker, "voices.preview", values, card=_card(question.id), about=question.id)


def _own_card(work: Work, question: Question, opening: Opening) -> Notice:
    values = _shown(work, question, opening)
    return Notice(question.asker, "voices.opened", values, card=_card(question.id), about=question.id)


def _shown(work: Work, question: Question, opening: Opening) -> dict[str, object]:
    return {
        "question": question.id,
        "text": opening.text,
        "audience": opening.audience,
        "network": routing.network_of(work, opening.network),
        "named": question.wishes.identity is Identity.NAMED,
    }


def _card(number: int) -> str:
    return f"voices:{number}"
