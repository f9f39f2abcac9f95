"""What the desk did and noted."""

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from knowledge.audit import Entry
from knowledge.desk_work import Move, Note
from knowledge.work_item import Cause, State, WorkItem


class AuditLog(Protocol):
    """What was done with privilege."""

    def note(self, entry: Entry) -> None: ...

    def newest(self, about: str = "", limit: int = 20) -> list[Entry]:
        """Newest first; `about` as in `Entry`, "" for all."""
        ...


class Notes(Protocol):
    """What people of a desk write to each other about questions."""

    def add(self, note: Note) -> int:
        """Keeps it and returns its number."""
        ...

    def drop(self, note: int) -> None: ...

    def about(self, question: int) -> list[Note]:
        """Oldest first."""
        ...


class Moves(Protocol):
    """The last desk command of each person."""

    def put(self, move: Move) -> None:
        """Takes the place of this person's last."""
        ...

    def last(self, person: int) -> Move | None: ...

    def drop(self, person: int) -> None: ...


class WorkItems(Protocol):
    """What the desks have to see to beside questions."""

    def add(self, item: WorkItem) -> WorkItem | None:
        """Keeps a new one and returns it with its number; None when its cause is known already."""
        ...

    def get(self, number: int) -> WorkItem | None: ...

    def of(self, cause: Cause, key: str) -> WorkItem | None: ...

    def save(self, item: WorkItem) -> WorkItem:
        """Keeps the move; returns it with the next version. Raises Conflict when somebody moved it first."""
        ...

    def in_states(self, states: Collection[State]) -> list[WorkItem]:
        """In the order in which they were first raised."""
        ...


class Mornings(Protocol):
    """Who got their morning's summary for which of their days."""

    def claim(self, person: int, day: str) -> bool:
        """False when somebody was first. `day` is a date in ISO 8601, by the person's own calendar."""
        ...

    def off(self, person: int) -> bool:
        """Whether they want none."""
        ...

    def switch(self, person: int, *, off: bool) -> None: ...


class Chores(Protocol):
    """What the clock does by itself, once in a while."""

    def claim(self, name: str, now: datetime, next_at: datetime) -> bool:
        """Whether it is due (or was never done) and ours to do; it is due again at `next_at`. Others are told no."""
        ...
