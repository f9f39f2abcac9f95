"""Direct connect: a private question from asking to its outcome. Each use case returns what should be heard.

Nothing here says who the other side is, unless that side consented to being named.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from knowledge import routing
from knowledge.errors import Refusal
from knowledge.matching.port import Match, Reason
from knowledge.notices import Notice
from knowledge.people import Person, Role
from knowledge.places import Audience
from knowledge.ports import Work
from knowledge.question import (
    DRAFTS,
    HELD,
    OVER,
    WAITING,
    OfferState,
    Outcome,
    Question,
    Relay,
    Side,
    State,
)
from knowledge.text import LONGEST_TEXT, clean

# The asker


def ask(work: Work, asker: Person, text: str) -> list[Notice]:
    """Writes a question down and previews it. Nobody else hears of it."""
    question = Question(
        id=0,
        asker=asker.id,
        text=_readable(text),
        language=asker.language,
        audience=_audience(asker),
        asked_at=work.now,
        due_at=work.now + work.pace.draft,
    )
    plan = routing.plan(work, asker, question.text)
    question = work.questions.add(question.suggested() if plan.items else question)
    return [_preview(question, plan)]


def edit(work: Work, asker: Person, number: int, text: str) -> list[Notice]:
    """Another text for a question nobody has seen; the preview changes in place."""
    question = _asked(work, asker, number).edited(_readable(text))
    plan = routing.plan(work, asker, question.text)
    question = work.questions.save(question.suggested() if plan.items else question)
    return [_preview(question, plan)]


def send(work: Work, asker: Person, number: int) -> list[Notice]:
    """The asker's yes: the question leaves, to the best person or to the facilitator."""
    question = _asked(work, asker, number)
    if question.state not in DRAFTS:
        raise Refusal("question.sent_already" if question.state not in OVER else f"question.is_{question.state}",
                      question=number)  # fmt: skip
    question, notices = _move_on(work, question, why="no_match")
    return [_asker_card(question), *notices]


def settle(work: Work, asker: Person, number: int, item: int) -> list[Notice]:
    """ "This answers it": an earlier answer ends the matter."""
    before = _asked(work, asker, number)
    found = work.items.get(item)
    if found is None or not asker.may_read(found.audience, found.network):
        raise Refusal("item.unknown", item=item)
    question = work.questions.save(before.settled(item, work.now))
    return [_asker_card(question), *_offers_over(before, question, "offer.answered_before")]


def reply(work: Work, asker: Person, number: int, text: str) -> list[Notice]:
    """The asker adds something for the expert."""
    question = _asked(work, asker, number)
    due_at = work.now + (work.pace.taken if question.state is State.TAKEN else work.pace.outcome)
    question = work.questions.save(question.replied(asker.id, work.now, due_at))
    words = _relay(work, question, Side.ASKER, asker, text)
    assert question.expert is not None
    return [
        Notice(
            question.expert,
            "question.reply",
            {"question": number, "text": words, "name": asker.name if question.asker_named else ""},
            about=number,
        ),
        Notice(asker.id, "question.reply_sent", {"question": number}, about=number),
    ]


def outcome(work: Work, asker: Person, number: int, how: Outcome) -> list[Notice]:
    """Whether it helped. The expert hears of it; the answer's card closes."""
    before = _asked(work, asker, number)
    question = work.questions.save(before.closed(asker.id, how, work.now))
    work.learned()
    notices = [_helped_card(work, question, "question.closed", {"outcome": how}), _asker_card(question)]
    if question.expert is not None:
        notices.append(
            Notice(
                question.expert,
                "offer.outcome",
                {"question": number, "outcome": how, "text": question.text},
                card=f"offer:{number}",
                about=number,
            )
        )
        if before.outcome is None and how is not Outcome.NO:
            # A card that changes in place is easily missed; thanks deserve a message.
            notices.append(Notice(question.expert, f"thanks.{how}", {"question": number}, about=number))
    return notices


def reopen(work: Work, asker: Person, number: int) -> list[Notice]:
    """It did not help: on to somebody else."""
    question = _asked(work, asker, number).reopened(asker.id)
    question, notices = _move_on(work, question, why="nobody_left")
    return [_asker_card(question), *notices]


def withdraw(work: Work, asker: Person, number: int) -> list[Notice]:
    """Taken back. Whoever had it is told to stop."""
    before = _asked(work, asker, number)
    question = work.questions.save(before.withdrawn(asker.id, work.now))
    notices = [_asker_card(question), *_offers_over(before, question, "offer.withdrawn")]
    if before.state in HELD and before.expert is not None:
        notices.append(
            Notice(before.expert, "offer.withdrawn", {"question": number}, card=f"offer:{number}", about=number)
        )
        notices.append(Notice(before.expert, "offer.stop", {"question": number}, about=number))
    return notices + _desk_over(work, before, question)


