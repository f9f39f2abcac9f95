"""The facilitator's desk: looking after one question, bringing somebody in, and what could not be delivered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from knowledge import cards, finding, moving_on, routing, undoing, work_items
from knowledge.desk_work import Move, Note
from knowledge.errors import Refusal
from knowledge.matching.port import Match, Reason, Seen
from knowledge.notices import Notice
from knowledge.people import DESK, Person
from knowledge.places import Network
from knowledge.ports import Work
from knowledge.question import HELD, WAITING, Question, State
from knowledge.work_item import Cause


def on_the_desk(work: Work, person: Person, number: int) -> Notice:
    """The desk's card of a question, with what its people noted. How many were asked counts those who only seemed to
    be."""
    question = finding.on_desk(work, person, number)
    more = {
        "state": question.state,
        "network": routing.lies_with(work, question),
        "sent_at": question.sent_at,
        "asked": len(question.offers),
        "notes": [(work.people.get(one.author).name, one.text, one.at) for one in _readable(work, person, question)],
    }
    if question.state not in WAITING:
        values = {**more, "question": number, "text": question.text, "held": question.state in HELD}
        return Notice(person.id, "desk.shown", values, card=f"desk:{number}", about=number)
    why = "look" if question.state is State.OFFERED else "no_match" if not question.offers else "nobody_took"
    return cards.desk_card(work, person, question, why, routing.nearest(work, question), more)


def assign(work: Work, facilitator: Person, number: int, to: Person) -> list[Notice]:
    """The facilitator has somebody asked. That they cannot be reached just now is said of anybody; every other reason
    against it in one sentence that does not tell which."""
    before = finding.on_desk(work, facilitator, number)
    if before.state not in WAITING:
        raise Refusal(f"question.is_{before.state}", question=number)
    _may_be_asked(work, before, to)
    if routing.may_be_offered(work, before, to):
        offered, notices = moving_on.offer(work, before, Match(to.id, 1.0, (Reason("facilitator"),)))
    else:
        # The asker, or somebody of their office: a refusal would tell which. It waits as for one who is silent.
        offered = work.questions.save(before.withheld(to.id, work.now, moving_on.offer_due(work, to.id)))
        notices = []
    undoing.remember(work, facilitator, "assign", before, offered)
    return [
        _done(facilitator, number, "desk.assigned", {"name": to.name}),
        *notices,
        *cards.desk_over(work, before, offered, but=facilitator.id),
        cards.asker_card(offered),
    ]


def pull_in(work: Work, facilitator: Person, number: int, to: Person) -> list[Notice]:
    """One more person may add an answer beside whoever holds the question. While nobody does, it is offered to them."""
    before = finding.on_desk(work, facilitator, number)
    if before.state not in HELD:
        return assign(work, facilitator, number, to)
    _may_be_asked(work, before, to)
    assert before.expert is not None
    notices = []
    if routing.may_be_offered(work, before, to):
        question = work.questions.save(before.invited(to.id, (Reason("facilitator"),), work.now))
        notices = [cards.beside_card(work, question, to.id)]
    else:
        question = work.questions.save(before.not_invited(to.id, work.now))
    undoing.remember(work, facilitator, "pull", before, question)
    return [_done(facilitator, number, "desk.pulled", {"name": to.name}), *notices]


def _may_be_asked(work: Work, question: Question, to: Person) -> None:
    """Raises Refusal for somebody whom the desk may know that it cannot ask. That the asker left them out by name
    must not be told from that they were asked before, or are outside the question's circle."""
    finding.may_be_disturbed(work, to)
    outside = question.wishes.network is not None and question.wishes.network not in to.networks
    left_out = outside or to.id in question.wishes.excluded or to.id in question.approached
    if left_out or not to.may_read(question.audience):
        raise Refusal("question.cannot_be_asked", name=to.name, question=question.id)


def route(work: Work, facilitator: Person, number: int, network: Network) -> list[Notice]:
    """Another network's desk looks after it from now on. A moderator of it is asked, or its nearest expert; where
    nobody of it may be, its desk."""
    before = finding.on_desk(work, facilitator, number)
    if before.state not in WAITING:
        raise Refusal(f"question.is_{before.state}", question=number)
    if before.wishes.network not in (None, network.id):
        raise Refusal("route.kept_within", question=number)
    if before.network == network.id:
        raise Refusal("route.there_already", question=number)
    question = before.placed(network.id)
    found = routing.in_network(work, question, network)
    if found is not None:
        question, notices = moving_on.offer(work, question, found)
    else:
        question, notices = moving_on.escalate(work, question, "routed")
    undoing.remember(work, facilitator, "route", before, question)
    told = {facilitator.id, *(one.to for one in notices)}
    if before.state is State.ESCALATED:
        # Its asker knows that a facilitator has it; whose desk that is does not matter to them.
        notices = [one for one in notices if one.to != question.asker]
    return [
        _done(facilitator, number, "desk.routed", {"network": network.id}),
        *(one for one in notices if one.to != facilitator.id or one.card != f"desk:{number}"),
        *(
            cards.off_the_desk(one, question, only_edit=True)
            for one in routing.facilitators(work, before)
            if before.state is State.ESCALATED and one.id not in told
        ),
        cards.asker_card(question),
    ]


