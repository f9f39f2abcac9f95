"""What an import does to the database: both of them, again and again, and never by halves."""

import json
import tracemalloc
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Table, func, insert, select

from knowledge.places import Audience
from storage import changes, importing
from storage.database import Database
from storage.importing import Count
from storage.schema import identity, item, membership, metadata, network, person, role_grant, topic
from tests.importing.english import in_english

NOW = datetime(2025, 3, 1, 9, tzinfo=UTC)
LATER = datetime(2025, 4, 1, 9, tzinfo=UTC)
SAMPLE = Path(__file__).parents[2] / "samples" / "community"

TOPIC = {"key": "mine-action", "name_en": "mine action", "name_fr": "lutte antimines", "aliases": ["UXO"]}
NETWORK = {
    "key": "sahel",
    "name_en": "Sahel",
    "kind": "regional",
    "audience": "sub-network",
    "topics": ["mine-action"],
    "about_en": "Offices of the Sahel.",
}
ANN = {
    "email": "Ann@Example.org",
    "name": "Ann (sample)",
    "organisation": "one-un",
    "language": "fr",
    "time_zone": "africa/dakar",
    "topics": ["mine-action"],
    "networks": ["sahel"],
    "roles": ["expert", "moderator:sahel"],
}
ITEM = {
    "key": "trees",
    "question": "Which trees?",
    "answer": "Those that\nstay.",
    "language": "en",
    "audience": "sub-network",
    "network": "sahel",
    "date": "2024-05-17",
}


