"""What comes after an outcome: the time saved, what became of it a month later, and what it was worth to the expert."""

from knowledge import finding, routing
from knowledge.errors import Refusal
from knowledge.notices import Notice
from knowledge.people import Person
from knowledge.ports import Work
from knowledge.question import Question

MOST_MINUTES = 100_000
"""About a year of work: more is a slip of the hand."""


def save_time(work: Work, asker: Person, number: int, minutes: int) -> list[Notice]:
    """How much of their time the answer saved, as they put it; only sums of it are ever shown."""
    if not 0 < minutes <= MOST_MINUTES:
        raise Refusal("minutes.unknown")
    work.questions.save(finding.asked(work, asker, number).saved(asker.id, minutes))
    return [Notice(asker.id, "question.saved", {"question": number, "minutes": minutes}, about=number)]


def follow_up(work: Work, question: Question) -> list[Notice]:
    """The one time the asker is asked what became of it."""
    question = work.questions.save(question.asked_again())
    return [_followed_up(question, "question.follow_up", {"text": question.text})]


def used(work: Work, asker: Person, number: int, yes: bool) -> list[Notice]:
    question = work.questions.save(finding.asked(work, asker, number).was_used(asker.id, yes))
    return [_followed_up(question, "question.used" if yes else "question.not_used")]


def changed(work: Work, asker: Person, number: int, yes: bool) -> list[Notice]:
    question = work.questions.save(finding.asked(work, asker, number).has_changed(asker.id, yes))
    return [_followed_up(question, "question.changed" if yes else "question.not_changed")]


def _followed_up(question: Question, key: str, values: dict[str, object] | None = None) -> Notice:
    values = {"question": question.id, **(values or {})}
    return Notice(question.asker, key, values, card=f"follow_up:{question.id}", about=question.id)


def impact(work: Work, expert: Person, number: int, text: str) -> list[Notice]:
    """The expert's own note on what an answer of theirs led to; nobody else reads it before they show it."""
    question = finding.known(work, number)
    if question.offer_to(expert.id) is None:
        raise Refusal("question.unknown", question=number)
    if all(relay.author != expert.id for relay in work.questions.answers(number)):
        raise Refusal("impact.no_answer", question=number)
    work.questions.add_impact(number, expert.id, finding.readable(text), work.now)
    return [Notice(expert.id, "impact.kept", {"question": number}, about=number)]


def mine(work: Work, person: Person) -> list[Notice]:
    """What a person gave, for their eyes."""
    return [
        Notice(person.id, "contributions", {"given": work.questions.contributions(person.id)}, card="contributions")
    ]


def show_mine(work: Work, person: Person) -> list[Notice]:
    """The same, as it stands now, for those who look after the person's networks. Raises Refusal when nobody does, or
    when there is nothing yet."""
    given = work.questions.contributions(person.id)
    if not given.answered:
        raise Refusal("contributions.none")
    readers = [one for one in routing.caretakers(work, person.networks) if one.id != person.id]
    if not readers:
        raise Refusal("contributions.nobody")
    work.people.prefer(person.id, shared_at=work.now)
    shown = {"given": given, "name": person.name}
    return [
        *(Notice(reader.id, "desk.contributions", shown) for reader in readers),
        Notice(person.id, "contributions.shown", {"names": ", ".join(one.name for one in readers)}),
    ]
