"""One person on several channels: linked by a code that is shown on one and typed on another, never by name."""

import hashlib
from datetime import timedelta

from knowledge.errors import Refusal
from knowledge.notices import Notice
from knowledge.people import Person
from knowledge.places import Audience
from knowledge.ports import Work

LASTS = timedelta(minutes=10)
TRIES = 5
"""Wrong codes that somebody may type within WITHIN: 40 bits are not to be guessed at that pace."""
WITHIN = timedelta(hours=1)
LENGTH = 8
# Without 0, 1, i and o, which are read for one another: 32 letters, 5 bits each.
LETTERS = "abcdefghjklmnpqrstuvwxyz23456789"


def give_code(work: Work, person: Person) -> list[Notice]:
    """A new code, which works once and for ten minutes; an earlier one no longer does."""
    code = "".join(work.random.choice(LETTERS) for _ in range(LENGTH))
    work.links.issue(person.id, _digest(code), work.now + LASTS)
    shown = f"{code[:4]}-{code[4:]}".upper()
    return [Notice(person.id, "link.code", {"code": shown, "minutes": LASTS // timedelta(minutes=1)})]


def join(work: Work, person: Person, said: str) -> list[Notice]:
    """Makes whoever types a code and whoever was shown it one person, who is told on both sides.

    Wrong, used, expired, and one's own: all are answered alike. Not refused by an exception, since the try counts.
    """
    if work.links.tries(person.id, work.now - WITHIN) >= TRIES:
        raise Refusal("link.wait")
    first = work.links.redeem(_digest(said), work.now)
    if first is None or first == person.id:
        work.links.note_try(person.id, work.now)
        return [Notice(person.id, "link.refused")]
    if work.links.apart(first, person.id):
        return [Notice(person.id, "link.apart")]
    # Whom an import knows has roles and topics; who was first met in a channel has nothing that would be missed.
    keeper, other = (person.id, first) if work.links.is_newcomer(first) else (first, person.id)
    if work.links.is_newcomer(person.id):
        keeper, other = first, person.id
    elsewhere = work.links.places(first)
    language = work.people.get(first).language
    work.links.merge(keeper, other)
    told = [Notice(0, "link.done", {"language": language}, place=place) for place in elsewhere]
    return [Notice(keeper, "link.done"), *told]


def prefer(work: Work, person: Person, channel: str) -> list[Notice]:
    """Where somebody is written to from here on: a channel's name, or "" for wherever they last wrote. What they say is
    answered where they say it; and where the channel fails, the other one serves."""
    known = work.links.channels(person.id)
    if channel and channel not in known:
        raise Refusal("prefer.unknown", channels=", ".join(name.title() for name in known))
    work.people.prefer(person.id, channel=channel)
    return [Notice(person.id, "prefer.set", {"channel": channel.title()})]


def part(work: Work, person: Person, reach: Audience) -> list[Notice]:
    """Undoes every link: what was linked begins anew, as somebody first met, with that reach; all that was asked and
    answered stays here."""
    places = work.links.places(person.id)
    if not work.links.split(person.id, reach, work.now):
        raise Refusal("link.none")
    return [Notice(0, "link.undone", {"language": person.language}, place=place) for place in places]


def _digest(code: str) -> str:
    """Of a code as it is typed, whatever its case, spaces and dashes. What is kept cannot be read off and typed."""
    plain = "".join(letter for letter in code.lower() if letter.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()
