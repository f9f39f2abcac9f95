"""A planned event is moved, cancelled or brought back: whoever said that they come hears of it, and says it again.

What has to be told is written beside each answer in the same transaction; the first are told at once, the others by
the clock, some at a time, so that an event of fifty thousand people holds nobody up.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from knowledge import attending, eventing
from knowledge.audit import Entry
from knowledge.desk_work import Move
from knowledge.errors import Refusal
from knowledge.event import Event, State
from knowledge.event_facts import Fact, Happened, told
from knowledge.notices import Notice
from knowledge.occurrences import ONCE, Occurrence, once, wall_of
from knowledge.people import Person
from knowledge.ports import Work
from knowledge.rsvp import EVERY, Answer, tally
from knowledge.undoing import undoes

TOLD_AT_ONCE = 200
"""People told of a change in one transaction."""
CANCELLING = "cancel event"


def before_moving(
    work: Work, person: Person, number: int, start: datetime, zone: str, minutes: int | None, key: str = ""
) -> list[Notice]:
    """What would change, for whom; nothing is done yet. `key` is the occurrence to be moved, "" for the whole event."""
    event, occurrence = _cared_for(work, person, number, key)
    after = _moved(event, start, zone, minutes, key)
    there = work.events.rsvps(number)
    then = _at(after, key)
    if then.ends_at <= work.now:
        raise Refusal("event.past", event=number)
    values = {
        "event": event,
        "before": occurrence,
        "after": then,
        "key": key,
        "zone": zone or event.zone,
        "start": start,
        "minutes": minutes,
        "tally": tally(there, occurrence.key),
    }
    return [Notice(person.id, "event.move_confirm", values, card=f"move-event:{number}")]


def move(
    work: Work, person: Person, number: int, start: datetime, zone: str, minutes: int | None, key: str = ""
) -> list[Notice]:
    """The yes to that. Answers stay, and everybody who said that they come is asked whether it still suits them."""
    event, occurrence = _cared_for(work, person, number, key)
    after = _moved(event, start, zone, minutes, key)
    if _at(after, key).ends_at <= work.now:
        raise Refusal("event.past", event=number)
    after = work.events.save(after)
    work.events.ask_again(number, key, "moved")
    _written_down(work, person, "move event", event)
    return [
        Notice(person.id, "event.is_moved", {"event": after, "after": _at(after, key)}, card=f"move-event:{number}"),
        *told(work, Happened(Fact.MOVED, after, event, key)),
        *news(work, number, occurrence),
        *_cards(work, person, after),
    ]


def before_cancelling(work: Work, person: Person, number: int, key: str = "") -> list[Notice]:
    event, occurrence = _cared_for(work, person, number, key)
    there = tally(work.events.rsvps(number), occurrence.key)
    values = {"event": event, "before": occurrence, "key": key, "tally": there}
    return [Notice(person.id, "event.cancel_confirm", values, card=f"cancel-event:{number}")]


def cancel(work: Work, person: Person, number: int, key: str = "") -> list[Notice]:
    """Called off, all of it or one occurrence; everybody who said that they come hears it once."""
    event, occurrence = _cared_for(work, person, number, key)
    wall = wall_of(event, key)
    assert wall is not None, "it was found by its key"
    after = work.events.save(event.called_off_once(wall) if key else event.cancelled())
    work.events.to_tell(number, key, "cancelled")
    _written_down(work, person, CANCELLING, event)
    if not key:
        work.moves.put(Move(person.id, CANCELLING, f"event:{number}", work.now, {"version": after.version}))
    return [
        Notice(person.id, "event.is_cancelled", {"event": after, "before": occurrence, "key": key},
               card=f"cancel-event:{number}"),
        *told(work, Happened(Fact.CANCELLED, after, event, key)),
        *news(work, number, occurrence),
        *_cards(work, person, after),
    ]  # fmt: skip


def restore(work: Work, person: Person, number: int) -> list[Notice]:
    """A cancellation is taken back, as long as the event is still to come: it takes place as planned after all."""
    event = eventing.seen(work, person, number)
    if not eventing.looks_after(person, event):
        raise Refusal("event.unknown", event=number)
    if not eventing.upcoming(work, event):
        raise Refusal("event.over", event=number)
    after = work.events.save(event.revived())
    work.events.to_tell(number, EVERY, "restored")
    _written_down(work, person, "restore event", event)
    return [
        Notice(person.id, "event.is_restored", {"event": after}, card=f"cancel-event:{number}"),
        *told(work, Happened(Fact.REVIVED, after, event)),
        *news(work, number),
        *_cards(work, person, after),
        *attending.promote(work, after),
    ]


@undoes(CANCELLING)
def _undo_cancelling(work: Work, person: Person, move: Move) -> list[Notice]:
    return restore(work, person, int(move.about.partition(":")[2]))


def news(work: Work, number: int, before: Occurrence | None = None) -> list[Notice]:
    """The next of those who have not heard of a change yet. `before` is what took place when, where that is known.
    Calling it twice tells nobody twice."""
    work.events.hold(number)
    event = work.events.get(number)
    if event is None:
        return []
    notices: list[Notice] = []
    for one, kind in work.events.untold(number, TOLD_AT_ONCE):
        work.events.put_rsvp(number, one)
        occurrence = _occurrence(work, event, one.occurrence)
        if occurrence is None or one.answer is Answer.NO:
            continue
        values = {"event": event, "before": before, "after": occurrence, "key": one.occurrence, "answer": one.answer}
        notices.append(Notice(one.person, f"event.news_{kind}", values))
        reader = work.people.get(one.person)
        if reader.id != event.host:
            notices.append(eventing.card(work, reader, event, only_edit=True))
    return notices


def without_host(work: Work, person: Person) -> list[Notice]:
    """The events of somebody who goes for good: what nobody saw is given up, what is planned goes on with whoever looks
    after its network, and is called off where nobody does."""
    notices: list[Notice] = []
    for event in work.events.hosted_by(person.id):
        if event.state not in (State.PLANNED, State.CANCELLED):
            if event.state is not State.DISCARDED:
                notices += eventing.discard(work, person, event.id)
            continue
        left = tuple(name for name in event.speakers if name.casefold() != person.name.casefold())
        heirs = eventing.moderators(work, event)
        if event.state is State.PLANNED and eventing.upcoming(work, event):
            if not heirs:
                notices += cancel(work, person, event.id)
            else:
                notices += [
                    Notice(one.id, "event.without_host", {"event": event.id, "title": event.title}) for one in heirs
                ]
        now = work.events.get(event.id)
        assert now is not None
        work.events.save(replace(now.without_host(), speakers=left))
    return notices


# Small parts


def _cards(work: Work, person: Person, event: Event) -> Sequence[Notice]:
    """The host's card and that of whoever did it, where they stand."""
    readers = {person.id, event.host} - {None}
    return [
        eventing.card(work, work.people.get(number), event, only_edit=True) for number in sorted(filter(None, readers))
    ]


