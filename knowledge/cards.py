"""The cards of a question, one for each reader: each edited in place as the question moves on.

Nothing here says who the other side is, unless that side consented to being named.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from knowledge import routing, telling
from knowledge.matching.port import Match, Reason
from knowledge.notices import Notice
from knowledge.people import Person
from knowledge.ports import Work
from knowledge.question import LIVE, Question, State
from knowledge.wishes import Identity


def preview(work: Work, question: Question, plan: routing.Plan) -> Notice:
    return Notice(
        question.asker,
        "question.preview",
        {
            "question": question.id,
            "text": question.text,
            "audience": question.audience,
            "plan": plan,
            # Whoever shows their name has nothing left to give away.
            "hints": []
            if question.asker_named
            else telling.hints(question.text, work.people.get(question.asker), work.catalogue),
            **_wishes(work, question),
        },
        card=f"question:{question.id}",
        about=question.id,
    )


def coach(question: Question) -> Notice:
    """What would help, in the place of the preview."""
    values = {"question": question.id, "text": question.text}
    return Notice(question.asker, "question.coach", values, card=f"question:{question.id}", about=question.id)


def choices(work: Work, question: Question) -> Notice:
    """What the asker may choose, in the place of the preview."""
    return Notice(
        question.asker,
        "question.choices",
        {"question": question.id, **_wishes(work, question)},
        card=f"question:{question.id}",
        about=question.id,
    )


def _wishes(work: Work, question: Question) -> dict[str, object]:
    asker = work.people.get(question.asker)
    return {
        "wishes": question.wishes,
        "excluded": [work.people.get(person).name for person in sorted(question.wishes.excluded)],
        "region": asker.region,
        "desk_sees": work.policy.desk_sees_askers,
    }


def asker_name(work: Work, question: Question) -> str:
    """The asker's name if they want it shown, "" otherwise."""
    return work.people.get(question.asker).name if question.asker_named else ""


def name_on_desk(work: Work, question: Question) -> str:
    """The asker's name where the KM team lets the desk see it and the asker does not mind, "" otherwise."""
    seen = work.policy.desk_sees_askers and question.wishes.identity is not Identity.UNSEEN
    return work.people.get(question.asker).name if seen else asker_name(work, question)


def asker_card(question: Question, *, to_judge: bool = False) -> Notice:
    """The asker's one card of a question, as it stands now. `to_judge`: it also asks whether the answer helped, which
    the card below the answer asks otherwise."""
    return Notice(
        question.asker,
        "question.card",
        {
            "question": question.id,
            "text": question.text,
            "state": question.state,
            "outcome": question.outcome,
            "item": question.item,
            "opened": question.opening is not None,
            "to_judge": to_judge,
        },
        card=f"question:{question.id}",
        about=question.id,
    )


def desk_card(
    work: Work,
    facilitator: Person,
    question: Question,
    why: str,
    near: Sequence[Match],
    more: Mapping[str, object] | None = None,
) -> Notice:
    """`more` is what the desk knows beside the question, where somebody asked to see it."""
    return Notice(
        facilitator.id,
        "desk.question",
        {
            **(more or {}),
            "question": question.id,
            "text": question.text,
            "why": why,
            "near": near,
            "name": name_on_desk(work, question),
            "named": question.asker_named,
        },
        card=f"desk:{question.id}",
        about=question.id,
    )


def offer_card(work: Work, question: Question, person: int, reasons: Sequence[Reason]) -> Notice:
    """The card of somebody who may take it."""
    return Notice(
        person,
        "offer.open",
        {
            "question": question.id,
            "text": read_by(work, question, person),
            "name": asker_name(work, question),
            "wants": question.wishes.wants,
            "reasons": routing.without_asker(reasons),
        },
        card=f"offer:{question.id}",
        about=question.id,
    )


def read_by(work: Work, question: Question, person: int) -> str:
    """Its words as somebody who was asked may read them: all of them, or those in which its asker opened it."""
    why = why_opened(question, person)
    if why is None:
        return question.text
    opening = work.openings.get(int(str(why.values["opening"])))
    return opening.text if opening is not None else ""


def why_opened(question: Question, person: int) -> Reason | None:
    """That they were asked since its asker opened it to more voices; None where they were not."""
    offer = question.offer_to(person)
    return next((one for one in (offer.reasons if offer else ()) if one.kind == "opening"), None)


