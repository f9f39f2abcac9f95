"""What comes after events, kept: who was there, questions and wishes that are taken and answered in one transaction."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, delete, exists, func, or_, select, update

from knowledge.errors import Conflict
from knowledge.event import State as EventState
from knowledge.held import Held, Kind, Material, Question, Wish
from storage.database import by_dialect
from storage.schema import (
    attendance,
    event,
    event_held,
    event_material,
    event_occurrence,
    event_question,
    event_wish,
    pulse,
)

_ADD = by_dialect(event_held, lambda new: new.on_conflict_do_nothing().returning(event_held.c.event_id))
_ATTEND = by_dialect(attendance, lambda new: new.on_conflict_do_nothing().returning(attendance.c.person_id))
_PLAN = by_dialect(event_question, lambda new: new.on_conflict_do_nothing())
_WISH = by_dialect(
    event_wish,
    lambda new: new.on_conflict_do_update(
        index_elements=["event_id", "occurrence", "person_id"],
        set_={"got_at": new.excluded.got_at, "due_at": None},
    ),
)
_ATTACH = by_dialect(
    event_material,
    lambda new: new.on_conflict_do_update(
        index_elements=["event_id", "occurrence", "kind"],
        set_={name: new.excluded[name] for name in ("text", "by_id", "at", "draft_id")},
    ).returning(event_material.c.id),
)


def _taking(table: Any) -> dict[str, Any]:
    """Takes what is due: whoever comes at the same moment gets other rows, or none."""
    due = select(table.c.id).where(table.c.due_at <= bindparam("now")).order_by(table.c.due_at, table.c.id)
    due = due.limit(bindparam("most"))
    locked = due.with_for_update(skip_locked=True).cte("due")
    ids = {"sqlite": due, "postgresql": select(locked.c.id)}
    return {
        name: update(table).where(table.c.id.in_(found)).values(due_at=None).returning(*table.c)
        for name, found in ids.items()
    }


_TAKE, _TAKE_WISHES = _taking(event_question), _taking(event_wish)
_LACKS = and_(
    event_wish.c.due_at.is_(None),
    event_material.c.event_id == event_wish.c.event_id,
    event_material.c.occurrence == event_wish.c.occurrence,
    or_(event_wish.c.got_at.is_(None), event_wish.c.got_at < event_material.c.at),
)


class HeldEvents:
    """`knowledge.ports.HeldEvents` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, number: int, occurrence: str) -> Held | None:
        rows = select(event_held).where(_of(event_held, number, occurrence))
        row = self._connection.execute(rows).one_or_none()
        return _held(row) if row else None

    def of_event(self, number: int) -> list[Held]:
        rows = select(event_held).where(event_held.c.event_id == number).order_by(event_held.c.occurrence)
        return [_held(row) for row in self._connection.execute(rows)]

    def of_survey(self, survey: int) -> Held | None:
        row = self._connection.execute(select(event_held).where(event_held.c.survey_id == survey)).one_or_none()
        return _held(row) if row else None

    def of_code(self, code: str) -> list[Held]:
        rows = select(event_held).where(event_held.c.code == code, event_held.c.code != "")
        return [_held(row) for row in self._connection.execute(rows.order_by(event_held.c.event_id))]

    def save(self, held: Held) -> Held:
        row = {
            "version": held.version + 1,
            "code": held.code,
            "ends_at": held.ends_at,
            "survey_id": held.survey,
            "cursor": held.cursor,
            "of_attended": held.of_attended,
            "attended": held.attended,
        }
        if held.version == 0:
            new = {"event_id": held.event, "occurrence": held.occurrence, **row}
            done = self._connection.execute(_ADD[self._connection.dialect.name], new).first() is not None
        else:
            read = _of(event_held, held.event, held.occurrence) & (event_held.c.version == held.version)
            done = self._connection.execute(update(event_held).where(read).values(row)).rowcount == 1
        if not done:
            raise Conflict(f"what comes after event {held.event}")
        kept = self.get(held.event, held.occurrence)
        assert kept is not None
        return kept

    def clear(self, number: int, occurrence: str) -> None:
        for table in (attendance, event_question, event_held):
            self._connection.execute(delete(table).where(_of(table, number, occurrence)))

    # Who was there

    def attend(self, number: int, occurrence: str, person: int, at: datetime) -> bool:
        row = {"event_id": number, "occurrence": occurrence, "person_id": person, "at": at}
        return self._connection.execute(_ATTEND[self._connection.dialect.name], row).first() is not None

    def attended(self, number: int, occurrence: str, after: int = 0, limit: int = 1000) -> list[int]:
        there = _of(attendance, number, occurrence) & (attendance.c.person_id > after)
        rows = select(attendance.c.person_id).where(there).order_by(attendance.c.person_id).limit(limit)
        return list(self._connection.execute(rows).scalars())

    def count(self, number: int, occurrence: str) -> int:
        kept = self.get(number, occurrence)
        if kept is not None and kept.attended is not None:
            return kept.attended
        rows = select(func.count()).select_from(attendance).where(_of(attendance, number, occurrence))
        return int(self._connection.execute(rows).scalar_one())

    def was_at(self, person: int, number: int) -> Collection[str]:
        theirs = (attendance.c.event_id == number) & (attendance.c.person_id == person)
        return set(self._connection.execute(select(attendance.c.occurrence).where(theirs)).scalars())

    def noted_since(self, person: int, since: datetime) -> bool:
        theirs = (attendance.c.person_id == person) & (attendance.c.at >= since)
        return self._connection.execute(select(attendance.c.event_id).where(theirs).limit(1)).first() is not None

    def noted(self, number: int) -> Collection[str]:
        rows = select(attendance.c.occurrence).where(attendance.c.event_id == number).distinct()
        return set(self._connection.execute(rows).scalars())

    # Whether it was useful

    def plan(self, questions: Sequence[tuple[Question, datetime]]) -> None:
        rows = [
            {
                "event_id": one.event,
                "occurrence": one.occurrence,
                "person_id": one.person,
                "survey_id": one.survey,
                "due_at": due_at,
            }
            for one, due_at in questions
        ]
        if rows:
            self._connection.execute(_PLAN[self._connection.dialect.name], rows)

    def take(self, now: datetime, limit: int) -> list[Question]:
        found = self._connection.execute(_TAKE[self._connection.dialect.name], {"now": now, "most": limit})
        return sorted((_question(row) for row in found.all()), key=lambda one: one.id)

    def later(self, one: Question, due_at: datetime) -> None:
        self._connection.execute(update(event_question).where(event_question.c.id == one.id).values(due_at=due_at))

    def asked_of_event(self, number: int, people: Sequence[int], since: datetime) -> Collection[int]:
        rows = (
            select(pulse.c.person_id)
            .join(event_held, event_held.c.survey_id == pulse.c.survey_id)
            .where(event_held.c.event_id == number, pulse.c.person_id.in_(list(people)), pulse.c.asked_at > since)
        )
        return set(self._connection.execute(rows).scalars())

    # What is left of it

    def materials(self, number: int, occurrence: str) -> list[Material]:
        rows = select(event_material).where(_of(event_material, number, occurrence)).order_by(event_material.c.kind)
        return [_material(row) for row in self._connection.execute(rows)]

    def attach(self, material: Material) -> Material:
        row = {
            "event_id": material.event,
            "occurrence": material.occurrence,
            "kind": material.kind.value,
            "text": material.text,
            "by_id": material.by,
            "at": material.at,
            "draft_id": material.draft,
        }
        number = self._connection.execute(_ATTACH[self._connection.dialect.name], row).scalar_one()
        row_kept = self._connection.execute(select(event_material).where(event_material.c.id == number)).one()
        return _material(row_kept)

    def drafted(self, material: Material, draft: int) -> None:
        this = event_material.c.id == material.id
        self._connection.execute(update(event_material).where(this).values(draft_id=draft))

    def attached_since(self, since: datetime) -> list[Material]:
        rows = select(event_material).where(event_material.c.at >= since)
        rows = rows.order_by(event_material.c.at.desc(), event_material.c.id.desc())
        return [_material(row) for row in self._connection.execute(rows)]

    def latest(self, number: int) -> Material | None:
        held = exists().where(
            event_occurrence.c.event_id == event_material.c.event_id,
            event_occurrence.c.key == event_material.c.occurrence,
            event_occurrence.c.cancelled.is_(False),
        )
        rows = select(event_material).where(event_material.c.event_id == number, held)
        row = self._connection.execute(
            rows.order_by(event_material.c.at.desc(), event_material.c.id.desc()).limit(1)
        ).one_or_none()
        return _material(row) if row else None

    def wish(self, number: int, occurrence: str, person: int, got_at: datetime | None) -> None:
        row = {
            "event_id": number,
            "occurrence": occurrence,
            "person_id": person,
            "got_at": got_at,
            "due_at": None,
        }
        self._connection.execute(_WISH[self._connection.dialect.name], row)

    def wishes(self, person: int, number: int) -> Collection[str]:
        theirs = (event_wish.c.event_id == number) & (event_wish.c.person_id == person)
        return set(self._connection.execute(select(event_wish.c.occurrence).where(theirs)).scalars())

    def wanted(self, number: int, occurrence: str) -> int:
        rows = select(func.count()).select_from(event_wish).where(_of(event_wish, number, occurrence))
        return int(self._connection.execute(rows).scalar_one())

    def wake(self, number: int, now: datetime) -> None:
        lacks = exists().where(_LACKS)
        theirs = (event_wish.c.event_id == number) & event_wish.c.due_at.is_(None)
        self._connection.execute(update(event_wish).where(theirs, lacks).values(due_at=now))

    def take_wishes(self, now: datetime, limit: int) -> list[Wish]:
        found = self._connection.execute(_TAKE_WISHES[self._connection.dialect.name], {"now": now, "most": limit})
        return sorted((_wish(row) for row in found.all()), key=lambda one: one.id)

    def wish_later(self, one: Wish, due_at: datetime) -> None:
        self._connection.execute(update(event_wish).where(event_wish.c.id == one.id).values(due_at=due_at))

    def gave(self, one: Wish, got_at: datetime) -> None:
        self._connection.execute(update(event_wish).where(event_wish.c.id == one.id).values(got_at=got_at))

    # What the clock looks for

    def unopened(self, since: datetime, now: datetime, limit: int) -> list[int]:
        """Events of which something ended since and is not asked about yet, or ended at another time than was known."""
        kept, held = event_occurrence, event_held
        rows = (
            select(kept.c.event_id)
            .join(event, event.c.id == kept.c.event_id)
            .outerjoin(held, (held.c.event_id == kept.c.event_id) & (held.c.occurrence == kept.c.key))
            .where(kept.c.ends_at > since, kept.c.ends_at <= now, ~kept.c.cancelled)
            .where(event.c.state == EventState.PLANNED.value)
            .where(or_(held.c.ends_at.is_(None), held.c.ends_at != kept.c.ends_at))
            .distinct()
            .order_by(kept.c.event_id)
            .limit(limit)
        )
        return list(self._connection.execute(rows).scalars())

    def unwritten(self, limit: int) -> list[int]:
        """Events whose questions are not planned for everybody yet."""
        rows = select(event_held.c.event_id).where(event_held.c.cursor.is_not(None)).distinct()
        return list(self._connection.execute(rows.order_by(event_held.c.event_id).limit(limit)).scalars())

    def due(self, now: datetime, limit: int) -> int:
        """How many questions are due, as far as that limit."""
        return self._many(event_question, now, limit)

    def lacking(self, since: datetime, limit: int) -> list[int]:
        """Events whose materials, attached since, not everybody has who wants them."""
        rows = select(event_wish.c.event_id).select_from(event_material.join(event_wish, _LACKS))
        rows = rows.where(event_material.c.at >= since).distinct().order_by(event_wish.c.event_id).limit(limit)
        return list(self._connection.execute(rows).scalars())

    def wishes_due(self, now: datetime, limit: int) -> int:
        return self._many(event_wish, now, limit)

    def _many(self, table: Any, now: datetime, limit: int) -> int:
        found = select(table.c.id).where(table.c.due_at <= now).limit(limit).subquery()
        return int(self._connection.execute(select(func.count()).select_from(found)).scalar_one())


