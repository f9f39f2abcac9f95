"""How long a report takes and how much memory, and how both grow with the community.

    python -m bench.report [--members 10000,100000] [--json]

A made-up pilot of seven months is written for each size (`storage.pilot`; three questions a member, and between one and
two answers to pulses for each of the fourteen items), then read twice: as the report of its last month, and as all that
was done in the seven months together. Each is measured in a process of its own, so that its peak is its own.
"""

import argparse
import json
import multiprocessing
import resource
import sys
import tempfile
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import Connection, func, select

from knowledge import reporting
from knowledge.hours import Hours
from knowledge.measurement.activity import activity
from knowledge.measurement.frameworks import Frameworks, frameworks
from knowledge.ports import Pace, Policy
from storage import migrations, pilot
from storage.database import Database
from storage.evidence import Evidence
from storage.measurement import Measurement
from storage.people import People
from storage.schema import pulse, question
from storage.surveys import Surveys

NOW = datetime(2026, 11, 24, tzinfo=UTC)
MONTHS = 7
SEED = 1
QUESTIONS = 3
"""For each member, in all."""


@dataclass(frozen=True)
class Reading:
    connection: Connection
    now: datetime
    surveys: Surveys
    measurement: Measurement
    framework: Frameworks
    pace: Pace = field(default_factory=Pace)
    policy: Policy = field(default_factory=Policy)
    evidence: Any = None
    people: Any = None
    random: Random = field(default_factory=lambda: Random(SEED))


def reading_of(connection: Connection, now: datetime) -> Reading:
    surveys, evidence = Surveys(connection), Evidence(connection)
    return Reading(
        connection, now, surveys, Measurement(connection), frameworks(), evidence=evidence, people=People(connection)
    )


def _read(url: str, whole: bool) -> dict[str, float]:
    """Seconds by the clock and of the processor, and how much the peak of resident memory rose above what the program
    takes by itself."""
    database = Database(url)
    with database.reading() as connection:
        before = _peak()
        began, worked = time.perf_counter(), time.process_time()
        measurement = Measurement(connection)
        if whole:
            since = NOW - timedelta(days=365)
            window = measurement.window(since, NOW, Pace().follow_up)
            done, _ = activity(window, Hours(), Random(SEED))
            assert done.done is not None
            assert done.done.answer_rate is not None
        else:
            work: Any = reading_of(connection, NOW)
            report = reporting.made(work)
            assert report.sections[0].latest is not None
        took, worked = time.perf_counter() - began, time.process_time() - worked
    database.close()
    return {"s": round(took, 3), "cpu_s": round(worked, 3), "mb": round(_peak() - before, 1)}


def _peak() -> float:
    """Of this process, in MB. On Linux from /proc: what getrusage tells there is inherited from who started it."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform != "darwin" else 1024**2)


def measured(members: int, folder: Path) -> dict[str, Any]:
    url = f"sqlite:///{folder / f'pilot-{members}.db'}"
    database = Database(url)
    migrations.upgrade(database)
    began = time.perf_counter()
    with database.begin() as connection:
        many = QUESTIONS * members
        edition = frameworks().current
        pilot.write(connection, edition, members=members, months=MONTHS, seed=SEED, questions=many, end=NOW)
        questions = connection.execute(select(func.count()).select_from(question)).scalar_one()
        asked = connection.execute(select(func.count()).select_from(pulse)).scalar_one()
    database.close()
    found: dict[str, Any] = {"members": members, "questions": questions, "pulses": asked}
    found["written_s"] = round(time.perf_counter() - began, 1)
    spawned = multiprocessing.get_context("spawn")
    for name, whole in (("month", False), ("whole", True)):
        with spawned.Pool(1) as pool:
            found |= {f"{name}_{unit}": value for unit, value in pool.apply(_read, (url, whole)).items()}
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description="How long a report takes, and how it grows.")
    parser.add_argument("--members", default="10000,100000")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    before: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        for members in map(int, asked.members.split(",")):
            found = measured(members, Path(folder))
            if before:
                for figure in ("month_s", "month_cpu_s", "month_mb", "whole_s", "whole_cpu_s", "whole_mb"):
                    found[f"growth_{figure}"] = round(found[figure] / before[figure], 1) if before[figure] else None
            print(json.dumps(found) if asked.json else "  ".join(f"{key} {value}" for key, value in found.items()))
            before = found


if __name__ == "__main__":
    main()
