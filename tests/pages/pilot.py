"""A measured community for pages: a made-up pilot, small, and written once for all tests of a run."""

from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from knowledge.measurement.frameworks import frameworks
from storage import migrations, pilot
from storage.database import Database

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
FACILITATOR = pilot.FACILITATOR


@cache
def written(members: int = 120, months: int = 4) -> Path:
    """The file of its database, to be copied."""
    path = Path(mkdtemp()) / "pilot.db"
    database = Database(f"sqlite:///{path}")
    migrations.upgrade(database)
    with database.begin() as connection:
        pilot.write(connection, frameworks().current, members=members, months=months, seed=1, end=NOW)
    database.close()
    return path
