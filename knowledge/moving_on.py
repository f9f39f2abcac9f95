"""A question moving on: to the next person, to the facilitator, or to its end when nobody says a word."""

from dataclasses import replace
from datetime import datetime

from knowledge import afterwards, cards, routing
from knowledge.matching.port import Match
from knowledge.notices import Notice
from knowledge.ports import Work
from knowledge.question import HELD, LIVE, OVER, UNDER_WAY, OfferState, Question, State


def due(work: Work, number: int) -> list[Notice]:
    """What waited long enough moves on. Calling it early, late or twice changes nothing more than once."""
    question = work.questions.get(number)
    if question is None or question.due_at is None or question.due_at > work.now:
        return []
    match question.state:
        case State.ASKED | State.SUGGESTED:
            gone = work.questions.save(question.expired(work.now))
            return [replace(cards.asker_card(gone), only_edit=True)]
        case State.OFFERED:
            return _offer_overdue(work, question)
        case State.TAKEN:
            return _answer_overdue(work, question)
        case State.ANSWERED:
            return _outcome_overdue(work, question)
        case State.MERGED:
            return _merged_overdue(work, question)
        case State.CLOSED if not question.followed_up:
            return afterwards.follow_up(work, question)
        case _:
            work.questions.save(replace(question, due_at=None))
            return []


def _offer_overdue(work: Work, question: Question) -> list[Notice]:
    asker = work.people.get(question.asker)
    since = question.waiting_since or work.now
    if work.now >= work.policy.hours.after(since, work.pace.desk, asker):
        escalated, notices = escalate(work, question, "nobody_took")
        return [cards.asker_card(escalated), *notices]
    moved, notices = move_on(work, question, why="nobody_took", told=False)
    if moved.state is State.ESCALATED:
        return [cards.asker_card(moved), *notices]
    if len(moved.offers) > len(question.offers) and question.offers:
        moderates = any(reason.kind == "moderates" for reason in moved.offers[-1].reasons)
        key = "question.asked_moderator" if moderates else "question.asked_next"
        notices = [*notices, Notice(question.asker, key, {"question": question.id}, about=question.id)]
    return notices


def _answer_overdue(work: Work, question: Question) -> list[Notice]:
    assert question.expert is not None
    if not question.reminded:
        work.questions.save(replace(question, reminded=True, due_at=answer_due(work, question.expert)))
        return [Notice(question.expert, "offer.reminder", {"question": question.id}, about=question.id)]
    escalated, notices = escalate(work, question, "not_answered")
    return [
        Notice(
            question.expert, "offer.moved_on", {"question": question.id}, card=f"offer:{question.id}", about=question.id
        ),
        cards.asker_card(escalated),
        *notices,
    ]


def _outcome_overdue(work: Work, question: Question) -> list[Notice]:
    if not question.reminded:
        again = work.questions.save(replace(question, reminded=True, due_at=work.now + work.pace.silence))
        # Said anew, since a card that changes in place further up tells nobody.
        return [
            cards.helped_card(work, question, "card.below", only_edit=True),
            cards.helped_card(work, again, "question.helped_again"),
        ]
    gone = work.questions.save(question.expired(work.now))
    return [replace(cards.asker_card(gone), only_edit=True)]


def _merged_overdue(work: Work, question: Question) -> list[Notice]:
    """Looks after a while whether the question it was merged into still may bring an answer."""
    if question.answered_at is not None:
        return _outcome_overdue(work, question)
    other = work.questions.get(question.merged_into or 0)
    if other is not None and other.state not in OVER:
        work.questions.save(replace(question, due_at=work.now + work.pace.offer))
        return []
    moved, notices = move_on(work, question.parted(), why="nobody_left")
    return [cards.asker_card(moved), *notices]


def move_on(work: Work, question: Question, why: str, *, told: bool = True) -> tuple[Question, list[Notice]]:
    """Offers the question to the next person, waits until one can be disturbed, or brings it to the facilitator and
    says why. With `told` the asker hears that it waits."""
    if len(question.offers) < work.pace.most_offers:
        following = routing.next_expert(work, question)
        if following.match is not None and following.at <= work.now:
            return offer(work, question, following.match)
        asker = work.people.get(question.asker)
        if following.match is not None and following.at < work.policy.hours.after(
            question.waiting_since or work.now, work.pace.desk, asker
        ):
            waiting = work.questions.save(question.waits(work.now, following.at))
            waits = Notice(question.asker, "question.waits", {"question": question.id}, about=question.id)
            return waiting, [waits] if told else []
    return escalate(work, question, why)


def offer(work: Work, question: Question, candidate: Match) -> tuple[Question, list[Notice]]:
    """Offers the question to one more person. Where too many could take it already, the first of them is let go."""
    lapsed = question.open_offers[: max(len(question.open_offers) + 1 - work.pace.most_open, 0)]
    for earlier in lapsed:
        question = question.lapsed(earlier.person, work.now)
    offered = work.questions.save(
        question.offered(candidate.id, candidate.reasons, work.now, offer_due(work, candidate.id))
    )
    return offered, [
        *(cards.offer_over(earlier.person, offered, "offer.lapsed") for earlier in lapsed),
        cards.offer_card(work, offered, candidate.id, candidate.reasons),
    ]


def offer_due(work: Work, person: int) -> datetime:
    """When an offer made now has waited long enough."""
    return work.policy.hours.after(work.now, work.pace.offer, work.people.get(person))


def answer_due(work: Work, person: int) -> datetime:
    """When an answer is due from somebody who took a question now."""
    return work.policy.hours.after(work.now, work.pace.taken, work.people.get(person))


def escalate(work: Work, question: Question, why: str) -> tuple[Question, list[Notice]]:
    escalated = work.questions.save(question.escalated(work.now))
    near = routing.nearest(work, escalated)
    # The desk may see the name where the KM team chose so: only who stays hidden is told that they do.
    hidden = not cards.name_on_desk(work, question)
    return escalated, [
        *(cards.desk_card(work, one, question, why, near) for one in routing.facilitators(work, question)),
        Notice(
            question.asker,
            "question.escalated" if hidden else "question.escalated_seen",
            {"question": question.id},
            about=question.id,
        ),
    ]


def next_or_wait(work: Work, question: Question) -> list[Notice]:
    if question.open_offers or question.state in HELD | {State.ESCALATED}:
        work.questions.save(question)
        return []
    moved, notices = move_on(work, question, why="nobody_left")
    return [cards.asker_card(moved), *notices]


def unreached(work: Work, person: int, number: int) -> list[Notice]:
    """An offer could not be brought to somebody: on to the next, as if they had been away."""
    question = work.questions.get(number)
    if question is None or question.state not in UNDER_WAY:
        return []
    offer = question.offer_to(person)
    if offer is None or offer.state not in LIVE:
        return []
    back = question.given_back(person, OfferState.UNREACHED, work.now, question.due_at)
    return next_or_wait(work, back)
