"""What the desk did and noted."""

from typing import Protocol

from knowledge.audit import Entry
from knowledge.desk_work import Move, Note


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
