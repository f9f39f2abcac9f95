"""Surveys, and what remains of them, kept."""

import secrets
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, case, delete, func, insert, select, update

from knowledge.errors import Conflict
from knowledge.ledger import Pulse
from knowledge.measurement.disclosure import ELSEWHERE, told
from knowledge.measurement.results import Result, released, remarks_told
from knowledge.mixing import Kept, Remark
from knowledge.survey import Kind, State, Survey
from storage.schema import person, pulse, remark, response_count, sealed_response, survey, turnout

_COLUMNS = [column.name for column in survey.c if column.name not in ("id", "version")]
_NEW = insert(survey).returning(survey.c.id)
_GET = select(survey).where(survey.c.id == bindparam("number"))
_SAVE = (
    update(survey)
    .where(survey.c.id == bindparam("number"), survey.c.version == bindparam("read_version"))
    .values({name: bindparam(f"new_{name}") for name in (*_COLUMNS, "version")})
)
# Those of events are asked, counted and told by themselves.
_PLANNED = survey.c.kind != Kind.EVENT.value
_RUNNING = select(survey).where(survey.c.state == State.RUNNING.value, _PLANNED).order_by(survey.c.id)
_NEWEST = select(survey).where(_PLANNED).order_by(survey.c.id.desc()).limit(bindparam("most"))
_OF_FRAMEWORK = (
    select(survey)
    .where(survey.c.framework == bindparam("version"), survey.c.opened_at.is_not(None), _PLANNED)
    .order_by(survey.c.id)
)
_LAST_CLOSED = (
    select(survey)
    .where(survey.c.state == State.CLOSED.value, _PLANNED)
    .order_by(survey.c.closes_at.desc(), survey.c.id.desc())
    .limit(1)
)
_DUE = (
    select(survey.c.id)
    .where(
        survey.c.state.in_([State.RUNNING.value, State.PAUSED.value]),
        survey.c.closes_at <= bindparam("now"),
    )
    .order_by(survey.c.closes_at)
    .limit(bindparam("most"))
)
_RATE = (
    select(func.sum(turnout.c.asked), func.sum(turnout.c.answered))
    .join(survey, survey.c.id == turnout.c.survey_id)
    .where(_PLANNED)
)
_TURNOUT = (
    select(
        pulse.c.item,
        person.c.region,
        func.count().label("asked"),
        func.sum(case((pulse.c.state == Pulse.ANSWERED.value, 1), else_=0)).label("answered"),
    )
    .join(person, person.c.id == pulse.c.person_id)
    .where(pulse.c.survey_id == bindparam("number"))
    .group_by(pulse.c.item, person.c.region)
)

_COUNTS = select(response_count.c.item, response_count.c.region, response_count.c.point, response_count.c.count).where(
    response_count.c.survey_id == bindparam("number")
)
_KEPT_TURNOUT = select(turnout).where(turnout.c.survey_id == bindparam("number"))
_SILENT, _ANSWERED = 0, 1


