"""Who was there: said by a press, by whoever was reminded, or by a code that whoever looks after the event shows.

Whoever looks after it reads the names; to everybody else only the number is told.
"""

from dataclasses import replace

from knowledge import after_events, eventing
from knowledge.errors import Refusal
from knowledge.event import Event, State
from knowledge.event_facts import Fact, Happened, listens
from knowledge.held import CLOSES, CODE_LENGTH, CODE_LETTERS, OPENS, Attendance, Held, open_now
from knowledge.linking import TRIES, WITHIN
from knowledge.notices import Notice
from knowledge.occurrences import Occurrence
from knowledge.people import Person
from knowledge.ports import Work
from knowledge.rsvp import COMING, at_occurrence

MOST_NAMED = 100
"""Names on one card."""


def here(work: Work, person: Person, number: int) -> list[Notice]:
    """ "I am here", or "I was there", of somebody who said that they come or may come. Saying it twice changes nothing.
    Raises Refusal outside its time, and for whoever needs the code."""
    event = eventing.seen(work, person, number)
    occurrence = _open(work, event)
    said = at_occurrence(work.events.rsvps_of(person.id, number), occurrence.key).get(person.id)
    expected = event.host == person.id or (said is not None and said.answer in COMING)
    if not expected and occurrence.key not in work.held.was_at(person.id, number):
        raise Refusal("attendance.code_needed", event=number)
    return _noted(work, person, event, occurrence)


def by_code(work: Work, person: Person, said: str, number: int | None = None) -> list[Notice]:
    """The same by the code, of anybody who may know of the event.

    Wrong, over, and of an event they may not know of: all are answered alike, and count towards the wrong codes that
    somebody may type in an hour (`knowledge.linking`). Not refused by an exception, since the try counts.
    """
    if work.links.tries(person.id, work.now - WITHIN) >= TRIES:
        raise Refusal("link.wait")
    code = "".join(letter for letter in said.lower() if letter.isalnum())
    for one in work.held.of_code(code):
        event = work.events.get(one.event)
        if event is None or event.state is not State.PLANNED or number not in (None, one.event):
            continue
        occurrence = open_now(work.events.occurrences(one.event), work.now)
        if occurrence is not None and occurrence.key == one.occurrence and eventing.may_see(person, event):
            return _noted(work, person, event, occurrence)
    work.links.note_try(person.id, work.now)
    return [Notice(person.id, "attendance.wrong")]


def _open(work: Work, event: Event) -> Occurrence:
    if event.state is State.CANCELLED:
        raise Refusal("event.is_cancelled", event=event.id)
    occurrence = open_now(work.events.occurrences(event.id), work.now)
    if occurrence is None:
        ahead = [one for one in eventing.upcoming(work, event) if not one.cancelled]
        if ahead:
            raise Refusal("attendance.early", event=event.id, at=ahead[0].starts_at - OPENS)
        raise Refusal("attendance.late", event=event.id, hours=CLOSES.total_seconds() // 3600)
    return occurrence


def _noted(work: Work, person: Person, event: Event, occurrence: Occurrence) -> list[Notice]:
    if work.held.attend(event.id, occurrence.key, person.id, work.now):
        after_events.joined(work, person, event, occurrence)
    values = {
        "event": event,
        "key": occurrence.key if event.recurs else "",
        "over": occurrence.ends_at <= work.now,
        "wished": occurrence.key in work.held.wishes(person.id, event.id),
    }
    return [
        Notice(person.id, "attendance.noted", values, card=f"attendance:{event.id}:{occurrence.key}"),
        eventing.card(work, person, event, only_edit=True),
    ]


# Whoever looks after it


def show(work: Work, person: Person, number: int, key: str = "") -> list[Notice]:
    """How attendance stands at the occurrence with that key, else where it is taken now, else at the last one. The code
    is made when it is first shown."""
    event = eventing.seen(work, person, number)
    cares = eventing.looks_after(person, event)
    kept = work.events.occurrences(number)
    now_open = open_now(kept, work.now) if event.state is State.PLANNED else None
    found = [one for one in kept if not one.cancelled and (not key or one.key == key)]
    begun = [one for one in found if one.starts_at - OPENS <= work.now]
    if not begun:
        if found and event.state is State.PLANNED:
            raise Refusal("attendance.early", event=number, at=found[0].starts_at - OPENS)
        raise Refusal("event.no_occurrence", event=number)
    occurrence = now_open if now_open in begun and now_open is not None else begun[-1]
    shown = Attendance(work.held.count(number, occurrence.key))
    if cares:
        held = work.held.get(number, occurrence.key)
        if occurrence == now_open:
            held = _with_code(work, held or Held(number, occurrence.key))
            shown = replace(shown, code=held.code, until=occurrence.ends_at + CLOSES)
        there = work.people.of_ids(work.held.attended(number, occurrence.key, limit=MOST_NAMED))
        shown = replace(
            shown,
            names=tuple(sorted(one.name for one in there if not one.forgotten)),
            wanted=work.held.wanted(number, occurrence.key),
        )
        if held is not None and held.survey is not None:
            shown = after_events.results_of(work, held.survey, shown)
    values = {"event": event, "occurrence": occurrence, "shown": shown, "cares": cares}
    return [Notice(person.id, "attendance.shown", values, card=f"who-was-at:{number}:{occurrence.key}")]


def _with_code(work: Work, held: Held) -> Held:
    if held.code:
        return held
    return work.held.save(replace(held, code=_code(work, held)))


def _code(work: Work, held: Held) -> str:
    """Of the house's key, which nobody outside knows; drawn where there is none."""
    if not work.box.mark:
        return "".join(work.random.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
    left = int(work.box.blind(f"attendance {held.event} {held.occurrence}"), 16)
    letters = []
    for _ in range(CODE_LENGTH):
        left, place = divmod(left, len(CODE_LETTERS))
        letters.append(CODE_LETTERS[place])
    return "".join(letters)


@listens(Fact.MOVED, Fact.CANCELLED)
def other_time(work: Work, happened: Happened) -> list[Notice]:
    """Who said that they are there of a time at which it does not take place was not."""
    number = happened.event.id
    for key in sorted({*work.held.noted(number), *(one.occurrence for one in work.held.of_event(number))}):
        occurrence = work.events.occurrence(number, key)
        if occurrence is None or occurrence.cancelled or work.now < occurrence.starts_at - OPENS:
            work.held.clear(number, key)
    return []
