"""A question moving on: to the next person, to the facilitator, or to its end when nobody says a word."""

from dataclasses import replace

from knowledge import cards, routing
from knowledge.matching.port import Match
from knowledge.notices import Notice
from knowledge.ports import Work
from knowledge.question import WAITING, OfferState, Question, State


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
        case _:
            work.questions.save(replace(question, due_at=None))
            return []


def _offer_overdue(work: Work, question: Question) -> list[Notice]:
    if question.waiting_since is None or work.now >= question.waiting_since + work.pace.desk:
        escalated, notices = escalate(work, question, "nobody_took")
        return [cards.asker_card(escalated), *notices]
    moved, notices = move_on(work, question, why="nobody_took")
    return [cards.asker_card(moved), *notices] if moved.state is State.ESCALATED else notices


def _answer_overdue(work: Work, question: Question) -> list[Notice]:
    assert question.expert is not None
    if not question.reminded:
        work.questions.save(replace(question, reminded=True, due_at=work.now + work.pace.taken))
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


def move_on(work: Work, question: Question, why: str) -> tuple[Question, list[Notice]]:
    """Offers the question to the next person, or brings it to the facilitator, saying why."""
    if len(question.offers) < work.pace.most_offers:
        candidate = routing.next_expert(work, question)
        if candidate is not None:
            return offer(work, question, candidate)
    return escalate(work, question, why)


def offer(work: Work, question: Question, candidate: Match) -> tuple[Question, list[Notice]]:
    offered = work.questions.save(
        question.offered(candidate.id, candidate.reasons, work.now, work.now + work.pace.offer)
    )
    return offered, [
        Notice(
            candidate.id,
            "offer.open",
            {
                "question": question.id,
                "text": question.text,
                "name": cards.asker_name(work, question),
                "wants": question.wishes.wants,
                "reasons": routing.without_asker(candidate.reasons),
            },
            card=f"offer:{question.id}",
            about=question.id,
        )
    ]


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
    if question.open_offers or question.state is State.ESCALATED:
        work.questions.save(question)
        return []
    moved, notices = move_on(work, question, why="nobody_left")
    return [cards.asker_card(moved), *notices]


def unreached(work: Work, person: int, number: int) -> list[Notice]:
    """An offer could not be brought to somebody: on to the next, as if they had been away."""
    question = work.questions.get(number)
    if question is None or question.state not in WAITING:
        return []
    offer = question.offer_to(person)
    if offer is None or offer.state is not OfferState.OPEN:
        return []
    back = question.given_back(person, OfferState.UNREACHED, work.now, question.due_at)
    return next_or_wait(work, back)
