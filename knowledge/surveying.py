"""The facilitator's hand on surveys: plan, start, pause, extend and close them. Results stand elsewhere."""

from collections.abc import Sequence
from dataclasses import replace

from knowledge import after_events, mixing, pulse, rotation
from knowledge.errors import Refusal
from knowledge.ledger import Asked
from knowledge.notices import Notice
from knowledge.people import Person, Role
from knowledge.ports import Work
from knowledge.survey import MOST_OWN, USUAL_RATE, Kind, State, Survey, days_of, expected

LONGEST_QUESTION = 200
LONGEST_NOTE = 400


def overview(work: Work, person: Person) -> list[Notice]:
    """Every survey, newest first."""
    return [Notice(person.id, "survey.list", {"surveys": work.surveys.newest()})]


def plan(work: Work, person: Person, kind: Kind, days: int | None, questions: Sequence[str] = ()) -> list[Notice]:
    """A survey that does not run yet, and what to expect of it. Raises Refusal for what does not fit."""
    days = days_of(kind, days)
    if kind is Kind.OWN:
        if not 1 <= len(questions) <= MOST_OWN:
            raise Refusal("survey.questions", most=MOST_OWN)
        if any(len(question) > LONGEST_QUESTION for question in questions):
            raise Refusal("survey.question_long", most=LONGEST_QUESTION)
    wording = {f"q{place}": question for place, question in enumerate(questions, 1)}
    survey = work.surveys.add(
        Survey(
            id=0,
            kind=kind,
            items=tuple(wording) or tuple(work.framework.items),
            days=days,
            # Its day: a member's order is no secret, only their answers are.
            seed=work.now.toordinal(),
            framework="" if kind is Kind.OWN else work.framework.version,
            wording=wording,
            planned_by=person.id,
        )
    )
    return [_card(work, person, survey)]


def show(work: Work, person: Person, number: int) -> list[Notice]:
    return [_card(work, person, _known(work, number))]


def preview(work: Work, person: Person, number: int) -> list[Notice]:
    """The first question as members will see it; its buttons do nothing but say so."""
    survey = _known(work, number)
    first = Asked(0, person.id, survey.id, survey.items[0], work.now)
    shown = pulse.card(work, survey, first)
    return [replace(shown, card="", values={**shown.values, "preview": True})]


def start(work: Work, person: Person, number: int) -> list[Notice]:
    """From now on members are asked, each at their own time. One survey of the framework at a time, one of one's own
    beside it. Raises Refusal when there is no key to seal answers with."""
    survey = _known(work, number)
    if not work.box.mark:
        raise Refusal("survey.no_key")
    for other in work.surveys.running():
        if other.id != survey.id and (other.kind is Kind.OWN) == (survey.kind is Kind.OWN):
            raise Refusal("survey.other_runs", survey=survey.id, other=other.id)
    survey = work.surveys.save(survey, survey.started(work.now, work.box.mark))
    enrol(work, survey)
    return [_card(work, person, survey)]


def enrol(work: Work, survey: Survey) -> None:
    """Gives everybody who may be asked a moment to be looked at; who has one already keeps it, but for a wave."""
    work.pulses.enrol(
        [
            replace(turn, due_at=rotation.first_due(survey, turn, work.now))
            for turn in work.pulses.turns()
            if not turn.stopped and (turn.due_at is None or survey.is_wave)
        ]
    )


def pause(work: Work, person: Person, number: int) -> list[Notice]:
    """Nobody new is asked; who has a card may still answer it."""
    survey = _known(work, number)
    return [_card(work, person, work.surveys.save(survey, survey.paused()))]


def extend(work: Work, person: Person, number: int, days: int) -> list[Notice]:
    survey = _known(work, number)
    return [_card(work, person, work.surveys.save(survey, survey.extended(days)))]


def close(work: Work, person: Person, number: int) -> list[Notice]:
    """Counts what was answered and forgets who did."""
    survey = _known(work, number)
    if survey.key_mark and survey.key_mark != work.box.mark:
        raise Refusal("survey.other_key", survey=survey.id)
    return [_card(work, person, _closed(work, survey))]


def due(work: Work, number: int) -> list[Notice]:
    """A survey whose days are over is closed; a rotation goes on in a new window. Twice or late changes nothing."""
    survey = work.surveys.get(number)
    if survey is None or survey.state not in (State.RUNNING, State.PAUSED):
        return []
    if survey.closes_at is None or survey.closes_at > work.now:
        return []
    runs = survey.state is State.RUNNING
    if survey.key_mark != work.box.mark:
        # Not closed: with the right key nothing is lost. It stands still until somebody has looked.
        if runs:
            work.surveys.save(survey, survey.paused())
            return [Notice(one.id, "survey.stuck", {"survey": survey.id}) for one in _desk(work)]
        return []
    closed = _closed(work, survey)
    if closed.kind is Kind.EVENT:
        return after_events.closed(work, closed)
    if closed.kind is Kind.ROTATION and runs:
        following = replace(
            closed, id=0, state=State.PLANNED, items=tuple(work.framework.items), note="",
            framework=work.framework.version, opened_at=None, closes_at=None, version=0,
        )  # fmt: skip
        added = work.surveys.add(following)
        enrol(work, work.surveys.save(added, added.started(work.now, work.box.mark)))
    return [_card(work, one, closed) for one in _desk(work)]


def note(work: Work, person: Person, number: int, text: str) -> list[Notice]:
    """What was done about a closed survey: "you said, we did", on the pulses that follow."""
    text = text.strip()
    if not text or len(text) > LONGEST_NOTE:
        raise Refusal("survey.note_long", most=LONGEST_NOTE)
    survey = _known(work, number)
    return [_card(work, person, work.surveys.save(survey, survey.noted(text)))]


def _closed(work: Work, survey: Survey) -> Survey:
    """Opens the box, keeps counts and comments, and empties it. Who answered is forgotten with it; how many of each
    region were asked and answered is kept."""
    closed = work.surveys.save(survey, survey.closed(work.now))
    kept = mixing.mixed(work.box.opened(survey.id), survey.least_scores, survey.least_remarks, work.random)
    work.surveys.keep(closed, kept)
    return closed


def _card(work: Work, person: Person, survey: Survey) -> Notice:
    members = work.pulses.members()
    rate = work.surveys.usual_rate()
    return Notice(
        person.id,
        "survey.card",
        {
            "survey": survey,
            "expected": expected(survey, members, USUAL_RATE if rate is None else rate),
            "turnout": work.pulses.turnout(survey),
        },
        card=f"survey:{survey.id}",
    )


def _desk(work: Work) -> list[Person]:
    return [person for person in work.people.having_somewhere(Role.FACILITATOR) if person.reachable]


def _known(work: Work, number: int) -> Survey:
    survey = work.surveys.get(number)
    # An event's runs its seven days, whoever would like to look earlier.
    if survey is None or survey.kind is Kind.EVENT:
        raise Refusal("survey.unknown", survey=number)
    return survey
