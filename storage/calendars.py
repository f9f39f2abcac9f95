"""Calendars that events are read from, and addresses at which ours are read, kept."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, or_, select, update

from knowledge.calendar_source import Kind, Source, State
from knowledge.places import Audience
from storage.schema import calendar_feed, calendar_source


class Calendars:
    """`knowledge.ports.Calendars` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, source: Source) -> Source:
        statement = insert(calendar_source).returning(calendar_source.c.id)
        return replace(source, id=self._connection.execute(statement, _values(source)).scalar_one())

    def get(self, number: int) -> Source | None:
        if not 0 < number < 2**63:
            return None
        rows = select(calendar_source).where(calendar_source.c.id == number)
        row = self._connection.execute(rows).one_or_none()
        return _source(row) if row else None

    def save(self, source: Source) -> None:
        this = calendar_source.c.id == source.id
        # Whoever read it is done with it.
        self._connection.execute(update(calendar_source).where(this).values(**_values(source), claimed_until=None))

    def of(self, owner: int) -> list[Source]:
        rows = select(calendar_source).where(calendar_source.c.owner_id == owner).order_by(calendar_source.c.id.desc())
        return [_source(row) for row in self._connection.execute(rows)]

    def due(self, now: datetime, limit: int) -> list[int]:
        """Numbers of those that the clock has to see to and that nobody is at, earliest first."""
        kept = calendar_source
        free = or_(kept.c.claimed_until.is_(None), kept.c.claimed_until <= now)
        rows = select(kept.c.id).where(kept.c.due_at <= now, free).order_by(kept.c.due_at, kept.c.id).limit(limit)
        return list(self._connection.execute(rows).scalars())

    def claim(self, number: int, now: datetime, until: datetime) -> Source | None:
        """For one replica until a time; None when another has it, or there is nothing to do any more."""
        kept = calendar_source
        free = or_(kept.c.claimed_until.is_(None), kept.c.claimed_until <= now)
        mine = (kept.c.id == number) & (kept.c.due_at <= now) & free
        if self._connection.execute(update(kept).where(mine).values(claimed_until=until)).rowcount != 1:
            return None
        return self.get(number)


class Feeds:
    """`knowledge.ports.Feeds` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def issue(self, person: int, network: int | None, digest: str, now: datetime) -> None:
        row = {"person_id": person, "network_id": network, "digest": digest, "created_at": now}
        self._connection.execute(insert(calendar_feed), row)

    def whose(self, digest: str) -> tuple[int, int | None] | None:
        rows = select(calendar_feed).where(calendar_feed.c.digest == digest)
        row = self._connection.execute(rows).one_or_none()
        return (row.person_id, row.network_id) if row else None

    def count(self, person: int) -> int:
        mine = select(func.count()).where(calendar_feed.c.person_id == person)
        return int(self._connection.execute(mine).scalar_one())

    def revoke(self, person: int) -> int:
        return self._connection.execute(delete(calendar_feed).where(calendar_feed.c.person_id == person)).rowcount


def _values(of: Source) -> dict[str, Any]:
    return {
        "kind": of.kind.value,
        "owner_id": of.owner,
        "network_id": of.network,
        "audience": int(of.audience),
        "url": of.url,
        "content": of.content,
        "state": of.state.value,
        "zone": of.zone,
        "etag": of.etag[:300],
        "modified": of.modified[:100],
        "failures": of.failures,
        "failing_since": of.failing_since,
        "problem": of.problem[:40],
        "created_at": of.created_at,
        "read_at": of.read_at,
        "due_at": of.due_at,
    }


def _source(row: Row[Any]) -> Source:
    return Source(
        id=row.id,
        kind=Kind(row.kind),
        owner=row.owner_id,
        network=row.network_id,
        audience=Audience(row.audience),
        created_at=row.created_at,
        url=row.url,
        content=row.content,
        state=State(row.state),
        zone=row.zone,
        etag=row.etag,
        modified=row.modified,
        failures=row.failures,
        failing_since=row.failing_since,
        problem=row.problem,
        read_at=row.read_at,
        due_at=row.due_at,
    )
