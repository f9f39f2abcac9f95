"""The vectors of `knowledge.matching.keeping` in the database: replicas share them, and no crash leaves half of one."""

from collections.abc import Set as AbstractSet

from sqlalchemy import bindparam, delete, select

from knowledge.matching.keeping import Kept
from storage.database import Database, by_dialect
from storage.schema import text_vector

# Rows of one transaction: a turn waits no longer than that takes.
MANY = 500
# What is fresh though its key is there could not be used.
_KEEP = by_dialect(
    text_vector,
    lambda new: new.on_conflict_do_update(index_elements=["key"], set_={"vector": new.excluded.vector}),
)
_DROP = delete(text_vector).where(text_vector.c.key.in_(bindparam("keys", expanding=True)))


def load(database: Database) -> Kept:
    """All that are kept, by key."""
    with database.reading() as connection:
        return {row.key: bytes(row.vector) for row in connection.execute(select(text_vector))}


def keep(database: Database, wanted: AbstractSet[str], fresh: Kept) -> None:
    """Adds the fresh ones, and deletes whatever is not wanted; a few at a time."""
    with database.reading() as connection:
        there = set(connection.execute(select(text_vector.c.key)).scalars())
    insert = _KEEP["sqlite" if database.is_sqlite else "postgresql"]
    # In one order, so that two replicas never wait for each other.
    new, gone = sorted(fresh), sorted(there - wanted)
    for start in range(0, len(new), MANY):
        rows = [{"key": key, "vector": fresh[key]} for key in new[start : start + MANY]]
        database.write(lambda connection, rows=rows: connection.execute(insert, rows))  # type: ignore[misc]
    for start in range(0, len(gone), MANY):
        keys = gone[start : start + MANY]
        database.write(lambda connection, keys=keys: connection.execute(_DROP, {"keys": keys}))  # type: ignore[misc]
