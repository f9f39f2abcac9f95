"""What comes after an event."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from knowledge.held import Held, Material, Question, Wish


class HeldEvents(Protocol):
    """Everything is of one occurrence, by its event's number and its key."""

    def get(self, event: int, occurrence: str) -> Held | None: ...

    def of_event(self, event: int) -> list[Held]: ...

    def of_survey(self, survey: int) -> Held | None: ...

    def of_code(self, code: str) -> list[Held]: ...

    def save(self, held: Held) -> Held:
        """Keeps a new one (version 0) or another state of one. Raises Conflict when somebody was first."""
        ...

    def clear(self, event: int, occurrence: str) -> None:
        """Whoever was there, its code and whatever was to be asked: it takes place at another time, or not at all."""
        ...

    # Who was there

    def attend(self, event: int, occurrence: str, person: int, at: datetime) -> bool:
        """False when they were noted already."""
        ...

    def attended(self, event: int, occurrence: str, after: int = 0, limit: int = 1000) -> list[int]:
        """Who was there, by id from `after` on."""
        ...

    def count(self, event: int, occurrence: str) -> int:
        """How many were there, whether or not it is still kept who."""
        ...

    def was_at(self, person: int, event: int) -> Collection[str]:
        """The keys of the occurrences at which they were."""
        ...

    def noted_since(self, person: int, since: datetime) -> bool:
        """Whether they were anywhere since."""
        ...

    def noted(self, event: int) -> Collection[str]:
        """The keys of the occurrences at which anybody was."""
        ...

    # Whether it was useful

    def plan(self, questions: Sequence[tuple[Question, datetime]]) -> None:
        """Writes that they are to be asked, and when; who is on the list already stays as they are."""
        ...

    def take(self, now: datetime, limit: int) -> list[Question]:
        """Takes questions that are due. Nobody else gets them, as long as this transaction is not undone."""
        ...

    def later(self, question: Question, due_at: datetime) -> None:
        """One that was taken is due another time."""
        ...

    def asked_of_event(self, event: int, people: Sequence[int], since: datetime) -> Collection[int]:
        """Those of them who were asked about any occurrence of it since."""
        ...

    # What is left of it

    def materials(self, event: int, occurrence: str) -> list[Material]:
        """Notes first."""
        ...

    def attach(self, material: Material) -> Material:
        """In the place of the earlier one of its kind."""
        ...

    def drafted(self, material: Material, draft: int) -> None:
        """A knowledge item on its way came of it."""
        ...

    def attached_since(self, since: datetime) -> list[Material]:
        """Newest first."""
        ...

    def latest(self, event: int) -> Material | None:
        """The last that was attached to any of its occurrences that was not called off."""
        ...

    def wish(self, event: int, occurrence: str, person: int, got_at: datetime | None) -> None:
        """They want what is left of it, and have what was attached up to then."""
        ...

    def wishes(self, person: int, event: int) -> Collection[str]:
        """The keys of those of which they want what is left."""
        ...

    def wanted(self, event: int, occurrence: str) -> int:
        """How many want it."""
        ...

    def wake(self, event: int, now: datetime) -> None:
        """Whoever lacks something that was attached is due."""
        ...

    def take_wishes(self, now: datetime, limit: int) -> list[Wish]:
        """The same as `take`, of those who want what is left."""
        ...

    def wish_later(self, wish: Wish, due_at: datetime) -> None: ...

    def gave(self, wish: Wish, got_at: datetime) -> None:
        """They have what was attached up to then."""
        ...
