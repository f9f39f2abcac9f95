"""What an import of people costs in chat: a check that finds every planted error, and one that is written.

    python -m bench.importing --rows 20000 --errors 50 --json

Runs the very steps that a file sent in chat goes through, in a database of its own. Peak memory is the whole process's,
by the operating system (`ru_maxrss`).
"""

import argparse
import csv
import io
import json
import random
import resource
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, func, select

from knowledge import importing as rules
from storage import importing, imports, migrations
from storage.database import Database
from storage.schema import network, person, topic

COLUMNS = "email,name,organisation,language,speaks,time_zone,region,office,topics,networks,roles,about".split(",")
ZONES = ("Africa/Dakar", "Asia/Bangkok", "America/Bogota", "Europe/Istanbul", "Pacific/Fiji")
REGIONS = ("africa", "asia-pacific", "latin-america-caribbean", "europe-cis", "asia-pacific")
PLANTED = (
    ("language", "de"),
    ("time_zone", "Dakar"),
    ("email", "not an address"),
    ("organisation", "ngo"),
    ("networks", "no-such-network"),
    ("roles", "moderator"),
    ("speaks", "french"),
    ("region", "the-moon"),
)


@dataclass(frozen=True, slots=True)
class Result:
    """`seconds` by the clock on the wall and `cpu_seconds` of this process; `peak_mb` of all its memory so far."""

    rows: int
    planted: int
    found: int
    lines_right: bool
    imported: int
    progress_told: int
    check_seconds: float
    check_cpu_seconds: float
    write_seconds: float
    write_cpu_seconds: float
    undo_seconds: float
    peak_mb: float


def rows_of_people(rows: int, errors: int, seed: int, topics: list[str], networks: list[str]) -> tuple[bytes, set[int]]:
    """A file of made-up people, and the lines in which something is wrong."""
    dice = random.Random(seed)
    wrong = dict.fromkeys(sorted(dice.sample(range(rows), errors)))
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS)
    writer.writeheader()
    for number in range(rows):
        place = number % len(ZONES)
        row = {
            "email": f"person{number}@sample.example",
            "name": f"Sample Person {number}",
            "organisation": "undp",
            "language": dice.choice(("en", "fr", "es")),
            "speaks": "en|fr",
            "time_zone": ZONES[place],
            "region": REGIONS[place],
            "office": f"Sample office {place}",
            "topics": "|".join(dice.sample(topics, 2)),
            "networks": "|".join(dice.sample(networks, 2)),
            "roles": "expert" if number % 10 == 0 else "",
            "about": "Has worked on this for some years, in several countries, with partners. " * 2,
        }
        if number in wrong:
            column, value = PLANTED[list(wrong).index(number) % len(PLANTED)]
            # A key that stands twice would be a second error.
            row[column] = f"{value} {number}" if column == "email" else value
        writer.writerow(row)
    return out.getvalue().encode(), {number + 2 for number in wrong}


def measure(url: str, rows: int, errors: int, seed: int = 1) -> Result:
    """Imports so many people into a new database at `url`, which holds the sample community."""
    database = Database(url)
    migrations.upgrade(database)
    now = datetime.now(UTC)
    with importing.load([Path(__file__).parents[1] / "samples" / "community"], sample=True) as batch:
        database.write(lambda connection: importing.apply(connection, batch, now))
    with database.reading() as connection:
        topics = list(connection.execute(select(topic.c.key)).scalars())
        networks = list(connection.execute(select(network.c.key)).scalars())
        before = _people(connection)
        bringer = connection.execute(select(func.min(person.c.id))).scalar_one()
    content, wrong = rows_of_people(rows, errors, seed, topics, networks)

    def begin(connection: Connection) -> int:
        one = rules.Import(bringer, rules.State.CHECKING, now, ("people.csv",))
        return imports.Imports(connection, now).add(one, [("people", "people.csv", content)]).id

    number = database.write(begin)
    told: list[int] = []
    started, spent = time.monotonic(), time.process_time()
    found = imports.check(database, number, told.append)
    check, check_cpu = time.monotonic() - started, time.process_time() - spent
    write = write_cpu = undo = 0.0
    if not found.problems:
        started, spent = time.monotonic(), time.process_time()
        assert database.write(lambda connection: imports.apply(connection, number, now)) == ""
        write, write_cpu = time.monotonic() - started, time.process_time() - spent
    with database.reading() as connection:
        imported = _people(connection) - before
    if not found.problems:
        started = time.monotonic()
        assert database.write(lambda connection: imports.undo(connection, number, now)) == ""
        undo = time.monotonic() - started
        with database.reading() as connection:
            assert _people(connection) == before
    database.close()
    lines = {problem.line for problem in found.problems}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform != "darwin" else 1024**2)
    return Result(
        rows, errors, len(found.problems), lines == wrong, imported, len(told), round(check, 2), round(check_cpu, 2),
        round(write, 2), round(write_cpu, 2), round(undo, 2), round(peak, 1),
    )  # fmt: skip


def _people(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(person)).scalar_one()


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--errors", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--url", default="", help="an empty database; default: SQLite in a temporary folder")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        result = measure(options.url or f"sqlite:///{folder}/bench.db", options.rows, options.errors, options.seed)
    told = asdict(result)
    print(json.dumps(told) if options.json else "\n".join(f"{name}: {value}" for name, value in told.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
