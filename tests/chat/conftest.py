"""The sample community, in a database of the test's own."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from storage import importing
from storage.database import Database
from tests.chat.player import START

SAMPLE = Path(__file__).parents[2] / "samples" / "community"


@pytest.fixture(scope="session")
def sample() -> Iterator[importing.Batch]:
    with importing.load([SAMPLE], sample=True) as batch:
        yield batch


@pytest.fixture
def community(database: Database, sample: importing.Batch) -> Database:
    # The day before: whatever people do in a transcript, they did last.
    database.write(lambda connection: importing.apply(connection, sample, START - timedelta(days=1)))
    return database
