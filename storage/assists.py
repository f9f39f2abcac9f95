"""Peer assists and who was invited, kept."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, case, exists, func, insert, or_, select, update

from knowledge.assist import Assist, Invitation, Place, Reply, State
from knowledge.errors import Conflict
from knowledge.load import Carried
from knowledge.places import Audience
from storage.schema import assist, invitation


class Assists:
    """`knowledge.ports.Assists` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, new: Assist) -> Assist:
        row = {"version": 1, **_values(new)}
        number = self._connection.execute(insert(assist).returning(assist.c.id), row).scalar_one()
        return replace(new, id=number, version=1)

    def get(self, number: int) -> Assist | None:
        if not 0 < number < 2**63:
            return None
        found = self._read(self._connection.execute(select(assist).where(assist.c.id == number)))
        return found[0] if found else None

    def save(self, moved: Assist) -> Assist:
        before = self.get(moved.id)
        read = (assist.c.id == moved.id) & (assist.c.version == moved.version)
        row = {"version": moved.version + 1, **_values(moved)}
        if before is None or self._connection.execute(update(assist).where(read).values(row)).rowcount != 1:
            raise Conflict(f"assist {moved.id}")
        for now in moved.invitations:
            earlier = before.invitation_of(now.person)
            mine = {"assist_id": moved.id, "person_id": now.person}
            said = {"reply": now.reply.value, "invited_at": now.invited_at, "replied_at": now.replied_at}
            if earlier is None:
                self._connection.execute(insert(invitation), {**mine, **said})
            elif earlier != now:
                this = (invitation.c.assist_id == moved.id) & (invitation.c.person_id == now.person)
                self._connection.execute(update(invitation).where(this).values(said))
        return replace(moved, version=moved.version + 1)

    def of(self, person: int) -> list[Assist]:
        taking_part = exists().where(
            invitation.c.assist_id == assist.c.id,
            invitation.c.person_id == person,
            invitation.c.reply == Reply.IN.value,
        )
        rows = select(assist).where(or_(assist.c.asker_id == person, taking_part)).order_by(assist.c.id.desc())
        return self._read(self._connection.execute(rows))

    def carried(self, since: datetime) -> dict[int, Carried]:
        said_yes = func.sum(case((invitation.c.reply == Reply.IN.value, 1), else_=0))
        rows = select(invitation.c.person_id, func.count(), said_yes).where(invitation.c.invited_at >= since)
        found = self._connection.execute(rows.group_by(invitation.c.person_id))
        return {row.person_id: Carried(row[1], row[2]) for row in found}

    def due(self, now: datetime, limit: int) -> list[int]:
        """Numbers of those whose due time has come, earliest first."""
        rows = select(assist.c.id).where(assist.c.due_at <= now).order_by(assist.c.due_at, assist.c.id).limit(limit)
        return list(self._connection.execute(rows).scalars())

    def _read(self, rows: Iterable[Row[Any]]) -> list[Assist]:
        found = list(rows)
        invited: dict[int, list[Invitation]] = {}
        wanted = invitation.c.assist_id.in_([row.id for row in found])
        order = (invitation.c.invited_at, invitation.c.person_id)
        for row in self._connection.execute(select(invitation).where(wanted).order_by(*order)) if found else ():
            one = Invitation(row.person_id, row.invited_at, Reply(row.reply), row.replied_at)
            invited.setdefault(row.assist_id, []).append(one)
        return [_assist(row, tuple(invited.get(row.id, ()))) for row in found]


def _values(of: Assist) -> dict[str, Any]:
    return {
        "asker_id": of.asker,
        "question_id": of.question,
        "text": of.text,
        "language": of.language,
        "audience": int(of.audience),
        "state": of.state.value,
        "named": of.named,
        "place": of.place.value,
        "note_taker_id": of.note_taker,
        "reminded": of.reminded,
        "result": of.result,
        "shared": of.shared,
        "created_at": of.created_at,
        "gather_until": of.gather_until,
        "ends_at": of.ends_at,
        "due_at": of.due_at,
    }


def _assist(row: Row[Any], invitations: tuple[Invitation, ...]) -> Assist:
    return Assist(
        id=row.id,
        asker=row.asker_id,
        text=row.text,
        language=row.language,
        audience=Audience(row.audience),
        created_at=row.created_at,
        question=row.question_id,
        state=State(row.state),
        version=row.version,
        named=row.named,
        invitations=invitations,
        place=Place(row.place),
        note_taker=row.note_taker_id,
        reminded=row.reminded,
        result=row.result,
        shared=row.shared,
        gather_until=row.gather_until,
        ends_at=row.ends_at,
        due_at=row.due_at,
    )
