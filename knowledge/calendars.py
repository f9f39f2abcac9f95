"""Events from other calendars: a file or an address read once, shown and said yes to; an address that is followed.

Nothing here fetches or reads: the clock hands in what a process of its own made of it (`knowledge.ics.reading`).
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from knowledge import attending, event_moves, eventing, finding, routing, zones
from knowledge.calendar_source import Kind, Source, State
from knowledge.errors import Choice, Refusal, Several
from knowledge.event import LONGEST_LINK, Event
from knowledge.event import Kind as EventKind
from knowledge.event import State as EventState
from knowledge.event_facts import Fact, Happened, told
from knowledge.ics.reading import Found, Reading
from knowledge.notices import Notice
from knowledge.occurrences import first, once
from knowledge.people import Person
from knowledge.places import Kind as NetworkKind
from knowledge.ports import Work
from knowledge.rsvp import EVERY

MOST_KEPT = 500
"""Events of one calendar that are kept; more are another calendar."""
MOST_SUBMITTED = 10
"""Events of one calendar that a member may ask moderators to decide on at once."""
SHOWN = 8


# Handing one in


def from_file(work: Work, person: Person, content: bytes, network: str = "") -> list[Notice]:
    return [_reading(work, person, Kind.FILE, network, content=content)]


def from_url(work: Work, person: Person, url: str, network: str = "") -> list[Notice]:
    return [_reading(work, person, Kind.URL, network, url=_address(url))]


def follow(work: Work, person: Person, url: str, network: str = "") -> list[Notice]:
    """From now on what changes there changes here. Only for whoever puts events into that network's calendar."""
    place = _place(work, person, network)
    if not eventing.decides(person, place.id if place else None):
        raise Refusal("calendar.not_yours")
    return [_reading(work, person, Kind.SUBSCRIPTION, network, url=_address(url))]


def _address(url: str) -> str:
    url = url.strip()
    if url.lower().startswith("webcal://"):
        url = f"https://{url[len('webcal://') :]}"
    if len(url) > LONGEST_LINK or any(map(str.isspace, url)) or not url.lower().startswith(("https://", "http://")):
        raise Refusal("calendar.address", said=url[:60])
    return url


def _place(work: Work, person: Person, network: str) -> Any:
    if network:
        return routing.network_named(work, person, network, desk=True)
    # Whoever looks after one network means that one.
    theirs = {one.network for one in person.grants if one.role in eventing.DECIDES}
    if len(theirs) == 1 and None not in theirs:
        return routing.network_of(work, theirs.pop())
    main = (one for one in work.catalogue.networks if one.kind is NetworkKind.MAIN)
    return next((one for one in main if person.may_read(one.audience, one.id)), None)


def _reading(work: Work, person: Person, kind: Kind, network: str, **more: Any) -> Notice:
    finding.may_write(person)
    place = _place(work, person, network)
    source = work.calendars.add(
        Source(
            id=0,
            kind=kind,
            owner=person.id,
            network=place.id if place else None,
            audience=place.audience if place else person.reach,
            created_at=work.now,
            due_at=work.now,
            **more,
        )
    )
    return Notice(person.id, "calendar.reading", {"source": source, "network": place}, card=_card(source))


# What came of it


def failed(work: Work, number: int, problem: str) -> list[Notice]:
    """It could not be fetched. `problem` as a word: `calendar.fetch.<problem>`."""
    before = work.calendars.get(number)
    if before is None or before.state not in (State.READING, State.LIVE):
        return []
    source = before.failed(work.now, problem)
    work.calendars.save(source)
    if source.state is not State.DEAD or source.owner is None:
        return []
    return [Notice(source.owner, "calendar.failed", {"source": source, "followed": before.state is State.LIVE},
                   card=_card(source))]  # fmt: skip


def unchanged(work: Work, number: int) -> list[Notice]:
    """The far side has no news."""
    source = work.calendars.get(number)
    if source is not None and source.state is State.LIVE:
        work.calendars.save(source.succeeded(work.now, source.etag, source.modified))
    return []


