"""The version of what matchers learn from, and the log of what each version changed."""

from collections.abc import Mapping
from enum import StrEnum

from sqlalchemy import Connection, bindparam, delete, insert, select

from storage.database import by_dialect
from storage.schema import change
from storage.schema import version as version_table

_NAME = "catalogue"
_VERSION = select(version_table.c.number).where(version_table.c.name == bindparam("name"))


class Kind(StrEnum):
    """What a line of the log is about. A QUESTION stands for its answers, its offers and how it was settled;
    EVERYTHING for more than is worth listing, topics among it."""

    ITEM = "item"
    PERSON = "person"
    NETWORK = "network"
    QUESTION = "question"
    EVERYTHING = "all"


KEPT = 2000
"""Versions the log reaches back, at least. A replica looks at every turn: it is rarely more than a few behind."""
MOST = 1000
"""Changes at a time from which reading everything is no slower."""
_PRUNED_EVERY = 100

_RAISE = by_dialect(
    version_table,
    lambda first: first.on_conflict_do_update(
        index_elements=["name"], set_={"number": version_table.c.number + bindparam("by")}
    ).returning(version_table.c.number),
)
_NOTE = insert(change)
_PRUNE = delete(change).where(change.c.version <= bindparam("last"))
_SINCE = select(change).where(change.c.version > bindparam("since")).order_by(change.c.version).limit(MOST + 1)


def version(connection: Connection) -> int:
    """Raised by every change of topics, networks, people, items, answers, offers or outcomes; 0 while nothing was ever
    written."""
    return connection.execute(_VERSION, {"name": _NAME}).scalar() or 0


def raise_version(connection: Connection, kind: Kind = Kind.EVERYTHING, *numbers: int) -> None:
    """To be called in the transaction that changes anything a matcher learns from, with the ids of what changed.

    Nothing is raised where a kind is named and no id. Whoever raises holds the version until the transaction ends, so
    that versions are committed in their order.
    """
    if kind is not Kind.EVERYTHING and not numbers:
        return
    changed = set(numbers)
    if len(changed) > MOST or kind is Kind.EVERYTHING:
        kind, changed = Kind.EVERYTHING, {0}
    number = _raise(connection, 1)
    connection.execute(_NOTE, [{"version": number, "kind": kind.value, "number": one} for one in sorted(changed)])
    if number % _PRUNED_EVERY == 0:
        connection.execute(_PRUNE, {"last": number - KEPT})


def hold(connection: Connection) -> None:
    """Waits for whoever is raising the version, and keeps others waiting until this transaction ends."""
    _raise(connection, 0)


def raised_here(connection: Connection) -> bool:
    """Whether this very transaction raised the version: what it shows may yet be undone."""
    return connection.info.get(_NAME) is connection.get_transaction() is not None


def since(connection: Connection, earlier: int) -> Mapping[Kind, set[int]] | None:
    """What changed after a version, ids by kind; None when only reading everything tells."""
    rows = connection.execute(_SINCE, {"since": earlier}).all()
    # Every version notes something: the log reaches back when the very next one is in it.
    if not rows or rows[0].version != earlier + 1 or len(rows) > MOST:
        return None
    found: dict[Kind, set[int]] = {}
    for row in rows:
        found.setdefault(Kind(row.kind), set()).add(row.number)
    return None if Kind.EVERYTHING in found else found


def _raise(connection: Connection, by: int) -> int:
    statement = _RAISE[connection.dialect.name]
    # The first one ever begins the count.
    number: int = connection.execute(statement, {"name": _NAME, "number": by, "by": by}).scalar_one()
    if by:
        connection.info[_NAME] = connection.get_transaction()
    return number
