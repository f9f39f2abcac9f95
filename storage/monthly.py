"""Whom the monthly report was sent."""

from datetime import datetime

from sqlalchemy import Connection, bindparam, false, or_, select, update

from knowledge.errors import Conflict
from knowledge.ledger import ReportTurn
from knowledge.people import DESK
from storage.database import by_dialect
from storage.schema import report_turn, role_grant

_DUE = (
    select(role_grant.c.person_id)
    .outerjoin(report_turn, report_turn.c.person_id == role_grant.c.person_id)
    .where(
        role_grant.c.role.in_([role.value for role in sorted(DESK)]),
        or_(report_turn.c.stopped.is_(None), report_turn.c.stopped == false()),
        or_(report_turn.c.due_at.is_(None), report_turn.c.due_at <= bindparam("now")),
    )
    .distinct()
    .order_by(role_grant.c.person_id)
    .limit(bindparam("most"))
)
_GET = select(report_turn).where(report_turn.c.person_id == bindparam("person"))
_NEW = by_dialect(report_turn, lambda new: new.on_conflict_do_nothing().returning(report_turn.c.person_id))


class ReportTurns:
    """`knowledge.ports.ReportTurns` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def due(self, now: datetime, limit: int) -> list[int]:
        return list(self._connection.execute(_DUE, {"now": now, "most": limit}).scalars())

    def get(self, person: int) -> ReportTurn:
        row = self._connection.execute(_GET, {"person": person}).one_or_none()
        return ReportTurn(person) if row is None else ReportTurn(person, row.month, row.due_at, bool(row.stopped))

    def save(self, before: ReportTurn, now: ReportTurn) -> None:
        values = {"month": now.month, "due_at": now.due_at, "stopped": now.stopped}
        if before == ReportTurn(before.person):
            new = self._connection.execute(
                _NEW[self._connection.dialect.name], {"person_id": before.person, **values}
            ).first()
            if new is not None:
                return
        # What it was read as is what it must still be: another replica may have sent it.
        as_read = (
            (report_turn.c.person_id == before.person)
            & (report_turn.c.month == before.month)
            & (report_turn.c.stopped == before.stopped)
        )
        if self._connection.execute(update(report_turn).where(as_read).values(values)).rowcount != 1:
            raise Conflict(f"the report of person {before.person}")
