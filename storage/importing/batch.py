"""What was read and found good, waiting on disk until it is compared with the database."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import Any, Self

from storage.importing.rows import ROWS, Row

_IN_MEMORY = 4_000_000
"""Bytes of one kind kept in memory; beyond, a file without a name that only this process can open."""

MOST_PLACES = 20
"""Places remembered of one missing key: enough to mend it, and the memory stays bounded."""

Place = tuple[str, int, str]
"""File, line and column."""


@dataclass(frozen=True, slots=True)
class Line:
    """A good row: the cells it gives, by column, and where it came from."""

    file: str
    line: int
    cells: Mapping[str, Any]


class Batch:
    """Rows of every kind, each checked by itself and against its files. Read it as often as you like; close it.

    sample   marks the people and items as sample data; None leaves that as it is.
    read     how many rows there were, bad ones too.
    keys     for each kind read, the file and line of every key.
    missing  keys of topics and networks that no file brings: the database must have them.
    ids      for each channel, whose id is whose: the person's e-mail address by the channel's id.
    """

    def __init__(self, *, sample: bool | None = False) -> None:
        self.sample = sample
        self.read = 0
        self.keys: dict[str, dict[str, tuple[str, int]]] = {}
        self.missing: dict[tuple[str, str], list[Place]] = {}
        self.ids: dict[str, dict[str, str]] = {"teams": {}, "slack": {}}
        self._rows = {kind: SpooledTemporaryFile[bytes](_IN_MEMORY) for kind in ROWS}

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds read, each after those it refers to."""
        return tuple(kind for kind in ROWS if kind in self.keys)

    def add(self, kind: str, file: str, line: int, row: Row) -> None:
        record = (file, line, row.model_dump(exclude_unset=True))
        self._rows[kind].write(json.dumps(record).encode() + b"\n")

    def rows(self, kind: str) -> Iterator[Line]:
        """The rows of a kind in the order of the files, one at a time."""
        stream = self._rows[kind]
        stream.seek(0)
        for record in stream:
            yield Line(*json.loads(record))

    def refer(self, kind: str, key: str, place: Place) -> None:
        """Remembers that a row names a key which must be found in the database."""
        places = self.missing.setdefault((kind, key), [])
        if len(places) < MOST_PLACES:
            places.append(place)

    def close(self) -> None:
        for stream in self._rows.values():
            stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