def card(work: Work, asker: Person, number: int) -> Notice:
    """The asker's card of one question as it stands; for a draft, its preview, matched anew."""
    question = _asked(work, asker, number)
    if question.state in DRAFTS:
        return _preview(question, routing.plan(work, asker, question.text))
    return _asker_card(question)


# The expert


def accept(work: Work, expert: Person, number: int) -> list[Notice]:
    """The first to take it holds it; the cards of the others change in place."""
    before = _known(work, number)
    if before.state in WAITING and expert.has_somewhere(Role.FACILITATOR):
        before = _offered_to_desk(work, before, expert)
    question = before.taken(expert.id, work.now, work.now + work.pace.taken)
    question = work.questions.save(question)
    return [
        _held_card(question),
        *_offers_over(before, question, "offer.taken_by_other"),
        *_desk_over(work, before, question),
        _asker_card(question),
        Notice(question.asker, "question.taken", {"question": number}, about=number),
    ]


def decline(work: Work, expert: Person, number: int) -> list[Notice]:
    """No reason asked. The next person is, unless somebody else still may take it."""
    return _give_back(work, expert, number, OfferState.DECLINED, "offer.declined")


def pass_on(work: Work, expert: Person, number: int, to: Person | None = None) -> list[Notice]:
    """Somebody else is better placed: `to`, or whoever comes next. Never says why a colleague cannot be asked."""
    question = _known(work, number)
    if question.offer_to(expert.id) is None:
        raise Refusal("question.unknown", question=number)
    if to is None:
        return _give_back(work, expert, number, OfferState.PASSED, "offer.passed")
    if not _may_be_offered(work, question, to):
        raise Refusal("question.cannot_ask", name=to.name)
    back = question.given_back(expert.id, OfferState.PASSED, work.now, question.due_at)
    offered, notices = _offer(work, back, Match(to.id, 1.0, (Reason("passed_on"),)))
    return [
        Notice(expert.id, "offer.passed", {"question": number}, card=f"offer:{number}", about=number),
        *notices,
        *_freed(question, offered),
    ]


def answer(work: Work, expert: Person, number: int, text: str) -> list[Notice]:
    """An answer crosses to the asker; the expert is named only after saying so."""
    before = _known(work, number)
    question = work.questions.save(before.answered(expert.id, work.now, work.now + work.pace.outcome))
    # The question whether it helped stands below the latest answer only.
    earlier = [] if before.state is State.TAKEN else [_helped_card(work, before, "card.below", only_edit=True)]
    words = _relay(work, question, Side.EXPERT, expert, text)
    work.learned()
    return [
        *earlier,
        Notice(
            question.asker,
            "question.answer",
            {
                "question": number,
                "asked": question.text,
                "text": words,
                "name": expert.name if question.expert_named else "",
            },
            about=number,
        ),
        _helped_card(work, question, "question.helped"),
        Notice(expert.id, "question.answer_sent", {"question": number}, about=number),
        *([] if before.state is State.ANSWERED else [_held_card(question), _asker_card(question)]),
    ]


def reveal(work: Work, person: Person, number: int) -> list[Notice]:
    """Consents to being named to the other side of this one question."""
    before = _known(work, number)
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
        Notice(person.id, "question.named", {"question": number}, about=number),
        Notice(other, "question.other_named", {"question": number, "name": person.name, "side": side}, about=number),
    ]


# The facilitator


def assign(work: Work, facilitator: Person, number: int, to: Person) -> list[Notice]:
    """The facilitator pulls somebody in."""
    question = _known(work, number)
    _only_facilitators(facilitator, number)
    if question.state in DRAFTS:
        raise Refusal("question.unknown", question=number)
    if question.state not in WAITING:
        raise Refusal(f"question.is_{question.state}", question=number)
    if not _may_be_offered(work, question, to):
        raise Refusal("question.cannot_ask", name=to.name)
    offered, notices = _offer(work, question, Match(to.id, 1.0, (Reason("facilitator"),)))
    return [
        Notice(
            facilitator.id,
            "desk.assigned",
            {"question": number, "name": to.name},
            card=f"desk:{number}",
            about=number,
        ),
        *notices,
        _asker_card(offered),
    ]


def on_the_desk(work: Work, facilitator: Person, number: int) -> Notice:
    """The facilitator's card of a question on its way. Never a draft, never the facilitator's own question."""
    question = _known(work, number)
    if question.state in DRAFTS or question.asker == facilitator.id:
        raise Refusal("question.unknown", question=number)
    if question.state not in WAITING:
        return Notice(
            facilitator.id,
            "desk.over",
            {"question": number, "state": question.state},
            card=f"desk:{number}",
            about=number,
        )
    why = "look" if question.state is State.OFFERED else "no_match" if not question.offers else "nobody_took"
    return _desk_card(facilitator, question, why, routing.nearest(work, question))


