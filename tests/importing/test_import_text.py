"""Any text at all: it arrives as it was written, less what cannot be seen, or its line is named."""

import csv
import io
import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from knowledge.text import LONGEST_TEXT, clean
from storage import importing
from storage.database import Database
from storage.schema import person
from tests.importing.english import in_english
from tests.importing.test_import_saving import NOW

HOSTILE = Path(__file__).parents[3] / "shared" / "data" / "hostile-strings.json"
COLUMNS = ["key", "question", "answer", "language", "audience"]


def load(path: Path, data: bytes) -> list[str] | str:
    """The answers read, or the one problem told."""
    path.write_bytes(data)
    try:
        with importing.load([path]) as batch:
            return [line.cells["answer"] for line in batch.rows("items")]
    except importing.ImportErrors as errors:
        return in_english(errors)


def as_csv(answers: list[str], delimiter: str, end: str, mark: bool) -> bytes:
    # Python's writer quotes only the line break that it ends rows with itself; readers stop at each of them.
    quoting = csv.QUOTE_ALL if any(set(answer) & {"\r", "\n"} for answer in answers) else csv.QUOTE_MINIMAL
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=quoting)
    writer.writerow(COLUMNS)
    for number, answer in enumerate(answers):
        writer.writerow([f"k{number}", "q", answer, "en", "undp"])
    return text.getvalue().encode("utf-8-sig" if mark else "utf-8")


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("files")


@given(
    st.lists(texts, min_size=1, max_size=4),
    st.sampled_from(",;\t"),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.booleans(),
)
def test_any_cell_of_a_csv_arrives_or_its_line_is_named(
    folder: Path, answers: list[str], delimiter: str, end: str, mark: bool
) -> None:
    path = folder / "items.csv"
    found = load(path, as_csv(answers, delimiter, end, mark))
    if all(clean(answer) for answer in answers):
        assert found == [clean(answer) for answer in answers]
    else:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = len(file.readlines())
        told = [importing_line(line) for line in str(found).splitlines()]
        assert len(told) == sum(not clean(answer) for answer in answers)
        assert all(2 <= number <= lines for number in told)


def importing_line(problem: str) -> int:
    place, _, rest = problem.partition(" ")
    assert rest == "answer: this cell is empty, and it is needed"
    return int(place.rpartition(":")[2])


@given(st.lists(st.text(max_size=60), min_size=1, max_size=4), st.booleans())
def test_any_value_of_a_json_line_arrives_or_its_line_is_named(folder: Path, answers: list[str], ascii: bool) -> None:
    rows = [dict(zip(COLUMNS, [f"k{n}", "q", answer, "en", "undp"], strict=True)) for n, answer in enumerate(answers)]
    data = "\n".join(json.dumps(row, ensure_ascii=ascii) for row in rows).encode(errors="surrogatepass")
    found = load(folder / "items.jsonl", data)
    empty = [number for number, answer in enumerate(answers, 1) if not clean(answer)]
    foreign = [n for n, answer in enumerate(answers, 1) if not ascii and any("\ud800" <= c <= "\udfff" for c in answer)]
    if foreign:
        assert f"items.jsonl:{foreign[0]}: this line is not written in UTF-8." in str(found)
    elif empty:
        assert [importing_line(line) for line in str(found).splitlines()] == empty
    else:
        assert found == [clean(answer) for answer in answers]


@given(st.binary(max_size=200), st.sampled_from(["csv", "jsonl"]), st.sampled_from(["topics", "people"]))
def test_whatever_the_bytes_are_only_problems_are_told(folder: Path, data: bytes, ending: str, kind: str) -> None:
    path = folder / f"{kind}.{ending}"
    path.write_bytes(data)
    try:
        importing.load([path]).close()
    except importing.ImportErrors as errors:
        in_english(errors).encode()
    finally:
        path.unlink()


@given(texts, st.sampled_from(["email", "time_zone", "roles", "networks", "speaks", "region", "teams_id", "x|y"]))
def test_no_cell_of_a_person_makes_more_than_a_sentence(folder: Path, text: str, column: str) -> None:
    path = folder / "people.jsonl"
    row = {"email": "a@b.org", "name": "A", "organisation": "undp"}
    for value in (text, [text]):
        path.write_text(json.dumps(row | {column: value}), encoding="utf-8")
        try:
            importing.load([path]).close()
            told = ""
        except importing.ImportErrors as errors:
            told = in_english(errors)
        assert len(told.splitlines()) <= 1
        assert len(told) < 500
    path.unlink()


def hostile() -> list[str]:
    """The strings, those written as "@@REPEAT:text:times" at their length."""
    if not HOSTILE.exists():
        if os.environ.get("CI") == "true":
            raise FileNotFoundError(HOSTILE)
        return []
    strings = []
    for group in json.loads(HOSTILE.read_text(encoding="utf-8")).values():
        for text in group if isinstance(group, list) else []:
            if text.startswith("@@REPEAT:"):
                unit, _, times = text.removeprefix("@@REPEAT:").rpartition(":")
                digits = times.rstrip("!x")
                text = unit * int(digits) + times[len(digits) :]
            strings.append(text)
    return strings


def test_hostile_names_arrive_as_plain_text_or_are_refused_by_line(database: Database, tmp_path: Path) -> None:
    strings = hostile()
    if not strings:
        pytest.skip("the hostile strings are not beside this checkout")
    path = tmp_path / "people.jsonl"
    kept = 0
    for number, text in enumerate(strings):
        row = {"email": f"p{number}@example.org", "name": text, "about": text[:LONGEST_TEXT], "organisation": "undp"}
        path.write_text("\n" + json.dumps(row), encoding="utf-8")
        try:
            with importing.load([path]) as batch:
                database.write(lambda connection, batch=batch: importing.apply(connection, batch, NOW))
        except importing.ImportErrors as errors:
            problem = in_english(errors)
            assert problem.startswith(f"{path}:2 name: this")
            assert "\n" not in problem
            continue
        kept += 1
        with database.reading() as connection:
            found = connection.execute(select(person).where(person.c.key == f"p{number}@example.org")).one()
        assert found.name == " ".join(clean(text).split())
        assert found.about == clean(text[:LONGEST_TEXT])
    assert kept > 80


@pytest.mark.parametrize("name", ["topics.csv", "topics.jsonl"])
def test_a_byte_order_mark_is_not_part_of_the_first_name(tmp_path: Path, name: str) -> None:
    text = "key,name_en\na,A\n" if name.endswith("csv") else '{"key": "a", "name_en": "A"}\n'
    (tmp_path / name).write_bytes(text.encode("utf-8-sig"))
    with importing.load([tmp_path]) as batch:
        assert [line.cells for line in batch.rows("topics")] == [{"key": "a", "name_en": "A"}]


def test_lists_in_csv_are_separated_by_bars_and_spaces_around_them_do_not_count(tmp_path: Path) -> None:
    (tmp_path / "topics.csv").write_text('Key ;NAME_EN;aliases\na;"A | ""B""";UXO| ERW ||uxo\n', encoding="utf-8")
    with importing.load([tmp_path]) as batch:
        assert [line.cells for line in batch.rows("topics")] == [
            {"key": "a", "name_en": 'A | "B"', "aliases": ["uxo", "erw"]}
        ]
