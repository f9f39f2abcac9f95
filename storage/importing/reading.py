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

from knowledge.import_problem import Phrase, phrase
from storage.importing.problems import Problems, meant, short

LONGEST_LINE = 1_000_000
"""Characters of one line. Longer ones are no table, and must not be read whole."""

LARGEST_WORKBOOK = 200_000_000
"""Bytes of a workbook once unpacked: a small file may hold a very large one."""
MOST_COLUMNS = 60

_OBJECT = '{"key": "a"}'


@dataclass(frozen=True, slots=True)
class Table:
    """What a file of one kind holds: its columns in order, those it must have, and those that hold lists."""

    kind: str
    columns: Sequence[str]
    required: Sequence[str]
    lists: frozenset[str]


class Unreadable(Exception):
    """From this line on the file cannot be understood, and nothing after it is read. Without phrases it was told."""

    def __init__(self, line: int, *phrases: Phrase) -> None:
        super().__init__(line)
        self.line = line
        self.phrases = phrases


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
        raise Unreadable(0, phrase("file_empty", columns=", ".join(table.columns)))
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
            raise Unreadable(line, _too_long(error) or phrase("quotes")) from None
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(columns):
            problems.add(
                file,
                line,
                "",
                phrase("cells", number=len(cells), columns=len(columns)),
                phrase(f"quote_{_NAMES[delimiter]}"),
            )
            continue
        yield line, _row(columns, cells, table)


def xlsx_rows(path: Path, file: str, table: Table, problems: Problems) -> Iterator[tuple[int, Cells]]:
    """The rows of the first sheet of a workbook, with their numbers as Excel shows them. Formulas count as what they
    came to. Raises Unreadable."""
    try:
        with ZipFile(path) as archive:
            if sum(part.file_size for part in archive.infolist()) > LARGEST_WORKBOOK:
                raise Unreadable(0, phrase("workbook_large"))
        book = load_workbook(path, read_only=True, data_only=True)
    except (BadZipFile, KeyError, ValueError, OSError, InvalidFileException, SyntaxError):
        raise Unreadable(0, phrase("not_workbook")) from None
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
                problems.add(file, line, "", phrase("beyond"))
                continue
            yield line, _row(columns, [*texts, *[""] * (len(columns) - len(texts))][: len(columns)], table)
        if not columns:
            raise Unreadable(0, phrase("sheet_empty"), _must_name(table))
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
            raise Unreadable(line, phrase("json_no_end"))
        if text[place] == "]":
            return
        try:
            cells, place = decoder.raw_decode(text, place)
        except (ValueError, RecursionError) as error:
            at = error.pos if isinstance(error, json.JSONDecodeError) else place
            raise Unreadable(line + text.count("\n", counted, at), phrase("not_json")) from None
        if isinstance(cells, _Object) and not cells.twice:
            yield line, _without_nulls(cells, table)
        elif isinstance(cells, _Object):
            problems.add(file, line, cells.twice, phrase("field_twice"))
        else:
            problems.add(file, line, "", phrase("not_object", example=_OBJECT))


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
            told = [phrase("not_object_line", example=_OBJECT)]
            if isinstance(error, json.JSONDecodeError):
                told.append(phrase("see_character", place=error.pos + 1))
            problems.add(file, line, "", *told)
            continue
        if not isinstance(cells, _Object):
            problems.add(file, line, "", phrase("not_object", example=_OBJECT))
            continue
        if cells.twice:
            problems.add(file, line, cells.twice, phrase("field_twice"))
            continue
        yield line, _without_nulls(cells, table)


READERS: Mapping[str, Reader] = {".csv": csv_rows, ".json": json_rows, ".jsonl": jsonl_rows, ".xlsx": xlsx_rows}

_NAMES = {",": "comma", ";": "semicolon", "\t": "tab"}


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
                raise Unreadable(number, phrase("not_utf8"))
            if len(text) > LONGEST_LINE:
                raise Unreadable(number, phrase("line_long", longest=float(LONGEST_LINE)))
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


def _must_name(table: Table) -> Phrase:
    return phrase("must_name", kind=table.kind, columns=", ".join(table.columns))


def _check_columns(best: Sequence[str], line: int, file: str, table: Table, problems: Problems) -> None:
    """Tells of columns that are unknown, there twice or missing. Raises Unreadable if there is any."""
    wrong = False
    for place, name in enumerate(best, 1):
        if not name:
            wrong = True
            problems.add(file, line, "", phrase("column_unnamed", place=place))
        elif name not in table.columns:
            wrong = True
            problems.add(file, line, name[:60], *unknown_column(name, table))
        elif best.index(name) < place - 1:
            wrong = True
            problems.add(file, line, name, phrase("column_twice"))
    for name in table.required:
        if name not in best:
            wrong = True
            problems.add(file, line, name, phrase("column_missing", kind=table.kind))
    if wrong:
        raise Unreadable(0)


def unknown_column(name: str, table: Table) -> tuple[Phrase, ...]:
    """What to say of a column that no file of this kind has."""
    known = phrase("may_have", columns=", ".join(table.columns))
    return phrase("no_column", word=short(name), kind=table.kind), *meant(name, table.columns, known)


def _too_long(error: csv.Error) -> Phrase | None:
    return phrase("cell_long", longest=float(csv.field_size_limit())) if "field limit" in str(error) else None
