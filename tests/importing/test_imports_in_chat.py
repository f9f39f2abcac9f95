"""An import in chat, step by step: nothing before its confirmation, all of it or nothing, and back as it was."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from sqlalchemy import Connection, func, insert, select, update

from bench.importing import measure
from knowledge.importing import Found, Import, State
from storage import imports, schema
from storage.database import Database
from storage.importing import ImportErrors
from storage.importing.loading import Source, load_sources
from tests.chat.player import START
from tests.importing.english import in_english

LITIA, ELIF = "litia.waqa@sample.example", "elif.aksoy@sample.example"
HEADER = "email,name,organisation,office\n"
ONE_NEW = HEADER + "new.one@sample.example,New One (sample),undp,Lima\n"
AND_LITIA = ONE_NEW + f"{LITIA},Litia Waqa (sample),undp,Nadi\n"


class Desk:
    """Runs the steps of imports on one database."""

    def __init__(self, database: Database, now: datetime = START) -> None:
        self.database = database
        self.now = now

    def begin(self, text: str, kind: str = "people") -> int:
        with self.database.begin() as connection:
            ingrid = connection.execute(select(func.min(schema.person.c.id))).scalar_one()
            one = Import(ingrid, State.CHECKING, self.now, (f"{kind}.csv",))
            return imports.Imports(connection, self.now).add(one, [(kind, f"{kind}.csv", text.encode())]).id

    def check(self, number: int) -> Found:
        return imports.check(self.database, number, lambda _rows: None)

    def apply(self, number: int, *, leavers: bool = False) -> str:
        with self.database.begin() as connection:
            this = schema.directory_import.c.id == number
            connection.execute(update(schema.directory_import).where(this).values(leavers=leavers))
            return imports.apply(connection, number, self.now)

    def undo(self, number: int) -> str:
        with self.database.begin() as connection:
            return imports.undo(connection, number, self.now)

    def write(self, statement: Any) -> None:
        with self.database.begin() as connection:
            connection.execute(statement)

    def directory(self) -> str:
        """All that an import may touch, as text."""
        tables = (schema.person, schema.membership, schema.role_grant, schema.identity, schema.network)
        with self.database.reading() as connection:
            found = {
                table.name: sorted(
                    json.dumps({n: v for n, v in row.items() if (table.name, n) != ("role_grant", "id")}, default=str)
                    for row in connection.execute(select(table)).mappings()
                )
                for table in tables
            }
        return json.dumps(found, indent=1)

    def person(self, key: str) -> Any:
        with self.database.reading() as connection:
            return connection.execute(select(schema.person).where(schema.person.c.key == key)).one_or_none()


@pytest.fixture
def desk(community: Database) -> Desk:
    return Desk(community)


def test_nothing_is_changed_before_it_is_applied_and_an_undo_leaves_everything_as_it_was(desk: Desk) -> None:
    before = desk.directory()
    number = desk.begin(AND_LITIA)
    found = desk.check(number)
    counts = found.counts["people"]
    assert (counts["new"], counts["changed"], counts["unchanged"]) == (1, 1, 0)
    assert desk.directory() == before
    assert desk.apply(number) == ""
    assert desk.person(LITIA).office == "Nadi"
    assert desk.person("new.one@sample.example").name == "New One (sample)"
    assert desk.directory() != before
    assert desk.undo(number) == ""
    assert desk.directory() == before


def test_a_check_that_fell_over_is_begun_anew_and_keeps_each_difference_once(desk: Desk) -> None:
    number = desk.begin(AND_LITIA)
    desk.check(number)
    desk.check(number)
    with desk.database.reading() as connection:
        staged = select(func.count()).where(~schema.import_change.c.leaver, schema.import_change.c.import_id == number)
        assert connection.execute(staged).scalar() == 2


@pytest.mark.parametrize("step", ["apply", "undo"])
def test_a_step_that_falls_over_at_its_end_leaves_nothing(desk: Desk, step: str) -> None:
    number = desk.begin(AND_LITIA)
    desk.check(number)
    if step == "undo":
        assert desk.apply(number) == ""
    before = desk.directory()

    class Fell(Exception):
        pass

    def fall(connection: Connection) -> None:
        assert getattr(imports, step)(connection, number, desk.now) == ""
        raise Fell

    with pytest.raises(Fell):
        desk.database.write(fall)
    assert desk.directory() == before


def change_office(desk: Desk) -> None:
    desk.write(update(schema.person).where(schema.person.c.key == LITIA).values(office="Labasa"))


def add_the_same(desk: Desk) -> None:
    other = desk.begin(ONE_NEW)
    desk.check(other)
    assert desk.apply(other) == ""


@pytest.mark.parametrize("meanwhile", [change_office, add_the_same])
def test_what_changed_since_it_was_compared_stops_all_of_it(desk: Desk, meanwhile: Callable[[Desk], None]) -> None:
    number = desk.begin(AND_LITIA)
    desk.check(number)
    meanwhile(desk)
    before = desk.directory()
    assert desk.apply(number) == "changed_meanwhile"
    assert desk.directory() == before


def test_what_somebody_changed_since_is_not_undone_and_nor_is_the_rest(desk: Desk) -> None:
    number = desk.begin(AND_LITIA)
    desk.check(number)
    desk.apply(number)
    change_office(desk)
    before = desk.directory()
    assert desk.undo(number) == "changed_since"
    assert desk.directory() == before


def test_whoever_was_here_since_is_not_removed_by_an_undo(desk: Desk) -> None:
    number = desk.begin(ONE_NEW)
    desk.check(number)
    desk.apply(number)
    new = desk.person("new.one@sample.example").id
    row = {"channel": "direct", "remote_id": "7", "person_id": new, "address": {}, "used_at": desk.now}
    desk.write(insert(schema.conversation).values(row))
    assert desk.undo(number) == "used_since"
    assert desk.person("new.one@sample.example") is not None


def everybody_but_elif(desk: Desk) -> str:
    with desk.database.reading() as connection:
        keys = connection.execute(select(schema.person.c.key, schema.person.c.name, schema.person.c.reach)).all()
    reach = {20: "undp", 30: "one-un", 40: "public"}
    return "email,name,organisation\n" + "".join(
        f"{row.key},{row.name},{reach[row.reach]}\n" for row in keys if row.key != ELIF
    )


def test_whoever_is_in_no_file_leaves_only_when_that_is_said_and_comes_back_with_a_file(desk: Desk) -> None:
    text = everybody_but_elif(desk)
    number = desk.begin(text)
    assert desk.check(number).counts["people"]["leaves"] == 1
    desk.apply(number)
    assert desk.person(ELIF).leaving is False
    again = desk.begin(text)
    desk.check(again)
    assert desk.apply(again, leavers=True) == ""
    assert desk.person(ELIF).leaving is True
    # Who left already does not leave again, and whoever stands in a file does not leave.
    assert desk.check(desk.begin(text)).counts["people"]["leaves"] == 0
    back = desk.begin(text + f"{ELIF},Elif Aksoy (sample),undp\n")
    assert desk.check(back).counts["people"]["changed"] == 1
    desk.apply(back)
    assert desk.person(ELIF).leaving is False


def test_what_people_say_of_themselves_stays_and_is_counted(desk: Desk) -> None:
    own = {"person_id": desk.person(LITIA).id, "own": ["time_zone", "topics"]}
    desk.write(insert(schema.preference).values(own))
    zone = desk.person(LITIA).time_zone
    number = desk.begin(f"email,name,organisation,time_zone,office\n{LITIA},Litia Waqa (sample),undp,Asia/Tokyo,Nadi\n")
    found = desk.check(number)
    assert found.counts["people"]["kept"] == 1
    assert [example.parts for example in found.examples if example.what == "kept"] == [(("time_zone", "", ""),)]
    desk.apply(number)
    assert (desk.person(LITIA).time_zone, desk.person(LITIA).office) == (zone, "Nadi")


def test_networks_are_imported_and_undone_too(desk: Desk) -> None:
    before = desk.directory()
    text = "key,name_en,kind,audience\nurban,Urban network,thematic,undp\nsahel,Sahel people,regional,sub-network\n"
    number = desk.begin(text, "networks")
    counts = desk.check(number).counts["networks"]
    assert (counts["new"], counts["changed"]) == (1, 1)
    assert desk.apply(number) == ""
    assert desk.undo(number) == ""
    assert desk.directory() == before


def test_one_replica_works_on_an_import_at_a_time_and_another_after_its_lease(desk: Desk) -> None:
    number = desk.begin(ONE_NEW)
    later = desk.now + imports.LEASE + timedelta(seconds=1)
    for at, due, state in (
        (desk.now, [number], State.CHECKING),
        (desk.now, [], None),
        (later, [number], State.CHECKING),
    ):
        with desk.database.begin() as connection:
            assert imports.due(connection, at, 5) == due
            assert imports.claim(connection, number, at) == state


def test_files_that_nobody_confirmed_are_not_kept(desk: Desk) -> None:
    number = desk.begin(ONE_NEW)
    planned = {"state": "planned", "due_at": None}
    desk.write(update(schema.directory_import).values(planned))
    for days, left in ((0.5, 1), (2, 0)):
        with desk.database.begin() as connection:
            imports.forget_imports(connection, desk.now + timedelta(days=days))
            assert connection.execute(select(func.count()).select_from(schema.import_file)).scalar() == left
    with desk.database.reading() as connection:
        one = imports.Imports(connection, desk.now).get(number)
        assert one is not None
        assert one.state is State.CANCELLED


def test_every_planted_error_is_found_with_its_line_and_without_them_all_is_imported(fresh_url: str) -> None:
    planted = measure(fresh_url, rows=600, errors=50)
    assert (planted.found, planted.lines_right, planted.imported) == (50, True, 0)


def test_a_file_without_errors_is_imported_and_undone_in_bulk(fresh_url: str) -> None:
    done = measure(fresh_url, rows=1200, errors=0)
    assert (done.found, done.imported, done.progress_told) == (0, 1200, 1)


# What a file may be


def problems_of(path: Path, kind: str = "people") -> list[str]:
    try:
        load_sources({kind: [Source(path, path.name)]}, sample=None, connection=None).close()
    except ImportErrors as errors:
        return in_english(errors).splitlines()
    return []


def test_a_workbook_is_read_by_its_row_numbers(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (
        ["Email", "name", "organisation", "speaks", None],
        ["a@sample.example", "A", "undp", "en|fr", None],
        [None, None, None, None, None],
        ["b@sample.example", 12, "undp", "xyz", None],
        ["c@sample.example", "C", "undp", "", "beyond"],
    ):
        sheet.append(row)
    book.save(tmp_path / "people.xlsx")
    assert problems_of(tmp_path / "people.xlsx") == [
        "people.xlsx:4 speaks: 'xyz' is not a language in two letters, such as fr or ar",
        "people.xlsx:5: this row has a cell beyond the last named column",
    ]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"no workbook", "people.xlsx: this is not an Excel workbook (.xlsx). Save it anew in Excel, or as CSV."),
        (b"PK\x03\x04", "people.xlsx: this is not an Excel workbook (.xlsx). Save it anew in Excel, or as CSV."),
    ],
)
def test_what_is_no_workbook_says_so(tmp_path: Path, content: bytes, problem: str) -> None:
    (tmp_path / "people.xlsx").write_bytes(content)
    assert problems_of(tmp_path / "people.xlsx") == [problem]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('[{"email": "a@sample.example", "name": "A", "organisation": "undp"}]', []),
        ('{"columns": {}, "rows": [{"email": "a@sample.example", "name": "A", "organisation": "undp"}]}', []),
        (
            '[\n {"email": "a@sample.example", "name": "A",\n  "organisation": "undp"},\n {"email": "b", "name": "B",'
            ' "organisation": "undp"}\n]',
            ["people.json:4 email: 'b' is not an e-mail address, such as a.b@example.org"],
        ),
        ("[\n 7\n]", ['people.json:2: this is not a JSON object, such as {"key": "a"}']),
        ('[\n {"email": }\n]', ["people.json:2: this is not JSON; what follows was not read"]),
        (
            '[{"email": "a@sample.example", "name": "A", "organisation": "undp"}',
            ["people.json:1: the list of rows has no end: a closing ] is missing"],
        ),
        ('{"email": "a@sample.example", "name": "A", "organisation": "undp"}', []),
    ],
)
def test_json_is_read_as_a_list_with_the_line_of_each_row(tmp_path: Path, text: str, found: list[str]) -> None:
    (tmp_path / "people.json").write_text(text)
    assert problems_of(tmp_path / "people.json") == found
