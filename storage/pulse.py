"""The ledger of the pulse, kept."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, case, exists, false, func, select, update

from knowledge.errors import Conflict
from knowledge.ledger import Asked, Pulse, Turn
from knowledge.survey import State, Survey
from storage.database import by_dialect
from storage.schema import ANSWERABLE, conversation, person, pulse, pulse_turn, turnout

_REACHABLE = exists().where(conversation.c.person_id == person.c.id, conversation.c.unreachable == "", ANSWERABLE)
_TURN_COLUMNS = [column for column in pulse_turn.c if column.name != "person_id"]
_TURNS = (
    select(person.c.id, *_TURN_COLUMNS)
    .outerjoin(pulse_turn, pulse_turn.c.person_id == person.c.id)
    .where(_REACHABLE)
    .order_by(person.c.id)
)
_TURN = select(pulse_turn).where(pulse_turn.c.person_id == bindparam("person"))
_NEW_TURN = by_dialect(pulse_turn, lambda new: new.on_conflict_do_nothing().returning(pulse_turn.c.person_id))
_SAVE_TURN = (
    update(pulse_turn)
    .where(pulse_turn.c.person_id == bindparam("person"), pulse_turn.c.version == bindparam("read_version"))
    .values({column.name: bindparam(f"new_{column.name}") for column in _TURN_COLUMNS})
)
_ENROL = by_dialect(
    pulse_turn,
    lambda new: new.on_conflict_do_update(
        index_elements=["person_id"], set_={"due_at": new.excluded.due_at, "version": pulse_turn.c.version + 1}
    ),
)
_DUE = (
    select(pulse_turn.c.person_id)
    .where(pulse_turn.c.due_at <= bindparam("now"), pulse_turn.c.stopped == false())
    .order_by(pulse_turn.c.due_at, pulse_turn.c.person_id)
    .limit(bindparam("most"))
)
_REMINDERS = (
    select(pulse.c.id).where(pulse.c.due_at <= bindparam("now")).order_by(pulse.c.due_at).limit(bindparam("most"))
)
_ASK = by_dialect(pulse, lambda new: new.on_conflict_do_nothing().returning(pulse.c.id))
_GET = select(pulse).where(pulse.c.id == bindparam("number"))
_SAVE = (
    update(pulse)
    .where(
        pulse.c.id == bindparam("number"),
        pulse.c.state == bindparam("was_state"),
        pulse.c.reminded == bindparam("was_reminded"),
        pulse.c.unclear == bindparam("was_unclear"),
        pulse.c.remarked == bindparam("was_remarked"),
    )
    .values({name: bindparam(f"new_{name}") for name in ("state", "due_at", "reminded", "unclear", "remarked")})
)
_OPEN = (
    select(pulse)
    .where(pulse.c.person_id == bindparam("person"), pulse.c.state == Pulse.OPEN.value)
    .order_by(pulse.c.asked_at, pulse.c.id)
)
_OF_SURVEY = select(pulse.c.item).where(
    pulse.c.survey_id == bindparam("survey"), pulse.c.person_id == bindparam("person")
)
_IN_CYCLE = select(pulse.c.item).where(pulse.c.person_id == bindparam("person"), pulse.c.cycle == bindparam("cycle"))
_SENT = select(func.count(), func.sum(case((pulse.c.state == Pulse.ANSWERED.value, 1), else_=0))).where(
    pulse.c.survey_id == bindparam("survey")
)
_KEPT = select(func.sum(turnout.c.asked), func.sum(turnout.c.answered)).where(
    turnout.c.survey_id == bindparam("survey")
)


class Pulses:
    """`knowledge.ports.Pulses` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def turn(self, number: int) -> Turn | None:
        row = self._connection.execute(_TURN, {"person": number}).one_or_none()
        return _turn(number, row) if row is not None else None

    def save_turn(self, turn: Turn) -> None:
        values = {**_turn_values(turn), "version": turn.version + 1}
        if turn.version == 0:
            new = _NEW_TURN[self._connection.dialect.name]
            # Drivers count the rows of an insert each in their own way.
            done = self._connection.execute(new, {"person_id": turn.person, **values}).first() is not None
        else:
            named = {f"new_{name}": value for name, value in values.items()}
            change = {"person": turn.person, "read_version": turn.version, **named}
            done = self._connection.execute(_SAVE_TURN, change).rowcount == 1
        if not done:
            raise Conflict(f"the turn of person {turn.person}")

    def turns(self) -> list[Turn]:
        return [_turn(row.id, row) for row in self._connection.execute(_TURNS)]

    def enrol(self, turns: Sequence[Turn]) -> None:
        if turns:
            rows = [{"person_id": turn.person, **_turn_values(turn), "version": 1} for turn in turns]
            self._connection.execute(_ENROL[self._connection.dialect.name], rows)

    def members(self) -> int:
        stopped = exists().where(pulse_turn.c.person_id == person.c.id, pulse_turn.c.stopped)
        count = select(func.count()).select_from(person).where(_REACHABLE, ~stopped)
        return self._connection.execute(count).scalar_one()

    def due(self, now: datetime, limit: int) -> list[int]:
        return list(self._connection.execute(_DUE, {"now": now, "most": limit}).scalars())

    def reminders(self, now: datetime, limit: int) -> list[int]:
        return list(self._connection.execute(_REMINDERS, {"now": now, "most": limit}).scalars())

    def ask(self, asked: Asked) -> Asked | None:
        values = {
            "person_id": asked.person,
            "survey_id": asked.survey,
            "item": asked.item,
            "asked_at": asked.asked_at,
            "cycle": asked.cycle,
            "state": asked.state.value,
            "due_at": asked.due_at,
            "reminded": asked.reminded,
            "unclear": asked.unclear,
            "remarked": asked.remarked,
        }
        number = self._connection.execute(_ASK[self._connection.dialect.name], values).scalar()
        return replace(asked, id=number) if number is not None else None

    def get(self, number: int) -> Asked | None:
        if not 0 < number < 2**63:
            return None
        row = self._connection.execute(_GET, {"number": number}).one_or_none()
        return _asked(row) if row is not None else None

    def save(self, before: Asked, asked: Asked) -> Asked:
        done = self._connection.execute(
            _SAVE,
            {
                "number": before.id,
                "was_state": before.state.value,
                "was_reminded": before.reminded,
                "was_unclear": before.unclear,
                "was_remarked": before.remarked,
                "new_state": asked.state.value,
                "new_due_at": asked.due_at,
                "new_reminded": asked.reminded,
                "new_unclear": asked.unclear,
                "new_remarked": asked.remarked,
            },
        )
        if done.rowcount != 1:
            raise Conflict(f"pulse {before.id}")
        return asked

    def open_of(self, number: int) -> list[Asked]:
        return [_asked(row) for row in self._connection.execute(_OPEN, {"person": number})]

    def begun(self, survey: int, number: int) -> bool:
        found = self._connection.execute(_OF_SURVEY, {"survey": survey, "person": number})
        return found.first() is not None

    def to_come(self, survey: Survey, number: int) -> list[str]:
        found = self._connection.execute(_OF_SURVEY, {"survey": survey.id, "person": number})
        asked = set(found.scalars())
        return [item for item in survey.items if item not in asked]

    def asked_in_cycle(self, number: int, cycle: int) -> Collection[str]:
        return set(self._connection.execute(_IN_CYCLE, {"person": number, "cycle": cycle}).scalars())

    def turnout(self, survey: Survey) -> tuple[int, int] | None:
        closed = survey.state is State.CLOSED
        asked, answered = self._connection.execute(_KEPT if closed else _SENT, {"survey": survey.id}).one()
        if closed:
            return (int(asked), int(answered)) if asked else None
        answered = int(answered or 0)
        return int(asked or 0), answered - answered % survey.least_scores


def _turn(number: int, row: Row[Any]) -> Turn:
    if row.version is None:
        return Turn(number)
    return Turn(number, row.due_at, row.asked_at, row.cycle, bool(row.stopped), row.version)


def _turn_values(turn: Turn) -> dict[str, Any]:
    return {"due_at": turn.due_at, "asked_at": turn.asked_at, "cycle": turn.cycle, "stopped": turn.stopped}


def _asked(row: Row[Any]) -> Asked:
    return Asked(
        id=row.id,
        person=row.person_id,
        survey=row.survey_id,
        item=row.item,
        asked_at=row.asked_at,
        cycle=row.cycle,
        state=Pulse(row.state),
        due_at=row.due_at,
        reminded=row.reminded,
        unclear=row.unclear,
        remarked=row.remarked,
    )
