"""What matchers are built from, and the version that tells them when to be built again."""

import threading
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from knowledge.item import Item
from knowledge.matching.port import Answered, Catalogue, Matcher
from knowledge.people import Role
from knowledge.places import Audience, Kind, Network, Topic
from knowledge.question import Outcome, Side
from storage import schema
from storage.database import by_dialect
from storage.people import People

_NAME = "catalogue"
_VERSION = select(schema.version.c.number).where(schema.version.c.name == bindparam("name"))

_RAISE = by_dialect(
    schema.version,
    lambda first: first.on_conflict_do_update(index_elements=["name"], set_={"number": schema.version.c.number + 1}),
)


def version(connection: Connection) -> int:
    """Raised by every change of topics, networks, people, items or outcomes; 0 while nothing was ever written."""
    return connection.execute(_VERSION, {"name": _NAME}).scalar() or 0


def raise_version(connection: Connection) -> None:
    """To be called in the transaction that changes anything a matcher learns from."""
    connection.execute(_RAISE[connection.dialect.name], {"name": _NAME, "number": 1})


def load(connection: Connection) -> Catalogue:
    """Everything a matcher may learn from, as of now."""
    return Catalogue(
        version=version(connection),
        topics=[
            Topic(row.key, row.names, tuple(row.aliases))
            for row in connection.execute(select(schema.topic).order_by(schema.topic.c.id))
        ],
        networks=[
            Network(
                row.id, row.key, row.names, Kind(row.kind), Audience(row.audience), row.region, tuple(row.topics),
                row.about, row.url,
            )
            for row in connection.execute(select(schema.network).order_by(schema.network.c.id))
        ],
        experts=People(connection).having_somewhere(Role.EXPERT),
        items=[_item(row) for row in connection.execute(select(schema.item).order_by(schema.item.c.id))],
        history=_history(connection),
    )  # fmt: skip


def item(connection: Connection, number: int) -> Item | None:
    """One knowledge item, None when there is none of that number."""
    if not 0 < number < 2**63:
        return None
    row = connection.execute(select(schema.item).where(schema.item.c.id == number)).one_or_none()
    return _item(row) if row else None


def _item(row: Row[Any]) -> Item:
    return Item(
        id=row.id,
        key=row.key,
        question=row.question,
        answer=row.answer,
        language=row.language,
        topics=tuple(row.topics),
        audience=Audience(row.audience),
        network=row.network_id,
        region=row.region,
        created_at=row.created_at,
    )


def _history(connection: Connection) -> list[Answered]:
    """Who answered what: one row for each question and expert."""
    rows = connection.execute(
        select(
            schema.relay.c.author_id,
            schema.question.c.text,
            schema.question.c.language,
            schema.question.c.outcome,
            schema.question.c.answered_at,
        )
        .join(schema.question, schema.question.c.id == schema.relay.c.question_id)
        .where(schema.relay.c.side == Side.EXPERT.value)
        .distinct()
        .order_by(schema.question.c.answered_at)
    )
    return [
        Answered(
            expert=row.author_id,
            text=row.text,
            language=row.language,
            at=row.answered_at,
            helped=None if row.outcome is None else row.outcome != Outcome.NO.value,
        )
        for row in rows
    ]


class Matchers:
    """The matcher of the newest catalogue, kept in memory; rebuilt when the version in the database has moved.

    One for all threads: whoever first sees a new version builds, the others wait for it.
    """

    def __init__(self, build: Callable[[Catalogue], Matcher]) -> None:
        self._build = build
        self._lock = threading.Lock()
        self._current: tuple[Catalogue, Matcher] | None = None

    def current(self, connection: Connection) -> tuple[Catalogue, Matcher]:
        number = version(connection)
        current = self._current
        if current is None or current[0].version != number:
            with self._lock:
                if self._current is None or self._current[0].version != number:
                    catalogue = load(connection)
                    before = self._current
                    self._current = (catalogue, before[1].after(catalogue) if before else self._build(catalogue))
                current = self._current
        return current
