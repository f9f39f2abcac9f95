"""Imports in chat: what is kept of them, and the steps that take long, outside any turn.

A check reads the files and keeps each difference as a row (`import_change`); nothing else is touched. Applying writes
those rows in one transaction, in bulk, so that a crash leaves all of it or nothing. An undo reads them backwards.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from tempfile import SpooledTemporaryFile, TemporaryDirectory
from typing import Any

from sqlalchemy import Connection, Row, Table, and_, bindparam, delete, exists, false, func, insert, select, update

from knowledge.import_problem import Problem
from knowledge.importing import Example, Found, Import, State
from knowledge.people import FORGOTTEN
from knowledge.text import excerpt
from storage.changes import hold
from storage.database import Database
from storage.importing import ImportErrors
from storage.importing.batch import Batch
from storage.importing.changes import Change
from storage.importing.loading import Source, load_sources
from storage.importing.problems import MOST_KEPT, Problems
from storage.importing.saving import CHUNK, TABLES, compared, read, told, write
from storage.schema import (
    conversation,
    directory_import,
    identity,
    import_change,
    import_file,
    membership,
    metadata,
    outbox,
    person,
    role_grant,
    sent,
    web_message,
)

LEASE = timedelta(minutes=10)
"""How long one replica may be at one step before another one begins it anew."""
KEPT = timedelta(days=30)
"""How long an import can be undone."""
UNCONFIRMED = timedelta(days=1)
"""How long files wait for a confirmation."""
_STAGED = 2000
"""Differences kept in one transaction."""
_EXAMPLES = 3


class Imports:
    """`knowledge.ports.directory.Imports` on one connection."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def add(self, one: Import, files: Sequence[tuple[str, str, bytes]]) -> Import:
        row = {**_columns(one), "by_id": one.by, "started_at": one.at, "changed_at": self._now, "due_at": self._now}
        number = self._connection.execute(
            insert(directory_import).values(row).returning(directory_import.c.id)
        ).scalar_one()
        for kind, name, content in files:
            kept = {"import_id": number, "kind": kind, "name": name, "content": content}
            self._connection.execute(insert(import_file), kept)
        found = self.get(number)
        assert found is not None
        return found

    def get(self, number: int) -> Import | None:
        row = self._connection.execute(select(directory_import).where(directory_import.c.id == number)).one_or_none()
        return None if row is None else _import(row)

    def save(self, one: Import, *, due: bool = False) -> Import:
        # A step that tells how far it came keeps its lease.
        kept = due and one.state is State.CHECKING and one.rows
        lease = {} if kept else {"due_at": self._now if due else None}
        values = {**_columns(one), "changed_at": self._now, **lease}
        self._connection.execute(update(directory_import).where(directory_import.c.id == one.id).values(values))
        return one

    def drop_files(self, number: int) -> None:
        self._connection.execute(delete(import_file).where(import_file.c.import_id == number))

    def latest(self, limit: int) -> list[Import]:
        newest = select(directory_import).order_by(directory_import.c.id.desc()).limit(limit)
        return [_import(row) for row in self._connection.execute(newest)]


def _columns(one: Import) -> dict[str, Any]:
    return {
        "state": one.state.value,
        "rows": one.rows,
        "counts": {"files": list(one.files), "of": list(one.kinds), "trouble": one.trouble, "kinds": one.counts},
        "examples": [[example.what, example.name, [list(part) for part in example.parts]] for example in one.examples],
        "problems": [[each.file, each.line, each.column, list(each.phrases)] for each in one.problems],
        "more_problems": one.more_problems,
        "leavers": one.leavers,
    }


def _import(row: Row[Any]) -> Import:
    return Import(
        by=row.by_id,
        state=State(row.state),
        at=row.started_at,
        files=tuple(row.counts["files"]),
        kinds=tuple(row.counts.get("of", ())),
        counts=row.counts["kinds"],
        examples=tuple(
            Example(what, name, tuple((p[0], p[1], p[2]) for p in parts)) for what, name, parts in row.examples
        ),
        problems=tuple(map(_problem, row.problems)),
        more_problems=row.more_problems,
        rows=row.rows,
        leavers=row.leavers,
        trouble=row.counts["trouble"],
        id=row.id,
    )


