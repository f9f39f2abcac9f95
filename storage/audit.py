"""What was done with privilege, kept."""

from sqlalchemy import Connection, insert, select

from knowledge.audit import Entry
from storage.schema import audit


class AuditLog:
    """`knowledge.ports.AuditLog` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def note(self, entry: Entry) -> None:
        self._connection.execute(
            insert(audit),
            {
                "person_id": entry.person,
                "action": entry.action,
                "about": entry.about,
                "at": entry.at,
                "reason": entry.reason,
            },
        )

    def newest(self, about: str = "", limit: int = 20) -> list[Entry]:
        rows = select(audit).order_by(audit.c.id.desc()).limit(limit)
        if about:
            rows = rows.where(audit.c.about == about)
        return [
            Entry(row.person_id, row.action, row.about, row.at, row.reason) for row in self._connection.execute(rows)
        ]
