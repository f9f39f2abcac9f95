"""Who comes to an event: what people say, who waits for a seat, and who may read it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from knowledge import eventing
from knowledge.errors import Refusal
from knowledge.event import Event, State
from knowledge.event_facts import Fact, Happened, told
from knowledge.notices import Notice
from knowledge.people import Person
from knowledge.ports import Work
from knowledge.rsvp import EVERY, Answer, Rsvp, Tally, at_occurrence, next_in, seats_taken, tally

MOST_NAMED = 50
"""Names on one card."""


def answer(work: Work, person: Person, number: int, said: Answer, key: str = EVERY) -> list[Notice]:
    """What somebody says of an event, or of its occurrence with that key. A yes without a free seat waits for one."""
    event = eventing.seen(work, person, number)
    if event.state is State.CANCELLED:
        raise Refusal("event.is_cancelled", event=number)
    _takes_place(work, event, key)
    work.events.hold(number)
    earlier = next((one for one in work.events.rsvps_of(person.id, number) if one.occurrence == key), None)
    rsvps = work.events.rsvps(number)
    if said is Answer.YES and event.capacity is not None:
        had = earlier is not None and earlier.answer is Answer.YES
        if not had and seats_taken(rsvps, key, but=person.id) >= event.capacity:
            said = Answer.WAITING
    # Whoever waits already keeps their turn.
    at = earlier.at if earlier is not None and earlier.answer is said else work.now
    named = earlier.named if earlier is not None else any(one.named for one in rsvps if one.person == person.id)
    work.events.put_rsvp(number, Rsvp(person.id, said, at, key, named))
    notices = told(work, Happened(Fact.ANSWERED, event, occurrence=key, person=person.id))
    return [eventing.card(work, person, event), *notices, *promote(work, event)]


def name(work: Work, person: Person, number: int, named: bool) -> list[Notice]:
    """Whether the others who come may read this person's name."""
    event = eventing.seen(work, person, number)
    mine = work.events.rsvps_of(person.id, number)
    if not mine:
        raise Refusal("event.say_first", event=number)
    for one in mine:
        work.events.put_rsvp(number, replace(one, named=named))
    return [eventing.card(work, person, event)]


def promote(work: Work, event: Event) -> list[Notice]:
    """Free seats to whoever waits, in the order in which they came; each hears of it once."""
    notices: list[Notice] = []
    work.events.hold(event.id)
    rsvps = work.events.rsvps(event.id)
    if event.state is not State.PLANNED or not any(one.answer is Answer.WAITING for one in rsvps):
        return []
    while (one := next_in(rsvps, event.capacity)) is not None:
        seated = replace(one, answer=Answer.YES, at=work.now)
        work.events.put_rsvp(event.id, seated)
        rsvps = [seated if each is one else each for each in rsvps]
        reader = work.people.get(one.person)
        notices.append(Notice(one.person, "event.seat", {"event": event.id, "title": event.title}))
        notices.append(eventing.card(work, reader, event, only_edit=True))
        notices += told(work, Happened(Fact.ANSWERED, event, occurrence=one.occurrence, person=one.person))
    return notices


def leave(work: Work, person: Person) -> list[Notice]:
    """Somebody goes for good: their seats are free."""
    notices: list[Notice] = []
    for number, one in work.events.answered_by(person.id):
        work.events.drop_rsvp(number, person.id, one.occurrence)
        event = work.events.get(number)
        if event is not None and one.answer is Answer.YES:
            notices += promote(work, event)
    return notices


@dataclass(frozen=True, slots=True)
class Coming:
    """Who comes to one occurrence as one reader may know it: `names` by answer (everybody's to whoever looks after it,
    else those of people who agreed), and how many in all."""

    names: dict[Answer, Sequence[str]]
    tally: Tally
    everybody: bool


def who(work: Work, person: Person, number: int, key: str = "") -> list[Notice]:
    """Who comes to the next occurrence, or to the one with that key."""
    event = eventing.seen(work, person, number)
    ahead = [one for one in eventing.upcoming(work, event, 1000) if not key or one.key == key]
    past = [one for one in work.events.occurrences(number) if not key or one.key == key]
    found = ahead or past[-1:]
    if not found:
        raise Refusal("event.no_occurrence", event=number)
    occurrence = found[0]
    rsvps = work.events.rsvps(number)
    cares = eventing.looks_after(person, event)
    there = at_occurrence(rsvps, occurrence.key)
    names: dict[Answer, Sequence[str]] = {}
    for each in (Answer.YES, Answer.MAYBE, Answer.WAITING):
        said = [one for one in there.values() if one.answer is each and (cares or (one.named and each is Answer.YES))]
        names[each] = sorted(work.people.get(one.person).name for one in said)[:MOST_NAMED]
    values = {
        "event": event,
        "occurrence": occurrence,
        "coming": Coming(names, tally(rsvps, occurrence.key), cares),
    }
    return [Notice(person.id, "event.who", values)]


def _takes_place(work: Work, event: Event, key: str) -> None:
    """Raises Refusal for an occurrence that is none, is over or is cancelled."""
    ahead = [one for one in eventing.upcoming(work, event, 1000) if not one.cancelled]
    if not ahead:
        raise Refusal("event.over", event=event.id)
    if key != EVERY and not any(one.key == key for one in ahead):
        raise Refusal("event.no_occurrence", event=event.id)
