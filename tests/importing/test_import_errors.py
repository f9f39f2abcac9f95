"""Bad files, and the exact sentences their authors read."""

from collections.abc import Callable
from pathlib import Path

import pytest

from storage import importing
from storage.database import Database
from tests.importing.english import in_english

Folder = Callable[..., Path]

PEOPLE = "email,name,organisation,language,speaks,time_zone,region,networks,roles,teams_id\n"
ITEMS = "key,question,answer,language,audience,network,date\n"
NETWORKS = "key,name_en,kind,audience,topics,url\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    """Makes files of the texts given by name, and goes to their folder, so that names stay short."""
    monkeypatch.chdir(tmp_path)

    def make(**texts: str | bytes) -> Path:
        for name, text in texts.items():
            path = tmp_path / name.replace("_", ".")
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return Path(".")

    return make


def problems(path: Path | list[str]) -> list[str]:
    with pytest.raises(importing.ImportErrors) as caught:
        importing.load(path if isinstance(path, list) else [path])
    return in_english(caught.value).splitlines()


BAD_PEOPLE = {
    "a@b.org,Ann,undp,de,,,,,,": "language: 'de' is not one of en, fr, es",
    "a@b.org,,undp,,,,,,,": "name: this cell is empty, and it is needed",
    "a@b.org,\u200b,undp,,,,,,,": "name: this cell is empty, and it is needed",
    ",Ann,undp,,,,,,,": "email: this cell is empty, and it is needed",
    "a.b.org,Ann,undp,,,,,,,": "email: 'a.b.org' is not an e-mail address, such as a.b@example.org",
    "teams:a@b.org,Ann,undp,,,,,,,": "email: 'teams:a@b.org' is not an e-mail address, such as a.b@example.org",
    "a@b.org,Ann,,,,,,,,": "organisation: this cell is empty; write one of undp, one-un, public",
    "a@b.org,Ann,UNDP staff,,,,,,,": "organisation: 'undp staff' is not one of undp, one-un, public",
    "a@b.org,Ann,undp,,French,,,,,": "speaks: 'french' is not a language in two letters, such as fr or ar",
    "a@b.org,Ann,undp,,,Africa/Dakkar,,,,": (
        "time_zone: 'Africa/Dakkar' is not a time zone; did you mean 'Africa/Dakar'?"
    ),
    "a@b.org,Ann,undp,,,GMT plus 1,,,,": "time_zone: 'GMT plus 1' is not a time zone, such as Africa/Dakar",
    "a@b.org,Ann,undp,,,,sahel,,,": (
        "region: 'sahel' is not one of africa, arab-states, asia-pacific, europe-cis, latin-america-caribbean, global"
    ),
    "a@b.org,Ann,undp,,,,,Mine Action,,": (
        "networks: 'mine action' is not a key: write lower case letters a-z, digits and hyphens, such as mine-action"
    ),
    "a@b.org,Ann,undp,,,,,,expret,": (
        "roles: 'expret' is not one of expert, moderator, facilitator, km-team; did you mean 'expert'?"
    ),
    "a@b.org,Ann,undp,,,,,,member,": "roles: 'member' is not one of expert, moderator, facilitator, km-team",
    "a@b.org,Ann,undp,,,,,,moderator,": "roles: say of which network, such as moderator:mine-action",
    "a@b.org,Ann,undp,,,,,,moderator:,": "roles: '' is not the key of a network, such as moderator:mine-action",
    "a@b.org,Ann,undp,,,,,,km-team:x,": "roles: the KM team works everywhere: write km-team without a network",
    "a@b.org,Ann,undp,,,,,,,ann": (
        "teams_id: 'ann' is not a Teams user's object id, such as 0f8fad5b-d9cb-469f-a165-70867728950e"
    ),
    f"a@b.org,{'x' * 201},undp,,,,,,,": "name: this is 201 characters long; at most 200 fit",
}


@pytest.mark.parametrize("row", BAD_PEOPLE)
def test_a_bad_person_is_told_by_line_and_column(folder: Folder, row: str) -> None:
    good = "good@b.org,Good,undp,,,,,,,\n"
    assert problems(folder(people_csv=f"{PEOPLE}{good}{row}\n")) == [f"people.csv:3 {BAD_PEOPLE[row]}"]


BAD_ITEMS = {
    "a,q,a,,undp,,": "language: this cell is empty; write one of en, fr, es",
    "a,q,a,en,private,,": "audience: 'private' is not one of sub-network, undp, one-un, public",
    "a,q,a,en,sub-network,,": ("network: name the network whose members may read this, or write a wider audience"),
    "a,q,a,en,undp,mine-action,": ("network: a network is named only with the audience sub-network; empty this cell"),
    "a,q,a,en,undp,,17.5.2024": "date: '17.5.2024' is not a day written as year-month-day, such as 2024-05-17",
    "a,q,a,en,undp,,2023-02-29": "date: '2023-02-29' is not a day written as year-month-day, such as 2024-05-17",
    "A b,q,a,en,undp,,": (
        "key: 'a b' is not a key: write lower case letters a-z, digits and hyphens, such as mine-action"
    ),
    f"a,{'q' * 4001},a,en,undp,,": "question: this is 4,001 characters long; at most 4,000 fit",
}


@pytest.mark.parametrize("row", BAD_ITEMS)
def test_a_bad_item_is_told_by_line_and_column(folder: Folder, row: str) -> None:
    assert problems(folder(items_csv=f"{ITEMS}{row}\n")) == [f"items.csv:2 {BAD_ITEMS[row]}"]


BAD_JSON = {
    "[1]": 'this is not a JSON object, such as {"key": "a"}',
    '{"key": "a"': (
        'this is not a JSON object on one line, such as {"key": "a"} (see character 12)'
    ),
    "[" * 5000: 'this is not a JSON object on one line, such as {"key": "a"}',
    '{"n": ' + "9" * 5000 + "}": 'this is not a JSON object on one line, such as {"key": "a"}',
}  # fmt: skip


@pytest.mark.parametrize("text", BAD_JSON)
def test_what_is_not_json_is_told_by_its_line(folder: Folder, text: str) -> None:
    assert problems(folder(topics_jsonl=f"\n{text}\n")) == [f"topics.jsonl:2: {BAD_JSON[text]}"]


BAD_FIELDS = {
    '{"key": "a"}': "name_en: this field is missing, and every row of topics must have it",
    '{"key": 7, "name_en": "A"}': "key: this must be text in quotation marks",
    '{"key": "a", "name_en": null}': "name_en: this cell is empty, and it is needed",
    '{"key": "a", "name_en": "A", "aliases": "b|c"}': 'aliases: this must be a list, such as ["a", "b"]',
    '{"key": "a", "name_en": "A", "aliases": ["b", ["c"]]}': "aliases: this must be text in quotation marks",
    '{"key": "a", "name_en": "A", "alias": []}': "alias: 'alias' is no column of topics; did you mean 'aliases'?",
    '{"key": "a", "name_en": "A", "colour": 1}': (
        "colour: 'colour' is no column of topics; it may have key, name_en, name_fr, name_es, aliases"
    ),
    '{"key": "a", "key": "b", "name_en": "A"}': "key: this field is given twice; keep one of the two",
}


@pytest.mark.parametrize("text", BAD_FIELDS)
def test_a_bad_field_is_told_by_its_name(folder: Folder, text: str) -> None:
    assert problems(folder(topics_jsonl=f"{text}\n")) == [f"topics.jsonl:1 {BAD_FIELDS[text]}"]


QUOTES = (
    "the quotation marks of this row do not pair up. A cell that begins with one must end with one, "
    'and a quotation mark inside it is written twice ("").'
)
COLUMNS = "key, name_en, name_fr, name_es, aliases"
CELLS = "Put a cell that contains a {} in quotation marks."
UTF8 = (
    "this line is not written in UTF-8. Save the file again as UTF-8 "
    "(in Excel: Save as, “CSV UTF-8 (comma delimited)”) and import that."
)
BAD_TABLES: list[tuple[str | bytes, list[str]]] = [
    ("", [f"topics.csv: the file is empty. Its first line must name the columns: {COLUMNS}."]),
    (
        "mine-action,Mine action\n",
        [f"topics.csv:1: the first line must name the columns of topics: {COLUMNS}"],
    ),
    ("key,aliases\n", ["topics.csv:1 name_en: this column is missing, and a file of topics must have it"]),
    ("key;name_en;nam_fr\n", ["topics.csv:1 nam_fr: 'nam_fr' is no column of topics; did you mean 'name_fr'?"]),
    ("key,name_en,key\n", ["topics.csv:1 key: this column is there twice; keep one of the two"]),
    ("key,name_en,\n", ["topics.csv:1: column 3 has no name. Name it, or delete the whole column."]),
    (
        "key,name_en\na,A, or B\n",
        [f"topics.csv:2: this row has 3 cells, the header has 2. {CELLS.format('comma')}"],
    ),
    (
        "key;name_en\na\n",
        [f"topics.csv:2: this row has 1 cell, the header has 2. {CELLS.format('semicolon')}"],
    ),
    ('key,name_en\na,A\nb,"B\nc,C\n', [f"topics.csv:3: {QUOTES}"]),
    ('key,name_en\nb,"B" or C\n', [f"topics.csv:2: {QUOTES}"]),
    (
        'key,name_en\nb,"' + "x" * 140_000 + '"\n',
        ["topics.csv:2: a cell of this row is longer than 131,072 characters; is a quotation mark missing?"],
    ),
    (
        "key,name_en\na," + "x" * 1_000_001,
        ["topics.csv:2: this line is longer than 1,000,000 characters; is it a table?"],
    ),
    ("key,name_en\na,A\nb,Évaluation\n".encode("cp1252"), [f"topics.csv:3: {UTF8}"]),
    ("key,name_en\na,A\n".encode("utf-16"), [f"topics.csv:1: {UTF8}"]),
    ("key,name_en\na,A\n".encode("utf-16-le"), [f"topics.csv:1: {UTF8}"]),
    (b"key,name_en\na,\xed\xa0\x80\n", [f"topics.csv:2: {UTF8}"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), BAD_TABLES, ids=range(len(BAD_TABLES)))
def test_a_table_that_cannot_be_read_says_how_to_mend_it(
    folder: Folder, text: str | bytes, expected: list[str]
) -> None:
    assert problems(folder(topics_csv=text)) == expected


def test_lines_are_counted_as_an_editor_counts_them(folder: Folder) -> None:
    text = f'{PEOPLE}\na@b.org,"Ann\n\nLee",undp,,,,,,,\r\nb@b.org,"Bob\rRoy",undp,xx,,,,,,\nc@b.org,Cy,undp,yy,,,,,,\n'
    assert problems(folder(people_csv=text)) == [
        "people.csv:6 language: 'xx' is not one of en, fr, es",
        "people.csv:8 language: 'yy' is not one of en, fr, es",
    ]


def test_every_bad_column_of_every_row_is_told_in_the_order_of_the_files(folder: Folder) -> None:
    here = folder(
        items_csv=f"{ITEMS}a,q,,xx,undp,,\n",
        people_csv=f"{PEOPLE}b@b.org,B,undp,,,,,,moderator:mine-action,\na@b.org,,undp,de,,,mars,,,\n",
        networks_jsonl='{"key": "n", "name_en": "N", "kind": "club", "audience": "all"}\n',
    )
    assert problems(here) == [
        "networks.jsonl:1 kind: 'club' is not one of main, thematic, regional, external, cop",
        "networks.jsonl:1 audience: 'all' is not one of sub-network, undp, one-un, public",
        "people.csv:3 name: this cell is empty, and it is needed",
        "people.csv:3 language: 'de' is not one of en, fr, es",
        "people.csv:3 region: 'mars' is not one of africa, arab-states, asia-pacific, europe-cis, "
        "latin-america-caribbean, global",
        "items.csv:2 answer: this cell is empty, and it is needed",
        "items.csv:2 language: 'xx' is not one of en, fr, es",
    ]


def test_a_key_given_twice_names_both_places(folder: Folder) -> None:
    here = folder(
        topics_csv="key,name_en\na,A\nb,B\nA,C\n",
        topics_jsonl='{"key": "b", "name_en": "B"}\n',
        people_csv=f"{PEOPLE}a@b.org,A,undp,,,,,,,\nA@B.org,B,undp,,,,,,,\n",
    )
    assert problems(here) == [
        "topics.csv:4 key: 'a' is already in topics.csv:2; keep one of the two",
        "topics.jsonl:1 key: 'b' is already in topics.csv:3; keep one of the two",
        "people.csv:3 email: 'a@b.org' is already in people.csv:2; keep one of the two",
    ]


def test_two_people_cannot_share_a_teams_id(folder: Folder) -> None:
    same = "00000000-0000-4000-8000-00000000000A"
    here = folder(people_csv=f"{PEOPLE}a@b.org,A,undp,,,,,,,{same}\nb@b.org,B,undp,,,,,,,{same.lower()}\n")
    assert problems(here) == [
        f"people.csv:3 teams_id: '{same.lower()}' already belongs to 'a@b.org' in these files",
    ]


def test_a_link_must_be_one(folder: Folder) -> None:
    here = folder(networks_csv=f"{NETWORKS}a,A,cop,undp,,javascript:alert(1)\n")
    assert problems(here) == ["networks.csv:2 url: 'javascript:alert(1)' is not an address that begins with https://"]


def test_names_that_say_nothing_and_paths_that_are_not_there_are_told(folder: Folder, tmp_path: Path) -> None:
    folder(peoples_csv="x", README_md="left alone", book_pdf="x")
    (tmp_path / "empty").mkdir()
    (tmp_path / "topics.csv").mkdir()
    assert problems([".", "missing.csv", "book.pdf", "empty"]) == [
        "peoples.csv: this name does not say what the file holds; did you mean 'people'?",
        "topics.csv: there is no such file or folder",
        "missing.csv: there is no such file or folder",
        "book.pdf: this name does not say what the file holds; it must be one of "
        "topics.csv, networks.csv, people.csv, items.csv (or .xlsx, .json, .jsonl)",
        "empty: this folder has none of topics.csv, networks.csv, people.csv, items.csv (or .xlsx, .json, .jsonl)",
    ]


def test_a_file_named_twice_is_read_once(folder: Folder) -> None:
    here = folder(topics_csv="key,name_en\na,A\n")
    with importing.load([here, "topics.csv", "./topics.csv"]) as batch:
        assert len(list(batch.rows("topics"))) == 1


def test_a_hundred_problems_are_enough(folder: Folder) -> None:
    here = folder(topics_csv="key,name_en\n" + "a b,A\n" * 500)
    with pytest.raises(importing.ImportErrors) as caught:
        importing.load([here])
    assert caught.value.more
    assert len(caught.value.errors) == 100
    assert in_english(caught.value).endswith("\nThere are more problems; these are the first 100.")


def test_keys_of_a_file_that_could_not_be_read_are_not_called_missing(
    folder: Folder, sqlite_database: Database
) -> None:
    here = folder(
        networks_csv='key,name_en,kind,audience\na,A,cop,undp\nb,"B,cop,undp\n',
        people_csv=f"{PEOPLE}a@b.org,A,undp,,,,,a|b,,\n",
    )
    with sqlite_database.reading() as connection, pytest.raises(importing.ImportErrors) as caught:
        importing.load([here], connection=connection)
    assert in_english(caught.value) == f"networks.csv:3: {QUOTES}"


def test_a_key_whose_row_is_bad_elsewhere_is_not_called_missing(folder: Folder, sqlite_database: Database) -> None:
    here = folder(
        networks_csv="key,name_en,kind,audience\na,,cop,undp\n",
        people_csv=f"{PEOPLE}a@b.org,A,undp,,,,,a,,\n",
    )
    with sqlite_database.reading() as connection, pytest.raises(importing.ImportErrors) as caught:
        importing.load([here], connection=connection)
    assert in_english(caught.value) == "networks.csv:2 name_en: this cell is empty, and it is needed"
