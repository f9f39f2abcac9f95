"""The facilitator's desk: which questions are on it, bringing somebody in, and what could not be delivered."""

from collections.abc import Sequence
from dataclasses import dataclass

from knowledge import cards, finding, moving_on, routing
from knowledge.errors import Refusal
from knowledge.matching.port import Match, Reason, Seen
from knowledge.notices import Notice
from knowledge.people import Person, Role
from knowledge.ports import Work
from knowledge.question import DRAFTS, OVER, WAITING, Question, State


def queue(work: Work, person: Person) -> list[Question]:
    """What is under way and this person may look after, oldest first."""
    under_way = work.questions.in_states(frozenset(State) - OVER - DRAFTS)
    return [question for question in under_way if routing.may_look_after(work, person, question)]


def on_the_desk(work: Work, person: Person, number: int) -> Notice:
    """The desk's card of a question on its way."""
    question = _looked_after(work, person, number)
    if question.state not in WAITING:
        return cards.off_the_desk(person, question)
    why = "look" if question.state is State.OFFERED else "no_match" if not question.offers else "nobody_took"
    return cards.desk_card(work, person, question, why, routing.nearest(work, question))


def assign(work: Work, facilitator: Person, number: int, to: Person) -> list[Notice]:
    """The facilitator pulls somebody in. Refused for what the facilitator may know: that they cannot be reached, are
    outside the question's circle, or were asked before."""
    question = _looked_after(work, facilitator, number)
    if question.state not in WAITING:
        raise Refusal(f"question.is_{question.state}", question=number)
    finding.may_be_disturbed(work, to)
    outside = question.wishes.network is not None and question.wishes.network not in to.networks
    if outside or not to.may_read(question.audience):
        raise Refusal("question.outside", name=to.name, question=number)
    if to.id in question.approached:
        raise Refusal("question.asked_before", name=to.name, question=number)
    if routing.may_be_offered(work, question, to):
        offered, notices = moving_on.offer(work, question, Match(to.id, 1.0, (Reason("facilitator"),)))
    else:
        # The asker, or somebody the asker excluded: a refusal would tell which. It waits as for one who is silent.
        offered = work.questions.save(question.withheld(to.id, work.now, moving_on.offer_due(work, to.id)))
        notices = []
    return [
        Notice(
            facilitator.id,
            "desk.assigned",
            {"question": number, "name": to.name},
            card=f"desk:{number}",
            about=number,
        ),
        *notices,
        *cards.desk_over(work, question, offered, but=facilitator.id),
        cards.asker_card(offered),
    ]


def suggested(work: Work, facilitator: Person, number: int, person: int) -> Person | None:
    """The expert of that id whom the desk of a question may see suggested; None for any other id, there or not.

    Nothing but the question's circle counts: whom its asker wants to be kept from is told by no id.
    """
    question = _looked_after(work, facilitator, number)
    known = next((one for one in work.catalogue.experts if one.id == person), None)
    return known if known is not None and known.may_read(question.audience) else None


def undeliverable(work: Work, person: int, number: int, kind: str, reason: str) -> list[Notice]:
    """A message given up: an offer goes on to the next person, and whoever looks after the question hears why.

    The asker is never named. Nothing when the undelivered message was itself for the desk: it would go round. Nothing
    about a flag or a peer assist either: who is told of one says whose it is, or who said yes.
    """
    if kind.startswith(("desk.", "flag.", "moderate.", "assist.")):
        return []
    question = work.questions.get(number)
    moved = moving_on.unreached(work, person, number) if kind == "offer.open" else []
    if question is not None:
        people = routing.facilitators(work, question)
    else:
        people = work.people.having_somewhere(Role.FACILITATOR)
    unreached = work.people.get(person)
    is_asker = question is not None and question.asker == person
    return moved + [
        Notice(
            facilitator.id,
            "desk.undeliverable",
            {"question": number, "name": "" if is_asker else unreached.name, "reason": reason},
            about=number,
        )
        for facilitator in people
        if facilitator.id != person and facilitator.reachable
    ]


def _looked_after(work: Work, person: Person, number: int) -> Question:
    """A question on its way or past. A draft, and what this person may not look after, reads as no question at all."""
    question = finding.known(work, number)
    if question.state in DRAFTS or not routing.may_look_after(work, person, question):
        raise Refusal("question.unknown", question=number)
    return question


@dataclass(frozen=True, slots=True)
class Found:
    """What a text would find, whether it fits or not, best first; as `asker` may read it. Nothing is kept or sent."""

    text: str
    seen: Seen
    items: Sequence[Match]
    experts: Sequence[Match]
    networks: Sequence[Match]


def would_find(work: Work, asker: Person, text: str) -> Found:
    """Where a question in these words would go if this person asked it. Raises Refusal for a text that could not be
    asked."""
    text = finding.readable(text)
    matcher = work.matcher
    return Found(
        text,
        matcher.seen(text),
        matcher.items(text, asker, sure=False),
        matcher.experts(text, asker, limit=3, sure=False),
        matcher.networks(text, asker, sure=False),
    )
