"""Reminders of events, kept: planned in pages, taken and sent in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, exists, func, insert, literal_column, or_, select, update

from knowledge.errors import Conflict
from knowledge.event import State as EventState
from knowledge.reminder import Plan, Reminder, State
from knowledge.rsvp import COMING
from storage.database import by_dialect
from storage.schema import (
    event,
    event_occurrence,
    person,
    reminder,
    reminder_choice,
    reminder_plan,
    reminder_usual,
    rsvp,
)

_ADD = by_dialect(reminder_plan, lambda new: new.on_conflict_do_nothing().returning(reminder_plan.c.event_id))
_PLANNED = ("starts_at", "zone", "due_at", "state", "sent_at")
_PUT = by_dialect(
    reminder,
    lambda new: new.on_conflict_do_update(
        index_elements=["event_id", "occurrence", "person_id", "lead"],
        set_={name: new.excluded[name] for name in _PLANNED},
        where=or_(reminder.c.starts_at != new.excluded.starts_at, reminder.c.state == State.OFF.value),
    ),
)
# Spelt out as in the partial index.
_WAITS = reminder.c.state == literal_column("'waiting'")
_STOPPED = exists().where(
    reminder_plan.c.event_id == reminder.c.event_id,
    reminder_plan.c.occurrence == reminder.c.occurrence,
    reminder_plan.c.stopped,
)
_DUE = (
    select(reminder.c.id)
    .where(_WAITS, reminder.c.due_at <= bindparam("now"), ~_STOPPED)
    .order_by(reminder.c.due_at, reminder.c.id)
    .limit(bindparam("most"))
)


def _take(found: Any) -> Any:
    return (
        update(reminder)
        .where(reminder.c.id.in_(found))
        .values(state=State.SENT.value, sent_at=bindparam("at"))
        .returning(*reminder.c)
    )


_locked = _DUE.with_for_update(skip_locked=True, of=reminder).cte("due")
_TAKE = {"sqlite": _take(_DUE), "postgresql": _take(select(_locked.c.id))}


class Reminders:
    """`knowledge.ports.Reminders` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def plan(self, number: int, occurrence: str) -> Plan | None:
        rows = select(reminder_plan).where(_of(reminder_plan, number, occurrence))
        row = self._connection.execute(rows).one_or_none()
        return _plan(row) if row else None

    def plans(self, number: int) -> list[Plan]:
        rows = select(reminder_plan).where(reminder_plan.c.event_id == number).order_by(reminder_plan.c.starts_at)
        return [_plan(row) for row in self._connection.execute(rows)]

    def hold(self, number: int) -> list[Plan]:
        rows = select(reminder_plan).where(reminder_plan.c.event_id == number).order_by(reminder_plan.c.starts_at)
        return [_plan(row) for row in self._connection.execute(rows.with_for_update())]

    def to_write(self, number: int, occurrence: str) -> Plan | None:
        unwritten = _of(reminder_plan, number, occurrence) & reminder_plan.c.cursor.is_not(None)
        rows = select(reminder_plan).where(unwritten, ~reminder_plan.c.stopped).with_for_update(skip_locked=True)
        row = self._connection.execute(rows).one_or_none()
        return _plan(row) if row else None

    def add_plan(self, plan: Plan) -> bool:
        row = {"event_id": plan.event, "occurrence": plan.occurrence, "version": 1, **_plan_values(plan)}
        return self._connection.execute(_ADD[self._connection.dialect.name], row).first() is not None

    def save_plan(self, plan: Plan) -> Plan:
        read = _of(reminder_plan, plan.event, plan.occurrence) & (reminder_plan.c.version == plan.version)
        row = {"version": plan.version + 1, **_plan_values(plan)}
        if self._connection.execute(update(reminder_plan).where(read).values(row)).rowcount != 1:
            raise Conflict(f"reminders of event {plan.event}")
        return replace(plan, version=plan.version + 1)

    def put(self, reminders: Sequence[Reminder]) -> None:
        rows = [
            {
                "event_id": one.event,
                "occurrence": one.occurrence,
                "person_id": one.person,
                "lead": one.lead,
                "starts_at": one.starts_at,
                "zone": one.zone,
                "due_at": one.due_at,
                "state": State.WAITING.value,
                "sent_at": None,
            }
            for one in reminders
        ]
        if rows:
            self._connection.execute(_PUT[self._connection.dialect.name], rows)

    def take(self, now: datetime, limit: int) -> list[Reminder]:
        found = self._connection.execute(_TAKE[self._connection.dialect.name], {"now": now, "at": now, "most": limit})
        return sorted((_reminder(row) for row in found.all()), key=lambda one: (one.due_at, one.id))

    def settle(self, numbers: Sequence[int], state: State) -> None:
        if numbers:
            settled = update(reminder).where(reminder.c.id.in_(list(numbers)))
            self._connection.execute(settled.values(state=state.value, sent_at=None))

    def put_off(self, one: Reminder, zone: str, due_at: datetime) -> None:
        values = {"state": State.WAITING.value, "sent_at": None, "zone": zone, "due_at": due_at}
        self._connection.execute(update(reminder).where(reminder.c.id == one.id).values(values))

    def rezoned(self, now: datetime, limit: int) -> list[Reminder]:
        rows = (
            select(reminder)
            .join(person, person.c.id == reminder.c.person_id)
            .where(_WAITS, reminder.c.due_at <= now + timedelta(days=1), person.c.time_zone != reminder.c.zone)
            .order_by(reminder.c.id)
            .limit(limit)
        )
        return [_reminder(row) for row in self._connection.execute(rows)]

    def rezone(self, one: Reminder, zone: str, due_at: datetime) -> None:
        still = (reminder.c.id == one.id) & _WAITS
        self._connection.execute(update(reminder).where(still).values(zone=zone, due_at=due_at))

    def drop(self, number: int, who: int, occurrence: str, keep: Sequence[int] = ()) -> None:
        theirs = _of(reminder, number, occurrence) & (reminder.c.person_id == who) & _WAITS
        unwanted = theirs & reminder.c.lead.not_in(list(keep))
        self._connection.execute(update(reminder).where(unwanted).values(state=State.OFF.value))

    def fail(self, number: int) -> None:
        sent = (reminder.c.id == number) & (reminder.c.state == State.SENT.value)
        self._connection.execute(update(reminder).where(sent).values(state=State.FAILED.value))

    def coming(self, who: int, limit: int) -> list[Reminder]:
        rows = select(reminder).where(reminder.c.person_id == who, _WAITS).order_by(reminder.c.due_at).limit(limit)
        return [_reminder(row) for row in self._connection.execute(rows)]

    def expected(self, number: int, occurrence: str) -> int:
        said = (rsvp.c.event_id == number) & rsvp.c.occurrence.in_(["", occurrence])
        coming = said & rsvp.c.answer.in_([one.value for one in COMING])
        count = select(func.count(rsvp.c.person_id.distinct())).where(coming)
        return int(self._connection.execute(count).scalar_one())

    def counts(self, number: int, occurrence: str) -> Mapping[State, int]:
        rows = (
            select(reminder.c.state, func.count()).where(_of(reminder, number, occurrence)).group_by(reminder.c.state)
        )
        return {State(row[0]): row[1] for row in self._connection.execute(rows)}

    def next_due(self, number: int, occurrence: str) -> datetime | None:
        rows = select(reminder.c.due_at).where(_of(reminder, number, occurrence), _WAITS)
        return self._connection.execute(rows.order_by(reminder.c.due_at).limit(1)).scalar()

    def chosen_by(self, number: int, people: Sequence[int]) -> Mapping[int, tuple[int, ...]]:
        theirs = reminder_choice.c.person_id.in_(list(people)) & reminder_choice.c.event.in_([0, number])
        # What is said of all comes first, so that what is said of the event replaces it.
        rows = self._connection.execute(select(reminder_choice).where(theirs).order_by(reminder_choice.c.event))
        return {row.person_id: tuple(row.leads) for row in rows}

    def choose(self, who: int, number: int, leads: Sequence[int] | None) -> None:
        mine = (reminder_choice.c.person_id == who) & (reminder_choice.c.event == number)
        self._connection.execute(delete(reminder_choice).where(mine))
        if leads is not None:
            row = {"person_id": who, "event": number, "leads": list(leads)}
            self._connection.execute(insert(reminder_choice), row)

    def usual(self, number: int) -> tuple[int, ...] | None:
        found = select(reminder_usual.c.leads).where(reminder_usual.c.event_id == number)
        leads = self._connection.execute(found).scalar()
        return None if leads is None else tuple(leads)

    def set_usual(self, number: int, leads: Sequence[int]) -> None:
        self._connection.execute(delete(reminder_usual).where(reminder_usual.c.event_id == number))
        self._connection.execute(insert(reminder_usual), {"event_id": number, "leads": list(leads)})

    # What the clock looks for

    def unplanned(self, now: datetime, until: datetime, limit: int) -> list[tuple[int, str]]:
        """Occurrences that begin between two moments and have no plan, or one for another beginning."""
        kept, plan = event_occurrence, reminder_plan
        rows = (
            select(kept.c.event_id, kept.c.key)
            .join(event, event.c.id == kept.c.event_id)
            .outerjoin(plan, (plan.c.event_id == kept.c.event_id) & (plan.c.occurrence == kept.c.key))
            .where(kept.c.starts_at > now, kept.c.starts_at <= until, ~kept.c.cancelled)
            .where(event.c.state == EventState.PLANNED.value)
            .where(or_(plan.c.event_id.is_(None), plan.c.starts_at != kept.c.starts_at))
            .order_by(kept.c.starts_at, kept.c.event_id, kept.c.key)
            .limit(limit)
        )
        return [(row[0], row[1]) for row in self._connection.execute(rows)]

    def any_due(self, now: datetime) -> bool:
        return self._connection.execute(_DUE, {"now": now, "most": 1}).first() is not None

    def unwritten(self, limit: int) -> list[tuple[int, str]]:
        """Plans that are not written for everybody yet, nearest first."""
        plan = reminder_plan
        rows = select(plan.c.event_id, plan.c.occurrence).where(plan.c.cursor.is_not(None), ~plan.c.stopped)
        found = self._connection.execute(rows.order_by(plan.c.starts_at, plan.c.event_id).limit(limit))
        return [(row[0], row[1]) for row in found]

    def homes(self, now: datetime, limit: int) -> list[tuple[int, str]]:
        """Plans whose network's channel is to be told."""
        plan = reminder_plan
        rows = select(plan.c.event_id, plan.c.occurrence).where(plan.c.home_at <= now, ~plan.c.stopped)
        found = self._connection.execute(rows.order_by(plan.c.home_at).limit(limit))
        return [(row[0], row[1]) for row in found]


def forget_reminders(connection: Connection, before: datetime) -> int:
    """Deletes the reminders of what began before a time. Returns how many."""
    return connection.execute(delete(reminder).where(reminder.c.starts_at < before)).rowcount


def _of(table: Any, number: int, occurrence: str) -> Any:
    return (table.c.event_id == number) & (table.c.occurrence == occurrence)


def _plan_values(of: Plan) -> dict[str, Any]:
    names = ("starts_at", "ends_at", "made_at", "cursor", "written", "total", "stopped", "home_at")
    return {name: getattr(of, name) for name in names}


def _plan(row: Row[Any]) -> Plan:
    return Plan(
        event=row.event_id,
        occurrence=row.occurrence,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        made_at=row.made_at,
        cursor=row.cursor,
        written=row.written,
        total=row.total,
        stopped=row.stopped,
        home_at=row.home_at,
        version=row.version,
    )


def _reminder(row: Row[Any]) -> Reminder:
    return Reminder(
        id=row.id,
        event=row.event_id,
        occurrence=row.occurrence,
        person=row.person_id,
        lead=row.lead,
        starts_at=row.starts_at,
        due_at=row.due_at,
        zone=row.zone,
        state=State(row.state),
    )
