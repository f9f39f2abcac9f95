"""Questions, and their circles."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Protocol

from knowledge.contributions import Contributions
from knowledge.load import Carried
from knowledge.opening import Opening
from knowledge.places import Widening
from knowledge.question import Question, Relay, State


class Questions(Protocol):
    def add(self, question: Question) -> Question:
        """Keeps a new question and returns it with its number."""
        ...

    def get(self, question: int) -> Question | None: ...

    def save(self, question: Question) -> Question:
        """Keeps the move; returns it with the next version. Raises Conflict when somebody moved it first. Words in
        which others could read it until now are taken back from the digests that brought them."""
        ...

    def add_relay(self, question: int, relay: Relay) -> None: ...

    def answers(self, question: int) -> list[Relay]:
        """What crossed from the experts' side, in order."""
        ...

    def last_answer(self, question: int) -> int:
        """The number of the last relay from an expert's side; 0 when nothing crossed from there."""
        ...

    def asked_by(self, person: int, limit: int = 20) -> list[Question]:
        """Newest first."""
        ...

    def of(self, person: int) -> list[Question]:
        """Every question they asked or that was brought to them, oldest first."""
        ...

    def offered_to(self, person: int) -> list[Question]:
        """Those that this person may still take or decline. Oldest first."""
        ...

    def between(self, person: int) -> list[Question]:
        """Those in which this person, as asker or as expert, can write to the other side. Oldest first."""
        ...

    def due(self, now: datetime, limit: int) -> list[int]:
        """Numbers of the questions whose due time has come, earliest first."""
        ...

    def add_impact(self, question: int, person: int, text: str, at: datetime) -> None:
        """Keeps somebody's note on what their answer led to; a later one takes its place."""
        ...

    def contributions(self, person: int) -> Contributions:
        """What somebody's answers came to."""
        ...

    def carried(self, since: datetime) -> Mapping[int, Carried]:
        """What was offered to whom since a time (UTC), by person; those who got nothing are left out."""
        ...

    def in_states(self, states: Collection[State]) -> list[Question]:
        """All of them, oldest first, by the time they were asked."""
        ...

    def opened(self) -> list[Question]:
        """Those whose askers let others read them now. By number."""
        ...

    def unanswered(self, since: datetime, until: datetime) -> list[Question]:
        """Sent from `since` to before `until`, and no answer helped: none came, or none that was of use. What an
        earlier answer settled is not among them, nor what was taken back or emptied. By number."""
        ...

    def solved(self, since: datetime, until: datetime) -> list[Question]:
        """Those that were closed from a time until before another (UTC), and helped at least in part. By number."""
        ...

    def merged_into(self, question: int) -> list[Question]:
        """Those whose askers wait for the answers to this one. By number."""
        ...


class Openings(Protocol):
    """Words in which askers let others read their questions, those they only looked at among them."""

    def add(self, opening: Opening) -> Opening:
        """Keeps it in the place of what its asker only looked at. Returns it with a number that no other ever had."""
        ...

    def get(self, opening: int) -> Opening | None: ...

    def latest(self, question: int) -> Opening | None:
        """The one that its asker was shown last."""
        ...

    def agreed(self, opening: int, at: datetime) -> None:
        """Its asker said yes to it (UTC)."""
        ...


class Widenings(Protocol):
    """Those that wait for the other yes, by question."""

    def get(self, question: int) -> Widening | None: ...

    def wanted(self) -> frozenset[int]:
        """The questions whose askers said yes, and nobody who looks after them yet."""
        ...

    def put(self, question: int, waiting: Widening) -> None: ...

    def drop(self, question: int) -> None: ...
