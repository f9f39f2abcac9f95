"""Compares a batch with the database, and writes what is new or different."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from sqlalchemy import Connection, RowMapping, Table, insert, select, update

from knowledge.places import LANGUAGES, Audience
from storage.changes import Kind, hold, raise_version
from storage.importing.batch import Batch, Line
from storage.importing.people import save_people
from storage.importing.problems import Problems
from storage.importing.references import check_references
from storage.importing.tally import Count, Tally
from storage.schema import item, network, topic

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
    problems = Problems()
    for kind in batch.kinds:
        for file in dict.fromkeys(file for file, _ in batch.keys[kind].values()):
            problems.begin(file)
    check_references(connection, batch, problems)
    problems.raise_if_any()
    tallies = {kind: Tally() for kind in batch.kinds}
    if "topics" in tallies:
        for lines in _chunks(batch, "topics"):
            _save(connection, topic, _topics(connection, lines), now, tallies["topics"])
    if "networks" in tallies:
        for lines in _chunks(batch, "networks"):
            _save(connection, network, _networks(connection, lines), now, tallies["networks"])
    # A network that a dry run would add has no number yet, and equals none of those there are.
    numbers = dict.fromkeys(batch.keys.get("networks", ()), -1) | _network_numbers(connection)
    if "people" in tallies:
        for lines in _chunks(batch, "people"):
            save_people(connection, batch, lines, numbers, now, tallies["people"], problems)
        problems.raise_if_any()
    if "items" in tallies:
        for lines in _chunks(batch, "items"):
            _save(connection, item, _items(connection, lines, numbers, batch.sample, now), now, tallies["items"])
    if "topics" in tallies and tallies["topics"].written:
        raise_version(connection)
    else:
        for name, kind in _KINDS.items():
            if name in tallies:
                raise_version(connection, kind, *tallies[name].written)
    return Summary({kind: tally.count for kind, tally in tallies.items()})


def _chunks(batch: Batch, kind: str) -> Iterator[list[Line]]:
    rows = batch.rows(kind)
    while lines := list(islice(rows, CHUNK)):
        yield lines


_KINDS = {"networks": Kind.NETWORK, "people": Kind.PERSON, "items": Kind.ITEM}

Wanted = Iterator[tuple[RowMapping | None, dict[str, Any]]]
"""For each row, what the database has (None: nothing) and the columns as they should be."""


def _save(connection: Connection, table: Table, wanted: Wanted, now: datetime | None, tally: Tally) -> None:
    fresh = []
    for current, columns in wanted:
        if current is None:
            tally.new += 1
            fresh.append(columns)
        elif all(current[name] == value for name, value in columns.items()):
            tally.unchanged += 1
        else:
            tally.changed += 1
            if now is not None:
                connection.execute(update(table).where(table.c.id == current["id"]).values(columns))
                tally.written.add(current["id"])
    if fresh and now is not None:
        tally.written.update(connection.execute(insert(table).returning(table.c.id), fresh).scalars())


def _topics(connection: Connection, lines: list[Line]) -> Wanted:
    present = _present(connection, topic, lines)
    for line in lines:
        current = present.get(line.cells["key"])
        yield (
            current,
            {
                "key": line.cells["key"],
                "names": _by_language("name", line, current["names"] if current else {}),
                "aliases": line.cells.get("aliases", current["aliases"] if current else []),
            },
        )


def _networks(connection: Connection, lines: list[Line]) -> Wanted:
    present = _present(connection, network, lines)
    for line in lines:
        cells = line.cells
        current = present.get(cells["key"])
        yield (
            current,
            {
                "key": cells["key"],
                "names": _by_language("name", line, current["names"] if current else {}),
                "kind": cells["kind"],
                "audience": int(Audience.of(cells["audience"])),
                "region": cells.get("region", current["region"] if current else "global"),
                "topics": cells.get("topics", current["topics"] if current else []),
                "about": _by_language("about", line, current["about"] if current else {}),
                "url": cells.get("url", current["url"] if current else ""),
            },
        )


def _items(
    connection: Connection, lines: list[Line], numbers: Mapping[str, int], sample: bool, now: datetime | None
) -> Wanted:
    present = _present(connection, item, lines)
    for line in lines:
        cells = line.cells
        current = present.get(cells["key"])
        day = cells.get("date")
        created_at = current["created_at"] if current else now
        yield (
            current,
            {
                "key": cells["key"],
                "question": cells["question"],
                "answer": cells["answer"],
                "language": cells["language"],
                "topics": cells.get("topics", current["topics"] if current else []),
                "audience": int(Audience.of(cells["audience"])),
                "network_id": numbers[cells["network"]] if cells.get("network") else None,
                "region": cells.get("region", current["region"] if current else "global"),
                "sample": sample,
                "created_at": datetime.fromisoformat(day).replace(tzinfo=UTC) if day else created_at,
            },
        )


def _present(connection: Connection, table: Table, lines: list[Line]) -> dict[str, RowMapping]:
    """The rows of the database that have a key of these lines, by key."""
    keys = [line.cells["key"] for line in lines]
    return {row["key"]: row for row in connection.execute(select(table).where(table.c.key.in_(keys))).mappings()}


def _by_language(name: str, line: Line, current: Mapping[str, str]) -> dict[str, str]:
    """Texts by language: those of the line over those there are; an empty cell takes one away."""
    texts = {code: line.cells.get(f"{name}_{code}", current.get(code, "")) for code in LANGUAGES}
    return {code: text for code, text in texts.items() if text}


def _network_numbers(connection: Connection) -> dict[str, int]:
    return {row.key: row.id for row in connection.execute(select(network.c.key, network.c.id))}
