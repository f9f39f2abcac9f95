"""The pulse: one question, one tap. Who is asked what and when, and what becomes of an answer.

The ledger knows who was asked which item and whether that is done, so that nobody is asked twice. What they answered
goes into the sealed box and is in no other place: no notice, no card and no line of the log ever carries it.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from knowledge import rotation
from knowledge.errors import Conflict, Refusal
from knowledge.ledger import Asked, Pulse, Turn
from knowledge.mixing import Remark, Response
from knowledge.notices import Notice
from knowledge.people import Person
from knowledge.ports import Work
from knowledge.question import DRAFTS, OVER, Outcome
from knowledge.rsvp import Answer, Rsvp, at_occurrence
from knowledge.survey import BETWEEN, POINTS, Kind, State, Survey

REMINDED_AFTER = timedelta(days=3)
"""From asking until the one reminder; later where that falls outside working hours."""

LONGEST_REMARK = 500
"""Characters of a comment: it is sealed in a form of one length, so that its length says nothing."""

FRESH = timedelta(days=14)
"""How long after a question was closed its subject comes first in the rotation."""

# What somebody who got help can judge better today than later; in this order.
AFTER_HELP = ("C2", "I2", "C4", "I1")
AFTER_EVENT = ("I1", "C1", "I5", "O5")


def due(work: Work, number: int) -> list[Notice]:
    """Asks a member whose turn it is, or finds them a better moment. Called early, late or twice it asks once."""
    turn = work.pulses.turn(number)
    if turn is None or turn.stopped or turn.due_at is None or turn.due_at > work.now:
        return []
    person = work.people.get(number)
    survey = _survey_for(work, turn)
    if survey is None:
        work.pulses.save_turn(replace(turn, due_at=None))
        return []
    at = rotation.asking_time(work.policy.hours, work.now, person)
    if at <= work.now and busy(work, person):
        at = rotation.asking_time(work.policy.hours, work.now + timedelta(days=1), person)
    if not survey.is_wave and turn.asked_at is not None:
        at = max(at, turn.asked_at + BETWEEN)
    if at > work.now or not person.reachable:
        at = max(at, work.now + timedelta(days=1)) if not person.reachable else at
        work.pulses.save_turn(replace(turn, due_at=at))
        return []
    return _next(work, survey, person, turn)


def asked_for(work: Work, person: Person) -> list[Notice]:
    """A member asks for their pulse: it comes now rather than at its time. Nothing when there is none for them yet."""
    turn = work.pulses.turn(person.id) or Turn(person.id)
    survey = None if turn.stopped else _survey_for(work, turn)
    if survey is None:
        return []
    if not survey.is_wave and turn.asked_at is not None and turn.asked_at + BETWEEN > work.now:
        return []
    return _next(work, survey, person, turn)


def _next(work: Work, survey: Survey, person: Person, turn: Turn) -> list[Notice]:
    if survey.at_once:
        item, cycle = work.pulses.to_come(survey, person.id)[0], None
        next_turn = turn
    else:
        asked = work.pulses.asked_in_cycle(person.id, turn.cycle)
        item, cycle = rotation.next_item(survey.items, survey.seed, turn, asked, _fitting(work, person))
        next_turn = replace(turn, cycle=cycle)
    following = rotation.asking_time(work.policy.hours, work.now + BETWEEN, person)
    work.pulses.save_turn(next_turn.asked(work.now, following))
    return [card(work, survey, _ask(work, survey, person, item, cycle))]


def busy(work: Work, person: Person) -> bool:
    """Whether a question of theirs is on its way, or one they look after: no moment to ask them something else."""
    return bool(work.questions.between(person.id)) or any(
        question.state not in OVER | DRAFTS for question in work.questions.asked_by(person.id)
    )


def _survey_for(work: Work, turn: Turn) -> Survey | None:
    """A wave first, then a facilitator's own survey, then the rotation; None when none has anything left to ask."""
    ranks = (Kind.BASELINE, Kind.ENDLINE, Kind.OWN, Kind.ROTATION)
    for survey in sorted(work.surveys.running(), key=lambda one: (ranks.index(one.kind), one.id)):
        if survey.closes_at is None or survey.closes_at <= work.now:
            continue
        if not survey.at_once or not work.pulses.begun(survey.id, turn.person):
            return survey
    return None


def _fitting(work: Work, person: Person) -> Sequence[str]:
    """Items that fit what the person has just lived through."""
    helped = any(
        question.outcome in (Outcome.SOLVED, Outcome.PARTLY)
        and question.closed_at is not None
        and work.now - question.closed_at <= FRESH
        for question in work.questions.asked_by(person.id)
    )
    return (*(AFTER_HELP if helped else ()), *(AFTER_EVENT if _attended(work, person) else ()))


