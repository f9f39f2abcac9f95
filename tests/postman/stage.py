"""Conversations, messages and moments for the tests of the outbox and its postmen."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, insert, select

from storage import outbox
from storage.database import Database
from storage.schema import conversation, sent
from storage.schema import outbox as rows

START = datetime(2025, 3, 3, 9, 0, tzinfo=UTC)
LEASE = timedelta(seconds=60)


def later(seconds: float) -> datetime:
    """A moment so many seconds after the start of every test."""
    return START + timedelta(seconds=seconds)


def converse(connection: Connection, name: str, *, channel: str = "fake", unreachable: str = "") -> int:
    """A conversation whose id in its channel is `name`; returns ours."""
    values = {
        "channel": channel,
        "remote_id": name,
        "person_id": None,
        "address": {"to": name},
        "used_at": START,
        "unreachable": unreachable,
    }
    return int(connection.execute(insert(conversation).returning(conversation.c.id), values).scalar_one())


def put(
    connection: Connection,
    place: int | None,
    text: str,
    *,
    card: str = "",
    only_edit: bool = False,
    anew: bool = False,
    about: int = 0,
    now: datetime = START,
) -> int:
    """One message of this text in the outbox; returns its id."""
    outbox.put(
        connection,
        conversation_id=place,
        person_id=None,
        kind="note",
        about=about,
        card=card,
        only_edit=only_edit,
        anew=anew,
        payload={"text": text},
        now=now,
    )
    return int(connection.execute(select(func.max(rows.c.id))).scalar_one())


def claim(
    database: Database, seconds: float = 0, *, owner: str = "one", limit: int = 20, lease: timedelta = LEASE
) -> list[outbox.Claimed]:
    return database.write(
        lambda connection: outbox.claim(connection, owner=owner, now=later(seconds), lease=lease, limit=limit)
    )


def row(database: Database, number: int) -> Mapping[str, Any]:
    """All columns of one message."""
    with database.reading() as connection:
        return dict(connection.execute(select(rows).where(rows.c.id == number)).mappings().one())


def states(database: Database) -> list[str]:
    """The state of every message, in the order they were put."""
    with database.reading() as connection:
        return list(connection.execute(select(rows.c.state).order_by(rows.c.id)).scalars())


def texts(claimed: list[outbox.Claimed]) -> list[str]:
    return [str(one.payload["text"]) for one in claimed]


def done(
    database: Database, claimed: outbox.Claimed, *, owner: str = "one", remote_id: str = "", seconds: float = 1
) -> bool:
    return database.write(lambda connection: outbox.done(connection, claimed, owner, remote_id, later(seconds)))


def retry(database: Database, claimed: outbox.Claimed, *, owner: str = "one", seconds: float = 10) -> bool:
    return database.write(lambda connection: outbox.retry(connection, claimed, owner, later(seconds), "busy"))


def dead(database: Database, claimed: outbox.Claimed, reason: str = "rejected", *, owner: str = "one") -> bool:
    return database.write(lambda connection: outbox.dead(connection, claimed, owner, reason, later(1)))


def unreachable(database: Database, place: int) -> str:
    with database.reading() as connection:
        found = select(conversation.c.unreachable).where(conversation.c.id == place)
        return str(connection.execute(found).scalar_one())


def stands_at(database: Database, place: int, card: str) -> str | None:
    with database.reading() as connection:
        return connection.execute(
            select(sent.c.remote_id).where(sent.c.conversation_id == place, sent.c.card == card)
        ).scalar()
