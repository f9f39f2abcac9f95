"""Who comes: what people said of an event or of one occurrence, and whether there is a seat."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Answer(StrEnum):
    """WAITING said yes and found no seat: they get the next one that is free, in the order in which they came."""

    YES = "yes"
    MAYBE = "maybe"
    NO = "no"
    WAITING = "waiting"


COMING = frozenset({Answer.YES, Answer.MAYBE})
"""They are reminded."""
EVERY = ""
"""Every occurrence of the event: the answer of whoever did not name one."""


@dataclass(frozen=True, slots=True)
class Rsvp:
    """What one person said, for EVERY occurrence or for the one with that key, which then counts there instead. `at`
    (UTC) is since when they say so: it orders those who wait. `named`: the others may read their name. `unsure`: the
    event was moved since, they were asked whether it still suits them, and they said nothing yet; the answer counts
    until they do."""

    person: int
    answer: Answer
    at: datetime
    occurrence: str = EVERY
    named: bool = False
    unsure: bool = False


def at_occurrence(rsvps: Iterable[Rsvp], key: str) -> dict[int, Rsvp]:
    """What counts at one occurrence, by person: what they said of it, else what they said of EVERY one."""
    found: dict[int, Rsvp] = {}
    for one in rsvps:
        if one.occurrence == key or (one.occurrence == EVERY and one.person not in found):
            found[one.person] = one
    return found


def seats_taken(rsvps: Sequence[Rsvp], occurrence: str, but: int = 0) -> int:
    """Seats that are gone for somebody (`but`) who wants one at that occurrence; at EVERY one, where most are gone."""
    keys = {one.occurrence for one in rsvps} | {EVERY} if occurrence == EVERY else {occurrence}
    return max(
        sum(one.answer is Answer.YES for one in at_occurrence(rsvps, key).values() if one.person != but) for key in keys
    )


def next_in(rsvps: Sequence[Rsvp], capacity: int | None) -> Rsvp | None:
    """Whoever has waited longest among those for whom there is a seat now; None when there is nobody."""
    for one in sorted((one for one in rsvps if one.answer is Answer.WAITING), key=lambda one: (one.at, one.person)):
        if capacity is None or seats_taken(rsvps, one.occurrence, but=one.person) < capacity:
            return one
    return None


@dataclass(frozen=True, slots=True)
class Tally:
    """How many said what of one occurrence."""

    yes: int = 0
    maybe: int = 0
    no: int = 0
    waiting: int = 0


def tally(rsvps: Iterable[Rsvp], key: str) -> Tally:
    said = [one.answer for one in at_occurrence(rsvps, key).values()]
    return Tally(*(said.count(answer) for answer in (Answer.YES, Answer.MAYBE, Answer.NO, Answer.WAITING)))
