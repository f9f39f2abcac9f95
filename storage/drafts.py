"""Drafts and what those concerned say to them, kept."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, insert, select, update

from knowledge.draft import Draft, Kind, Says, State, Voice
from knowledge.errors import Conflict
from knowledge.places import Audience
from storage.items import text_of, text_row
from storage.schema import draft, draft_voice

_ALL = select(draft)


class Drafts:
    """`knowledge.ports.Drafts` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, new: Draft) -> Draft:
        row = {"version": 1, **_values(new)}
        number = self._connection.execute(insert(draft).returning(draft.c.id), row).scalar_one()
        if new.voices:
            self._connection.execute(insert(draft_voice), [_voice_row(number, one) for one in new.voices])
        return replace(new, id=number, version=1)

    def get(self, number: int) -> Draft | None:
        if not 0 < number < 2**63:
            return None
        return next(iter(self._found(_ALL.where(draft.c.id == number))), None)

    def save(self, moved: Draft) -> Draft:
        read = (draft.c.id == moved.id) & (draft.c.version == moved.version)
        row = {"version": moved.version + 1, **_values(moved)}
        if self._connection.execute(update(draft).where(read).values(row)).rowcount != 1:
            raise Conflict(f"draft {moved.id}")
        for one in moved.voices:
            theirs = (draft_voice.c.draft_id == moved.id) & (draft_voice.c.number == one.number)
            self._connection.execute(update(draft_voice).where(theirs).values(_voice_row(moved.id, one)))
        return replace(moved, version=moved.version + 1)

    def of_question(self, question: int) -> list[Draft]:
        return self._found(_ALL.where(draft.c.question_id == question).order_by(draft.c.id))

    def of_item(self, item: int) -> list[Draft]:
        return self._found(_ALL.where(draft.c.item_id == item).order_by(draft.c.id))

    def with_voice(self, person: int) -> list[Draft]:
        theirs = select(draft_voice.c.draft_id).where(draft_voice.c.person_id == person)
        return self._found(_ALL.where(draft.c.id.in_(theirs)).order_by(draft.c.id.desc()))

    def in_states(self, states: Collection[State]) -> list[Draft]:
        return self._found(_ALL.where(draft.c.state.in_([one.value for one in states])).order_by(draft.c.id))

    def due(self, now: datetime, limit: int) -> list[int]:
        rows = select(draft.c.id).where(draft.c.due_at <= now).order_by(draft.c.due_at, draft.c.id).limit(limit)
        return list(self._connection.execute(rows).scalars())

    def _found(self, wanted: Select[Any]) -> list[Draft]:
        rows = self._connection.execute(wanted).all()
        numbers = [row.id for row in rows]
        voices: dict[int, list[Voice]] = {number: [] for number in numbers}
        of_them = select(draft_voice).where(draft_voice.c.draft_id.in_(numbers)).order_by(draft_voice.c.number)
        for row in self._connection.execute(of_them) if numbers else ():
            voices[row.draft_id].append(Voice(row.number, row.person_id, Says(row.says), row.shown, row.agreed))
        return [_draft(row, voices[row.id]) for row in rows]


def _voice_row(number: int, of: Voice) -> dict[str, Any]:
    return {
        "draft_id": number, "number": of.number, "person_id": of.person, "says": of.says.value, "shown": of.shown,
        "agreed": of.agreed,
    }  # fmt: skip


def _values(of: Draft) -> dict[str, Any]:
    return {
        "kind": of.kind.value,
        "state": of.state.value,
        "question_id": of.question,
        "item_id": of.item,
        "text": text_row(of.text),
        "language": of.language,
        "edition": of.edition,
        "audience": int(of.audience),
        "network_id": of.network,
        "place_id": of.place,
        "moderator_id": of.moderator,
        "due_at": of.due_at,
        "created_at": of.created_at,
    }


def _draft(row: Row[Any], voices: Sequence[Voice]) -> Draft:
    return Draft(
        id=row.id,
        kind=Kind(row.kind),
        text=text_of(row.text),
        language=row.language,
        audience=Audience(row.audience),
        network=row.network_id,
        place=row.place_id,
        created_at=row.created_at,
        voices=tuple(voices),
        question=row.question_id,
        item=row.item_id,
        state=State(row.state),
        version=row.version,
        edition=row.edition,
        due_at=row.due_at,
        moderator=row.moderator_id,
    )