def _attended(work: Work, person: Person) -> bool:
    """Whether they were at an event lately: noted as having been there, or an event to which they said yes ended."""
    if work.held.noted_since(person.id, work.now - FRESH):
        return True
    said: defaultdict[int, list[Rsvp]] = defaultdict(list)
    for event, rsvp in work.events.answered_by(person.id):
        said[event].append(rsvp)
    if not said:
        return False
    over = [one for one in work.events.ended(work.now - FRESH, work.now) if one.event in said]
    return any(
        there is not None and there.answer is Answer.YES
        for one in over
        for there in [at_occurrence(said[one.event], one.key).get(person.id)]
    )


def _ask(work: Work, survey: Survey, person: Person, item: str, cycle: int | None) -> Asked:
    """Writes it in the ledger; its key lets nobody be asked the same twice."""
    remind_at = rotation.asking_time(work.policy.hours, work.now + REMINDED_AFTER, person)
    asked = work.pulses.ask(
        Asked(0, person.id, survey.id, item, work.now, cycle=cycle, due_at=remind_at),
    )
    if asked is None:
        raise Conflict(f"pulse {survey.id} {item}")
    return asked


def remind(work: Work, number: int) -> list[Notice]:
    """The one reminder: the card comes again below, once, and not while a question of theirs is on its way."""
    asked = work.pulses.get(number)
    if asked is None or asked.state is not Pulse.OPEN or asked.due_at is None or asked.due_at > work.now:
        return []
    survey = work.surveys.get(asked.survey)
    person = work.people.get(asked.person)
    turn = work.pulses.turn(asked.person)
    if survey is None or survey.state is State.CLOSED or turn is None or turn.stopped or asked.reminded:
        work.pulses.save(asked, replace(asked, due_at=None))
        return []
    at = rotation.asking_time(work.policy.hours, work.now, person)
    if at <= work.now and (busy(work, person) or survey.state is State.PAUSED):
        at = rotation.asking_time(work.policy.hours, work.now + timedelta(days=1), person)
    if at > work.now:
        work.pulses.save(asked, replace(asked, due_at=at))
        return []
    again = work.pulses.save(asked, replace(asked, due_at=None, reminded=True))
    return [
        Notice(person.id, "card.below", {}, card=_name(survey, asked), only_edit=True),
        card(work, survey, again, key="pulse.again"),
    ]


def answer(work: Work, person: Person, number: int, point: int) -> list[Notice]:
    """One answer, sealed. The ledger refuses a second one. Raises Refusal for what was never asked, or is over."""
    if point not in POINTS:
        raise Refusal("pulse.point")
    asked, survey = _open(work, person, number)
    if work.box.mark != survey.key_mark:
        raise Refusal("pulse.cannot_keep")
    done = work.pulses.save(asked, replace(asked, state=Pulse.ANSWERED, due_at=None))
    work.box.put(survey.id, Response(asked.item, point, person.region))
    return _go_on(work, survey, person, done)


def skip(work: Work, person: Person, number: int) -> list[Notice]:
    """No answer to this one."""
    asked, survey = _open(work, person, number)
    done = work.pulses.save(asked, replace(asked, state=Pulse.SKIPPED, due_at=None))
    return _go_on(work, survey, person, done)


def _go_on(work: Work, survey: Survey, person: Person, done: Asked) -> list[Notice]:
    """The next item of a survey that asks several on one card, or thanks."""
    if survey.at_once and survey.state is State.RUNNING:
        left = work.pulses.to_come(survey, person.id)
        if left:
            return [card(work, survey, _ask(work, survey, person, left[0], None))]
    return [_done(work, survey, done)]


def stop(work: Work, person: Person, number: int | None = None) -> list[Notice]:
    """No more pulses until they say `pulse on`; what is open is closed."""
    turn = work.pulses.turn(person.id) or Turn(person.id)
    work.pulses.save_turn(replace(turn, stopped=True, due_at=None))
    cards = []
    for asked in work.pulses.open_of(person.id):
        survey = work.surveys.get(asked.survey)
        done = work.pulses.save(asked, replace(asked, state=Pulse.SKIPPED, due_at=None))
        if survey is not None:
            cards.append(Notice(person.id, "pulse.stopped", {}, card=_name(survey, done)))
    return cards or [Notice(person.id, "pulse.stopped")]


def go_on(work: Work, person: Person) -> list[Notice]:
    """Pulses come again, two weeks after the last one at the earliest."""
    turn = work.pulses.turn(person.id) or Turn(person.id)
    at = work.now if turn.asked_at is None else max(work.now, turn.asked_at + BETWEEN)
    work.pulses.save_turn(replace(turn, stopped=False, due_at=rotation.asking_time(work.policy.hours, at, person)))
    return [Notice(person.id, "pulse.on")]


