"""The curated list of topics, kept, and whatever stands under one."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Table, select, update

from knowledge.ports.topics import Moved
from knowledge.topics import Curated
from storage.changes import raise_version
from storage.schema import metadata, topic


def _bearing() -> list[Table]:
    """Every table whose rows stand under topics: each keeps their keys as a list, in a column of that name."""
    return [table for table in metadata.sorted_tables if "topics" in table.c and "id" in table.c]


class Topics:
    """`knowledge.ports.Topics` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self) -> list[Curated]:
        rows = self._connection.execute(select(topic).order_by(topic.c.id))
        return [Curated(row.id, row.key, row.names, tuple(row.aliases), row.retired, row.into_id) for row in rows]

    def save(self, kept: Curated) -> None:
        values = {
            "names": dict(kept.names),
            "aliases": list(kept.aliases),
            "retired": kept.retired,
            "into_id": kept.into,
        }
        self._connection.execute(update(topic).where(topic.c.id == kept.id).values(values))
        raise_version(self._connection)

    def held(self, key: str) -> Mapping[str, int]:
        counts = {table.name: len(self._under(table, key)) for table in _bearing()}
        return {name: count for name, count in counts.items() if count}

    def move(self, key: str, to: str) -> Moved:
        moved = {}
        for table in _bearing():
            rows = self._under(table, key)
            for number, topics in rows.items():
                kept = [to if one == key else one for one in topics if one != to]
                self._set(table, number, kept)
            if rows:
                moved[table.name] = [(number, to in topics) for number, topics in rows.items()]
        raise_version(self._connection)
        return moved

    def move_back(self, key: str, since: str, moved: Moved) -> None:
        for table in _bearing():
            had = dict(moved.get(table.name, ()))
            rows = self._under(table, since) if had else {}
            for number in had.keys() & rows.keys():
                back = [key if one == since else one for one in rows[number]]
                self._set(table, number, [*back, since] if had[number] else back)
        raise_version(self._connection)

    def _under(self, table: Table, key: str) -> dict[int, list[str]]:
        # JSON is asked after in two ways by the two databases; read once for a merge, it is asked in none.
        rows = self._connection.execute(select(table.c.id, table.c.topics).order_by(table.c.id))
        return {row.id: list(row.topics) for row in rows if row.topics and key in row.topics}

    def _set(self, table: Table, number: int, topics: list[str]) -> None:
        values: dict[str, Any] = {"topics": topics}
        self._connection.execute(update(table).where(table.c.id == number).values(values))


def merged_keys(connection: Connection) -> dict[str, str]:
    """For each key of a merged topic, the key of the one it went into."""
    into = topic.alias()
    rows = select(topic.c.key, into.c.key.label("now")).join(into, into.c.id == topic.c.into_id)
    return {row.key: row.now for row in connection.execute(rows)}
