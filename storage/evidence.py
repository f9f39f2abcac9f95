"""What evaluations and interviews say, kept."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, false, insert, select, update

from knowledge.measurement.findings import Finding, Source
from storage.schema import evidence

_NEW = insert(evidence).returning(evidence.c.id)
_GET = select(evidence).where(evidence.c.id == bindparam("number"))


class Evidence:
    """`knowledge.ports.Evidence` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, one: Finding) -> Finding:
        row = {
            "framework": one.framework, "item": one.item, "kind": one.kind.value, "place": one.place,
            "held_on": one.held_on.isoformat(), "text": one.text, "by_id": one.by, "at": one.at, "retracted": False,
        }  # fmt: skip
        return replace(one, id=self._connection.execute(_NEW, row).scalar_one())

    def get(self, number: int) -> Finding | None:
        row = self._connection.execute(_GET, {"number": number}).one_or_none()
        return None if row is None else _finding(row)

    def retract(self, number: int, *, retracted: bool) -> None:
        self._connection.execute(update(evidence).where(evidence.c.id == number).values(retracted=retracted))

    def of_framework(self, version: str, until: datetime | None = None) -> list[Finding]:
        rows = select(evidence).where(evidence.c.framework == version, evidence.c.retracted == false())
        if until is not None:
            rows = rows.where(evidence.c.at < until)
        ordered = rows.order_by(evidence.c.item, evidence.c.held_on.desc(), evidence.c.id.desc())
        return [_finding(row) for row in self._connection.execute(ordered)]


def _finding(row: Row[Any]) -> Finding:
    return Finding(
        id=row.id,
        framework=row.framework,
        item=row.item,
        kind=Source(row.kind),
        place=row.place,
        held_on=date.fromisoformat(row.held_on),
        text=row.text,
        by=row.by_id,
        at=row.at,
        retracted=bool(row.retracted),
    )
