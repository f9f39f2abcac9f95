"""The calendar: events, when they take place, and who comes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from knowledge.event import Event, State
from knowledge.occurrences import Occurrence
from knowledge.rsvp import Answer, Rsvp


class Events(Protocol):
    def add(self, event: Event) -> Event:
        """Keeps a new event and returns it with its number, and a `uid` where it had none."""
        ...

    def get(self, event: int) -> Event | None: ...

    def save(self, event: Event) -> Event:
        """Keeps the move; returns it with the next version. Raises Conflict when somebody moved it first.

        Whatever takes place from now on is worked out anew. Where a whole series is moved, answers to single
        occurrences keep to theirs under its new key.
        """
        ...

    def by_uid(self, source: int, uid: str) -> Event | None:
        """The event that a calendar told of under that UID."""
        ...

    def from_source(self, source: int, states: Sequence[State] = ()) -> list[Event]:
        """What was read from one calendar, in these states or in any. Sorted by id."""
        ...

    def hosted_by(self, person: int) -> list[Event]:
        """Newest first."""
        ...

    def in_states(self, states: Sequence[State], limit: int = 50) -> list[Event]:
        """Newest first."""
        ...

    # When: worked out up to `knowledge.occurrences.AHEAD`, and kept for good once they were

    def occurrence(self, event: int, key: str) -> Occurrence | None: ...

    def occurrences(self, event: int) -> list[Occurrence]:
        """All that are kept of one event, past ones too. Earliest first."""
        ...

    def starting(self, after: datetime, until: datetime, limit: int = 1000) -> list[Occurrence]:
        """Of all planned events, those that start after the one moment and no later than the other (UTC) and are not
        cancelled. Earliest first."""
        ...

    def shown_between(self, since: datetime, until: datetime, limit: int) -> list[int]:
        """Numbers of events that take place, or would but for their cancellation, between two moments (UTC); the next
        to begin first."""
        ...

    def ended(self, after: datetime, until: datetime, limit: int = 1000) -> list[Occurrence]:
        """The same by their end."""
        ...

    # Who comes

    def hold(self, event: int) -> None:
        """Until the transaction ends nobody else who holds this event reads who comes to it: seats are counted, and
        news told, one after the other."""
        ...

    def rsvps(self, event: int) -> list[Rsvp]:
        """All that was said, for whatever occurrence; who said it first comes first."""
        ...

    def rsvps_of(self, person: int, event: int) -> list[Rsvp]: ...

    def rsvps_among(self, event: int, people: Sequence[int]) -> list[Rsvp]:
        """What these people said, for whatever occurrence."""
        ...

    def put_rsvp(self, event: int, rsvp: Rsvp) -> None:
        """In the place of what that person said of the same occurrence before."""
        ...

    def drop_rsvp(self, event: int, person: int, occurrence: str) -> None: ...

    def attending(
        self, event: int, key: str, answers: Sequence[Answer] = (Answer.YES, Answer.MAYBE), after: int = 0,
        limit: int = 1000,
    ) -> list[Rsvp]:  # fmt: skip
        """What counts at one occurrence (`knowledge.rsvp.at_occurrence`) among these answers, by person's id from
        `after` on, so that many people are read in pages."""
        ...

    # What whoever comes has to be told

    def ask_again(self, event: int, key: str, news: str) -> None:
        """Everybody who comes (to that occurrence; "" to any) or waits is to hear `news` and say it again. What was
        said of every occurrence is said of that one by itself from now on."""
        ...

    def to_tell(self, event: int, key: str, news: str) -> None:
        """The same, and their answers need not be said again."""
        ...

    def untold(self, event: int, limit: int) -> list[tuple[Rsvp, str]]:
        """Those who have not heard yet, and what; `put_rsvp` notes that they have."""
        ...

    def answered_by(self, person: int) -> list[tuple[int, Rsvp]]:
        """Every answer of one person, with the number of its event. Newest first."""
        ...