def forget_attendance(connection: Connection, before: datetime) -> int:
    """Forgets who was at what ended before a time, who was to be asked about it, and who wanted what is left; how many
    were there stays. Returns how many rows."""
    ended = exists().where(
        event_occurrence.c.event_id == attendance.c.event_id,
        event_occurrence.c.key == attendance.c.occurrence,
        event_occurrence.c.ends_at >= before,
    )
    old = and_(attendance.c.at < before, ~ended)
    counted = connection.execute(
        select(attendance.c.event_id, attendance.c.occurrence, func.count().label("many"))
        .where(old)
        .group_by(attendance.c.event_id, attendance.c.occurrence)
    ).all()
    for row in counted:
        new = {
            "event_id": row.event_id,
            "occurrence": row.occurrence,
            "version": 1,
            "code": "",
            "ends_at": None,
            "survey_id": None,
            "cursor": None,
            "of_attended": True,
            "attended": None,
        }
        connection.execute(_ADD[connection.dialect.name], new)
        kept = _of(event_held, row.event_id, row.occurrence)
        connection.execute(
            update(event_held)
            .where(kept)
            .values(attended=func.coalesce(event_held.c.attended, 0) + row.many, version=event_held.c.version + 1)
        )
    forgotten = connection.execute(delete(attendance).where(old)).rowcount
    for table in (event_question, event_wish):
        over = exists().where(
            event_occurrence.c.event_id == table.c.event_id,
            event_occurrence.c.key == table.c.occurrence,
            event_occurrence.c.ends_at < before,
        )
        forgotten += connection.execute(delete(table).where(table.c.due_at.is_(None), over)).rowcount
    return forgotten


def _of(table: Any, number: int, occurrence: str) -> Any:
    return (table.c.event_id == number) & (table.c.occurrence == occurrence)


def _held(row: Row[Any]) -> Held:
    return Held(
        event=row.event_id,
        occurrence=row.occurrence,
        code=row.code,
        ends_at=row.ends_at,
        survey=row.survey_id,
        cursor=row.cursor,
        of_attended=row.of_attended,
        attended=row.attended,
        version=row.version,
    )


def _question(row: Row[Any]) -> Question:
    return Question(row.id, row.event_id, row.occurrence, row.person_id, row.survey_id)


def _material(row: Row[Any]) -> Material:
    return Material(row.id, row.event_id, row.occurrence, Kind(row.kind), row.text, row.by_id, row.at, row.draft_id)


def _wish(row: Row[Any]) -> Wish:
    return Wish(row.id, row.event_id, row.occurrence, row.person_id, row.got_at)
