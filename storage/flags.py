"""Flags and what was said to them, kept."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from knowledge.errors import Conflict
from knowledge.flag import Flag, Reaction, State, Type
from storage.schema import flag, network_home, reaction


class Flags:
    """`knowledge.ports.Flags` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, new: Flag) -> Flag:
        row = {"version": 1, **_values(new)}
        number = self._connection.execute(insert(flag).returning(flag.c.id), row).scalar_one()
        return replace(new, id=number, version=1)

    def get(self, number: int) -> Flag | None:
        if not 0 < number < 2**63:
            return None
        row = self._connection.execute(select(flag).where(flag.c.id == number)).one_or_none()
        return _flag(row) if row else None

    def save(self, moved: Flag) -> Flag:
        read = (flag.c.id == moved.id) & (flag.c.version == moved.version)
        row = {"version": moved.version + 1, **_values(moved)}
        if self._connection.execute(update(flag).where(read).values(row)).rowcount != 1:
            raise Conflict(f"flag {moved.id}")
        return replace(moved, version=moved.version + 1)

    def add_reaction(self, number: int, said: Reaction) -> None:
        self._connection.execute(
            insert(reaction),
            {
                "flag_id": number,
                "number": said.number,
                "author_id": said.author,
                "named": said.named,
                "text": said.text,
                "at": said.at,
            },
        )

    def home(self, network: int) -> int:
        rows = select(network_home.c.conversation_id).where(network_home.c.network_id == network)
        return self._connection.execute(rows).scalar() or 0

    def set_home(self, network: int, conversation: int) -> None:
        self._connection.execute(delete(network_home).where(network_home.c.network_id == network))
        row = {"network_id": network, "conversation_id": conversation}
        self._connection.execute(insert(network_home), row)

    def due(self, now: datetime, limit: int) -> list[int]:
        """Numbers of those whose due time has come, earliest first."""
        rows = select(flag.c.id).where(flag.c.due_at <= now).order_by(flag.c.due_at, flag.c.id).limit(limit)
        return list(self._connection.execute(rows).scalars())

    def reactions(self, number: int, limit: int) -> list[Reaction]:
        rows = select(reaction).where(reaction.c.flag_id == number).order_by(reaction.c.number.desc()).limit(limit)
        found = self._connection.execute(rows).all()
        return [Reaction(row.number, row.author_id, row.text, row.named, row.at) for row in found[::-1]]

    def of(self, person: int) -> list[Flag]:
        rows = select(flag).where(flag.c.flagger_id == person).order_by(flag.c.id.desc())
        return [_flag(row) for row in self._connection.execute(rows)]

    def in_states(self, states: Collection[State], limit: int | None = 50) -> list[Flag]:
        there = flag.c.state.in_([state.value for state in states])
        rows = select(flag).where(there).order_by(flag.c.id.desc()).limit(limit)
        return [_flag(row) for row in self._connection.execute(rows)]


def _values(of: Flag) -> dict[str, Any]:
    return {
        "flagger_id": of.flagger,
        "type": of.type.value if of.type else None,
        "text": of.text,
        "language": of.language,
        "network_id": of.network,
        "state": of.state.value,
        "named": of.named,
        "proposal": of.proposal,
        "reason": of.reason,
        "moderator_id": of.moderator,
        "reactions": of.reactions,
        "raised": of.raised,
        "due_at": of.due_at,
        "created_at": of.created_at,
        "published_at": of.published_at,
        "ended_at": of.ended_at,
    }


def _flag(row: Row[Any]) -> Flag:
    return Flag(
        id=row.id,
        flagger=row.flagger_id,
        text=row.text,
        language=row.language,
        created_at=row.created_at,
        type=Type(row.type) if row.type else None,
        network=row.network_id,
        state=State(row.state),
        version=row.version,
        named=row.named,
        proposal=row.proposal,
        reason=row.reason,
        moderator=row.moderator_id,
        reactions=row.reactions,
        raised=row.raised,
        due_at=row.due_at,
        published_at=row.published_at,
        ended_at=row.ended_at,
    )
