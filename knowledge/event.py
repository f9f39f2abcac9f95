"""An event's life, on paper and in the calendar: a webinar, a BBL, a lab, a consultation, something to learn at, or a
meeting face to face; once or again and again.

An event is never changed in place: each move returns the next one, or raises a Refusal that the person reads.

When it takes place is a **wall time and a zone**, never a moment: 15:00 in Geneva stays 15:00 in Geneva, whatever the
clocks do in between. `knowledge.occurrences` says which moments these are.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from knowledge.errors import Refusal
from knowledge.places import Audience
from knowledge.recurrence import shifted

LONGEST_TITLE = 200
LONGEST_PLACE = 300
LONGEST_LINK = 1000
MOST_SPEAKERS = 20
MOST_SEATS = 100_000
LONGEST = timedelta(days=31)


class Kind(StrEnum):
    WEBINAR = "webinar"
    BBL = "bbl"
    LAB = "lab"
    CONSULTATION = "consultation"
    LEARNING = "learning-event"
    FACE_TO_FACE = "face-to-face"
    OTHER = "other"


class State(StrEnum):
    """Where an event stands.

    DRAFT      understood and shown to its host; nobody else has seen it
    SUBMITTED  with whoever moderates its network
    PLANNED    in the calendar
    REJECTED   not put into the calendar, for a reason its host was told; may be changed and submitted again
    CANCELLED  called off after it was planned; stays to be seen as such
    DISCARDED  never was in the calendar, and will not be
    """

    DRAFT = "draft"
    SUBMITTED = "submitted"
    PLANNED = "planned"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    DISCARDED = "discarded"


MINE = frozenset({State.DRAFT, State.REJECTED})
"""Its host may change everything about it."""
SHOWN = frozenset({State.PLANNED, State.CANCELLED})
"""Whoever its audience is may know of it."""


@dataclass(frozen=True, slots=True)
class Change:
    """What is different about one occurrence of a series. `of` is the wall time that the rule gives it (RFC 5545:
    RECURRENCE-ID); None and "" leave as it is what the series says."""

    of: datetime
    start: datetime | None = None
    minutes: int | None = None
    title: str = ""
    place: str = ""
    link: str = ""
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """`start` is the wall time (a datetime without zone) of the first occurrence in `zone` (IANA); with `all_day` its
    time is 00:00, and the day is the same for every reader. `minutes` is how long one occurrence lasts; of a day's
    event 1440 for each day.

    `host` answers for it, None once they are forgotten or where a calendar brought it; `organiser` is the name that
    such a calendar gave. `audience` and `network` say who may know of it, as `Person.may_read` reads them.
    `capacity` None: as many as come. `priority` is the corporate priority it serves, "" for none. `link` is where one
    takes part online, `place` where one goes.

    `rule` is a screened RRULE (`knowledge.recurrence`), "" for once; `extra` (RDATE) and `without` (EXDATE) are wall
    times; `changed` are single occurrences that are different. `uid` and `sequence` are those of RFC 5545: other
    calendars know it by the one, and its newest version by the other, which every change of time, place or state
    raises. `version` is raised by any move. `source` is the calendar it was read from, None for one made here.
    `moderator` decided last, `reason` why not. All other times are UTC.
    """

    id: int
    host: int | None
    title: str
    start: datetime
    zone: str
    minutes: int
    created_at: datetime
    kind: Kind = Kind.OTHER
    all_day: bool = False
    description: str = ""
    place: str = ""
    link: str = ""
    speakers: tuple[str, ...] = ()
    organiser: str = ""
    language: str = "en"
    audience: Audience = Audience.UNDP
    network: int | None = None
    priority: str = ""
    capacity: int | None = None
    rule: str = ""
    extra: tuple[datetime, ...] = ()
    without: tuple[datetime, ...] = ()
    changed: tuple[Change, ...] = ()
    uid: str = ""
    sequence: int = 0
    state: State = State.DRAFT
    version: int = 0
    source: int | None = None
    moderator: int | None = None
    reason: str = ""

    @property
    def recurs(self) -> bool:
        return bool(self.rule or self.extra)

    # Its host

    def described(self, **changes: Any) -> "Event":
        """Other facts of it, by their names here, before it is planned. What was rejected begins anew."""
        self._only(MINE)
        return _checked(replace(self, **changes, state=State.DRAFT, reason=""))

    def submitted(self) -> "Event":
        """To whoever moderates its network."""
        self._only(MINE)
        return replace(self, state=State.SUBMITTED, reason="")

    def planned(self, moderator: int | None = None) -> "Event":
        """Into the calendar: by somebody who may do so at once, or approved by `moderator`."""
        self._only(MINE | {State.SUBMITTED} if moderator is None else frozenset({State.SUBMITTED}))
        return replace(self, state=State.PLANNED, moderator=moderator, reason="")

    def discarded(self) -> "Event":
        self._only(MINE | {State.SUBMITTED})
        return replace(self, state=State.DISCARDED)

    def rejected(self, moderator: int, reason: str) -> "Event":
        self._only(frozenset({State.SUBMITTED}))
        return replace(self, state=State.REJECTED, moderator=moderator, reason=reason)

    # Whoever looks after it, once it is planned

    def moved(self, start: datetime, zone: str = "", minutes: int | None = None) -> "Event":
        """To another wall time, zone or length. A series moves as a whole: whatever stood apart in it moves along."""
        self._only(frozenset({State.PLANNED}))
        by = start - self.start
        return _checked(
            replace(
                self,
                start=start,
                zone=zone or self.zone,
                minutes=minutes or self.minutes,
                rule=shifted(self.rule, by) if self.rule else "",
                extra=tuple(at + by for at in self.extra),
                without=tuple(at + by for at in self.without),
                changed=tuple(
                    replace(one, of=one.of + by, start=one.start + by if one.start else None) for one in self.changed
                ),
                sequence=self.sequence + 1,
            )
        )

    def moved_once(self, of: datetime, start: datetime, minutes: int | None = None) -> "Event":
        """One occurrence of a series, known by the wall time that the rule gives it, to another wall time."""
        return self._with(of, start=start, minutes=minutes)

    def called_off_once(self, of: datetime) -> "Event":
        """One occurrence of a series does not take place."""
        return self._with(of, cancelled=True)

    def told_anew(self, **changes: Any) -> "Event":
        """Other facts of a planned one, when it takes place aside."""
        self._only(frozenset({State.PLANNED}))
        return _checked(replace(self, **changes, sequence=self.sequence + 1))

    def cancelled(self) -> "Event":
        self._only(frozenset({State.PLANNED}))
        return replace(self, state=State.CANCELLED, sequence=self.sequence + 1)

    def revived(self) -> "Event":
        """The cancellation is taken back."""
        self._only(frozenset({State.CANCELLED}))
        return replace(self, state=State.PLANNED, sequence=self.sequence + 1)

    def without_host(self) -> "Event":
        return replace(self, host=None)

    def change_of(self, of: datetime) -> Change | None:
        """What is different about the occurrence that the rule puts at that wall time."""
        return next((one for one in self.changed if one.of == of), None)

    def _with(self, of: datetime, **changes: Any) -> "Event":
        self._only(frozenset({State.PLANNED}))
        changed = replace(self.change_of(of) or Change(of), **changes)
        others = tuple(one for one in self.changed if one.of != of)
        kept = tuple(sorted((*others, changed), key=lambda one: one.of))
        return replace(self, changed=kept, sequence=self.sequence + 1)

    def _only(self, states: frozenset[State]) -> None:
        if self.state not in states:
            raise Refusal(f"event.is_{self.state}", event=self.id)


def _checked(event: Event) -> Event:
    """Raises Refusal for what no event can be."""
    if not event.title.strip():
        raise Refusal("event.no_title")
    if event.capacity is not None and not 1 <= event.capacity <= MOST_SEATS:
        raise Refusal("event.capacity", most=MOST_SEATS)
    if not 0 < event.minutes <= LONGEST.total_seconds() / 60:
        raise Refusal("event.length", days=LONGEST.days)
    return event
