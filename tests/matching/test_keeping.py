"""Vectors kept from one start to the next: what is kept, what is let go, and that nobody can tell by the answers."""

from collections.abc import Sequence

import numpy as np
import pytest
from sqlalchemy import delete, select, update

from app import House
from bot.settings import Settings
from dialogs import turn
from dialogs.incoming import Incoming
from house.operator.samples import SAMPLE
from knowledge.matching import community
from knowledge.matching import encoder as encoders
from knowledge.matching.encoder import Vectors
from knowledge.matching.keeping import Keeping
from knowledge.matching.port import Match
from storage import importing
from storage.changes import Kind, raise_version
from storage.database import Database
from storage.people import People
from storage.schema import item, text_vector
from tests.chat.player import START

PRIVATE = "Who can talk in confidence about a broken pump in my office?"


class Spied:
    """The real model, and what it was given to encode."""

    def __init__(self, identity: str = "as measured") -> None:
        model = encoders.load("use")
        assert model is not None
        self._model = model
        self.name, self.dimensions, self.identity = model.name, model.dimensions, identity
        self.read: list[str] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.read += texts
        return self._model.encode(texts)


@pytest.fixture
def spied(monkeypatch: pytest.MonkeyPatch) -> Spied:
    model = Spied()
    monkeypatch.setattr(community.encoders, "load", lambda _setting: model)
    return model


def started(database: Database) -> House:
    house = House(Settings(_env_file=None), database=database, now=lambda: START)
    house.warm()
    return house


@pytest.fixture
def town(database: Database, spied: Spied) -> Database:
    with importing.load([SAMPLE], sample=True) as batch:
        database.write(lambda connection: importing.apply(connection, batch, START))
    return database


def kept(database: Database) -> dict[str, bytes]:
    with database.reading() as connection:
        return {row.key: row.vector for row in connection.execute(select(text_vector))}


def answers(house: House) -> list[Match]:
    with house.database.reading() as connection:
        _, matcher = house.matchers.current(connection)
        reader = People(connection).everybody()[0]
    return [match for text in ("Who warns of floods?", PRIVATE) for match in matcher.items(text, reader, sure=False)]


def test_a_second_start_encodes_nothing_and_answers_the_same(town: Database, spied: Spied) -> None:
    first = answers(started(town))
    known = set(spied.read)
    assert len(known) > 100
    assert len(kept(town)) >= 100
    spied.read.clear()
    second = started(town)
    assert set(spied.read) == {encoders.PROBE}
    assert answers(second) == first


def test_another_model_starts_from_nothing_and_takes_the_place(town: Database, spied: Spied) -> None:
    started(town)
    before = kept(town)
    spied.identity, spied.read = "another", []
    started(town)
    assert len(set(spied.read)) > 100
    assert len(kept(town)) == len(before)
    assert not set(kept(town)) & set(before)


@pytest.mark.parametrize("torn", [b"", b"\x00\x3c" * 7, b"\xff" * 1024, b"\x00\x3c" * 512], ids=range(4))
def test_what_is_no_vector_is_made_anew(town: Database, spied: Spied, torn: bytes) -> None:
    first = answers(started(town))
    with town.begin() as connection:
        connection.execute(update(text_vector).values(vector=torn))
    spied.read.clear()
    assert answers(started(town)) == first
    assert len(set(spied.read)) > 100
    spied.read.clear()
    started(town)
    assert set(spied.read) == {encoders.PROBE}


async def test_a_question_on_its_way_leaves_no_vector_and_what_is_gone_takes_its_own_along(
    town: Database, spied: Spied
) -> None:
    house = started(town)
    before = kept(town)
    said = Incoming("web", "1", "somebody", "here", {}, START, text=PRIVATE)
    await town.run(lambda connection: turn.hear(house.work(connection), said))
    assert any("broken pump" in text for text in spied.read)
    await house.sweep()
    assert kept(town) == before
    with town.begin() as connection:
        number = connection.execute(select(item.c.id).limit(1)).scalar_one()
        connection.execute(delete(item).where(item.c.id == number))
        raise_version(connection, Kind.ITEM, number)
    answers(house)
    await house.sweep()
    # Its question and its answer, and nothing else.
    assert len(kept(town)) == len(before) - 2
    assert set(kept(town)) < set(before)


def test_rounding_moves_no_cosine_that_matters() -> None:
    model = Spied()
    lines = [line for line in (SAMPLE / "items.jsonl").read_text(encoding="utf-8").splitlines()[:40] if line]
    exact, rounded = model.encode(lines), Keeping(model, dict).encode(lines)
    assert np.abs(exact @ exact.T - rounded @ rounded.T).max() < 0.001
