"""Direct connect: a private question from asking to its outcome. Each use case returns what should be heard.

Nothing here says who the other side is, unless that side consented to being named.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from knowledge import cards, coaching, curating, finding, merging, moving_on, routing
from knowledge.errors import Refusal
from knowledge.item import Use
from knowledge.matching.port import Match, Reason
from knowledge.notices import Notice
from knowledge.people import Person
from knowledge.places import Audience, Network
from knowledge.ports import Work
from knowledge.question import (
    DRAFTS,
    HELD,
    OVER,
    OfferState,
    Outcome,
    Question,
    Relay,
    Side,
    State,
)
from knowledge.text import LONGEST_TEXT, clean, shortened

# The asker


def ask(work: Work, asker: Person, text: str) -> list[Notice]:
    """Writes a question down and previews it. Nobody else hears of it."""
    finding.may_write(asker)
    whole = clean(text)
    kept = shortened(whole, LONGEST_TEXT)
    question = Question(
        id=0,
        asker=asker.id,
        text=finding.readable(kept),
        language=asker.language,
        audience=_audience(asker),
        asked_at=work.now,
        due_at=work.now + work.pace.draft,
    )
    if kept != whole:
        # What fits is kept as a draft, to be mended; the whole stands in the asker's own message.
        question = work.questions.add(question)
        values = {"question": question.id, "text": kept, "length": len(whole), "longest": LONGEST_TEXT}
        return [Notice(asker.id, "question.too_long", values, card=f"question:{question.id}", about=question.id)]
    plan = routing.plan(work, question)
    vague = coaching.is_vague(question.text, plan)
    question = work.questions.add(replace(question.suggested() if plan.items else question, coached=vague))
    if not vague:
        work.items.note_use(Use.SHOWN, [match.id for match in plan.items], work.now)
    return [cards.coach(question) if vague else cards.preview(work, question, plan)]


def edit(work: Work, asker: Person, number: int, text: str) -> list[Notice]:
    """Another text for a question nobody has seen; the preview changes in place."""
    question = finding.draft(work, asker, number).edited(finding.readable(text))
    plan = routing.plan(work, question)
    question = work.questions.save(question.suggested() if plan.items else question)
    work.items.note_use(Use.SHOWN, [match.id for match in plan.items], work.now)
    return [cards.preview(work, question, plan)]


def edit_form(work: Work, asker: Person, number: int) -> list[Notice]:
    """The preview gives way to a field with its text."""
    values = {"question": number, "text": finding.draft(work, asker, number).text}
    return [Notice(asker.id, "question.edit_form", values, card=f"question:{number}", about=number)]


def send(work: Work, asker: Person, number: int) -> list[Notice]:
    """The asker's yes: the question leaves, to the best person or to the facilitator."""
    finding.may_write(asker)
    draft = finding.draft(work, asker, number)
    question, notices = moving_on.move_on(work, draft.placed(routing.home(work, draft)), why="no_match")
    return [cards.asker_card(question), *notices]


def settle(work: Work, asker: Person, number: int, item: int) -> list[Notice]:
    """ "This answers it": an earlier answer ends the matter."""
    before = finding.asked(work, asker, number)
    settled = before.settled(finding.earlier_answer(work, asker, item).id, work.now)
    question = work.questions.save(replace(settled, due_at=work.now + work.pace.follow_up))
    work.items.note_use(Use.ANSWERED, [item], work.now)
    return [
        cards.asker_card(question),
        *cards.offers_over(before, question, "offer.answered_before"),
        *cards.desk_over(work, before, question),
    ]


def reply(work: Work, asker: Person, number: int, text: str) -> list[Notice]:
    """The asker adds something for the expert."""
    finding.may_write(asker)
    question = finding.asked(work, asker, number)
    if question.state is State.TAKEN and question.expert is not None:
        due_at = moving_on.answer_due(work, question.expert)
    else:
        due_at = work.now + work.pace.outcome
    question = work.questions.save(question.replied(asker.id, work.now, due_at))
    words = _relay(work, question, Side.ASKER, asker, text)
    assert question.expert is not None
    return [
        Notice(
            question.expert,
            "question.reply",
            {"question": number, "text": words, "name": cards.asker_name(work, question)},
            about=number,
        ),
        Notice(asker.id, "question.reply_sent", {"question": number}, about=number),
        *([cards.helped_card(work, question, "question.helped")] if question.state is State.ANSWERED else []),
    ]