def beside_card(work: Work, question: Question, person: int) -> Notice:
    """The card of somebody who may add an answer while another holds it. An asker who showed their name showed it to
    whoever holds it."""
    own = why_opened(question, person) is not None
    values = {"question": question.id, "text": read_by(work, question, person), "volunteered": own}
    return Notice(person, "offer.beside", values, card=f"offer:{question.id}", about=question.id)


def held_card(work: Work, question: Question, expert: int) -> Notice:
    """The card of whoever holds it, or answered it and may add to that: the question, and where to answer."""
    holds = question.expert == expert
    return Notice(
        expert,
        "offer.held",
        {
            "question": question.id,
            "text": read_by(work, question, expert),
            "name": asker_name(work, question) if holds else "",
            "answered": question.state is State.ANSWERED or not holds,
            "holds": holds,
        },
        card=f"offer:{question.id}",
        about=question.id,
    )


def outcome_card(work: Work, expert: int, question: Question, how: str) -> Notice:
    """What the card of somebody who answered becomes: `how` it helped, or "other" when another answer did."""
    values = {"question": question.id, "outcome": how, "text": read_by(work, question, expert)}
    return Notice(expert, "offer.outcome", values, card=f"offer:{question.id}", about=question.id)


@dataclass(frozen=True, slots=True)
class AnswerOf:
    """Everything one person answered to a question."""

    author: int
    text: str


def answers(work: Work, question: Question) -> list[AnswerOf]:
    """What each person answered, in the order of their first answers; for a question that was merged into another, what
    was answered to that one, without the name and the office of whoever asked it."""
    said: dict[int, list[str]] = {}
    other = work.questions.get(question.merged_into) if question.merged_into is not None else None
    for relay in work.questions.answers(other.id if other else question.id):
        text = telling.without_yours(relay.text, work.people.get(other.asker)) if other else relay.text
        said.setdefault(relay.author, []).append(text)
    return [AnswerOf(author, "\n\n".join(texts)) for author, texts in said.items()]


def helped_card(
    work: Work, question: Question, key: str, values: Mapping[str, object] | None = None, *, only_edit: bool = False
) -> Notice:
    """The card below the latest answer, which asks whether it helped; once asked again, the one that asked again."""
    # Only an answered question is reminded of its outcome: to answer starts anew.
    again = ":again" if question.answered_at and question.reminded else ""
    said = answers(work, question)
    return Notice(
        question.asker,
        key,
        {
            "question": question.id,
            # With one answer there is nothing to pick from.
            "answers": [one.text for one in said] if len(said) > 1 else [],
            "held": question.state is State.ANSWERED,
            **(values or {}),
        },
        card=f"helped:{question.id}:{work.questions.last_answer(question.merged_into or question.id)}{again}",
        about=question.id,
        only_edit=only_edit,
    )


def offer_over(person: int, question: Question, key: str) -> Notice:
    """The card of somebody who could have taken it and no longer can."""
    number = question.id
    return Notice(person, key, {"question": number}, card=f"offer:{number}", about=number, only_edit=True)


def offers_over(before: Question, after: Question, key: str) -> list[Notice]:
    """The same for everybody who could, or who could have added an answer."""
    ended = {offer.person for offer in after.offers if offer.state not in LIVE}
    live = [offer.person for offer in before.offers if offer.state in LIVE and offer.person in ended]
    return [offer_over(person, after, key) for person in live if person != after.expert]


def taken_away(before: Question, key: str) -> list[Notice]:
    """The card of whoever held it and no longer does, below what was said since: they may be writing just now."""
    if before.expert is None:
        return []
    values = {"question": before.id}
    return [Notice(before.expert, key, values, card=f"offer:{before.id}", about=before.id)]


def off_the_desk(facilitator: Person, question: Question, *, only_edit: bool = False) -> Notice:
    """What a desk card becomes when there is nothing left to bring on."""
    return Notice(
        facilitator.id,
        "desk.over",
        {"question": question.id, "state": question.state},
        card=f"desk:{question.id}",
        about=question.id,
        only_edit=only_edit,
    )


def desk_over(work: Work, before: Question, after: Question, *, but: int = 0) -> list[Notice]:
    """The facilitators' cards, when a question is no longer theirs to bring on; `but` knows without."""
    if before.state is not State.ESCALATED:
        return []
    return [
        off_the_desk(facilitator, after, only_edit=True)
        for facilitator in routing.facilitators(work, after)
        if facilitator.id != but
    ]
