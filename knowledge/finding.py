"""Finds what somebody names. What they may not know of is refused in the words for what does not exist."""

from knowledge import routing
from knowledge.errors import Refusal, TooLong
from knowledge.item import Item
from knowledge.people import Person
from knowledge.ports import Work
from knowledge.question import DRAFTS, OVER, Question
from knowledge.text import LONGEST_TEXT, clean


def known(work: Work, number: int) -> Question:
    """The question of that number, whoever asks for it. Raises Refusal when there is none."""
    question = work.questions.get(number)
    if question is None:
        raise Refusal("question.unknown", question=number)
    return question


def asked(work: Work, asker: Person, number: int) -> Question:
    """A question of theirs."""
    question = known(work, number)
    if question.asker != asker.id:
        raise Refusal("question.unknown", question=number)
    return question


def on_desk(work: Work, person: Person, number: int) -> Question:
    """A question on its way or past. A draft, and what this person may not look after, reads as no question at all."""
    question = known(work, number)
    if question.state in DRAFTS or not routing.may_look_after(work, person, question):
        raise Refusal("question.unknown", question=number)
    return question


def draft(work: Work, asker: Person, number: int) -> Question:
    """A question of theirs that nobody has seen. Raises Refusal for any other."""
    question = asked(work, asker, number)
    if question.state not in DRAFTS:
        key = f"question.is_{question.state}" if question.state in OVER else "question.sent_already"
        raise Refusal(key, question=number)
    return question


def earlier_answer(work: Work, reader: Person, number: int) -> Item:
    """A knowledge item. One that the reader may not read is refused like one that does not exist, or no longer."""
    return open_to(reader, work.items.get(number), number)


def open_to(reader: Person, item: Item | None, number: int) -> Item:
    """The item that was found for a number, if the reader may read it. Raises Refusal otherwise, as for none."""
    if item is None or not item.visible or not reader.may_read(item.audience, item.network):
        raise Refusal("item.unknown", item=number)
    return item


def may_write(person: Person) -> None:
    """Raises Refusal for somebody whom the desk keeps from writing to others."""
    if person.blocked_for is not None:
        raise Refusal("blocked", question=person.blocked_for)


def readable(text: str) -> str:
    """What somebody wrote, as it is kept and relayed. Raises Refusal when nothing is left of it, or too much."""
    text = clean(text)
    if not text:
        raise Refusal("text.empty")
    if len(text) > LONGEST_TEXT:
        raise TooLong(text, LONGEST_TEXT)
    return text


def may_be_disturbed(work: Work, person: Person) -> None:
    """Raises Refusal for somebody named who cannot be asked anything just now. It must not depend on the question:
    names could be tried otherwise, until the answer tells who asked it."""
    if not person.reachable:
        raise Refusal("people.not_here", name=person.name)
    if not routing.may_hear_now(work, person):
        raise Refusal("people.not_now", name=person.name)