def outcome(work: Work, asker: Person, number: int, how: Outcome, which: Sequence[int] = ()) -> list[Notice]:
    """Whether it helped. Of several people's answers the asker picks those that did: `which` counts from 1, in the
    order of their first answers. Everybody who answered hears of it; the answer's card closes."""
    before = finding.asked(work, asker, number)
    answers = cards.answers(work, before)
    if how is Outcome.SOLVED and len(answers) > 1 and not which:
        return [cards.helped_card(work, before, "question.which")]
    if any(not 0 < one <= len(answers) for one in which):
        raise Refusal("question.no_such_answer", question=number)
    picked = [answers[one - 1] for one in dict.fromkeys(which)] or answers
    helped = tuple(one.author for one in picked) if how is not Outcome.NO else ()
    due_at = work.now + work.pace.follow_up if helped else None
    question = work.questions.save(before.closed(asker.id, how, work.now, helped=helped, due_at=due_at))
    notices = [cards.helped_card(work, question, "question.closed", {"outcome": how}), cards.asker_card(question)]
    notices += curating.follow(work, question)
    if question.merged_into is not None:
        # Whoever answered that one knows nothing of this one.
        return [*notices, *(merging.thanks(work, question) if before.outcome is None else [])]
    for one in answers:
        other = how is not Outcome.NO and one.author not in helped
        notices.append(cards.outcome_card(work, one.author, question, "other" if other else how))
        if one.author in helped and before.outcome is None:
            # A card that changes in place is easily missed; thanks deserve a message.
            notices.append(Notice(one.author, f"thanks.{how}", {"question": number}, about=number))
    if before.state is State.TAKEN and before.expert is not None:
        notices.append(
            Notice(before.expert, "offer.not_needed", {"question": number}, card=f"offer:{number}", about=number)
        )
    return [
        *notices,
        *cards.offers_over(before, question, "offer.not_needed"),
        *cards.desk_over(work, before, question),
    ]


def answers_to(work: Work, asker: Person, number: int) -> int:
    """How many people's answers a question of theirs has."""
    return len(cards.answers(work, finding.asked(work, asker, number)))


def another(work: Work, asker: Person, number: int) -> list[Notice]:
    """The asker wants one more answer, from somebody new. Who answered may add to theirs meanwhile."""
    before = finding.asked(work, asker, number)
    question, notices = moving_on.move_on(work, before.another(asker.id), why="nobody_left")
    assert before.expert is not None
    return [
        cards.asker_card(question),
        cards.helped_card(work, question, "question.helped"),
        cards.held_card(work, question, before.expert),
        *notices,
    ]


def reopen(work: Work, asker: Person, number: int) -> list[Notice]:
    """It did not help: on to somebody else."""
    question = finding.asked(work, asker, number).reopened(asker.id, work.now)
    question, notices = moving_on.move_on(work, question, why="nobody_left")
    return [cards.asker_card(question), *notices]


def withdraw(work: Work, asker: Person, number: int) -> list[Notice]:
    """Taken back. Whoever had it is told to stop."""
    before = finding.asked(work, asker, number)
    question = work.questions.save(before.withdrawn(asker.id, work.now))
    notices = [cards.asker_card(question), *cards.offers_over(before, question, "offer.withdrawn")]
    if before.state in HELD and before.expert is not None:
        notices.append(
            Notice(before.expert, "offer.withdrawn", {"question": number}, card=f"offer:{number}", about=number)
        )
        notices.append(Notice(before.expert, "offer.stop", {"question": number}, about=number))
    return notices + cards.desk_over(work, before, question)


def card(work: Work, asker: Person, number: int) -> Notice:
    """The asker's card of one question as it stands; for a draft, its preview, matched anew."""
    question = finding.asked(work, asker, number)
    if question.state in DRAFTS:
        return cards.preview(work, question, routing.plan(work, question))
    return cards.asker_card(question, to_judge=question.answered_at is not None and question.state not in OVER)


def overview(work: Work, person: Person, now: datetime) -> list[Question]:
    """A person's own open questions, and those that ended in the last week. Newest first."""
    week = 7 * 24 * 3600
    return [
        question
        for question in work.questions.asked_by(person.id)
        if question.state not in OVER or (question.closed_at and (now - question.closed_at).total_seconds() < week)
    ]


# The expert


def accept(work: Work, expert: Person, number: int) -> list[Notice]:
    """The first to take it holds it; the cards of the others change in place."""
    before = finding.known(work, number)
    return taken(work, before, _offered_to_desk(work, before, expert), expert)


def taken(work: Work, before: Question, offered: Question, expert: Person) -> list[Notice]:
    """Somebody holds it to whom it was `offered`, perhaps just now; `before` is how it stood until then."""
    number = before.id
    question = work.questions.save(offered.taken(expert.id, work.now, moving_on.answer_due(work, expert.id)))
    return [
        cards.held_card(work, question, expert.id),
        *cards.offers_over(before, question, "offer.taken_by_other"),
        *cards.desk_over(work, before, question, but=expert.id),
        cards.asker_card(question),
        Notice(question.asker, "question.taken", {"question": number}, about=number),
    ]


def decline(work: Work, expert: Person, number: int) -> list[Notice]:
    """No reason asked. The next person is, unless somebody else still may take it."""
    return _give_back(work, expert, number, OfferState.DECLINED, "offer.declined")


