"""From files to rows of cells, one at a time, each with the line where it begins."""

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from storage.importing.problems import Problems, nearest, quoted

LONGEST_LINE = 1_000_000
"""Characters of one line. Longer ones are no table, and must not be read whole."""

_NOT_UTF8 = (
    "this line is not written in UTF-8. Save the file again as UTF-8 "
    "(in Excel: Save as, “CSV UTF-8 (comma delimited)”) and import that."
)
_QUOTES = (
    "the quotation marks of this row do not pair up. A cell that begins with one must end with one, "
    'and a quotation mark inside it is written twice ("").'
)


@dataclass(frozen=True, slots=True)
class Table:
    """What a file of one kind holds: its columns in order, those it must have, and those that hold lists."""

    kind: str
    columns: Sequence[str]
    required: Sequence[str]
    lists: frozenset[str]


class Unreadable(Exception):
    """From this line on the file cannot be understood: nothing after it is read."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.message = message


Cells = Mapping[str, object]
Reader = Callable[[Path, str, Table, Problems], Iterator[tuple[int, Cells]]]


def csv_rows(path: Path, file: str, table: Table, problems: Problems) -> Iterator[tuple[int, Cells]]:
    """The rows of a CSV file, with the line where each begins. Delimiter: comma, semicolon or tab, by the header.

    Cells of list columns come as lists, split at "|". Rows of empty cells only are skipped; rows with too many or
    too few cells are told to `problems` and skipped. Raises Unreadable.
    """
    lines = _lines(path)
    above, header = _first_line(lines)
    if not header:
        raise Unreadable(0, f"the file is empty. Its first line must name the columns: {', '.join(table.columns)}.")
    columns, delimiter = _columns(header, above, file, table, problems)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        line = above + reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            # Where the next row begins is a guess from here on: stop rather than report ghosts.
            raise Unreadable(line, _too_long(error) or _QUOTES) from None
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(columns):
            problems.add(
                file,
                line,
                "",
                f"this row has {_cells(len(cells))}, the header has {len(columns)}. "
                f"Put a cell that contains {_NAMES[delimiter]} in quotation marks.",
            )
            continue
        yield (
            line,
            {
                column: [part for part in cell.split("|") if part.strip()] if column in table.lists else cell
                for column, cell in zip(columns, cells, strict=True)
            },
        )


def jsonl_rows(path: Path, file: str, table: Table, problems: Problems) -> Iterator[tuple[int, Cells]]:
    """The objects of a JSONL file, one a line, with their lines; `null` comes as "" or as an empty list.

    Lines that are not a JSON object are told to `problems` and skipped. Raises Unreadable.
    """
    for line, text in enumerate(_lines(path), 1):
        if not text.strip():
            continue
        try:
            cells = json.loads(text.rstrip(), object_pairs_hook=_Object)
        except (ValueError, RecursionError) as error:
            place = f" (see character {error.pos + 1})" if isinstance(error, json.JSONDecodeError) else ""
            problems.add(file, line, "", f'this is not a JSON object on one line, such as {{"key": "a"}}{place}')
            continue
        if not isinstance(cells, _Object):
            problems.add(file, line, "", 'this is not a JSON object, such as {"key": "a"}')
            continue
        if cells.twice:
            problems.add(file, line, cells.twice, "this field is given twice; keep one of the two")
            continue
        yield (
            line,
            {name: ([] if name in table.lists else "") if value is None else value for name, value in cells.items()},
        )


READERS: Mapping[str, Reader] = {".csv": csv_rows, ".jsonl": jsonl_rows}

_NAMES = {",": "a comma", ";": "a semicolon", "\t": "a tab"}


class _Object(dict[str, object]):
    """A JSON object that remembers a name given twice; json alone keeps the last in silence."""

    def __init__(self, pairs: Iterable[tuple[str, object]]) -> None:
        super().__init__()
        self.twice = ""
        for name, value in pairs:
            if name in self:
                self.twice = name
            self[name] = value


def _lines(path: Path) -> Iterator[str]:
    """Physical lines with their ends (\\n, \\r\\n or \\r), a byte order mark left out. Raises Unreadable."""
    # Strict decoding fails a whole buffer at a time; escaped bytes show which line is wrong.
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as stream:
        number = 0
        while text := stream.readline(LONGEST_LINE + 1):
            number += 1
            # UTF-16 of Latin letters decodes as UTF-8, with a NUL beside each.
            if not _is_utf8(text) or (number == 1 and "\0" in text):
                raise Unreadable(number, _NOT_UTF8)
            if len(text) > LONGEST_LINE:
                raise Unreadable(number, f"this line is longer than {LONGEST_LINE:,} characters; is it a table?")
            yield text


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _first_line(lines: Iterator[str]) -> tuple[int, str]:
    """The first line that is not blank, and its number; (0, "") when there is none."""
    for number, text in enumerate(lines, 1):
        if text.strip():
            return number, text
    return 0, ""


def _columns(header: str, line: int, file: str, table: Table, problems: Problems) -> tuple[list[str], str]:
    """The columns and the delimiter: the one by which most known columns are found. Raises Unreadable."""
    best: list[str] = []
    delimiter = ","
    for candidate in _NAMES:
        try:
            cells = next(csv.reader([header], delimiter=candidate, strict=True))
        except csv.Error:
            continue
        names = [cell.strip().lower() for cell in cells]
        if not best or len(set(names) & set(table.columns)) > len(set(best) & set(table.columns)):
            best, delimiter = names, candidate
    if not set(best) & set(table.columns):
        raise Unreadable(line, f"the first line must name the columns of {table.kind}: {', '.join(table.columns)}")
    wrong = False
    for place, name in enumerate(best, 1):
        if not name:
            wrong = True
            problems.add(file, line, "", f"column {place} has no name. Name it, or delete the whole column.")
        elif name not in table.columns:
            wrong = True
            problems.add(file, line, name[:60], unknown_column(name, table))
        elif best.index(name) < place - 1:
            wrong = True
            problems.add(file, line, name, "this column is there twice; keep one of the two")
    for name in table.required:
        if name not in best:
            wrong = True
            problems.add(file, line, name, f"this column is missing, and a file of {table.kind} must have it")
    if wrong:
        raise Unreadable(0, "")
    return best, delimiter


def unknown_column(name: str, table: Table) -> str:
    """The sentence for a column that no file of this kind has."""
    hint = nearest(name, table.columns)
    known = hint if hint else f"; it may have {', '.join(table.columns)}"
    return f"{quoted(name)} is no column of {table.kind}{known}"


def _too_long(error: csv.Error) -> str:
    if "field limit" not in str(error):
        return ""
    return f"a cell of this row is longer than {csv.field_size_limit():,} characters; is a quotation mark missing?"


def _cells(number: int) -> str:
    return "1 cell" if number == 1 else f"{number} cells"
