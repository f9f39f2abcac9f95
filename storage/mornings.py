"""Summaries of the morning: who got which, and who is due."""

from datetime import datetime, time

from sqlalchemy import Connection, delete, exists, select

from knowledge.people import DESK, Role
from knowledge.summary import morning_of
from storage.database import by_dialect
from storage.people import People
from storage.schema import morning, no_morning, person, role_grant

_CLAIM = by_dialect(morning, lambda new: new.on_conflict_do_nothing().returning(morning.c.person_id))
_OFF = by_dialect(no_morning, lambda new: new.on_conflict_do_nothing())
_READERS = [role.value for role in (*DESK, Role.MODERATOR)]
_WANTED = (
    select(person.c.id)
    .where(
        exists().where(role_grant.c.person_id == person.c.id, role_grant.c.role.in_(_READERS)),
        ~exists().where(no_morning.c.person_id == person.c.id),
    )
    .order_by(person.c.id)
)


class Mornings:
    """`knowledge.ports.Mornings` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def claim(self, number: int, day: str) -> bool:
        row = {"person_id": number, "day": day}
        return self._connection.execute(_CLAIM[self._connection.dialect.name], row).first() is not None

    def off(self, number: int) -> bool:
        row = select(no_morning.c.person_id).where(no_morning.c.person_id == number)
        return self._connection.execute(row).first() is not None

    def switch(self, number: int, *, off: bool) -> None:
        self._connection.execute(delete(no_morning).where(no_morning.c.person_id == number))
        if off:
            self._connection.execute(_OFF[self._connection.dialect.name], {"person_id": number})


def due(connection: Connection, now: datetime, begins: time | None, ends: time) -> list[int]:
    """Whose morning it is, and who was not told yet: found by their own clocks each time, so that a zone or a clock
    that changes needs no planning anew."""
    if begins is None:
        return []
    people = People(connection).of_ids(connection.execute(_WANTED).scalars())
    days = {one.id: morning_of(one, now, begins, ends) for one in people if one.reachable}
    wanted = {number: day.isoformat() for number, day in days.items() if day is not None}
    rows = select(morning).where(morning.c.person_id.in_(wanted), morning.c.day.in_(set(wanted.values())))
    told = {(row.person_id, row.day) for row in connection.execute(rows)} if wanted else set()
    return [number for number, day in wanted.items() if (number, day) not in told]


def forget_mornings(connection: Connection, before: datetime) -> int:
    """Deletes those of days long past. Returns how many."""
    return connection.execute(delete(morning).where(morning.c.day < before.date().isoformat())).rowcount