def _cared_for(work: Work, person: Person, number: int, key: str) -> tuple[Event, Occurrence]:
    """An event that is theirs to move, and which of its occurrences is meant. Raises Refusal for any other."""
    event = work.events.get(number)
    if event is None or event.state not in (State.PLANNED, State.CANCELLED) or not eventing.looks_after(person, event):
        raise Refusal("event.unknown", event=number)
    if event.state is State.CANCELLED:
        raise Refusal("event.is_cancelled", event=number)
    ahead = [one for one in eventing.upcoming(work, event, 1000) if not one.cancelled]
    if not ahead:
        raise Refusal("event.over", event=number)
    found = next((one for one in ahead if not key or one.key == key), None)
    if found is None:
        raise Refusal("event.no_occurrence", event=number)
    return event, found


def _moved(event: Event, start: datetime, zone: str, minutes: int | None, key: str) -> Event:
    if not key:
        return event.moved(start, zone, minutes)
    wall = wall_of(event, key)
    if wall is None or (zone and zone != event.zone):
        raise Refusal("event.same_zone", event=event.id)
    return event.moved_once(wall, start, minutes)


def _at(event: Event, key: str) -> Occurrence:
    """What was moved as it takes place then."""
    wall = wall_of(event, key)
    assert wall is not None, "it was found by its key"
    return once(replace(event, start=wall))


def _occurrence(work: Work, event: Event, key: str) -> Occurrence | None:
    if key not in ("", ONCE):
        return work.events.occurrence(event.id, key)
    ahead = eventing.upcoming(work, event, 1)
    return ahead[0] if ahead else None


def _written_down(work: Work, person: Person, action: str, event: Event) -> None:
    """Whoever does it with the privilege of a role is written down; a host is not."""
    if event.host != person.id:
        work.audit.note(Entry(person.id, action, f"event:{event.id}", work.now))