def pass_on(work: Work, expert: Person, number: int, to: Person | None = None) -> list[Notice]:
    """Somebody else is better placed: `to`, or whoever comes next. Never says why a colleague cannot be asked."""
    question = finding.known(work, number)
    if question.offer_to(expert.id) is None:
        raise Refusal("question.unknown", question=number)
    if to is None:
        return _give_back(work, expert, number, OfferState.PASSED, "offer.passed")
    finding.may_be_disturbed(work, to)
    back = question.given_back(expert.id, OfferState.PASSED, work.now, question.due_at)
    if routing.may_be_offered(work, back, to):
        reasons = (Reason("passed_on"), *_opening(question, expert))
        back, notices = moving_on.offer(work, back, Match(to.id, 1.0, reasons))
    else:
        # Whoever passes it on sees no difference: names could be tried otherwise, until one tells who asked.
        notices = moving_on.next_or_wait(work, back.withheld(to.id, work.now, work.now))
    return _passed(work, expert, question, back, notices)


def pass_to_network(work: Work, expert: Person, number: int, network: Network) -> list[Notice]:
    """A network is better placed: a moderator of it is asked, or whoever comes next where nobody of it may be."""
    question = finding.known(work, number)
    if question.offer_to(expert.id) is None:
        raise Refusal("question.unknown", question=number)
    back = question.given_back(expert.id, OfferState.PASSED, work.now, question.due_at)
    found = routing.in_network(work, back, network)
    if found is None:
        return _give_back(work, expert, number, OfferState.PASSED, "offer.passed")
    back, notices = moving_on.offer(work, back, replace(found, reasons=(*found.reasons, *_opening(question, expert))))
    return _passed(work, expert, question, back, notices)


def answer(work: Work, expert: Person, number: int, text: str) -> list[Notice]:
    """An answer crosses to the asker; the expert is named only after saying so."""
    finding.may_write(expert)
    before = finding.known(work, number)
    question = work.questions.save(before.answered(expert.id, work.now, work.now + work.pace.outcome))
    # The question whether it helped stands below the latest answer only.
    earlier = [cards.helped_card(work, before, "card.below", only_edit=True)] if before.answered_at else []
    earlier += merging.below(work, number)
    words = _relay(work, question, Side.EXPERT, expert, text)
    named = question.expert_named and question.expert == expert.id
    return [
        *earlier,
        Notice(
            question.asker,
            "question.answer",
            {"question": number, "asked": question.text, "text": words, "name": expert.name if named else ""},
            about=number,
        ),
        cards.helped_card(work, question, "question.helped"),
        Notice(expert.id, "question.answer_sent", {"question": number}, about=number),
        # Shown anew even when nothing changed on it: a button works once.
        cards.held_card(work, question, expert.id),
        *([] if before.state is question.state else [cards.asker_card(question)]),
        *merging.shared(work, question, expert, words),
    ]


# Small parts


def _give_back(work: Work, expert: Person, number: int, how: OfferState, key: str) -> list[Notice]:
    question = finding.known(work, number)
    back = question.given_back(expert.id, how, work.now, question.due_at)
    return [
        Notice(expert.id, key, {"question": number}, card=f"offer:{number}", about=number),
        *moving_on.next_or_wait(work, back),
        *_freed(question, back),
    ]


def _passed(work: Work, expert: Person, before: Question, after: Question, notices: list[Notice]) -> list[Notice]:
    return [
        Notice(expert.id, "offer.passed", {"question": before.id}, card=f"offer:{before.id}", about=before.id),
        *notices,
        *(cards.desk_over(work, before, after) if after.state is State.OFFERED else ()),
        *_freed(before, after),
    ]


def _opening(question: Question, expert: Person) -> list[Reason]:
    """Whoever chose to answer what was opened to more voices reads no more than that, nor does whom they pass it on to:
    they could be in league."""
    why = cards.why_opened(question, expert.id)
    return [why] if why is not None else []


def _freed(before: Question, after: Question) -> list[Notice]:
    """The asker hears that whoever had taken it could not go on after all."""
    if before.state is State.TAKEN and after.state is not State.TAKEN:
        return [Notice(before.asker, "question.freed", {"question": before.id}, about=before.id)]
    return []


def _audience(asker: Person) -> Audience:
    """Who may be asked: the asker's own circle, never wider without their consent."""
    return asker.reach


def _offered_to_desk(work: Work, question: Question, facilitator: Person) -> Question:
    """The desk may take what nobody else did, as if it had been offered to whoever takes it there."""
    if question.state is not State.ESCALATED or question.offer_to(facilitator.id):
        return question
    if not routing.may_look_after(work, facilitator, question):
        return question
    due_at = moving_on.answer_due(work, facilitator.id)
    return question.offered(facilitator.id, (Reason("facilitator"),), work.now, due_at)


def _relay(work: Work, question: Question, side: Side, author: Person, text: str) -> str:
    words = finding.readable(text)
    work.questions.add_relay(question.id, Relay(question.relayed, side, author.id, words, work.now))
    return words