def remark(work: Work, person: Person, number: int, text: str) -> list[Notice]:
    """A comment on what was answered: sealed like the answer and apart from it, once. Not on an event: of few
    comments each would tell whose it is."""
    asked, survey = _mine(work, person, number)
    if asked.state is not Pulse.ANSWERED or survey.state is State.CLOSED or survey.kind is Kind.EVENT:
        raise Refusal("pulse.no_remark")
    if asked.remarked:
        raise Refusal("pulse.remarked")
    text = text.strip()
    if len(text) > LONGEST_REMARK:
        raise Refusal("pulse.long", most=LONGEST_REMARK, many=len(text))
    if work.box.mark != survey.key_mark:
        raise Refusal("pulse.cannot_keep")
    done = work.pulses.save(asked, replace(asked, remarked=True))
    # On one card with several items nobody can tell which of them a comment is about.
    work.box.put(survey.id, Remark("" if survey.at_once else asked.item, text))
    return [_done(work, survey, done)]


def waiting(work: Work, person: Person) -> Asked | None:
    """The newest pulse that a member has not answered, while an answer would still count."""
    for asked in reversed(work.pulses.open_of(person.id)):
        survey = work.surveys.get(asked.survey)
        if survey is not None and survey.state in (State.RUNNING, State.PAUSED):
            return asked
    return None


def ask_again(work: Work, asked: Asked) -> list[Notice]:
    """A typed answer was not understood: the card once more, which says so. Never a second time."""
    survey = work.surveys.get(asked.survey)
    assert survey is not None
    return [card(work, survey, work.pulses.save(asked, replace(asked, unclear=True)), key="pulse.unclear")]


def card(work: Work, survey: Survey, asked: Asked, key: str = "pulse.card") -> Notice:
    """The card of an open pulse: the item, why it is asked, and what became of the last one."""
    place = survey.items.index(asked.item) + 1 if survey.at_once else 0
    # What became of the last survey says nothing of an event.
    last = None if survey.kind is Kind.EVENT else work.surveys.last_closed()
    return Notice(
        asked.person,
        key,
        {
            "pulse": asked.id,
            "statement": statement(work, survey, asked.item),
            "place": place,
            "of": len(survey.items),
            "kind": survey.kind,
            "scores": survey.least_scores,
            "remarks": survey.least_remarks,
            "done": last.note if last is not None else "",
            "said": None if last is None or last.note else _said(work, last, asked.item),
            **_event(work, survey, asked.person),
        },
        card=_name(survey, asked),
    )


def _event(work: Work, survey: Survey, person: int) -> dict[str, Any]:
    """The event that is asked about, and whether its reader wants what is left of it already."""
    held = work.held.of_survey(survey.id) if survey.kind is Kind.EVENT else None
    event = work.events.get(held.event) if held is not None else None
    if held is None or event is None:
        return {"event": None}
    return {
        "event": event,
        "occurrence": work.events.occurrence(held.event, held.occurrence),
        "wished": held.occurrence in work.held.wishes(person, held.event),
    }


def _said(work: Work, last: Survey, item: str) -> dict[str, Any] | None:
    """What may be told of the survey closed last: of the same item, else of the one that most answered."""
    found = work.surveys.results(last)
    if not found:
        return None
    one = max(found, key=lambda result: (result.item == item, result.together.n, result.item))
    return {"statement": statement(work, last, one.item), "agree": one.together.favourable}


def statement(work: Work, survey: Survey, item: str) -> dict[str, str]:
    """What a member is asked to agree with, by language; an own survey speaks the facilitator's words to all."""
    if survey.kind is Kind.OWN:
        return {"": survey.wording[item]}
    if survey.kind is Kind.EVENT:
        return dict(work.framework.edition(survey.framework).event)
    return dict(work.framework.statement(survey.framework, item))


def _done(work: Work, survey: Survey, asked: Asked) -> Notice:
    """Says that it is done, and never how: whoever looks over a shoulder, or into our tables, learns nothing."""
    answered = asked.state is Pulse.ANSWERED
    may_remark = answered and not asked.remarked and survey.kind is not Kind.EVENT
    values = {"pulse": asked.id, "may_remark": may_remark, "remarks": survey.least_remarks}
    values |= _event(work, survey, asked.person)
    key = "pulse.remarked" if asked.remarked else "pulse.answered" if answered else "pulse.skipped"
    return Notice(asked.person, key, values, card=_name(survey, asked))


def _name(survey: Survey, asked: Asked) -> str:
    """One card for a survey that asks its items at once, one for each item of a rotation; a reminder's is new."""
    name = f"pulse:{survey.id}" if survey.at_once else f"pulse:{survey.id}:{asked.item}"
    return f"{name}:again" if asked.reminded else name


def _mine(work: Work, person: Person, number: int) -> tuple[Asked, Survey]:
    asked = work.pulses.get(number)
    survey = work.surveys.get(asked.survey) if asked is not None else None
    if asked is None or survey is None or asked.person != person.id:
        raise Refusal("pulse.unknown")
    return asked, survey


def _open(work: Work, person: Person, number: int) -> tuple[Asked, Survey]:
    asked, survey = _mine(work, person, number)
    if survey.state is State.CLOSED or asked.state is Pulse.OVER:
        raise Refusal("pulse.over")
    if asked.state is not Pulse.OPEN:
        raise Refusal("pulse.answered")
    return asked, survey