def unreached(work: Work, person: int, number: int) -> list[Notice]:
    """An offer could not be brought to somebody: on to the next, as if they had been away."""
    question = work.questions.get(number)
    if question is None or question.state not in WAITING:
        return []
    offer = question.offer_to(person)
    if offer is None or offer.state is not OfferState.OPEN:
        return []
    back = question.given_back(person, OfferState.UNREACHED, work.now, question.due_at)
    return _next_or_wait(work, back)


# The clock


def due(work: Work, number: int) -> list[Notice]:
    """What waited long enough moves on. Calling it early, late or twice changes nothing more than once."""
    question = work.questions.get(number)
    if question is None or question.due_at is None or question.due_at > work.now:
        return []
    match question.state:
        case State.ASKED | State.SUGGESTED:
            gone = work.questions.save(question.expired(work.now))
            return [replace(_asker_card(gone), only_edit=True)]
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
        escalated, notices = _escalate(work, question, "nobody_took")
        return [_asker_card(escalated), *notices]
    moved, notices = _move_on(work, question, why="nobody_took")
    return [_asker_card(moved), *notices] if moved.state is State.ESCALATED else notices


def _answer_overdue(work: Work, question: Question) -> list[Notice]:
    assert question.expert is not None
    if not question.reminded:
        work.questions.save(replace(question, reminded=True, due_at=work.now + work.pace.taken))
        return [Notice(question.expert, "offer.reminder", {"question": question.id}, about=question.id)]
    escalated, notices = _escalate(work, question, "not_answered")
    return [
        Notice(
            question.expert, "offer.moved_on", {"question": question.id}, card=f"offer:{question.id}", about=question.id
        ),
        _asker_card(escalated),
        *notices,
    ]


def _outcome_overdue(work: Work, question: Question) -> list[Notice]:
    if not question.reminded:
        work.questions.save(replace(question, reminded=True, due_at=work.now + work.pace.silence))
        below = _helped_card(work, question, "card.below", only_edit=True)
        # Said anew, since a card that changes in place further up tells nobody.
        return [
            below,
            replace(_helped_card(work, question, "question.helped_again"), card=f"helped:{question.id}:again"),
        ]
    gone = work.questions.save(question.expired(work.now))
    return [replace(_asker_card(gone), only_edit=True)]


# Moving on to the next person


def _move_on(work: Work, question: Question, why: str) -> tuple[Question, list[Notice]]:
    """Offers the question to the next person, or brings it to the facilitator, saying why."""
    if len(question.offers) < work.pace.most_offers:
        candidate = routing.next_expert(work, question)
        if candidate is not None:
            return _offer(work, question, candidate)
    return _escalate(work, question, why)


def _offer(work: Work, question: Question, candidate: Match) -> tuple[Question, list[Notice]]:
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
                # That they share a language would say which one the asker reads in.
                "reasons": [reason for reason in candidate.reasons if reason.kind != "language"],
            },
            card=f"offer:{question.id}",
            about=question.id,
        )
    ]


def _escalate(work: Work, question: Question, why: str) -> tuple[Question, list[Notice]]:
    escalated = work.questions.save(question.escalated(work.now))
    near = routing.nearest(work, escalated)
    desk = [_desk_card(facilitator, question, why, near) for facilitator in routing.facilitators(work, question)]
    return escalated, [
        *desk,
        Notice(question.asker, "question.escalated", {"question": question.id, "why": why}, about=question.id),
    ]


def _give_back(work: Work, expert: Person, number: int, how: OfferState, key: str) -> list[Notice]:
    question = _known(work, number)
    back = question.given_back(expert.id, how, work.now, question.due_at)
    return [
        Notice(expert.id, key, {"question": number}, card=f"offer:{number}", about=number),
        *_next_or_wait(work, back),
        *_freed(question, back),
    ]


def _next_or_wait(work: Work, question: Question) -> list[Notice]:
    if question.open_offers or question.state is State.ESCALATED:
        work.questions.save(question)
        return []
    moved, notices = _move_on(work, question, why="nobody_left")
    return [_asker_card(moved), *notices]


def _freed(before: Question, after: Question) -> list[Notice]:
    """The asker hears that whoever had taken it could not go on after all."""
    if before.state is State.TAKEN and after.state is not State.TAKEN:
        return [Notice(before.asker, "question.freed", {"question": before.id}, about=before.id)]
    return []


# Small parts


