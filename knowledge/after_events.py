"""After an event: whether it was useful is asked, and what is left of it goes to whoever wants it.

**Who is asked.** Whoever was there. Where attendance was not taken, whoever said that they come: it counts as taken
from five who say that they were there, or from the first where its code was shown. Never whoever hosts it, nor anybody
who stopped their pulses; of a series nobody twice within two weeks. Each is asked once, awake by their own clock, and
not reminded.

**What becomes of an answer.** Each occurrence has a survey of its own, of one item, on the framework's scale: answers
are sealed, counted when it closes after seven days, and told by the same rule as all others
(`knowledge.measurement.disclosure`); of a small event they are destroyed untold. Events do not overlap in any answer,
so that the sum over those that are told tells nothing more (`Activity.event_useful`).
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from knowledge import curating, eventing, finding, pulse
from knowledge.audit import Entry
from knowledge.draft import State as DraftState
from knowledge.errors import Refusal
from knowledge.event import Event
from knowledge.event import State as EventState
from knowledge.held import (
    APART,
    ASKED_AFTER,
    DAYS,
    ITEM,
    STILL_ASKED,
    TAKEN,
    Attendance,
    Held,
    Kind,
    Material,
    Question,
    Wish,
    links_safe,
    meant,
)
from knowledge.held import link as checked_link
from knowledge.ledger import Asked
from knowledge.notices import Notice
from knowledge.occurrences import Occurrence
from knowledge.people import Person
from knowledge.ports import Work
from knowledge.rsvp import Answer
from knowledge.survey import Kind as SurveyKind
from knowledge.survey import State, Survey

_ATTACHES = {Kind.NOTES: "event notes", Kind.RECORDING: "recording"}
"""The commands, as they are written down of whoever does it with the privilege of a role."""
PAGE = 500
"""People whose question is planned in one transaction."""
FRESH = timedelta(days=2)
"""How far back the clock looks for something new that somebody wants."""
BATCH = 25
"""People who are asked, or get what is left, in one transaction."""


# Whether it was useful: planned


def begin(work: Work, number: int) -> list[Notice]:
    """Opens the survey of each occurrence of an event that has just ended. Calling it late or twice changes nothing."""
    event = work.events.get(number)
    if event is None or event.state is not EventState.PLANNED:
        return []
    for one in work.events.occurrences(number):
        if one.cancelled or not work.now - STILL_ASKED < one.ends_at <= work.now - ASKED_AFTER:
            continue
        held = work.held.get(number, one.key) or Held(number, one.key)
        if held.ends_at == one.ends_at:
            continue
        noted = work.held.count(number, one.key)
        of_attended = noted >= TAKEN or (noted > 0 and held.code != "")
        anybody = of_attended or bool(work.events.attending(number, one.key, [Answer.YES], limit=1))
        held = replace(held, ends_at=one.ends_at, survey=None, of_attended=of_attended, cursor=0 if anybody else None)
        _with_survey(work, held) if anybody else work.held.save(held)
    return []


def _with_survey(work: Work, held: Held) -> Held:
    """Nobody is asked where there is no key to seal answers with."""
    if not work.box.mark:
        return work.held.save(replace(held, cursor=None))
    new = Survey(
        id=0,
        kind=SurveyKind.EVENT,
        items=(ITEM,),
        days=DAYS,
        seed=work.now.toordinal(),
        framework=work.framework.version,
    )
    added = work.surveys.add(new)
    started = work.surveys.save(added, added.started(work.now, work.box.mark))
    return work.held.save(replace(held, survey=started.id))


def write(work: Work, number: int) -> list[Notice]:
    """Plans the questions of the next page of people."""
    event = work.events.get(number)
    for held in work.held.of_event(number):
        if held.cursor is None:
            continue
        if event is None or held.survey is None:
            work.held.save(replace(held, cursor=None))
            continue
        if held.of_attended:
            page = work.held.attended(number, held.occurrence, held.cursor, PAGE)
        else:
            said = work.events.attending(number, held.occurrence, [Answer.YES], held.cursor, PAGE)
            page = [one.person for one in said]
        _plan(work, event, held.occurrence, held.survey, work.people.of_ids(page))
        work.held.save(replace(held, cursor=page[-1] if len(page) == PAGE else None))
    return []


def _plan(work: Work, event: Event, key: str, survey: int, people: Sequence[Person]) -> None:
    work.held.plan(
        [
            (Question(0, event.id, key, one.id, survey), work.policy.hours.heard_from(work.now, one))
            for one in people
            if one.id != event.host
        ]
    )


def joined(work: Work, person: Person, event: Event, occurrence: Occurrence) -> None:
    """Somebody says that they were there after the others were asked already."""
    held = work.held.get(event.id, occurrence.key)
    if held is None or held.ends_at != occurrence.ends_at:
        return
    if held.survey is None:
        held = _with_survey(work, held)
    if held.survey is not None:
        _plan(work, event, occurrence.key, held.survey, [person])


# Whether it was useful: asked


def ask(work: Work, _: int = 0) -> list[Notice]:
    """Asks the next whose time has come: what is taken and what is put in the outbox are one transaction."""
    taken = work.held.take(work.now, BATCH)
    people = {one.id: one for one in work.people.of_ids({one.person for one in taken})}
    notices = []
    for number, key, survey_id in dict.fromkeys((one.event, one.occurrence, one.survey) for one in taken):
        asked_about = _still_asked(work, number, key, survey_id)
        if asked_about is None:
            continue
        those = [one for one in taken if (one.event, one.occurrence, one.survey) == (number, key, survey_id)]
        lately = work.held.asked_of_event(number, [one.person for one in those], work.now - APART)
        for one in those:
            if one.person not in lately and one.person in people:
                notices += _asked(work, one, people[one.person], *asked_about)
    return notices


def _still_asked(work: Work, number: int, key: str, survey_id: int) -> tuple[Event, Survey] | None:
    """None where it did not take place then after all, or its answers do not count any more."""
    event, occurrence = work.events.get(number), work.events.occurrence(number, key)
    held, survey = work.held.get(number, key), work.surveys.get(survey_id)
    if event is None or occurrence is None or held is None or survey is None:
        return None
    takes_place = event.state is EventState.PLANNED and not occurrence.cancelled and held.survey == survey_id
    counts = survey.state is State.RUNNING and survey.closes_at is not None and survey.closes_at > work.now
    return (event, survey) if takes_place and counts else None


def _asked(work: Work, one: Question, person: Person, event: Event, survey: Survey) -> list[Notice]:
    turn = work.pulses.turn(person.id)
    if person.forgotten or not person.reachable or (turn is not None and turn.stopped):
        return []
    if not eventing.may_see(person, event):
        return []
    at = work.policy.hours.heard_from(work.now, person)
    if at > work.now:
        if survey.closes_at is not None and at < survey.closes_at:
            work.held.later(one, at)
        return []
    asked = work.pulses.ask(Asked(0, person.id, survey.id, ITEM, work.now))
    return [] if asked is None else [pulse.card(work, survey, asked)]


def results_of(work: Work, number: int, shown: Attendance) -> Attendance:
    """With what may be told of whether it was useful."""
    survey = work.surveys.get(number)
    if survey is None:
        return shown
    counted = survey.state is State.CLOSED
    results = work.surveys.results(survey) if counted else []
    return replace(
        shown, asked=True, counted=counted, counted_at=survey.closes_at, useful=results[0] if results else None
    )


def closed(work: Work, survey: Survey) -> list[Notice]:
    """Its answers were counted: whoever hosts it hears what may be told."""
    held = work.held.of_survey(survey.id)
    event = work.events.get(held.event) if held is not None else None
    if held is None or event is None or event.host is None or not work.people.get(event.host).reachable:
        return []
    occurrence = work.events.occurrence(event.id, held.occurrence)
    results = work.surveys.results(survey)
    values = {
        "event": event,
        "occurrence": occurrence,
        "count": work.held.count(event.id, held.occurrence),
        "useful": results[0] if results else None,
    }
    return [Notice(event.host, "held.counted", values)]


# What is left of it


def attach(work: Work, person: Person, number: int, kind: Kind, said: str, key: str = "") -> list[Notice]:
    """Notes or the recording, in the place of earlier ones, by whoever looks after the event. It goes to whoever wants
    it; of notes in words a knowledge item may come, with a yes of whoever attached them."""
    event = eventing.mine_or_cared_for(work, person, number)
    occurrence = _meant(work, event, key)
    if event.state is not EventState.PLANNED:
        raise Refusal("event.is_cancelled", event=number)
    if occurrence.starts_at > work.now:
        raise Refusal("held.not_begun", event=number)
    text = checked_link(said) if kind is Kind.RECORDING else links_safe(finding.readable(said))
    before = next((one for one in work.held.materials(number, occurrence.key) if one.kind is kind), None)
    if before is None or before.text != text:
        draft = _draft_given_up(work, before)
        kept = work.held.attach(Material(0, number, occurrence.key, kind, text, person.id, work.now, draft))
        if kind is Kind.NOTES and draft is None:
            new = curating.of_notes(work, person, event, text)
            if new is not None:
                work.held.drafted(kept, new.id)
        if event.host != person.id:
            work.audit.note(Entry(person.id, _ATTACHES[kind], f"event:{number}", work.now))
    return [_attached(work, person, event, occurrence)]


def _draft_given_up(work: Work, before: Material | None) -> int | None:
    """Of notes that are replaced the draft goes too, unless it is on its way already: then it stays as it is."""
    draft = work.drafts.get(before.draft) if before is not None and before.draft is not None else None
    if draft is None or draft.state in (DraftState.DROPPED, DraftState.REJECTED):
        return None
    if draft.state is DraftState.DRAFTED:
        work.drafts.save(draft.dropped())
        return None
    return draft.id


def _attached(work: Work, person: Person, event: Event, occurrence: Occurrence) -> Notice:
    values = {
        "event": event,
        "occurrence": occurrence,
        "materials": work.held.materials(event.id, occurrence.key),
        "wanted": work.held.wanted(event.id, occurrence.key),
    }
    return Notice(person.id, "held.attached", values, card=f"materials:{event.id}:{occurrence.key}")


def want(work: Work, person: Person, number: int, key: str = "") -> list[Notice]:
    """What is left of it at once, and whatever comes later when it comes: each once. To whoever looks after it, what
    there is, and what could be added."""
    event = eventing.seen(work, person, number)
    occurrence = _meant(work, event, key)
    if eventing.looks_after(person, event) and occurrence.starts_at <= work.now:
        return [_attached(work, person, event, occurrence)]
    there = work.held.materials(number, occurrence.key)
    work.held.wish(number, occurrence.key, person.id, max((one.at for one in there), default=None))
    if there:
        return [_materials(person, event, occurrence, there)]
    values = {"event": event, "occurrence": occurrence}
    return [Notice(person.id, "held.wished", values, card=f"wish:{number}:{occurrence.key}")]


def wake(work: Work, number: int) -> list[Notice]:
    """Something was attached that somebody wants."""
    work.held.wake(number, work.now)
    return []


def give(work: Work, _: int = 0) -> list[Notice]:
    """What is new to the next of those who want it, awake by their own clock."""
    taken = work.held.take_wishes(work.now, BATCH)
    people = {one.id: one for one in work.people.of_ids({one.person for one in taken})}
    return [notice for one in taken if one.person in people for notice in _given(work, one, people[one.person])]


def _given(work: Work, one: Wish, person: Person) -> list[Notice]:
    event, occurrence = work.events.get(one.event), work.events.occurrence(one.event, one.occurrence)
    there = work.held.materials(one.event, one.occurrence)
    if event is None or occurrence is None or not there:
        return []
    at = work.policy.hours.heard_from(work.now, person)
    if at > work.now:
        work.held.wish_later(one, at)
        return []
    work.held.gave(one, max(material.at for material in there))
    if person.forgotten or not person.reachable or not eventing.may_see(person, event):
        return []
    fresh = [material for material in there if one.got_at is None or material.at > one.got_at]
    return [_materials(person, event, occurrence, fresh)] if fresh else []


def _materials(person: Person, event: Event, occurrence: Occurrence, there: Sequence[Material]) -> Notice:
    return Notice(person.id, "held.materials", {"event": event, "occurrence": occurrence, "materials": there})


def _meant(work: Work, event: Event, key: str) -> Occurrence:
    found = meant(work.events.occurrences(event.id), work.now, key)
    if found is None:
        raise Refusal("event.no_occurrence", event=event.id)
    return found
