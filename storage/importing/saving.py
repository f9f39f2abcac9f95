"""Compares a batch with the database, and writes what is new or different."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from sqlalchemy import Connection, RowMapping, Table, insert, select, update

from knowledge.places import LANGUAGES, Audience
from storage.changes import Kind, hold, raise_version
from storage.importing import people
from storage.importing.batch import Batch, Line
from storage.importing.changes import Change, State
from storage.importing.problems import MOST, Problems
from storage.importing.references import check_references
from storage.importing.tally import Count, Tally
from storage.schema import item, network, person, topic
from storage.topics import merged_keys

CHUNK = 400
"""Rows compared at a time."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What an import changes, or would change: a count for each kind in the files, in their order."""

    counts: Mapping[str, Count]

    def __str__(self) -> str:
        return "\n".join(f"{kind}: {count}" for kind, count in self.counts.items())


def plan(connection: Connection, batch: Batch) -> Summary:
    """What `apply` would do, without doing it. Raises ImportErrors for what only the database can tell."""
    return _go(connection, batch, None)


def apply(connection: Connection, batch: Batch, now: datetime) -> Summary:
    """Writes the batch, and raises the catalogue's version so that caches in memory follow.

    Rows are recognised by their keys: new ones are added, different ones changed, none removed. A column that a
    file leaves out keeps what the database has. `now` (UTC) dates what carries no date of its own.
    Raises ImportErrors for what only the database can tell: let it roll the transaction back.
    """
    # First, so that two imports at a time go one after the other.
    hold(connection)
    return _go(connection, batch, now)


def _go(connection: Connection, batch: Batch, now: datetime | None) -> Summary:
    """`now` None only looks."""
    tallies = {kind: Tally() for kind in batch.kinds}
    written: dict[str, set[int]] = {kind: set() for kind in batch.kinds}
    for kind, found in compared(connection, batch, now):
        changes = [one for one in found if one is not None and one.different]
        tally = tallies[kind]
        tally.unchanged += len(found) - len(changes)
        tally.new += sum(one.number is None for one in changes)
        tally.changed += sum(one.number is not None for one in changes)
        if now is not None and changes:
            written[kind].update(write(connection, kind, changes, now))
    told(connection, written)
    return Summary({kind: tally.count for kind, tally in tallies.items()})


def compared(
    connection: Connection, batch: Batch, now: datetime | None = None, *, most: int = MOST
) -> Iterator[tuple[str, list[Change | None]]]:
    """The batch beside the database, some rows at a time, each kind after those it refers to; None for a row that is
    equal. What was yielded before may be written meanwhile. Raises ImportErrors for what only the database can tell, a
    kind's at its end."""
    problems = Problems(most)
    for kind in batch.kinds:
        for file in dict.fromkeys(file for file, _ in batch.keys[kind].values()):
            problems.begin(file)
    check_references(connection, batch, problems)
    problems.raise_if_any()
    renamed = merged_keys(connection)
    for kind in batch.kinds:
        for lines in _chunks(batch, kind, renamed):
            if kind == "people":
                found = list(people.differences(connection, batch, lines, problems))
                if not problems:
                    yield kind, found
            else:
                yield kind, list(_differences(connection, kind, lines, batch.sample, now))
        problems.raise_if_any()


def write(connection: Connection, kind: str, changes: Sequence[Change], now: datetime) -> list[int]:
    """Makes the rows of one kind as the changes have them. Returns their ids, in order."""
    if kind == "people":
        return people.write(connection, changes, now)
    table = TABLES[kind]
    numbers = []
    for one in changes:
        columns = _from_json(kind, one.after, connection)
        if one.number is None:
            statement = insert(table).values(columns).returning(table.c.id)
            numbers.append(int(connection.execute(statement).scalar_one()))
        else:
            connection.execute(update(table).where(table.c.id == one.number).values(columns))
            numbers.append(one.number)
    return numbers


def told(connection: Connection, written: Mapping[str, Collection[int]]) -> None:
    """Raises the catalogue's version for rows that were written, by kind."""
    if written.get("topics"):
        raise_version(connection)
        return
    for name, kind in _KINDS.items():
        if written.get(name):
            raise_version(connection, kind, *written[name])


def read(connection: Connection, kind: str, ids: Collection[int]) -> dict[int, dict[str, Any]]:
    """Rows of a kind as they are now, in the form of a `Change`, by id."""
    if kind == "people":
        return people.read(connection, ids)
    table = TABLES[kind]
    rows = connection.execute(select(table).where(table.c.id.in_(ids))).mappings()
    return {row["id"]: _to_json(connection, row) for row in rows}


