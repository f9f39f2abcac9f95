"""Notes of the desk, and the last command of each of its people, kept."""

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from knowledge.desk_work import Move, Note
from storage.database import by_dialect
from storage.schema import desk_move, desk_note

_CHANGED = ("action", "about", "before", "at")
_PUT = by_dialect(
    desk_move,
    lambda new: new.on_conflict_do_update(
        index_elements=["person_id"], set_={name: new.excluded[name] for name in _CHANGED}
    ),
)


class Notes:
    """`knowledge.ports.Notes` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, note: Note) -> int:
        row = {"question_id": note.question, "author_id": note.author, "network_id": note.network}
        new = insert(desk_note).values(**row, text=note.text, at=note.at).returning(desk_note.c.id)
        return int(self._connection.execute(new).scalar_one())

    def drop(self, note: int) -> None:
        self._connection.execute(delete(desk_note).where(desk_note.c.id == note))

    def about(self, question: int) -> list[Note]:
        rows = select(desk_note).where(desk_note.c.question_id == question).order_by(desk_note.c.id)
        return [
            Note(row.question_id, row.author_id, row.network_id, row.text, row.at)
            for row in self._connection.execute(rows)
        ]


class Moves:
    """`knowledge.ports.Moves` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, move: Move) -> None:
        row = {"person_id": move.person, "action": move.action, "about": move.about, "at": move.at}
        self._connection.execute(_PUT[self._connection.dialect.name], {**row, "before": move.before})

    def last(self, person: int) -> Move | None:
        row = self._connection.execute(select(desk_move).where(desk_move.c.person_id == person)).one_or_none()
        return Move(row.person_id, row.action, row.about, row.at, row.before) if row else None

    def drop(self, person: int) -> None:
        self._connection.execute(delete(desk_move).where(desk_move.c.person_id == person))


def forget_moves(connection: Connection, before: datetime) -> int:
    """Deletes what is too long ago to be undone. Returns how many."""
    return connection.execute(delete(desk_move).where(desk_move.c.at < before)).rowcount