def read(work: Work, number: int, reading: Reading, etag: str = "", modified: str = "") -> list[Notice]:
    """It was read, all of it or in part. What is followed is merged; anything else is shown and waits for a yes."""
    source = work.calendars.get(number)
    if source is None or source.state not in (State.READING, State.LIVE):
        return []
    owner = work.people.get(source.owner) if source.owner is not None else None
    if owner is None:
        work.calendars.save(replace(source, state=State.STOPPED, content=None, due_at=None))
        return []
    if reading.rejected:
        kind = reading.problems[0].kind if reading.problems else "no_events"
        if source.state is State.LIVE:
            return failed(work, number, kind)
        work.calendars.save(replace(source, state=State.DEAD, content=None, due_at=None, problem=kind))
        return [_found_card(source, reading, [])]
    if reading.unknown_zones and source.state is State.READING:
        work.calendars.save(source.asking(work.now))
        values = {"source": source, "zones": reading.unknown_zones, "reading": reading, "zone": owner.time_zone}
        return [Notice(owner.id, "calendar.which_zone", values, card=_card(source))]
    if source.kind is Kind.SUBSCRIPTION:
        new = source.state is State.READING
        work.calendars.save(source.succeeded(work.now, etag, modified))
        notices, count = _merged(work, source, owner, reading)
        if new:
            followed = {"source": source, "reading": reading, "count": count}
            notices.insert(0, Notice(owner.id, "calendar.followed", followed, card=_card(source)))
        return notices
    events = [work.events.add(_event(work, source, one)) for one in reading.events[:MOST_KEPT] if not one.cancelled]
    source = source.asking(work.now)
    work.calendars.save(replace(source, content=None))
    return [_found_card(source, reading, events)]


def _found_card(source: Source, reading: Reading, events: Sequence[Event]) -> Notice:
    assert source.owner is not None
    values = {"source": source, "reading": reading, "events": events[:SHOWN], "more": max(0, len(events) - SHOWN)}
    return Notice(source.owner, "calendar.found", values, card=_card(source))


def _event(work: Work, source: Source, one: Found, state: EventState = EventState.DRAFT) -> Event:
    owner = work.people.get(source.owner) if source.owner is not None else None
    return Event(
        id=0,
        host=source.owner if source.kind is not Kind.SUBSCRIPTION else None,
        created_at=work.now,
        kind=EventKind.OTHER,
        language=owner.language if owner else "en",
        audience=source.audience,
        network=source.network,
        state=state,
        source=source.id,
        **_facts(one),
    )


def _facts(one: Found) -> dict[str, Any]:
    names = ("title", "start", "zone", "minutes", "all_day", "description", "place", "link", "organiser", "rule",
             "extra", "without", "changed", "uid", "sequence")  # fmt: skip
    return {name: getattr(one, name) for name in names}


# Its owner


def in_zone(work: Work, person: Person, number: int, place: str) -> list[Notice]:
    """Times in a zone that nobody knows are in that one."""
    source = _own(work, person, number)
    if source.state is not State.ASKING:
        raise Refusal("calendar.unknown", source=number)
    found = zones.zones_of(place)
    if not found:
        raise Refusal("calendar.zone", said=place[:60], source=number)
    if len(found) > 1:
        named = [Choice(zones.city(zone, person.language), zone, zone) for zone in found[:6]]
        raise Several("event.zone_several", place, named)
    source = source.in_zone(found[0], work.now)
    work.calendars.save(source)
    return [Notice(person.id, "calendar.reading", {"source": source, "network": None}, card=_card(source))]


def plan_all(work: Work, person: Person, number: int) -> list[Notice]:
    """The owner's yes: what was read goes into the calendar or, from a member, to whoever moderates its network."""
    source = _own(work, person, number)
    drafts = [one for one in work.events.from_source(number, [EventState.DRAFT]) if one.host == person.id]
    if source.state is not State.ASKING or not drafts:
        raise Refusal("calendar.unknown", source=number)
    decides = eventing.decides(person, source.network)
    if not decides and len(drafts) > MOST_SUBMITTED:
        raise Refusal("calendar.too_many", most=MOST_SUBMITTED)
    notices: list[Notice] = []
    for event in drafts:
        if eventing.upcoming(work, event):
            notices += eventing.confirm(work, person, event.id)
    work.calendars.save(source.done())
    others = [one for one in notices if one.to != person.id]
    done = {"source": source, "count": len(drafts), "submitted": not decides}
    return [Notice(person.id, "calendar.planned", done, card=_card(source)), *others]


def discard_all(work: Work, person: Person, number: int) -> list[Notice]:
    source = _own(work, person, number)
    if source.state is not State.ASKING:
        raise Refusal("calendar.unknown", source=number)
    _drop_drafts(work, number)
    work.calendars.save(source.stopped())
    return [Notice(person.id, "calendar.discarded", {"source": source}, card=_card(source))]


