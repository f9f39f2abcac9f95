"""Takes back the last command of somebody of the desk, as long as nothing has come of it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from knowledge import cards, routing
from knowledge.audit import Entry
from knowledge.desk_work import Move
from knowledge.errors import Refusal
from knowledge.notices import Notice
from knowledge.people import Person
from knowledge.ports import Work
from knowledge.question import HELD, LIVE, OfferState, Question, State

WITHIN = timedelta(minutes=10)

_PLAIN = ("expert", "network", "merged_into", "asker_named", "expert_named", "asker_asks", "expert_asks", "reminded")
_TIMES = ("waiting_since", "taken_at", "closed_at", "due_at")

Undo = Callable[[Work, Person, Move], list[Notice]]
_UNDO: dict[str, Undo] = {}


def undoes(*actions: str) -> Callable[[Undo], Undo]:
    """Declares how commands are undone that moved no question."""

    def declare(undo: Undo) -> Undo:
        _UNDO.update(dict.fromkeys(actions, undo))
        return undo

    return declare


def remember(work: Work, person: Person, action: str, before: Question, after: Question) -> None:
    """Keeps how a question stood before a command moved it to `after`, without any of its words."""
    stood: dict[str, Any] = {name: getattr(before, name) for name in _PLAIN}
    stood |= {name: at and at.isoformat() for name in _TIMES for at in [getattr(before, name)]}
    # An offer that was withheld stays as it is, and nothing here needs to say to whom it was: it may be the asker.
    offers = [
        [one.person, one.state.value, one.ended_at and one.ended_at.isoformat()]
        for one in before.offers
        if one.state is not OfferState.WITHHELD
    ]
    kept = {**stood, "state": before.state.value, "offers": offers, "version": after.version}
    work.moves.put(Move(person.id, action, f"question:{before.id}", work.now, kept))


def undo(work: Work, person: Person) -> list[Notice]:
    """Raises Refusal when there is nothing to undo, when it is too late, or when it cannot be undone."""
    move = work.moves.last(person.id)
    if move is None or move.at + WITHIN < work.now:
        raise Refusal("undo.nothing", minutes=int(WITHIN.total_seconds() // 60))
    if move.before is None:
        raise Refusal("undo.cannot", command=move.action)
    notices = _UNDO.get(move.action, _move_back)(work, person, move)
    work.moves.drop(person.id)
    work.audit.note(Entry(person.id, "undo", move.about, work.now, move.action))
    return notices


def _move_back(work: Work, person: Person, move: Move) -> list[Notice]:
    number = int(move.about.partition(":")[2])
    before = work.questions.get(number)
    assert before is not None, "questions are never deleted"
    assert move.before is not None
    # Whoever held it may be known by another number since, where two accounts were linked.
    lost = move.before["expert"] is not None and move.before["expert"] not in before.approached
    if lost or before.version != move.before["version"]:
        raise Refusal("undo.moved_on", question=number, command=move.action)
    question = _as_it_stood(before, move.before, work.now)
    if not routing.may_look_after(work, person, question):
        # Their own role may have ended meanwhile: then there is no such question for them.
        raise Refusal("question.unknown", question=number)
    question = work.questions.save(question)
    done = {"question": number, "command": move.action}
    return [
        Notice(person.id, "desk.undone", done, card=f"desk:{number}", about=number),
        *_told_anew(work, before, question, but=person.id),
    ]


def _as_it_stood(now: Question, stood: Mapping[str, Any], at: datetime) -> Question:
    """Who was asked since stays asked: an offer that was brought is called off, and one that was withheld is none."""
    was = {person: (OfferState(state), _time(ended)) for person, state, ended in stood["offers"]}
    offers = []
    for one in now.offers:
        state, ended = was.get(one.person, (one.state, one.ended_at))
        if one.person not in was and one.state in LIVE:
            state, ended = OfferState.CLOSED, at
        offers.append(replace(one, state=state, ended_at=ended))
    plain = {name: stood[name] for name in _PLAIN} | {name: _time(stood[name]) for name in _TIMES}
    return replace(now, state=State(stood["state"]), offers=tuple(offers), **plain)


def _time(said: str | None) -> datetime | None:
    return datetime.fromisoformat(said) if said else None


def _told_anew(work: Work, before: Question, after: Question, *, but: int) -> list[Notice]:
    """What everybody sees of it again. Nothing to the asker but their card, unless they were told that it was over."""
    notices = [cards.asker_card(after)]
    if before.state in (State.ENDED, State.MERGED):
        notices.append(Notice(after.asker, "question.goes_on", {"question": after.id}, about=after.id))
    for earlier in before.offers:
        offer = after.offer_to(earlier.person)
        if offer is None or offer.state is earlier.state:
            continue
        if earlier.state in LIVE:
            notices.append(cards.offer_over(offer.person, after, "offer.lapsed"))
        elif offer.state is OfferState.OPEN:
            notices.append(cards.offer_card(work, after, offer.person, offer.reasons))
        elif offer.state is OfferState.BESIDE:
            notices.append(cards.beside_card(work, after, offer.person))
    if after.state in HELD and before.expert is None and after.expert is not None:
        notices += [
            cards.held_card(work, after, after.expert),
            Notice(after.expert, "offer.goes_on", {"question": after.id}, about=after.id),
        ]
    if before.state is State.ESCALATED and after.state is not State.ESCALATED:
        notices += cards.desk_over(work, before, after, but=but)
    if after.state is State.ESCALATED and before.state is not State.ESCALATED:
        near = routing.nearest(work, after)
        notices += [
            cards.desk_card(work, one, after, "look_again", near)
            for one in routing.facilitators(work, after)
            if one.id != but
        ]
    return notices
