"""Every transcript, on every wire and both databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app import House
from bot.settings import Settings
from storage import importing
from storage.database import Database
from tests.chat.direct import Direct
from tests.chat.player import START, FakeClock, Player
from tests.chat.script import read
from tests.chat.teams import Teams

SAMPLE = Path(__file__).parents[2] / "samples" / "community"
TRANSCRIPTS = sorted((Path(__file__).parents[1] / "transcripts").glob("*.chat"))


@pytest.fixture(scope="session")
def sample() -> Iterator[importing.Batch]:
    with importing.load([SAMPLE], sample=True) as batch:
        yield batch


@pytest.fixture
def community(database: Database, sample: importing.Batch) -> Database:
    database.write(lambda connection: importing.apply(connection, sample, START))
    return database


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
async def test_a_transcript_plays_as_written(path: Path, community: Database) -> None:
    clock, wire = FakeClock(), Direct()
    house = House(Settings(_env_file=None), database=community, now=clock)
    house.channels[wire.channel] = wire
    await Player(house, clock, wire).play(read(path))


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
async def test_a_transcript_plays_the_same_in_teams(path: Path, community: Database) -> None:
    clock = FakeClock()
    house = House(Settings(_env_file=None), database=community, now=clock)
    await Player(house, clock, Teams()).play(read(path))