def note(work: Work, facilitator: Person, number: int, text: str) -> list[Notice]:
    """Something for those who look after the question with them. No member is ever shown it."""
    question = finding.on_desk(work, facilitator, number)
    words = finding.readable(text)
    kept = work.notes.add(Note(number, facilitator.id, routing.lies_with(work, question), words, work.now))
    work.moves.put(Move(facilitator.id, "note", f"question:{number}", work.now, {"note": kept}))
    return [Notice(facilitator.id, "desk.noted", {"question": number}, about=number)]


@undoing.undoes("note")
def _take_back_note(work: Work, facilitator: Person, move: Move) -> list[Notice]:
    assert move.before is not None
    work.notes.drop(move.before["note"])
    number = int(move.about.partition(":")[2])
    return [Notice(facilitator.id, "desk.undone", {"question": number, "command": move.action}, about=number)]


def close(work: Work, facilitator: Person, number: int) -> list[Notice]:
    """The facilitator says that it is over, which is no outcome: its asker can take it up again."""
    before = finding.on_desk(work, facilitator, number)
    question = work.questions.save(before.ended(work.now))
    undoing.remember(work, facilitator, "close", before, question)
    return [
        _done(facilitator, number, "desk.closed", {}),
        *cards.offers_over(before, question, "offer.ended"),
        *cards.taken_away(before, "offer.ended"),
        *cards.desk_over(work, before, question, but=facilitator.id),
        cards.asker_card(question),
        Notice(question.asker, "question.ended", {"question": number}, about=number),
    ]


def _done(facilitator: Person, number: int, key: str, values: Mapping[str, object]) -> Notice:
    """What the facilitator's card becomes once they did something with it."""
    return Notice(facilitator.id, key, {"question": number, **values}, card=f"desk:{number}", about=number)


def _readable(work: Work, person: Person, question: Question) -> list[Note]:
    """The notes about a question that were written for a desk this person is of: of the place where it now lies they
    are, or they could not see the question."""
    here = routing.lies_with(work, question)
    theirs = {grant.network for grant in person.grants if grant.role in DESK}
    return [one for one in work.notes.about(question.id) if one.network in theirs | {here, None} or None in theirs]


def suggested(work: Work, facilitator: Person, number: int, person: int) -> Person | None:
    """The expert of that id whom the desk of a question may see suggested; None for any other id, there or not.

    Nothing but the question's circle counts: whom its asker wants to be kept from is told by no id.
    """
    question = finding.on_desk(work, facilitator, number)
    known = next((one for one in work.catalogue.experts if one.id == person), None)
    return known if known is not None and known.may_read(question.audience) else None


_UNTOLD = (
    "desk.", "work_item.", "summary.", "flag.", "moderate.", "assist.", "digest.", "draft.", "item.",
)  # fmt: skip
"""Kinds of messages of which nobody hears that they did not arrive."""


def undeliverable(work: Work, person: int, number: int, kind: str, reason: str) -> list[Notice]:
    """A message given up: an offer goes on to the next person, and whoever looks after the question hears why, once for
    each person and question.

    The asker is never named. Nothing when the undelivered message was itself for the desk: it would go round. Nothing
    about a flag or a peer assist either: who is told of one says whose it is, or who said yes.
    """
    if kind.startswith(_UNTOLD):
        return []
    question = work.questions.get(number)
    moved = moving_on.unreached(work, person, number) if kind in ("offer.open", "offer.beside") else []
    is_asker = question is not None and question.asker == person
    about = question.id if question is not None else None
    item, new = work_items.raise_(
        work,
        Cause.UNDELIVERABLE,
        # In the key too, an asker is not named.
        f"{number}:{'asker' if is_asker else person}",
        question=about,
        person=None if is_asker else person,
        told={"reason": reason},
    )
    return moved + [
        work_items.card(work, one, item)
        for one in work_items.desk_of(work, item)
        if new and one.id != person and one.reachable
    ]


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
