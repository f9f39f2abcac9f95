"""Names: hidden until the person says otherwise, each side by itself."""

from knowledge import choosing, finding
from knowledge.errors import Refusal
from knowledge.notices import Notice
from knowledge.people import Person
from knowledge.ports import Work
from knowledge.question import DRAFTS, Question, Side
from knowledge.wishes import Identity


def reveal(work: Work, person: Person, number: int) -> list[Notice]:
    """Consents to being named to the other side of this one question; before it is sent, to whoever is asked."""
    before = finding.known(work, number)
    if person.id == before.asker and before.state in DRAFTS:
        return choosing.identify(work, person, number, Identity.NAMED)
    if person.id != before.asker and before.offer_to(person.id) is None:
        raise Refusal("question.unknown", question=number)
    question = before.named(person.id)
    if question == before:
        return [Notice(person.id, "question.named_already", {"question": number}, about=number)]
    question = work.questions.save(question)
    other = question.expert if person.id == question.asker else question.asker
    assert other is not None
    side = Side.ASKER if person.id == question.asker else Side.EXPERT
    return [
        # Where the other side had asked for it, the card that asked.
        Notice(person.id, "question.named", {"question": number}, card=_card(question), about=number),
        Notice(other, "question.other_named", {"question": number, "name": person.name, "side": side}, about=number),
    ]


def meet(work: Work, person: Person, number: int) -> list[Notice]:
    """Asks the other side for their name, once. Whatever they decide, only a yes is ever told."""
    before = finding.known(work, number)
    question = before.asked_for_name(person.id)
    mine = person.id == question.asker
    other, named = (question.expert, question.expert_named) if mine else (question.asker, question.asker_named)
    assert other is not None
    if named:
        said = {"question": number, "name": work.people.get(other).name, "side": Side.EXPERT if mine else Side.ASKER}
        return [Notice(person.id, "question.other_named", said, about=number)]
    asked = Notice(person.id, "question.meet_asked", {"question": number}, about=number)
    if question == before:
        return [asked]
    work.questions.save(question)
    return [asked, Notice(other, "question.meet", {"question": number}, card=_card(question), about=number)]


def keep(work: Work, person: Person, number: int) -> list[Notice]:
    """A name asked for stays hidden: nothing changes, and nobody hears of it."""
    question = finding.known(work, number)
    if person.id != question.asker and question.offer_to(person.id) is None:
        raise Refusal("question.unknown", question=number)
    return [Notice(person.id, "question.kept", {"question": number}, card=_card(question), about=number)]


def _card(question: Question) -> str:
    """The card that asks for a name: one for each pair, told by the place of the expert's offer."""
    pair = next((place for place, offer in enumerate(question.offers) if offer.person == question.expert), 0)
    return f"meet:{question.id}:{pair}"
