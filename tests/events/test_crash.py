"""Real processes, killed without warning while they plan and send reminders: everybody gets each once."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random

from sqlalchemy import insert, select

from knowledge.event import Event
from knowledge.event import State as EventState
from knowledge.occurrences import ONCE
from knowledge.reminder import Plan
from knowledge.rsvp import Answer
from storage.database import Database
from storage.events import Events
from storage.reminders import Reminders
from storage.schema import conversation, outbox, person, reminder, rsvp
from tests.conftest import LONG
from tests.postman.fakes import until
from tests.postman.test_crash import Nursery, nursery

GUESTS = 2000 if LONG else 700
KILLS = 40 if LONG else 8
LEAD = 15


def _webinar(database: Database) -> None:
    """An event to which so many said yes, after a minute in which nobody was at work: its plan was made before, no
    reminder of it is written down yet, and all are due."""
    now = datetime.now(UTC).replace(microsecond=0)
    before = now - timedelta(hours=1)
    with database.begin() as connection:
        told = {
            "language": "en", "speaks": ["en"], "time_zone": "UTC", "region": "global", "reach": 20, "topics": [],
            "created_at": now,
        }  # fmt: skip
        guests = range(1, GUESTS + 1)
        connection.execute(insert(person), [{**told, "id": n, "key": f"p{n}", "name": f"P{n}"} for n in guests])
        there = {"channel": "direct", "address": {}, "used_at": now}
        connection.execute(insert(conversation), [{**there, "remote_id": f"{n}", "person_id": n} for n in guests])
        starts_at = now + timedelta(minutes=LEAD - 1)
        event = Event(0, None, "A webinar", starts_at.replace(tzinfo=None), "UTC", 60, now, state=EventState.PLANNED)
        number = Events(connection, now).add(event).id
        said = {
            "event_id": number,
            "occurrence": "",
            "answer": Answer.YES,
            "at": before,
            "named": False,
            "unsure": False,
        }
        connection.execute(insert(rsvp), [{**said, "at": before, "person_id": n} for n in guests])
        reminders = Reminders(connection)
        reminders.set_usual(number, [LEAD])
        ends_at = starts_at + timedelta(hours=1)
        reminders.add_plan(Plan(number, ONCE, starts_at, ends_at, made_at=before, total=GUESTS))


def _over(database: Database) -> bool:
    with database.reading() as connection:
        reminders = Reminders(connection)
        return not reminders.unwritten(1) and not reminders.any_due(datetime.now(UTC))


async def _killed_at_random(database: Database, processes: Nursery, random: Random) -> int:
    """Until enough were killed, or everybody was reminded. Returns how many were."""
    kills = 0
    while kills < KILLS and not _over(database):
        await asyncio.sleep(random.uniform(0.05, 1.0))
        await processes.kill(random.choice(list(processes.alive)))
        kills += 1
        await processes.start("reminders")
    return kills


async def test_kill_9_while_reminders_are_planned_and_sent_reminds_everybody_once(database: Database) -> None:
    _webinar(database)
    random = Random()
    async with nursery(database, 0) as processes:
        for _ in range(1 if database.is_sqlite else 3):
            await processes.start("reminders")
        kills = await _killed_at_random(database, processes, random)
        await until(lambda: _over(database), 120)
    assert kills, "nobody was killed while they were sent"
    with database.reading() as connection:
        rows = connection.execute(select(outbox.c.person_id, outbox.c.about)).all()
        states = Counter(connection.execute(select(reminder.c.state)).scalars())
    assert sorted(row.person_id for row in rows) == list(range(1, GUESTS + 1))
    assert len({row.about for row in rows}) == GUESTS
    assert states == {"sent": GUESTS}
    print(f"\n{GUESTS} reminders, {kills} kills")
