"""A table of figures as a file: CSV, XLSX or JSON, each with what its columns mean."""

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from knowledge.measurement.exporting import Row, Value

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def safe(value: Value) -> Value:
    """A text that a spreadsheet would calculate gets an apostrophe in front (OWASP, CSV injection)."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def as_json(rows: Sequence[Row], columns: Mapping[str, str]) -> bytes:
    told = [{name: value for name, value in row.items() if value is not None} for row in rows]
    return json.dumps({"columns": columns, "rows": told}, ensure_ascii=False, indent=1).encode()


def as_csv(rows: Sequence[Row], columns: Mapping[str, str]) -> bytes:
    """UTF-8 with a byte order mark, by which Excel knows it. Without the dictionary, which a table has no place for."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(columns), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({name: safe(value) for name, value in row.items()} for row in rows)
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(rows: Sequence[Row], columns: Mapping[str, str]) -> bytes:
    """Two sheets: the figures, and what their columns mean."""
    book = Workbook()
    figures = book.active
    assert figures is not None
    figures.title = "figures"
    figures.append(list(columns))
    for row in rows:
        figures.append([safe(row[name]) for name in columns])
    figures.freeze_panes = "A2"
    figures.auto_filter.ref = figures.dimensions
    dictionary = book.create_sheet("dictionary")
    dictionary.append(["column", "meaning"])
    for name, meaning in columns.items():
        dictionary.append([name, meaning])
    dictionary.column_dimensions["A"].width, dictionary.column_dimensions["B"].width = 14, 110
    for sheet in (figures, dictionary):
        for cell in sheet[1]:
            cell.font = Font(bold=True)
    for place, name in enumerate(columns, 1):
        widest = max(len(name), *(len(str(row[name] if row[name] is not None else "")) for row in rows), 4)
        figures.column_dimensions[get_column_letter(place)].width = min(widest + 2, 44)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


Writer = Callable[[Sequence[Row], Mapping[str, str]], bytes]
FORMATS: Mapping[str, Writer] = {
    "csv": as_csv,
    "json": as_json,
    "xlsx": as_xlsx,
}
KINDS: Mapping[str, str] = {"csv": "text/csv", "json": "application/json", "xlsx": XLSX}
"""Their media types."""
