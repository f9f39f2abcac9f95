"""The sample community: complete in three languages, plainly marked, and good for the conversations we show."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from knowledge.matching.port import Catalogue
from knowledge.people import Person, Role
from knowledge.places import LANGUAGES, REGIONS, Audience, Kind
from knowledge.text import plain
from storage import catalogue, importing
from storage.database import Database
from storage.importing.rows import ROWS
from storage.people import People

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "samples" / "community"


@pytest.fixture
def batch() -> Iterator[importing.Batch]:
    with importing.load([SAMPLE], sample=True) as loaded:
        yield loaded


@pytest.fixture
def community(sqlite_database: Database, batch: importing.Batch) -> tuple[Catalogue, list[Person]]:
    now = datetime(2025, 3, 1, tzinfo=UTC)
    sqlite_database.write(lambda connection: importing.apply(connection, batch, now))
    with sqlite_database.reading() as connection:
        known = catalogue.load(connection)
        people = [People(connection).get(number) for number in range(1, 41)]
    return known, people


def test_the_sample_has_the_sizes_its_page_tells(batch: importing.Batch) -> None:
    counts = {kind: len(list(batch.rows(kind))) for kind in ROWS}
    assert counts == {"topics": 37, "networks": 12, "people": 40, "items": 60}
    page = (ROOT / "samples" / "README.md").read_text(encoding="utf-8")
    languages = Counter(line.cells["language"] for line in batch.rows("items"))
    assert f"{languages['en']} in English, {languages['fr']} in French, {languages['es']} in Spanish" in page


def test_every_topic_and_network_speaks_three_languages(batch: importing.Batch) -> None:
    for kind, fields in (("topics", ["name"]), ("networks", ["name", "about"])):
        for line in batch.rows(kind):
            for field in fields:
                assert all(line.cells[f"{field}_{code}"] for code in LANGUAGES), line.cells["key"]


def test_no_word_means_two_topics(batch: importing.Batch) -> None:
    owners: dict[str, str] = {}
    for line in batch.rows("topics"):
        names = [line.cells[f"name_{code}"] for code in LANGUAGES]
        for word in {plain(name) for name in [*names, *line.cells["aliases"]]}:
            assert owners.setdefault(word, line.cells["key"]) == line.cells["key"], word


def test_every_person_is_plainly_made_up(batch: importing.Batch) -> None:
    for line in batch.rows("people"):
        assert line.cells["name"].endswith(" (sample)")
        assert line.cells["email"].endswith("@sample.example")
    assert all(".sample.example/" in line.cells["url"] for line in batch.rows("networks"))


def test_nothing_is_in_it_twice(batch: importing.Batch) -> None:
    for kind, field in (("people", "name"), ("people", "about"), ("items", "question"), ("items", "answer")):
        texts = [plain(line.cells[field]) for line in batch.rows(kind)]
        assert len(set(texts)) == len(texts)


def test_answers_are_neither_a_line_nor_an_essay(batch: importing.Batch) -> None:
    for line in batch.rows("items"):
        assert 60 <= len(line.cells["answer"].split()) <= 140, line.cells["key"]


def test_the_five_of_the_playground_have_their_teams_ids(batch: importing.Batch) -> None:
    page = (ROOT / "samples" / "README.md").read_text(encoding="utf-8")
    five = [line.cells for line in batch.rows("people") if line.cells.get("teams_id")]
    assert len(five) == 5
    for cells in five:
        assert f"| {cells['name'].removesuffix(' (sample)')} | {cells['teams_id']} |" in page


def test_the_community_is_spread_over_the_world(community: tuple[Catalogue, list[Person]]) -> None:
    known, people = community
    assert {person.region for person in people} == set(REGIONS)
    assert {person.language for person in people} == set(LANGUAGES)
    assert {person.reach for person in people} == {Audience.UNDP, Audience.ONE_UN, Audience.PUBLIC}
    assert {item.audience for item in known.items} == set(Audience) - {Audience.PRIVATE}
    kinds = Counter(network.kind for network in known.networks)
    assert kinds[Kind.MAIN] == kinds[Kind.COP] == 1


def test_every_network_but_the_cop_has_a_moderator_who_is_in_it(community: tuple[Catalogue, list[Person]]) -> None:
    known, people = community
    for network in known.networks:
        role = Role.FACILITATOR if network.kind is Kind.COP else Role.MODERATOR
        leaders = [
            person for person in people if any(g.role is role and g.network == network.id for g in person.grants)
        ]
        assert leaders, network.key
        assert all(network.id in person.networks for person in leaders), network.key


def test_nearly_every_topic_has_an_expert(community: tuple[Catalogue, list[Person]]) -> None:
    known, _ = community
    covered = {topic for expert in known.experts for topic in expert.topics}
    assert {topic.key for topic in known.topics} == covered
    assert [expert.name for expert in known.experts if "mine-action" in expert.topics] == [
        "Ousmane Faye (sample)",
        "Samira Haddad (sample)",
    ]


def test_the_operators_page_names_every_column() -> None:
    page = (ROOT / "docs" / "import-format.md").read_text(encoding="utf-8")
    sections = dict(zip(ROWS, page.split("\n### ")[1:], strict=True))
    for kind, model in ROWS.items():
        for column, field in model.model_fields.items():
            row = next(line for line in sections[kind].splitlines() if line.startswith("|") and f"`{column}`" in line)
            assert (row.split("|")[2].strip() == "yes") == field.is_required(), column