def _differences(
    connection: Connection, kind: str, lines: list[Line], sample: bool | None, now: datetime | None
) -> Iterator[Change | None]:
    table = TABLES[kind]
    keys = [line.cells["key"] for line in lines]
    rows = connection.execute(select(table).where(table.c.key.in_(keys))).mappings().all()
    present = {row["key"]: (row["id"], _to_json(connection, row)) for row in rows}
    for line in lines:
        number, current = present.get(line.cells["key"], (None, None))
        after = _WANTED[kind](line, current, sample, now)
        before = {name: current[name] for name in after} if current is not None else None
        if before == after:
            yield None
        else:
            yield Change(kind, line.cells["key"], number, before, after, line.file, line.line)


def _to_json(connection: Connection, row: RowMapping) -> dict[str, Any]:
    """A row's columns with a network by its key and a time as text, so that they can be kept and compared."""
    columns = {name: value for name, value in row.items() if name != "id"}
    if "network_id" in columns:
        number = columns.pop("network_id")
        found = connection.execute(select(network.c.key).where(network.c.id == number)).scalar() if number else None
        columns["network"] = found
    if isinstance(columns.get("created_at"), datetime):
        columns["created_at"] = columns["created_at"].isoformat()
    return columns


def _from_json(kind: str, state: State, connection: Connection) -> dict[str, Any]:
    columns = dict(state)
    if "network" in columns:
        key = columns.pop("network")
        found = connection.execute(select(network.c.id).where(network.c.key == key)).scalar() if key else None
        columns["network_id"] = found
    if "created_at" in columns:
        columns["created_at"] = datetime.fromisoformat(columns["created_at"])
    return columns


def _chunks(batch: Batch, kind: str, renamed: Mapping[str, str]) -> Iterator[list[Line]]:
    rows = (_renamed(line, renamed) for line in batch.rows(kind))
    while lines := list(islice(rows, CHUNK)):
        yield lines


def _renamed(line: Line, renamed: Mapping[str, str]) -> Line:
    """What a file still calls by the key of a merged topic stands under the one it went into."""
    topics = line.cells.get("topics")
    if not topics or renamed.keys().isdisjoint(topics):
        return line
    return replace(line, cells={**line.cells, "topics": list(dict.fromkeys(renamed.get(key, key) for key in topics))})


_KINDS = {"networks": Kind.NETWORK, "people": Kind.PERSON, "items": Kind.ITEM}
TABLES: Mapping[str, Table] = {"topics": topic, "networks": network, "people": person, "items": item}


def _topic(line: Line, current: State | None, sample: bool | None, now: datetime | None) -> dict[str, Any]:
    return {
        "key": line.cells["key"],
        "names": _by_language("name", line, current["names"] if current else {}),
        "aliases": line.cells.get("aliases", current["aliases"] if current else []),
    }


def _network(line: Line, current: State | None, sample: bool | None, now: datetime | None) -> dict[str, Any]:
    cells = line.cells
    return {
        "key": cells["key"],
        "names": _by_language("name", line, current["names"] if current else {}),
        "kind": cells["kind"],
        "audience": int(Audience.of(cells["audience"])),
        "region": cells.get("region", current["region"] if current else "global"),
        "topics": cells.get("topics", current["topics"] if current else []),
        "about": _by_language("about", line, current["about"] if current else {}),
        "url": cells.get("url", current["url"] if current else ""),
    }


def _item(line: Line, current: State | None, sample: bool | None, now: datetime | None) -> dict[str, Any]:
    cells = line.cells
    day = cells.get("date")
    written = datetime.fromisoformat(day).replace(tzinfo=UTC) if day else now or datetime.fromtimestamp(0, UTC)
    return {
        "key": cells["key"],
        "question": cells["question"],
        "answer": cells["answer"],
        "language": cells["language"],
        "topics": cells.get("topics", current["topics"] if current else []),
        "audience": int(Audience.of(cells["audience"])),
        "network": cells.get("network") or None,
        "region": cells.get("region", current["region"] if current else "global"),
        "sample": (current["sample"] if current else False) if sample is None else sample,
        "created_at": current["created_at"] if current and not day else written.isoformat(),
    }


_WANTED: Mapping[str, Callable[[Line, State | None, bool | None, datetime | None], dict[str, Any]]] = {
    "topics": _topic,
    "networks": _network,
    "items": _item,
}


def _by_language(name: str, line: Line, current: Mapping[str, str]) -> dict[str, str]:
    """Texts by language: those of the line over those there are; an empty cell takes one away."""
    texts = {code: line.cells.get(f"{name}_{code}", current.get(code, "")) for code in LANGUAGES}
    return {code: text for code, text in texts.items() if text}