def stop(work: Work, person: Person, number: int) -> list[Notice]:
    """It is no longer followed. What it brought stays in the calendar."""
    source = _own(work, person, number)
    _drop_drafts(work, number)
    work.calendars.save(source.stopped())
    return [Notice(person.id, "calendar.stopped", {"source": source}, card=_card(source))]


def overview(work: Work, person: Person) -> list[Notice]:
    """The calendars they handed in and the addresses they have."""
    told = (State.LIVE, State.ASKING, State.READING, State.DEAD)
    shown = [one for one in work.calendars.of(person.id) if one.state in told]
    values = {"sources": shown[:SHOWN], "feeds": work.feeds.count(person.id),
              "may_follow": any(one.role in eventing.DECIDES for one in person.grants)}  # fmt: skip
    return [Notice(person.id, "calendar.list", values)]


def due(work: Work, number: int) -> list[Notice]:
    """What nobody said yes to in time is given up."""
    source = work.calendars.get(number)
    if source is not None and source.state is State.ASKING and source.due_at and source.due_at <= work.now:
        _drop_drafts(work, number)
        work.calendars.save(source.stopped())
    return []


def _drop_drafts(work: Work, number: int) -> None:
    for event in work.events.from_source(number, [EventState.DRAFT]):
        work.events.save(event.discarded())


def _own(work: Work, person: Person, number: int) -> Source:
    source = work.calendars.get(number)
    if source is None or source.owner != person.id:
        raise Refusal("calendar.unknown", source=number)
    return source


def _card(source: Source) -> str:
    return f"calendar:{source.id}"


# Merging what is followed


def _merged(work: Work, source: Source, owner: Person, reading: Reading) -> tuple[list[Notice], int]:
    """What is new is planned, what changed is moved or told anew, what is gone is called off: by UID, the later
    SEQUENCE first. Returns how many are followed now."""
    notices: list[Notice] = []
    seen = set()
    for one in reading.events[:MOST_KEPT]:
        seen.add(one.uid)
        if not one.zone:
            continue
        known = work.events.by_uid(source.id, one.uid)
        if known is None:
            event = _event(work, source, one, EventState.PLANNED)
            if not one.cancelled and first(event, work.now) is not None:
                notices += told(work, Happened(Fact.PLANNED, work.events.add(event)))
        else:
            notices += _updated(work, known, one)
    # Of a calendar that was read in part nobody knows what is missing from it.
    if not reading.problems:
        for event in work.events.from_source(source.id, [EventState.PLANNED]):
            if event.uid not in seen and eventing.upcoming(work, event):
                notices += _called_off(work, event)
    return notices, len(seen)


def _updated(work: Work, known: Event, one: Found) -> list[Notice]:
    if one.sequence < known.sequence or known.state not in (EventState.PLANNED, EventState.CANCELLED):
        return []
    if one.cancelled:
        return _called_off(work, known) if known.state is EventState.PLANNED else []
    facts = {**_facts(one), "sequence": max(one.sequence, known.sequence)}
    if known.state is EventState.CANCELLED:
        after = work.events.save(replace(known, **facts, state=EventState.PLANNED))
        work.events.to_tell(known.id, EVERY, "restored")
        return [*told(work, Happened(Fact.REVIVED, after, known)), *event_moves.news(work, known.id)]
    after = replace(known, **facts)
    if after == known:
        return []
    before = eventing.upcoming(work, known, 1)
    after = work.events.save(after)
    if _when(after) == _when(known):
        return attending.promote(work, after)
    work.events.ask_again(known.id, EVERY, "moved")
    return [
        *told(work, Happened(Fact.MOVED, after, known)),
        *event_moves.news(work, known.id, before[0] if before else None),
    ]


def _when(event: Event) -> tuple[object, ...]:
    return (event.start, event.zone, event.minutes, event.rule, event.extra, event.without, event.changed)


def _called_off(work: Work, event: Event) -> list[Notice]:
    before = eventing.upcoming(work, event, 1)
    after = work.events.save(replace(event.cancelled(), sequence=event.sequence))
    work.events.to_tell(event.id, EVERY, "cancelled")
    return [
        *told(work, Happened(Fact.CANCELLED, after, event)),
        *event_moves.news(work, event.id, before[0] if before else once(event)),
    ]
