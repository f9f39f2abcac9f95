"""Work items of the desk, and chores of the clock, kept."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, update

from knowledge.errors import Conflict
from knowledge.work_item import Cause, State, WorkItem
from storage.database import by_dialect
from storage.schema import chore, work_item

_ADD = by_dialect(work_item, lambda new: new.on_conflict_do_nothing().returning(work_item.c.id))
_CLAIM = by_dialect(
    chore,
    lambda new: new.on_conflict_do_update(
        index_elements=["name"], set_={"due_at": new.excluded.due_at}, where=chore.c.due_at <= bindparam("now")
    ).returning(chore.c.name),
)


class WorkItems:
    """`knowledge.ports.WorkItems` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, new: WorkItem) -> WorkItem | None:
        row = {**_values(new), "version": 1}
        number = self._connection.execute(_ADD[self._connection.dialect.name], row).scalar()
        return replace(new, id=number, version=1) if number is not None else None

    def get(self, number: int) -> WorkItem | None:
        if not 0 < number < 2**63:
            return None
        return self._one(work_item.c.id == number)

    def of(self, cause: Cause, key: str) -> WorkItem | None:
        return self._one((work_item.c.cause == cause.value) & (work_item.c.key == key))

    def save(self, moved: WorkItem) -> WorkItem:
        read = (work_item.c.id == moved.id) & (work_item.c.version == moved.version)
        row = {**_values(moved), "version": moved.version + 1}
        if self._connection.execute(update(work_item).where(read).values(row)).rowcount != 1:
            raise Conflict(f"work item {moved.id}")
        return replace(moved, version=moved.version + 1)

    def in_states(self, states: Collection[State]) -> list[WorkItem]:
        rows = select(work_item).where(work_item.c.state.in_([state.value for state in states]))
        return [_work_item(row) for row in self._connection.execute(rows.order_by(work_item.c.id))]

    def _one(self, condition: Any) -> WorkItem | None:
        row = self._connection.execute(select(work_item).where(condition)).one_or_none()
        return _work_item(row) if row is not None else None


class Chores:
    """`knowledge.ports.Chores` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def claim(self, name: str, now: datetime, next_at: datetime) -> bool:
        row = {"name": name, "due_at": next_at, "now": now}
        return self._connection.execute(_CLAIM[self._connection.dialect.name], row).first() is not None


def chore_due(connection: Connection, name: str, now: datetime) -> bool:
    """Whether a chore was never done, or is due again."""
    due_at = connection.execute(select(chore.c.due_at).where(chore.c.name == name)).scalar()
    return due_at is None or due_at <= now


def _values(of: WorkItem) -> dict[str, Any]:
    return {
        "cause": of.cause.value,
        "key": of.key,
        "network_id": of.network,
        "question_id": of.question,
        "person_id": of.person,
        "topic": of.topic,
        "told": dict(of.told),
        "state": of.state.value,
        "assigned_id": of.assigned,
        "raised_at": of.raised_at,
        "due_at": of.due_at,
        "closed_at": of.closed_at,
    }


def _work_item(row: Row[Any]) -> WorkItem:
    return WorkItem(
        id=row.id,
        cause=Cause(row.cause),
        key=row.key,
        raised_at=row.raised_at,
        network=row.network_id,
        question=row.question_id,
        person=row.person_id,
        topic=row.topic,
        told=row.told,
        state=State(row.state),
        assigned=row.assigned_id,
        due_at=row.due_at,
        closed_at=row.closed_at,
        version=row.version,
    )