def _problem(kept: Any) -> Problem:
    if isinstance(kept, str):
        # Kept as a sentence by an earlier version, with its place.
        return Problem(kept, 0, "", ())
    file, line, column, phrases = kept
    return Problem(file, line, column, tuple((key, values) for key, values in phrases))


def due(connection: Connection, now: datetime, limit: int) -> list[int]:
    """Imports with something to do, oldest first."""
    waiting = select(directory_import.c.id).where(directory_import.c.due_at <= now)
    return list(connection.execute(waiting.order_by(directory_import.c.id).limit(limit)).scalars())


def claim(connection: Connection, number: int, now: datetime) -> State | None:
    """What is to be done with it; None when another replica is at it."""
    mine = (directory_import.c.id == number) & (directory_import.c.due_at <= now)
    claimed = update(directory_import).where(mine).values(due_at=now + LEASE).returning(directory_import.c.state)
    state = connection.execute(claimed).scalar()
    return None if state is None else State(state)


def forget_imports(connection: Connection, now: datetime) -> int:
    """Deletes what is no longer needed: files nobody confirmed, and differences too old to undo. Returns how many
    imports were over."""
    stale = select(directory_import.c.id).where(
        directory_import.c.state == State.PLANNED.value, directory_import.c.changed_at < now - UNCONFIRMED
    )
    numbers = list(connection.execute(stale).scalars())
    ended = {"state": State.CANCELLED.value, "due_at": None}
    connection.execute(update(directory_import).where(directory_import.c.id.in_(numbers)).values(ended))
    old = select(directory_import.c.id).where(directory_import.c.changed_at < now - KEPT).scalar_subquery()
    over = select(directory_import.c.id).where(
        directory_import.c.state.in_([State.CANCELLED.value, State.FAILED.value, State.UNDONE.value])
    )
    connection.execute(delete(import_file).where(import_file.c.import_id.in_(over)))
    connection.execute(delete(import_change).where(import_change.c.import_id.in_(over)))
    connection.execute(delete(import_change).where(import_change.c.import_id.in_(old)))
    names = update(directory_import).where(directory_import.c.id.in_(old)).values(examples=[], problems=[])
    connection.execute(names)
    return len(numbers)


# Checking


def check(database: Database, number: int, progress: Callable[[int], None]) -> Found:
    """Reads the files of an import, compares them with the database and keeps each difference. Changes nothing else;
    begun anew after a crash. `progress` is told how many rows were read, now and then."""
    database.write(lambda connection: _forget_staged(connection, number))
    with TemporaryDirectory() as folder, SpooledTemporaryFile[bytes](4_000_000) as staged:
        with database.reading() as connection:
            sources = _unpacked(connection, number, Path(folder))
            try:
                with load_sources(
                    sources, Problems(MOST_KEPT), sample=None, connection=connection, progress=progress
                ) as batch:
                    found = _compare(connection, batch, staged)
            except ImportErrors as errors:
                return Found(0, problems=errors.errors, more_problems=errors.more)
        staged.seek(0)
        rows = ({"import_id": number, "place": place, **json.loads(line)} for place, line in enumerate(staged))
        while chunk := list(islice(rows, _STAGED)):
            database.write(partial(_keep_staged, rows=chunk))
    return found


def _keep_staged(connection: Connection, *, rows: Sequence[Mapping[str, Any]]) -> None:
    connection.execute(insert(import_change), rows)


def _forget_staged(connection: Connection, number: int) -> None:
    connection.execute(delete(import_change).where(import_change.c.import_id == number))


def _unpacked(connection: Connection, number: int, folder: Path) -> dict[str, list[Source]]:
    found: dict[str, list[Source]] = {}
    files = select(import_file).where(import_file.c.import_id == number).order_by(import_file.c.id)
    for place, row in enumerate(connection.execute(files)):
        path = folder / f"{place}{Path(row.name).suffix.lower()}"
        path.write_bytes(row.content)
        found.setdefault(row.kind, []).append(Source(path, row.name))
    return found


