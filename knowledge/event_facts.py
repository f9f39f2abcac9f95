"""What happens to events, for whoever builds on them: reminders, announcements, what comes after.

`knowledge.eventing` tells of each fact here, in the transaction in which it became one; a function that listens
returns the notices that it makes of it, and may write rows of its own.

Whoever said that they come, may come or wait is told by `knowledge.event_moves` itself that an event was moved (and
asked again), cancelled or brought back: once, and in time. Listeners need not.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from knowledge.event import Event
from knowledge.notices import Notice
from knowledge.ports import Work


class Fact(StrEnum):
    """
    PLANNED    it is in the calendar now
    MOVED      the event, or the one occurrence named, takes place at another time; answers are kept and asked about
    CANCELLED  the event, or the one occurrence named, does not take place
    REVIVED    its cancellation was taken back
    ANSWERED   somebody said whether they come, or got a seat they waited for; `person` says who
    """

    PLANNED = "planned"
    MOVED = "moved"
    CANCELLED = "cancelled"
    REVIVED = "revived"
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True)
class Happened:
    """`event` as it is now and as it is kept, `before` as it was (None for a new one). `occurrence` is the key of the
    only one that it is about, "" for all. `person` who answered, 0 else."""

    fact: Fact
    event: Event
    before: Event | None = None
    occurrence: str = ""
    person: int = 0


Listener = Callable[[Work, Happened], list[Notice]]
_LISTENERS: list[tuple[frozenset[Fact], Listener]] = []


def listens(*facts: Fact) -> Callable[[Listener], Listener]:
    """Declares who is told of these facts, in the order of declaration."""

    def declare(listener: Listener) -> Listener:
        _LISTENERS.append((frozenset(facts), listener))
        return listener

    return declare


def told(work: Work, happened: Happened) -> list[Notice]:
    """What those who listen make of it."""
    return [notice for facts, listen in _LISTENERS if happened.fact in facts for notice in listen(work, happened)]
