"""The figures of a report as files: the same in each format, explained, and of nobody."""

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from app import main
from bench.report import reading_of
from bot import exports
from knowledge import reporting
from knowledge.measurement import exporting
from knowledge.measurement.disclosure import KNOWN
from storage.database import Database
from storage.schema import person
from tests.house.running import ROOT
from tests.measurement.test_pilot import NOW, piloted


def _rows(database: Database, language: str = "en") -> list[dict[str, Any]]:
    with piloted(database, members=120) as (_, reading):
        made = reporting.made(reading)  # type: ignore[arg-type]
        return [dict(row) for row in exporting.rows([made], {}, language)]


def test_each_format_holds_the_same_figures(sqlite_database: Database) -> None:
    rows = _rows(sqlite_database)
    as_json = json.loads(exports.as_json(rows, exporting.COLUMNS))
    assert as_json["columns"] == exporting.COLUMNS
    assert [{**dict.fromkeys(exporting.COLUMNS), **row} for row in as_json["rows"]] == rows
    told = exports.as_csv(rows, exporting.COLUMNS)
    assert told.startswith(b"\xef\xbb\xbf")
    as_csv = list(csv.DictReader(io.StringIO(told.decode("utf-8-sig"), newline="")))
    assert as_csv == [{name: "" if value is None else str(value) for name, value in row.items()} for row in rows]
    book = load_workbook(io.BytesIO(exports.as_xlsx(rows, exporting.COLUMNS)))
    head, *body = book["figures"].iter_rows(values_only=True)
    assert [dict(zip(map(str, head), line, strict=True)) for line in body] == rows
    dictionary = {row[0]: row[1] for row in list(book["dictionary"].iter_rows(values_only=True))[1:]}
    assert dictionary == exporting.COLUMNS


def test_an_export_tells_no_more_than_the_report_may(sqlite_database: Database) -> None:
    rows = _rows(sqlite_database)
    groups = [row for row in rows if row["kind"] == "item"]
    assert {row["survey"] for row in groups} == {"baseline", "latest"}
    assert any(row["region"] for row in groups)
    for row in groups:
        points = [row[f"points_{point}"] for point in range(1, 6)]
        assert sum(points) == row["n"] >= 5
        assert sum(points) - max(points) > KNOWN
    with sqlite_database.reading() as connection:
        people = [
            *connection.execute(select(person.c.name)).scalars(),
            *connection.execute(select(person.c.key)).scalars(),
        ]
    text = json.dumps(rows)
    assert not [one for one in people if one in text]


def test_every_part_that_is_told_is_in_the_file_by_the_same_definitions(sqlite_database: Database) -> None:
    with piloted(sqlite_database):
        pass
    with sqlite_database.begin() as connection:
        work: Any = reading_of(connection, NOW)
        made = reporting.made(work, datetime(2026, 7, 1, tzinfo=UTC))
        slices = reporting.slices(work, made)
        rows = list(exporting.rows(slices, {1: "pilot-1", 2: "pilot-2"}, "en"))
    parts = [one for one in rows if one["kind"] == "indicator" and (one["network"] or one["region"])]
    of_network = {one["key"] for one in parts if one["network"]}
    of_region = {one["key"] for one in parts if not one["network"] and one["region"]}
    # What became of questions by network, what people do by region, and neither both ways.
    assert {"answer_rate", "first_answer"} <= of_network
    assert {"active_members", "helping_members"} <= of_region
    assert not of_network & of_region
    flows = [one for one in rows if str(one["kind"]).startswith("flow")]
    assert all(" > " in str(one["key"]) for one in flows)


@pytest.mark.parametrize("begins", ["=1+1", "+1", "-1", "@cell", "\tx", "\rx", "\nx"])
def test_no_text_is_calculated(begins: str) -> None:
    columns = {"name": "A name."}
    rows = [{"name": begins}]
    assert csv.reader(io.StringIO(exports.as_csv(rows, columns).decode("utf-8-sig"))).__next__() == ["name"]
    assert f"'{begins[0]}".encode() in exports.as_csv(rows, columns)
    book = load_workbook(io.BytesIO(exports.as_xlsx(rows, columns)))
    assert book["figures"]["A2"].data_type == "s"
    # Numbers may be below nothing.
    assert exports.safe(-0.5) == -0.5


def test_the_manual_explains_every_column() -> None:
    manual = (ROOT / "docs" / "report-format.md").read_text(encoding="utf-8")
    lines = [line for line in manual.splitlines() if line.startswith("| `")]
    assert lines == [f"| `{name}` | {meaning} |" for name, meaning in exporting.COLUMNS.items()]


def test_the_command_writes_what_its_ending_says(
    sqlite_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", sqlite_database.url.render_as_string(hide_password=False))
    with piloted(sqlite_database, members=40):
        pass
    for ending in exports.FORMATS:
        assert main(["report", str(tmp_path / f"out.{ending}"), "--lang", "es"]) == 0
    assert "Organización" in (tmp_path / "out.csv").read_text(encoding="utf-8-sig")
    capsys.readouterr()
    for arguments, said in (
        (["out.pdf"], ".csv, .json, .xlsx"),
        (["out.csv", "--month", "soon"], "is no month"),
        (["out.csv", "--month", "2999-01"], "not over yet"),
    ):
        assert main(["report", str(tmp_path / arguments[0]), *arguments[1:]]) == 1
        told = capsys.readouterr()
        assert said in told.out + told.err
