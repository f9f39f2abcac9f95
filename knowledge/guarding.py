"""Keeping people safe without unmasking them: reports, blocks, and the one way to learn who asked.

What is privileged is written down (`knowledge.audit`): who did what about which question, and when; no member's text.
"""

from dataclasses import replace

from knowledge import cards, finding, routing
from knowledge.audit import Entry
from knowledge.errors import Refusal
from knowledge.notices import Notice
from knowledge.people import Person, Role
from knowledge.ports import Work
from knowledge.question import HELD, OVER, Question

SHORTEST_REASON = 15
"""Characters of a reason that somebody else can judge."""


def report(work: Work, expert: Person, number: int) -> list[Notice]:
    """Whoever was asked finds a question abusive, or fears for somebody: those who look after it hear of it."""
    question = finding.known(work, number)
    if question.offer_to(expert.id) is None:
        raise Refusal("question.unknown", question=number)
    told = [one for one in routing.facilitators(work, question) if one.id != expert.id]
    if not told:
        raise Refusal("report.nobody", question=number)
    return [
        *(
            Notice(
                one.id,
                "desk.reported",
                {"question": number, "text": question.text, "name": expert.name},
                card=f"reported:{number}",
                about=number,
            )
            for one in told
        ),
        Notice(expert.id, "report.told", {"question": number}, about=number),
    ]


def block(work: Work, facilitator: Person, number: int) -> list[Notice]:
    """Whoever asked this can write to nobody through the bot any more, and the question stops. Nobody learns who."""
    question = finding.on_desk(work, facilitator, number)
    if not work.people.block(question.asker, number, facilitator.id, work.now):
        raise Refusal("block.already", question=number)
    return [
        *_stopped(work, question),
        Notice(facilitator.id, "block.done", {"question": number}, card=f"reported:{number}", about=number),
        Notice(question.asker, "block.told", {"question": number}, about=number),
    ]


def unblock(work: Work, facilitator: Person, number: int) -> list[Notice]:
    """Takes a block back, by the question it began with."""
    question = finding.on_desk(work, facilitator, number)
    if not work.people.unblock(question.asker, number):
        raise Refusal("block.not", question=number)
    still = work.people.get(question.asker).blocked_for is not None
    return [
        Notice(facilitator.id, "block.lifted", {"question": number}, about=number),
        *([] if still else [Notice(question.asker, "block.over", {"question": number}, about=number)]),
    ]


def unmask(work: Work, facilitator: Person, number: int, reason: str) -> list[Notice]:
    """Breaks the glass, where somebody may be in danger: the facilitator learns who asked, and the KM team hears that,
    and why. Refused without a reason, and where nobody else would hear of it. Holds for a question that its asker hid
    from the facilitator too; not for one whose asker wanted this very person kept from it."""
    question = finding.on_desk(work, facilitator, number)
    reason = finding.readable(reason)
    if len(reason) < SHORTEST_REASON:
        raise Refusal("unmask.reason", least=SHORTEST_REASON)
    asker = work.people.get(question.asker)
    watching = [one for one in work.people.having_somewhere(Role.KM_TEAM) if one.id not in (facilitator.id, asker.id)]
    if not watching:
        raise Refusal("unmask.nobody")
    work.audit.note(Entry(facilitator.id, "unmask", f"question:{number}", work.now, reason))
    told = {"question": number, "who": facilitator.name, "reason": reason}
    return [
        Notice(facilitator.id, "unmask.shown", {"question": number, "name": asker.name, "office": asker.office}),
        *(Notice(one.id, "unmask.told", told) for one in watching),
    ]


def log(work: Work, person: Person, number: int | None) -> list[Notice]:
    """The newest privileged actions, or those about one question, for the KM team."""
    entries = work.audit.newest(f"question:{number}" if number is not None else "")
    named = [(entry, work.people.get(entry.person).name, _whom(work, entry)) for entry in entries]
    return [Notice(person.id, "audit", {"entries": named})]


def _whom(work: Work, entry: Entry) -> str:
    """The name of the person an entry is about, "" when it is about none."""
    kind, _, number = entry.about.partition(":")
    return work.people.get(int(number)).name if kind == "person" else ""


def _stopped(work: Work, before: Question) -> list[Notice]:
    """The question is taken from whoever has it, as when its asker takes it back."""
    if before.state in OVER:
        return []
    question = work.questions.save(before.withdrawn(before.asker, work.now))
    notices = [cards.asker_card(question), *cards.offers_over(before, question, "offer.withdrawn")]
    if before.state in HELD and before.expert is not None:
        over = cards.offer_over(before.expert, question, "offer.withdrawn")
        notices += [
            replace(over, only_edit=False),
            Notice(before.expert, "offer.stop", {"question": before.id}, about=before.id),
        ]
    return notices + cards.desk_over(work, before, question)