class Surveys:
    """`knowledge.ports.Surveys` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, new: Survey) -> Survey:
        number = self._connection.execute(_NEW, {**_values(new), "version": 1}).scalar_one()
        return replace(new, id=number, version=1)

    def get(self, number: int) -> Survey | None:
        if not 0 < number < 2**63:
            return None
        row = self._connection.execute(_GET, {"number": number}).one_or_none()
        return _survey(row) if row is not None else None

    def save(self, before: Survey, now: Survey) -> Survey:
        named = {f"new_{name}": value for name, value in _values(now).items()}
        version = before.version + 1
        done = self._connection.execute(
            _SAVE, {"number": before.id, "read_version": before.version, "new_version": version, **named}
        )
        if done.rowcount != 1:
            raise Conflict(f"survey {before.id}")
        return replace(now, version=version)

    def running(self) -> list[Survey]:
        return [_survey(row) for row in self._connection.execute(_RUNNING)]

    def newest(self, limit: int = 10) -> list[Survey]:
        return [_survey(row) for row in self._connection.execute(_NEWEST, {"most": limit})]

    def of_framework(self, version: str) -> list[Survey]:
        return [_survey(row) for row in self._connection.execute(_OF_FRAMEWORK, {"version": version})]

    def last_closed(self) -> Survey | None:
        row = self._connection.execute(_LAST_CLOSED).one_or_none()
        return _survey(row) if row is not None else None

    def usual_rate(self) -> float | None:
        asked, answered = self._connection.execute(_RATE).one()
        return int(answered) / int(asked) if asked else None

    def due(self, now: datetime, limit: int) -> list[int]:
        return list(self._connection.execute(_DUE, {"now": now, "most": limit}).scalars())

    def keep(self, closed: Survey, kept: Kept) -> None:
        if kept.counts:
            self._connection.execute(
                insert(response_count),
                [
                    {"survey_id": closed.id, "item": item, "region": region, "point": point, "count": count}
                    # Sorted: the order in which they were met is that of the box, which is nobody's business either.
                    for (item, region, point), count in sorted(kept.counts.items())
                ],
            )
        if kept.remarks:
            self._connection.execute(
                insert(remark),
                [
                    {"key": secrets.token_hex(16), "survey_id": closed.id, "item": one.item, "text": one.text}
                    for one in kept.remarks
                ],
            )
        self._keep_turnout(closed, kept)
        self._connection.execute(delete(sealed_response).where(sealed_response.c.survey_id == closed.id))
        # That they were asked is needed for the rotation; whether they answered no longer is.
        over = {"state": Pulse.OVER.value, "due_at": None, "unclear": False, "remarked": False, "reminded": False}
        self._connection.execute(update(pulse).where(pulse.c.survey_id == closed.id).values(over))

    def results(self, closed: Survey) -> list[Result]:
        rows = self._connection.execute(_COUNTS, {"number": closed.id})
        counts = {(item, region, point): count for item, region, point, count in rows}
        kept = self._connection.execute(_KEPT_TURNOUT, {"number": closed.id})
        return released(closed, counts, {(row.item, row.region): (row.asked, row.answered) for row in kept})

    def remarks(self, closed: Survey) -> dict[str, list[str]]:
        # By their random keys: the same at each look, so that pages hold together, and of no meaning.
        kept = select(remark.c.item, remark.c.text).where(remark.c.survey_id == closed.id).order_by(remark.c.key)
        return remarks_told(closed, [Remark(item, said) for item, said in self._connection.execute(kept)])

    def _keep_turnout(self, closed: Survey, kept: Kept) -> None:
        """By region where its answers are told too, and where who answered and who did not can both hide."""
        told_of = {(item, region) for item, region, _ in kept.counts}
        parts: defaultdict[str, defaultdict[str, Counter[int]]] = defaultdict(lambda: defaultdict(Counter))
        for row in self._connection.execute(_TURNOUT, {"number": closed.id}):
            region = row.region if (row.item, row.region) in told_of else ELSEWHERE
            parts[row.item][region] += Counter({_ANSWERED: row.answered, _SILENT: row.asked - row.answered})
        rows = [
            {
                "survey_id": closed.id,
                "item": item,
                "region": region,
                "asked": sum(found.values()),
                "answered": found.get(_ANSWERED, 0),
            }
            for item, of_item in sorted(parts.items())
            for region, found in sorted(told(of_item, closed.least_scores).items())
        ]
        if rows:
            self._connection.execute(insert(turnout), rows)


def _values(of: Survey) -> dict[str, Any]:
    return {
        "kind": of.kind.value,
        "state": of.state.value,
        "item_ids": list(of.items),
        "framework": of.framework,
        "wording": dict(of.wording),
        "days": of.days,
        "seed": of.seed,
        "least_scores": of.least_scores,
        "least_remarks": of.least_remarks,
        "key_mark": of.key_mark,
        "note": of.note,
        "planned_by": of.planned_by,
        "opened_at": of.opened_at,
        "closes_at": of.closes_at,
    }


def _survey(row: Row[Any]) -> Survey:
    return Survey(
        id=row.id,
        kind=Kind(row.kind),
        items=tuple(row.item_ids),
        days=row.days,
        seed=row.seed,
        framework=row.framework,
        wording=row.wording,
        state=State(row.state),
        least_scores=row.least_scores,
        least_remarks=row.least_remarks,
        key_mark=row.key_mark,
        note=row.note,
        planned_by=row.planned_by,
        opened_at=row.opened_at,
        closes_at=row.closes_at,
        version=row.version,
    )