def _compare(connection: Connection, batch: Batch, staged: Any) -> Found:
    counts: dict[str, dict[str, int]] = {
        kind: dict.fromkeys(("new", "changed", "unchanged", "kept"), 0) for kind in batch.kinds
    }
    examples: list[Example] = []
    for kind, changes in compared(connection, batch, most=MOST_KEPT):
        count = counts[kind]
        for one in changes:
            if one is None or not one.different:
                count["unchanged"] += 1
            else:
                what = "new" if one.number is None else "changed"
                count[what] += 1
                _stage(staged, one)
                if count[what] <= _EXAMPLES:
                    examples.append(_example(what, one))
            if one is not None and one.kept:
                count["kept"] += 1
                if count["kept"] <= _EXAMPLES:
                    parts = tuple((name, "", "") for name in one.kept)
                    examples.append(Example("kept", _name(one), parts))
    if "people" in batch.keys:
        leavers = _leavers(connection, batch.keys["people"])
        counts["people"]["leaves"] = len(leavers)
        for key, number, _ in leavers:
            change = Change("people", key, number, {"leaving": False}, {"leaving": True})
            _stage(staged, change, leaver=True)
        examples += [Example("leaves", name) for _, _, name in leavers[:_EXAMPLES]]
    return Found(batch.read, counts, tuple(examples))


def _stage(staged: Any, one: Change, *, leaver: bool = False) -> None:
    # Only what changes: a row may be changed elsewhere meanwhile.
    parts = one.different
    before = None if one.before is None else {name: one.before[name] for name in parts}
    after = {name: one.after[name] for name in parts}
    row = {"kind": one.kind, "key": one.key, "number": one.number, "before": before, "after": after, "leaver": leaver}
    staged.write(json.dumps(row).encode() + b"\n")


def _leavers(connection: Connection, keys: Mapping[str, Any]) -> list[tuple[str, int, str]]:
    """Everybody whom an import brought and who is in none of the files."""
    known = select(person.c.key, person.c.id, person.c.name).where(
        person.c.key.like("%@%"), ~person.c.key.like(f"{FORGOTTEN}:%"), ~person.c.leaving
    )
    return [
        (row.key, row.id, row.name) for row in connection.execute(known.order_by(person.c.id)) if row.key not in keys
    ]


def _name(one: Change) -> str:
    if one.kind == "people":
        return str(one.after["name"])
    return str(one.after["names"].get("en", one.key))


def _example(what: str, one: Change) -> Example:
    if what == "new":
        return Example(what, _name(one))
    parts = [(name, _shown((one.before or {}).get(name)), _shown(one.after[name])) for name in one.different]
    return Example(what, _name(one), tuple(parts[:6]))


def _shown(value: object) -> str:
    match value:
        case str():
            return excerpt(value, 60)
        case list():
            return excerpt(", ".join(map(str, value)), 80)
        case _:
            return ""


# Applying and undoing


class _Stop(Exception):
    """Takes back what was written, and says why."""


def apply(connection: Connection, number: int, now: datetime) -> str:
    """Writes all that was staged, within the caller's transaction. Returns "" or, with nothing written, why not."""
    hold(connection)
    leavers = connection.execute(select(directory_import.c.leavers).where(directory_import.c.id == number)).scalar_one()
    try:
        with connection.begin_nested():
            if not leavers:
                left = (import_change.c.import_id == number) & import_change.c.leaver
                connection.execute(delete(import_change).where(left))
            written: dict[str, set[int]] = {}
            for kind, rows in _staged(connection, number):
                if not _as_before(connection, kind, rows):
                    raise _Stop("changed_meanwhile")
                numbers = write(connection, kind, [_change(row) for row in rows], now)
                written.setdefault(kind, set()).update(numbers)
                added = [
                    {"of": number, "here": row.place, "now": given}
                    for row, given in zip(rows, numbers, strict=True)
                    if row.number is None
                ]
                if added:
                    connection.execute(_NUMBERED, added)
            told(connection, written)
    except _Stop as stop:
        return str(stop)
    return ""


