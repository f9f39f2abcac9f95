"""Two questions that ask the same: the asker of the one gets the answers to the other too. Nobody learns who asked."""

from knowledge import cards, finding, telling, undoing
from knowledge.errors import Refusal
from knowledge.notices import Notice
from knowledge.people import Person
from knowledge.ports import Work
from knowledge.question import OVER, Question, State


def merge(work: Work, facilitator: Person, number: int, into: int) -> list[Notice]:
    """What was answered there is brought at once. Refused in one sentence for every reason that the answers must not
    reach this asker: another circle, or that its asker wants to be kept from them."""
    before, other = finding.on_desk(work, facilitator, number), finding.on_desk(work, facilitator, into)
    if number == into:
        raise Refusal("merge.itself", question=number)
    if work.questions.merged_into(number):
        raise Refusal("merge.followed", question=number, into=into)
    asker, said = work.people.get(before.asker), work.questions.answers(into)
    if other.state is State.MERGED or (other.state in OVER and not any(relay.text for relay in said)):
        raise Refusal(f"question.is_{other.state}", question=into)
    apart = other.wishes.network not in (None, before.wishes.network)
    if apart or before.audience > other.audience or other.wishes.keep_from(asker, work.people.get(other.asker)):
        raise Refusal("merge.apart", question=number, into=into)
    question = work.questions.save(before.merged(into, work.now, work.now + work.pace.offer))
    values = {"question": number, "into": into}
    notices = [
        Notice(facilitator.id, "desk.merged", values, card=f"desk:{number}", about=number),
        *cards.offers_over(before, question, "offer.merged"),
        *cards.taken_away(before, "offer.merged"),
        *cards.desk_over(work, before, question, but=facilitator.id),
        cards.asker_card(question),
        Notice(before.asker, "question.merged", {"question": number}, about=number),
    ]
    texts = [one.text for one in cards.answers(work, question) if one.author != before.asker]
    if texts:
        # What somebody has read cannot be taken back.
        return notices + _bring(work, question, texts)
    undoing.remember(work, facilitator, "merge", before, question)
    return notices


def below(work: Work, number: int) -> list[Notice]:
    """The cards that asked those who follow a question whether its earlier answers helped, before the next one."""
    return [
        cards.helped_card(work, one, "card.below", only_edit=True)
        for one in work.questions.merged_into(number)
        if one.answered_at is not None
    ]


def shared(work: Work, question: Question, expert: Person, words: str) -> list[Notice]:
    """A new answer on its way to those who follow the question, and its writer hears that it goes there too, unless
    they must not hear of who follows."""
    notices = []
    heard = False
    text = telling.without_yours(words, work.people.get(question.asker))
    for one in work.questions.merged_into(question.id):
        asker = work.people.get(one.asker)
        if asker.id != expert.id:
            notices += _bring(work, one, [text])
            heard = heard or not one.wishes.keep_from(expert, asker)
    told = Notice(expert.id, "offer.shared", {"question": question.id}, about=question.id)
    return [*notices, *([told] if heard else [])]


def thanks(work: Work, question: Question) -> list[Notice]:
    """Whoever answered the other question hears that it helped somebody else too, unless they must not hear of that."""
    asker = work.people.get(question.asker)
    helped = [one for one in question.helped if one != asker.id]
    return [
        Notice(one, "thanks.shared", {"question": question.merged_into}, about=question.merged_into or 0)
        for one in helped
        if not question.wishes.keep_from(work.people.get(one), asker)
    ]


def _bring(work: Work, question: Question, texts: list[str]) -> list[Notice]:
    question = work.questions.save(question.brought(work.now, work.now + work.pace.outcome))
    values = {"question": question.id, "asked": question.text, "name": ""}
    return [
        *(Notice(question.asker, "question.answer", {**values, "text": text}, about=question.id) for text in texts),
        cards.helped_card(work, question, "question.helped"),
    ]
