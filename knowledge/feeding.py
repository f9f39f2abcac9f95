"""Our calendar for other programs: one event to take along, and an address that goes on telling.

An address is a secret of one person: whoever has it reads what that person may read now, and nothing once it is
revoked. Only the digest of its secret is kept.
"""

import hashlib
import secrets
from datetime import timedelta

from knowledge import eventing, routing
from knowledge.errors import Refusal
from knowledge.event import SHOWN, Event
from knowledge.ics.writing import written
from knowledge.notices import Notice
from knowledge.people import Person
from knowledge.ports import Work
from knowledge.rsvp import EVERY, Answer

ONE, MANY = "event", "calendar"
"""The kinds of the addresses (`knowledge.ports.pages.Pages.address`)."""
BEFORE, AHEAD = timedelta(days=31), timedelta(days=400)
"""What a feed tells of."""
MOST_EVENTS = 500
MOST_FEEDS = 20


def one(work: Work, person: Person, number: int) -> list[Notice]:
    """An address from which this person's calendar program takes one event."""
    event = eventing.seen(work, person, number)
    url = work.pages.address(ONE, f"{person.id}:{event.id}")
    return [Notice(person.id, "event.own_calendar", {"title": event.title, "url": url})]


def feed(work: Work, person: Person, network: str) -> list[Notice]:
    """A new secret address of what a network, or everything they may read, has in the calendar."""
    place = routing.network_named(work, person, network) if network else None
    if work.feeds.count(person.id) >= MOST_FEEDS:
        raise Refusal("calendar.too_many_feeds", most=MOST_FEEDS)
    secret = secrets.token_urlsafe(24)
    work.feeds.issue(person.id, place.id if place else None, digest(secret), work.now)
    return [Notice(person.id, "calendar.feed", {"network": place, "url": work.pages.address(MANY, secret)})]


def revoke(work: Work, person: Person) -> list[Notice]:
    """All their addresses tell nothing any more."""
    return [Notice(person.id, "calendar.revoked", {"many": work.feeds.revoke(person.id)})]


def digest(secret: str) -> str:
    """Of 24 random bytes no salt is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()


# What stands at the addresses


def event_file(work: Work, said: str) -> bytes | None:
    """One event for the person it was given to; None where they may not read it any more."""
    number, _, event = said.partition(":")
    person = _person(work, int(number))
    found = work.events.get(int(event))
    if person is None or found is None or found.state not in SHOWN or not eventing.may_see(person, found):
        return None
    return written([found], work.now)


def feed_file(work: Work, secret: str, name: str) -> bytes | None:
    """What whoever owns the address may read now; what they declined is left out. None when it was revoked."""
    owner = work.feeds.whose(digest(secret))
    person = _person(work, owner[0]) if owner else None
    if owner is None or person is None:
        return None
    return written(events_for(work, person, owner[1]), work.now, name=name)


def events_for(work: Work, person: Person, network: int | None) -> list[Event]:
    """Those that began lately or are to come, with whatever was called off: a program that shows it has to hear of
    that. What they said no to is left out."""
    answers = work.events.answered_by(person.id)
    no = {event for event, said in answers if said.answer is Answer.NO and said.occurrence == EVERY}
    numbers = work.events.shown_between(work.now - BEFORE, work.now + AHEAD, MOST_EVENTS)
    found = [event for number in numbers if number not in no and (event := work.events.get(number)) is not None]
    return [
        event for event in found if eventing.may_see(person, event) and (network is None or event.network == network)
    ]


def _person(work: Work, number: int) -> Person | None:
    try:
        found = work.people.get(number)
    except KeyError:
        return None
    return None if found.forgotten else found
