"""Real processes, killed without warning while they send a digest: everybody gets it, and nobody twice."""

import asyncio
from datetime import UTC, datetime, timedelta
from random import Random

from sqlalchemy import func, insert, select, update

from app import House
from bot.settings import Settings
from storage import schema
from storage.database import Database
from tests.conftest import LONG
from tests.postman.fakes import until
from tests.postman.test_crash import nursery

READERS = 1500 if LONG else 400
KILLS = 40 if LONG else 8
THEN = datetime.now(UTC) - timedelta(days=4)


def _community(database: Database) -> None:
    """A network of many with an approved digest, some of them by both ways; each with a conversation."""
    with database.begin() as connection:
        empty = {"names": {"en": "N", "fr": "N", "es": "N"}, "topics": [], "about": {}, "region": "global"}
        connection.execute(insert(schema.network), {**empty, "id": 1, "key": "n", "kind": "thematic", "audience": 20})
        connection.execute(insert(schema.version), [{"name": "catalogue", "number": 1}])
        person = {
            "language": "en", "speaks": ["en"], "time_zone": "UTC", "region": "global", "reach": 20, "topics": [],
            "created_at": THEN,
        }  # fmt: skip
        people = range(1, READERS + 1)
        connection.execute(
            insert(schema.person), [{**person, "id": n, "key": f"p{n}@example.org", "name": f"P{n}"} for n in people]
        )
        connection.execute(insert(schema.membership), [{"person_id": n, "network_id": 1} for n in people])
        connection.execute(
            insert(schema.conversation),
            [
                {"channel": "direct", "remote_id": f"{n}", "person_id": n, "address": {}, "used_at": THEN}
                for n in people
            ],
        )
        connection.execute(
            insert(schema.item),
            {
                "id": 1, "key": "i", "question": "How?", "answer": "So.", "language": "en", "topics": [],
                "audience": 20, "region": "global", "created_at": THEN, "published_at": THEN,
            },
        )  # fmt: skip
        connection.execute(
            insert(schema.digest),
            {
                "id": 1, "network_id": 1, "week": "2026-W10", "version": 1, "state": "approved",
                "picks": [["item:1", "", ""]], "approved_by_id": 1, "approved_at": THEN, "created_at": THEN,
            },
        )  # fmt: skip


def _over(database: Database) -> bool:
    with database.reading() as connection:
        return connection.execute(select(schema.digest.c.state)).scalar_one() == "sent"


async def test_kill_9_while_a_digest_is_sent_sends_it_to_everybody_once(database: Database) -> None:
    _community(database)
    random, kills = Random(), 0
    async with nursery(database, 0) as processes:
        for _ in range(1 if database.is_sqlite else 2):
            await processes.start("digests")
        while kills < KILLS and not _over(database):
            await asyncio.sleep(random.uniform(0.05, 0.6))
            await processes.kill(random.choice(list(processes.alive)))
            kills += 1
            await processes.start("digests")
        await until(lambda: _over(database), 120)
    assert kills, "nobody was killed while it was sent"
    with database.reading() as connection:
        rows = connection.execute(select(schema.outbox.c.person_id, schema.outbox.c.kind)).all()
        assert sorted(row.person_id for row in rows) == list(range(1, READERS + 1))
        assert {row.kind for row in rows} == {"digest.issue"}
        left = select(func.count()).where(schema.digest_sending.c.sent.is_(False))
        assert connection.execute(left).scalar_one() == 0
    print(f"\n{READERS} readers, {kills} kills")


async def test_a_digest_whose_last_batches_were_brought_at_the_same_moment_ends(database: Database) -> None:
    """Each of two replicas saw the other's batch as still to come, so that neither ended it."""
    _community(database)
    with database.begin() as connection:
        connection.execute(update(schema.digest).values(planned=True, planned_up_to=READERS))
        brought = {
            "digest_id": 1,
            "channel": "chat",
            "due_at": THEN,
            "done_at": THEN,
            "sent": True,
            "picks": ["item:1"],
        }
        connection.execute(insert(schema.digest_sending), [{**brought, "person_id": n} for n in range(1, READERS + 1)])
    house = House(Settings(_env_file=None, matching_encoder="none"), database=database, now=lambda: datetime.now(UTC))
    await house.tick()
    assert _over(database)
    with database.reading() as connection:
        assert not connection.execute(select(schema.outbox.c.id)).all()