def undo(connection: Connection, number: int, now: datetime) -> str:
    """Puts everything back, within the caller's transaction. Returns "" or, with nothing written, why not."""
    hold(connection)
    try:
        with connection.begin_nested():
            touched: dict[str, set[int]] = {}
            for kind, rows in reversed(list(_staged(connection, number))):
                current = read(connection, kind, [row.number for row in rows])
                if any(not _same(current.get(row.number), row.after) for row in rows):
                    raise _Stop("changed_since")
                added = [row.number for row in rows if row.before is None]
                if added and _used(connection, kind, added):
                    raise _Stop("used_since")
                changed = [row for row in rows if row.before is not None]
                back = [Change(kind, row.key, row.number, row.after, row.before) for row in changed]
                if back:
                    write(connection, kind, back, now)
                _remove(connection, kind, added)
                touched.setdefault(kind, set()).update(row.number for row in rows)
            told(connection, touched)
    except _Stop as stop:
        return str(stop)
    return ""


_NUMBERED = (
    update(import_change)
    .where(import_change.c.import_id == bindparam("of"), import_change.c.place == bindparam("here"))
    .values(number=bindparam("now"))
)


def _staged(connection: Connection, number: int) -> Iterator[tuple[str, Sequence[Row[Any]]]]:
    """The differences, some of one kind at a time, in order."""
    ours = select(import_change).where(import_change.c.import_id == number)
    kinds = {
        row.kind
        for row in connection.execute(
            select(import_change.c.kind).where(import_change.c.import_id == number).distinct()
        )
    }
    for kind in [one for one in TABLES if one in kinds]:
        last = -1
        while rows := connection.execute(
            ours.where(import_change.c.kind == kind, import_change.c.place > last)
            .order_by(import_change.c.place)
            .limit(CHUNK)
        ).all():
            last = rows[-1].place
            yield kind, rows


def _change(row: Row[Any]) -> Change:
    return Change(row.kind, row.key, row.number, row.before, row.after)


def _same(current: Mapping[str, Any] | None, wanted: Mapping[str, Any]) -> bool:
    return current is not None and all(current[name] == value for name, value in wanted.items())


def _as_before(connection: Connection, kind: str, rows: Sequence[Row[Any]]) -> bool:
    """Whether these rows still stand as they did when they were compared."""
    current = read(connection, kind, [row.number for row in rows if row.number is not None])
    if any(not _same(current.get(row.number), row.before) for row in rows if row.number is not None):
        return False
    table = TABLES[kind]
    fresh = [row.key for row in rows if row.number is None]
    there = select(func.count()).select_from(table).where(table.c.key.in_(fresh))
    return not fresh or connection.execute(there).scalar_one() == 0


_BROUGHT = {membership, role_grant, identity}
"""What an import writes of a person beside the row itself."""


# The try-it page gives everybody a conversation, whether they use it or not.
_NEVER_USED = and_(
    conversation.c.channel == "web",
    *(~exists().where(table.c.conversation_id == conversation.c.id) for table in (web_message, sent, outbox)),
)


def _used(connection: Connection, kind: str, numbers: Sequence[int]) -> bool:
    """Whether anything but the import itself refers to one of these rows."""
    target = TABLES[kind]
    for table in metadata.sorted_tables:
        for column in table.columns:
            refers = any(key.column is target.c.id for key in column.foreign_keys)
            if not refers or (target is person and table in _BROUGHT and column.name == "person_id"):
                continue
            quiet = _NEVER_USED if table is conversation else false()
            if connection.execute(select(exists().where(column.in_(numbers), ~quiet))).scalar():
                return True
    return False


def _remove(connection: Connection, kind: str, numbers: Sequence[int]) -> None:
    if not numbers:
        return
    if kind == "people":
        for table in (*_BROUGHT, conversation):
            connection.execute(delete(table).where(table.c.person_id.in_(numbers)))
    target: Table = TABLES[kind]
    connection.execute(delete(target).where(target.c.id.in_(numbers)))
