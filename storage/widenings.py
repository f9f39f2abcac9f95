"""Widenings that wait for the other yes, kept."""

from sqlalchemy import Connection, delete, insert, select

from knowledge.places import Audience, Widening
from storage.schema import widening


class Widenings:
    """`knowledge.ports.Widenings` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, question: int) -> Widening | None:
        row = self._connection.execute(select(widening).where(widening.c.question_id == question)).one_or_none()
        return Widening(Audience(row.audience), row.asker_agreed) if row else None

    def wanted(self) -> frozenset[int]:
        rows = select(widening.c.question_id).where(widening.c.asker_agreed)
        return frozenset(self._connection.execute(rows).scalars())

    def put(self, question: int, waiting: Widening) -> None:
        self.drop(question)
        row = {"question_id": question, "audience": int(waiting.audience), "asker_agreed": waiting.asker_agreed}
        self._connection.execute(insert(widening), row)

    def drop(self, question: int) -> None:
        self._connection.execute(delete(widening).where(widening.c.question_id == question))
