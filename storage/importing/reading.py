"""From files to rows of cells, one at a time, each with the line where it begins."""

import csv
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from storage.importing.problems import Problems, nearest, quoted

LONGEST_LINE = 1_000_000
"""Characters of one line. Longer ones are no table, and must not be read whole."""

LARGEST_WORKBOOK = 200_000_000
"""Bytes of a workbook once unpacked: a small file may hold a very large one."""
MOST_COLUMNS = 60

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
        yield line, _row(columns, cells, table)


def xlsx_rows(path: Path, file: str, table: Table, problems: Problems) -> Iterator[tuple[int, Cells]]:
    """The rows of the first sheet of a workbook, with their numbers as Excel shows them. Formulas count as what they
    came to. Raises Unreadable."""
    try:
        with ZipFile(path) as archive:
            if sum(part.file_size for part in archive.infolist()) > LARGEST_WORKBOOK:
                raise Unreadable(0, "this workbook is too large once unpacked. Save the sheet as CSV and send that.")
        book = load_workbook(path, read_only=True, data_only=True)
    except (BadZipFile, KeyError, ValueError, OSError, InvalidFileException, SyntaxError):
        raise Unreadable(0, "this is not an Excel workbook (.xlsx). Save it anew in Excel, or as CSV.") from None
    try:
        sheet = book.worksheets[0]
        columns: list[str] = []
        for line, cells in enumerate(sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS), 1):
            texts = [_cell(cell) for cell in cells]
            if not any(text.strip() for text in texts):
                continue
            if not columns:
                while texts and not texts[-1].strip():
                    texts.pop()
                columns = [text.strip().lower() for text in texts]
                if not set(columns) & set(table.columns):
                    raise Unreadable(line, _must_name(table))
                _check_columns(columns, line, file, table, problems)
                continue
            if any(text.strip() for text in texts[len(columns) :]):
                problems.add(file, line, "", "this row has a cell beyond the last named column")
                continue
            yield line, _row(columns, [*texts, *[""] * (len(columns) - len(texts))][: len(columns)], table)
        if not columns:
            raise Unreadable(0, f"the first sheet is empty. {_must_name(table)}")
    finally:
        book.close()


def _cell(value: object) -> str:
    """A cell as one would type it."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case float() if value.is_integer():
            return str(int(value))
        case datetime():
            return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
        case _:
            return str(value)


def json_rows(path: Path, file: str, table: Table, problems: Problems) -> Iterator[tuple[int, Cells]]:
    """The objects of a JSON array, one a row, each with the line where it begins; an object with them under `rows` is
    read too, as our own exports are. A file of one object a line is read as such. Raises Unreadable."""
    text = "".join(_lines(path))
    decoder = json.JSONDecoder(object_pairs_hook=_Object)
    opens = re.compile(r'\s*(?:\{(?:[^{}\[\]]|\{[^{}]*\})*?"rows"\s*:\s*)?\[').match(text)
    if opens is None:
        yield from jsonl_rows(path, file, table, problems)
        return
    place = opens.end()
    line, counted = 1, 0
    while True:
        place = _skipped(text, place, ",")
        line += text.count("\n", counted, place)
        counted = place
        if place >= len(text):
            raise Unreadable(line, "the list of rows has no end: a closing ] is missing")
        if text[place] == "]":
            return
        try:
            cells, place = decoder.raw_decode(text, place)
        except (ValueError, RecursionError) as error:
            at = error.pos if isinstance(error, json.JSONDecodeError) else place
            raise Unreadable(
                line + text.count("\n", counted, at), "this is not JSON; what follows was not read"
            ) from None
        if isinstance(cells, _Object) and not cells.twice:
            yield line, _without_nulls(cells, table)
        elif isinstance(cells, _Object):
            problems.add(file, line, cells.twice, "this field is given twice; keep one of the two")
        else:
            problems.add(file, line, "", 'this is not a JSON object, such as {"key": "a"}')


def _skipped(text: str, place: int, separator: str) -> int:
    while place < len(text) and (text[place].isspace() or text[place] == separator):
        place += 1
    return place


def _row(columns: Sequence[str], cells: Sequence[str], table: Table) -> Cells:
    return {
        column: [part for part in cell.split("|") if part.strip()] if column in table.lists else cell
        for column, cell in zip(columns, cells, strict=True)
    }


def _without_nulls(cells: Mapping[str, object], table: Table) -> Cells:
    return {name: ([] if name in table.lists else "") if value is None else value for name, value in cells.items()}


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
        yield line, _without_nulls(cells, table)


READERS: Mapping[str, Reader] = {".csv": csv_rows, ".json": json_rows, ".jsonl": jsonl_rows, ".xlsx": xlsx_rows}

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
        raise Unreadable(line, _must_name(table))
    _check_columns(best, line, file, table, problems)
    return best, delimiter


def _must_name(table: Table) -> str:
    return f"the first line must name the columns of {table.kind}: {', '.join(table.columns)}"


def _check_columns(best: Sequence[str], line: int, file: str, table: Table, problems: Problems) -> None:
    """Tells of columns that are unknown, there twice or missing. Raises Unreadable if there is any."""
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