class Importer:
    """Imports rows given as dicts."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.folder = folder

    def load(self, *, sample: bool = False, **rows: Sequence[dict[str, Any]]) -> importing.Batch:
        paths = []
        for kind, objects in rows.items():
            path = self.folder / f"{kind}.jsonl"
            path.write_text("".join(json.dumps(row) + "\n" for row in objects), encoding="utf-8")
            paths.append(path)
        return importing.load(paths, sample=sample)

    def __call__(
        self, now: datetime = NOW, *, sample: bool = False, **rows: Sequence[dict[str, Any]]
    ) -> importing.Summary:
        with self.load(sample=sample, **rows) as batch:
            return self.database.write(lambda connection: importing.apply(connection, batch, now))

    def plan(self, **rows: Sequence[dict[str, Any]]) -> importing.Summary:
        with self.load(**rows) as batch, self.database.reading() as connection:
            return importing.plan(connection, batch)

    def row(self, table: Table, key: str) -> dict[str, Any]:
        with self.database.reading() as connection:
            return dict(connection.execute(select(table).where(table.c.key == key)).mappings().one())

    def refusal(self, **rows: Sequence[dict[str, Any]]) -> list[str]:
        """What both plan and apply refuse, and that nothing was kept of it."""
        before = everything(self.database)
        told = []
        with self.load(**rows) as batch:
            with self.database.reading() as connection, pytest.raises(importing.ImportErrors) as planned:
                importing.plan(connection, batch)
            with pytest.raises(importing.ImportErrors) as applied:
                self.database.write(lambda connection: importing.apply(connection, batch, NOW))
            assert planned.value.errors == applied.value.errors
            told = [line.removeprefix(f"{self.folder}/") for line in in_english(applied.value).splitlines()]
        assert everything(self.database) == before
        return told


@pytest.fixture
def bring(database: Database, tmp_path: Path) -> Importer:
    return Importer(database, tmp_path)


def everything(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    with database.reading() as connection:
        return {
            table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for table in metadata.sorted_tables
        }


def test_rows_arrive_as_they_were_written(bring: Importer) -> None:
    summary = bring(topics=[TOPIC], networks=[NETWORK], people=[ANN], items=[ITEM])
    assert str(summary).splitlines() == [
        "topics: 1 new, 0 changed, 0 unchanged",
        "networks: 1 new, 0 changed, 0 unchanged",
        "people: 1 new, 0 changed, 0 unchanged",
        "items: 1 new, 0 changed, 0 unchanged",
    ]
    assert bring.row(topic, "mine-action") | {"id": 0} == {
        "id": 0,
        "key": "mine-action",
        "names": {"en": "mine action", "fr": "lutte antimines"},
        "aliases": ["uxo"],
        "retired": False,
        "into_id": None,
    }
    sahel = bring.row(network, "sahel")
    assert sahel["audience"] == Audience.SUB_NETWORK
    assert sahel["about"] == {"en": "Offices of the Sahel."}
    ann = bring.row(person, "ann@example.org")
    assert ann | {"id": 0} == {
        "id": 0,
        "key": "ann@example.org",
        "name": "Ann (sample)",
        "language": "fr",
        "speaks": ["fr"],
        "time_zone": "Africa/Dakar",
        "region": "global",
        "office": "",
        "reach": Audience.ONE_UN,
        "topics": ["mine-action"],
        "about": "",
        "sample": False,
        "leaving": False,
        "created_at": NOW,
    }
    trees = bring.row(item, "trees")
    assert trees["answer"] == "Those that\nstay."
    assert trees["network_id"] == sahel["id"]
    assert trees["created_at"] == datetime(2024, 5, 17, tzinfo=UTC)
    with bring.database.reading() as connection:
        grants = connection.execute(select(role_grant.c.role, role_grant.c.network_id)).all()
    assert {tuple(grant) for grant in grants} == {("expert", None), ("moderator", sahel["id"])}


def test_a_dry_run_changes_nothing(bring: Importer) -> None:
    before = everything(bring.database)
    summary = bring.plan(topics=[TOPIC], networks=[NETWORK], people=[ANN], items=[ITEM])
    assert summary.counts == {kind: Count(new=1) for kind in ("topics", "networks", "people", "items")}
    assert everything(bring.database) == before


def test_a_dry_run_tells_of_changes_that_the_import_then_makes(bring: Importer) -> None:
    bring(topics=[TOPIC], networks=[NETWORK], people=[ANN], items=[ITEM])
    rows: dict[str, Any] = {
        "topics": [TOPIC, {"key": "energy", "name_en": "energy"}],
        "networks": [NETWORK | {"key": "pacific"}, NETWORK],
        "people": [ANN | {"networks": ["sahel", "pacific"]}],
        "items": [ITEM | {"network": "pacific"}],
    }
    expected = {
        "topics": Count(new=1, unchanged=1),
        "networks": Count(new=1, unchanged=1),
        "people": Count(changed=1),
        "items": Count(changed=1),
    }
    assert bring.plan(**rows).counts == expected
    assert bring(**rows).counts == expected
    assert bring.plan(**rows).counts == {
        "topics": Count(unchanged=2),
        "networks": Count(unchanged=2),
        "people": Count(unchanged=1),
        "items": Count(unchanged=1),
    }


def test_the_second_import_of_the_sample_changes_nothing(database: Database) -> None:
    with importing.load([SAMPLE], sample=True) as batch:
        database.write(lambda connection: importing.apply(connection, batch, NOW))
        before = {name: rows for name, rows in everything(database).items() if name != "version"}
        summary = database.write(lambda connection: importing.apply(connection, batch, LATER))
    after = {name: rows for name, rows in everything(database).items() if name != "version"}
    assert all(count.new == count.changed == 0 for count in summary.counts.values())
    assert before == after
    with database.reading() as connection:
        assert all(connection.scalars(select(person.c.sample)))
        assert all(connection.scalars(select(item.c.sample)))


def test_an_import_that_changes_something_raises_the_version_of_the_catalogue(bring: Importer) -> None:
    def version() -> int:
        with bring.database.reading() as connection:
            return changes.version(connection)

    before = version()
    bring(topics=[TOPIC])
    assert version() == before + 1
    bring(topics=[TOPIC])
    assert version() == before + 1


def test_a_column_left_out_keeps_what_there_is_and_an_empty_cell_empties_it(bring: Importer) -> None:
    bring(topics=[TOPIC], networks=[NETWORK], people=[ANN], items=[ITEM])
    bring(people=[{"email": "ann@example.org", "name": "Ann", "organisation": "undp", "roles": []}])
    ann = bring.row(person, "ann@example.org")
    assert (ann["name"], ann["language"], ann["topics"]) == ("Ann", "fr", ["mine-action"])
    with bring.database.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(membership)) == 1
        assert connection.scalar(select(func.count()).select_from(role_grant)) == 0
    bring(topics=[{"key": "mine-action", "name_en": "mine action", "name_fr": None}])
    assert bring.row(topic, "mine-action")["names"] == {"en": "mine action"}
    assert bring.row(topic, "mine-action")["aliases"] == ["uxo"]


def test_an_item_without_a_date_keeps_the_day_it_came(bring: Importer) -> None:
    undated = {name: value for name, value in ITEM.items() if name not in ("date", "network")} | {"audience": "undp"}
    bring(NOW, items=[undated])
    assert bring(LATER, items=[undated]).counts["items"] == Count(unchanged=1)
    assert bring.row(item, "trees")["created_at"] == NOW


def test_the_mark_of_sample_data_is_that_of_the_last_import(bring: Importer) -> None:
    undp = ITEM | {"audience": "undp", "network": None}
    bring(items=[undp], sample=True)
    assert bring.row(item, "trees")["sample"] is True
    assert bring(items=[undp]).counts["items"] == Count(changed=1)
    assert bring.row(item, "trees")["sample"] is False


def test_keys_may_come_from_the_database(bring: Importer) -> None:
    bring(topics=[TOPIC])
    bring(networks=[NETWORK])
    assert bring(people=[ANN], items=[ITEM]).counts == {"people": Count(new=1), "items": Count(new=1)}


def test_keys_that_nobody_has_are_told_at_every_place(bring: Importer) -> None:
    bring(topics=[TOPIC])
    told = bring.refusal(
        networks=[NETWORK | {"topics": ["mine-actoin"]}],
        people=[ANN | {"networks": ["shael"], "roles": ["moderator:mars"]}],
        items=[ITEM, ITEM | {"key": "more", "network": "venus"}],
    )
    assert told == [
        "networks.jsonl:1 topics: there is no topic 'mine-actoin'; did you mean 'mine-action'?",
        "people.jsonl:1 networks: there is no network 'shael'; did you mean 'sahel'?",
        "people.jsonl:1 roles: there is no network 'mars'; add it to networks.csv or correct it here",
        "items.jsonl:2 network: there is no network 'venus'; add it to networks.csv or correct it here",
    ]


def test_with_a_connection_missing_keys_are_told_together_with_everything_else(bring: Importer, tmp_path: Path) -> None:
    (tmp_path / "items.jsonl").write_text(json.dumps(ITEM) + "\n" + json.dumps(ITEM | {"key": "b", "language": "xx"}))
    with bring.database.reading() as connection, pytest.raises(importing.ImportErrors) as caught:
        importing.load([tmp_path], connection=connection)
    assert [(error.line, error.column) for error in caught.value.errors] == [(1, "network"), (2, "language")]


def meet(connection: Connection, remote: str) -> int:
    """Somebody who wrote in Teams before anybody imported them."""
    columns = {"name": "A", "language": "en", "speaks": ["en"], "time_zone": "UTC", "region": "global"}
    columns |= {"reach": Audience.UNDP, "topics": [], "key": f"teams:{remote}", "created_at": NOW}
    connection.execute(insert(person).values(columns))
    number = connection.scalar(select(person.c.id).where(person.c.key == columns["key"]))
    assert number is not None
    connection.execute(insert(identity).values(channel="teams", remote_id=remote, person_id=number))
    return number


A, B, C = (f"00000000-0000-4000-8000-00000000000{digit}" for digit in "abc")


def person_row(name: str, **cells: Any) -> dict[str, Any]:
    return {"email": f"{name}@example.org", "name": name, "organisation": "undp"} | cells


def owners(database: Database) -> dict[str, str]:
    with database.reading() as connection:
        rows = connection.execute(select(identity.c.remote_id, person.c.key).join(person))
        return {remote: key for remote, key in rows}  # noqa: C416


def test_somebody_met_in_teams_before_is_recognised_by_their_id(bring: Importer) -> None:
    number = bring.database.write(lambda connection: meet(connection, A))
    assert bring.plan(people=[person_row("ann", teams_id=A)]).counts["people"] == Count(changed=1)
    assert bring(people=[person_row("ann", teams_id=A.upper())]).counts["people"] == Count(changed=1)
    assert bring.row(person, "ann@example.org")["id"] == number
    assert owners(bring.database) == {A: "ann@example.org"}
    assert bring(people=[person_row("ann", teams_id=A)]).counts["people"] == Count(unchanged=1)


def test_an_id_that_is_somebody_elses_is_refused(bring: Importer) -> None:
    bring(people=[person_row("ann", teams_id=A), person_row("bob")])
    assert bring.refusal(people=[person_row("bob", teams_id=A)]) == [
        f"people.jsonl:1 teams_id: '{A}' already belongs to 'ann@example.org'; correct it, or empty this cell"
    ]
    bring.database.write(lambda connection: meet(connection, B))
    assert bring.refusal(people=[person_row("bob", teams_id=B)]) == [
        f"people.jsonl:1 teams_id: '{B}' already belongs to 'teams:{B}'; correct it, or empty this cell"
    ]


def test_one_stranger_cannot_become_two_people(bring: Importer) -> None:
    def both(connection: Connection) -> None:
        number = meet(connection, A)
        connection.execute(insert(identity).values(channel="slack", remote_id="U0123456", person_id=number))

    bring.database.write(both)
    rows = [person_row("ann", teams_id=A), person_row("bob", slack_id="U0123456")]
    assert bring.refusal(people=rows) == [
        f"people.jsonl:2 slack_id: 'U0123456' already belongs to 'teams:{A}'; correct it, or empty this cell"
    ]


def test_ids_given_to_the_wrong_people_can_be_swapped(bring: Importer) -> None:
    bring(people=[person_row("ann", teams_id=A), person_row("bob", teams_id=B)])
    rows = [person_row("ann", teams_id=B), person_row("bob", teams_id=A)]
    assert bring(people=rows).counts["people"] == Count(changed=2)
    assert owners(bring.database) == {A: "bob@example.org", B: "ann@example.org"}


def test_a_corrected_id_replaces_the_wrong_one_and_an_empty_cell_takes_none_away(bring: Importer) -> None:
    bring(people=[person_row("ann", teams_id=A, slack_id="U0123456")])
    bring(people=[person_row("ann", teams_id=C, slack_id="")])
    assert owners(bring.database) == {C: "ann@example.org", "U0123456": "ann@example.org"}


def test_more_rows_than_one_step_holds_are_all_there(bring: Importer) -> None:
    people = [person_row(f"p{number}", teams_id=f"00000000-0000-4000-8000-{number:012}") for number in range(1001)]
    assert bring(people=people).counts["people"] == Count(new=1001)
    assert bring(people=people).counts["people"] == Count(unchanged=1001)


def test_a_long_file_is_read_without_being_held_in_memory(tmp_path: Path) -> None:
    path = tmp_path / "items.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write("key,question,answer,language,audience\n")
        for number in range(6000):
            file.write(f"k{number},q,{'a' * 3900},en,undp\n")
    tracemalloc.start()
    try:
        with importing.load([path]) as batch:
            assert sum(1 for _ in batch.rows("items")) == 6000
            _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert path.stat().st_size > 23_000_000
    assert peak < 15_000_000