def _readable(text: str) -> str:
    text = clean(text)
    if not text:
        raise Refusal("text.empty")
    if len(text) > LONGEST_TEXT:
        raise Refusal("text.too_long", length=len(text), longest=LONGEST_TEXT)
    return text


def _audience(asker: Person) -> Audience:
    """Who may be asked: the asker's own circle, never wider without their consent."""
    return asker.reach


def _known(work: Work, number: int) -> Question:
    question = work.questions.get(number)
    if question is None:
        raise Refusal("question.unknown", question=number)
    return question


def _asked(work: Work, asker: Person, number: int) -> Question:
    question = _known(work, number)
    if question.asker != asker.id:
        raise Refusal("question.unknown", question=number)
    return question


def _only_facilitators(person: Person, number: int) -> None:
    if not (person.has_somewhere(Role.FACILITATOR) or person.has_somewhere(Role.KM_TEAM)):
        raise Refusal("question.unknown", question=number)


def _may_be_offered(work: Work, question: Question, person: Person) -> bool:
    asker = work.people.get(question.asker)
    return (
        person.id != asker.id
        and person.reachable
        and person.may_read(asker.reach)
        and person.id not in question.approached
    )


def _offered_to_desk(work: Work, question: Question, facilitator: Person) -> Question:
    """A facilitator may take what nobody else did, as if it had been offered to them."""
    if question.state is not State.ESCALATED or question.offer_to(facilitator.id) or facilitator.id == question.asker:
        return question
    return question.offered(facilitator.id, (Reason("facilitator"),), work.now, work.now + work.pace.taken)


def _relay(work: Work, question: Question, side: Side, author: Person, text: str) -> str:
    words = _readable(text)
    work.questions.add_relay(question.id, Relay(question.relayed, side, author.id, words, work.now))
    return words


def _preview(question: Question, plan: routing.Plan) -> Notice:
    return Notice(
        question.asker,
        "question.preview",
        {"question": question.id, "text": question.text, "audience": question.audience, "plan": plan},
        card=f"question:{question.id}",
        about=question.id,
    )


def _asker_card(question: Question) -> Notice:
    """The asker's one card of a question, as it stands now."""
    return Notice(
        question.asker,
        "question.card",
        {
            "question": question.id,
            "text": question.text,
            "state": question.state,
            "outcome": question.outcome,
            "item": question.item,
        },
        card=f"question:{question.id}",
        about=question.id,
    )


def _desk_card(facilitator: Person, question: Question, why: str, near: Sequence[Match]) -> Notice:
    return Notice(
        facilitator.id,
        "desk.question",
        {"question": question.id, "text": question.text, "why": why, "near": near},
        card=f"desk:{question.id}",
        about=question.id,
    )


def _held_card(question: Question) -> Notice:
    """The card of whoever holds it: the question, and where to answer."""
    assert question.expert is not None
    return Notice(
        question.expert,
        "offer.held",
        {"question": question.id, "text": question.text, "answered": question.state is State.ANSWERED},
        card=f"offer:{question.id}",
        about=question.id,
    )


def _helped_card(
    work: Work, question: Question, key: str, values: Mapping[str, object] | None = None, *, only_edit: bool = False
) -> Notice:
    """The card below the latest answer, which asks whether it helped."""
    latest = max((relay.number for relay in work.questions.relays(question.id) if relay.side is Side.EXPERT), default=0)
    return Notice(
        question.asker,
        key,
        {"question": question.id, **(values or {})},
        card=f"helped:{question.id}:{latest}",
        about=question.id,
        only_edit=only_edit,
    )


def _offers_over(before: Question, after: Question, key: str) -> Iterable[Notice]:
    """The cards of those who could have taken it and no longer can."""
    return [
        Notice(
            offer.person,
            key,
            {"question": after.id},
            card=f"offer:{after.id}",
            about=after.id,
            only_edit=True,
        )
        for offer in before.open_offers
        if offer.person != after.expert
    ]


def _desk_over(work: Work, before: Question, after: Question) -> list[Notice]:
    """The facilitators' cards, when a question is no longer theirs to bring on."""
    if before.state is not State.ESCALATED:
        return []
    return [
        Notice(
            facilitator.id,
            "desk.over",
            {"question": after.id, "state": after.state},
            card=f"desk:{after.id}",
            about=after.id,
            only_edit=True,
        )
        for facilitator in routing.facilitators(work, after)
    ]


def overview(work: Work, person: Person, now: datetime) -> list[Question]:
    """A person's own open questions, and those that ended in the last week. Newest first."""
    week = 7 * 24 * 3600
    return [
        question
        for question in work.questions.asked_by(person.id)
        if question.state not in OVER or (question.closed_at and (now - question.closed_at).total_seconds() < week)
    ]
