"""Reads the files an operator names, and finds all that is wrong with them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError
from sqlalchemy import Connection

from knowledge.import_problem import phrase
from storage.importing.batch import Batch
from storage.importing.problems import Problems, meant, short
from storage.importing.reading import READERS, Unreadable
from storage.importing.references import check_references
from storage.importing.rows import ROWS, PersonRow, Row, complaints, table


@dataclass(frozen=True, slots=True)
class Source:
    """A file to read: where it lies, and what it is called where its problems are told."""

    path: Path
    shown: str


Progress = Callable[[int], None]
"""Is told how many rows were read so far, now and then."""
_TOLD_EVERY = 1000


def load(paths: Iterable[str | Path], *, sample: bool = False, connection: Connection | None = None) -> Batch:
    """The rows of the files and folders, all of them good. Nothing is written.

    A file is known by its name (`people.csv`, `items.jsonl`); a folder stands for the files in it so named.
    `sample` marks people and items as sample data. With a `connection`, keys that no file brings are looked up
    at once, so that they are told together with everything else; `plan` and `apply` look again in any case.
    Raises ImportErrors with every problem found (the first hundred, as `Problems` has it).
    """
    problems = Problems()
    return load_sources(_find(paths, problems), problems, sample=sample, connection=connection)


def load_sources(
    files: Mapping[str, Sequence[Source]],
    problems: Problems | None = None,
    *,
    sample: bool | None,
    connection: Connection | None,
    progress: Progress = lambda _rows: None,
) -> Batch:
    """As `load`, of files whose kinds are known."""
    problems = problems if problems is not None else Problems()
    batch = Batch(sample=sample)
    try:
        # A file that could not be read to its end leaves keys unknown: naming them missing would be false.
        unsure = {
            kind
            for kind in ROWS
            for source in files.get(kind, ())
            if not _read(kind, source, batch, problems, progress)
        }
        for kind, key in [missing for missing in batch.missing if missing[0] in unsure]:
            del batch.missing[kind, key]
        if connection is not None:
            check_references(connection, batch, problems)
        problems.raise_if_any()
    except BaseException:
        batch.close()
        raise
    return batch


def _find(paths: Iterable[str | Path], problems: Problems) -> dict[str, list[Source]]:
    """The files by kind. Tells of paths that are not there, and of tables whose names say nothing."""
    found: dict[str, list[Source]] = {}
    for path in map(Path, paths):
        if path.is_dir():
            inside = sorted(child for child in path.iterdir() if child.suffix.lower() in READERS)
            if not inside:
                problems.add(_shown(path), 0, "", phrase("folder_empty", names=_NAMES))
        else:
            inside = [path]
        for file in inside:
            kind = file.stem.lower()
            if not file.is_file():
                problems.add(_shown(file), 0, "", phrase("no_file"))
            elif kind not in ROWS or file.suffix.lower() not in READERS:
                hint = meant(kind, ROWS, phrase("one_of_names", names=_NAMES))
                problems.add(_shown(file), 0, "", phrase("name"), *hint)
            elif not any(file.samefile(other.path) for other in found.get(kind, ())):
                found.setdefault(kind, []).append(Source(file, _shown(file)))
    return found


_NAMES = ", ".join(f"{kind}.csv" for kind in ROWS)


def _shown(path: Path) -> str:
    # A file name may hold bytes that no terminal prints.
    return str(path).encode(errors="replace").decode()


def _read(kind: str, source: Source, batch: Batch, problems: Problems, progress: Progress) -> bool:
    """Adds the file's rows to the batch; False when the file could not be read to its end."""
    path, file = source.path, source.shown
    known = table(kind)
    problems.begin(file)
    batch.keys.setdefault(kind, {})
    try:
        for line, cells in READERS[path.suffix.lower()](path, file, known, problems):
            batch.read += 1
            if batch.read % _TOLD_EVERY == 0:
                progress(batch.read)
            # A key counts even when another cell of its row is bad, or every row that names it would be blamed.
            twice = _remember_key(kind, cells.get(ROWS[kind].KEY), file, line, batch, problems)
            try:
                row = ROWS[kind].model_validate(cells)
            except ValidationError as error:
                for column, phrases in complaints(error, known):
                    problems.add(file, line, column, *phrases)
                continue
            if not twice:
                _check_row(kind, row, file, line, batch, problems)
                batch.add(kind, file, line, row)
    except Unreadable as stop:
        if stop.phrases:
            problems.add(file, stop.line, "", *stop.phrases)
        return False
    except OSError as error:
        problems.add(file, 0, "", phrase("cannot_read", reason=error.strerror or type(error).__name__))
        return False
    return True


def _remember_key(kind: str, cell: object, file: str, line: int, batch: Batch, problems: Problems) -> bool:
    """Whether an earlier row has this key; if so it is told."""
    if not isinstance(cell, str) or not cell.strip():
        return False
    key = ROWS[kind].normal_key(cell)
    first = batch.keys[kind].setdefault(key, (file, line))
    if first == (file, line):
        return False
    column = ROWS[kind].KEY
    problems.add(file, line, column, phrase("key_twice", word=short(key), place=f"{first[0]}:{first[1]}"))
    return True


def _check_row(kind: str, row: Row, file: str, line: int, batch: Batch, problems: Problems) -> None:
    """What only a look at the other rows can tell."""
    for column, target, key in row.refers():
        if key not in batch.keys.get(target, {}):
            batch.refer(target, key, (file, line, column))
    if isinstance(row, PersonRow):
        for column, channel, remote in _ids(row):
            owner = batch.ids[channel].setdefault(remote, row.email)
            if owner != row.email:
                problems.add(file, line, column, phrase("id_taken_here", word=short(remote), owner=short(owner)))


def _ids(row: PersonRow) -> Iterator[tuple[str, str, str]]:
    if row.teams_id:
        yield "teams_id", "teams", row.teams_id
    if row.slack_id:
        yield "slack_id", "slack", row.slack_id
