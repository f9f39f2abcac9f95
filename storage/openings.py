"""Words in which askers open questions to more voices, kept."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from knowledge.opening import Opening
from knowledge.places import Audience
from storage.schema import opening


class Openings:
    """`knowledge.ports.Openings` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, new: Opening) -> Opening:
        row = {
            "question_id": new.question,
            "text": new.text,
            "audience": int(new.audience),
            "network_id": new.network,
            "at": new.at,
        }
        looked_at = (opening.c.question_id == new.question) & opening.c.at.is_(None)
        self._connection.execute(delete(opening).where(looked_at))
        number = self._connection.execute(insert(opening).values(row).returning(opening.c.id)).scalar_one()
        return replace(new, id=number)

    def get(self, number: int) -> Opening | None:
        if not 0 < number < 2**63:
            return None
        row = self._connection.execute(select(opening).where(opening.c.id == number)).one_or_none()
        return _opening(row) if row else None

    def latest(self, question: int) -> Opening | None:
        of_it = select(opening).where(opening.c.question_id == question).order_by(opening.c.id.desc()).limit(1)
        row = self._connection.execute(of_it).one_or_none()
        return _opening(row) if row else None

    def agreed(self, number: int, at: datetime) -> None:
        self._connection.execute(update(opening).where(opening.c.id == number).values(at=at))


def _opening(row: Row[Any]) -> Opening:
    return Opening(row.id, row.question_id, row.text, Audience(row.audience), row.network_id, row.at)
