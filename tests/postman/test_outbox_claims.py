"""Claims that meet: several connections at once, and a table that has grown."""

import re
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import Connection, event, insert, text, update

from storage import outbox
from storage.database import Database
from storage.schema import conversation
from storage.schema import outbox as rows
from tests.postman.stage import LEASE, START, claim, converse, later, put, states


def done(database: Database, claimed: outbox.Claimed, owner: str) -> bool:
    return database.write(lambda connection: outbox.done(connection, claimed, owner, "", START))


def _begun(database: Database) -> Connection:
    """A connection with a claim's transaction still open. The caller ends it."""
    connection = database.writer.connect()
    connection.begin()
    return connection


def test_a_claim_passes_by_what_another_holds_in_an_open_transaction(postgresql_database: Database) -> None:
    database = postgresql_database
    with database.begin() as connection:
        for name in ("asha", "bruno", "chen"):
            place = converse(connection, name)
            put(connection, place, f"{name} 1")
            put(connection, place, f"{name} 2")
    open_one = _begun(database)
    try:
        held = outbox.claim(open_one, owner="one", now=START, lease=LEASE, limit=2)
        # Neither waits for the first to commit, nor takes the rows behind those it holds.
        others = claim(database, owner="two")
        assert [one.payload["text"] for one in held] == ["asha 1", "bruno 1"]
        assert [one.payload["text"] for one in others] == ["chen 1"]
        assert claim(database, owner="three") == []
        open_one.rollback()
    finally:
        open_one.close()
    assert [one.payload["text"] for one in claim(database, owner="two")] == ["asha 1", "bruno 1"]


def test_a_message_behind_one_that_is_being_finished_waits_for_the_commit(postgresql_database: Database) -> None:
    database = postgresql_database
    with database.begin() as connection:
        place = converse(connection, "asha")
        put(connection, place, "first")
        put(connection, place, "second")
    (first,) = claim(database)
    open_one = _begun(database)
    try:
        assert outbox.done(open_one, first, "one", "", later(1))
        assert claim(database, owner="two") == []
        open_one.commit()
    finally:
        open_one.close()
    assert [one.payload["text"] for one in claim(database, owner="two")] == ["second"]


def test_two_turns_that_write_to_one_person_queue_for_the_number(postgresql_database: Database) -> None:
    """Who commits first is delivered first: no later number can be seen while an earlier one is still unwritten."""
    database = postgresql_database
    with database.begin() as connection:
        place = converse(connection, "asha")
    open_one = _begun(database)
    second = ThreadPoolExecutor(1)
    try:
        put(open_one, place, "first")
        waiting = second.submit(database.write, lambda connection: put(connection, place, "second"))
        assert claim(database) == []
        assert not waiting.done()
        open_one.commit()
        waiting.result(30)
    finally:
        open_one.close()
        second.shutdown()
    (first,) = claim(database)
    assert first.payload["text"] == "first"


def test_postmen_that_claim_at_once_never_get_the_same_message(database: Database) -> None:
    conversations, each, workers = 12, 8, 4
    with database.begin() as connection:
        for n in range(conversations):
            place = converse(connection, f"{n}")
            for turn in range(each):
                put(connection, place, f"{turn}")
    seen: list[list[outbox.Claimed]] = [[] for _ in range(workers)]
    order: dict[int | None, list[str]] = {}
    together = threading.Barrier(workers)
    lock = threading.Lock()

    def work(worker: int) -> None:
        together.wait(30)
        owner = f"{worker}"
        while "waiting" in (left := set(states(database))) or "leased" in left:
            for one in claim(database, owner=owner, limit=3):
                seen[worker].append(one)
                with lock:
                    order.setdefault(one.conversation_id, []).append(one.payload["text"])
                assert done(database, one, owner)

    with ThreadPoolExecutor(workers) as pool:
        for finished in [pool.submit(work, worker) for worker in range(workers)]:
            finished.result(60)
    claimed = Counter(one.id for ones in seen for one in ones)
    assert len(claimed) == conversations * each
    assert set(claimed.values()) == {1}
    assert all(texts == [f"{turn}" for turn in range(each)] for texts in order.values())


# A table as it is after some weeks: 20,000 messages over, some to bring.
OLD, CONVERSATIONS, WAITING = 20_000, 200, 90


@pytest.fixture(params=["never", "while nothing waited", "while much waited"])
def grown(database: Database, request: pytest.FixtureRequest) -> Database:
    """Planners believe statistics, which are of any moment: mostly one when nothing waited."""
    with database.begin() as connection:
        places = [converse(connection, f"{n}") for n in range(CONVERSATIONS)]
        over: dict[str, Any] = {
            "person_id": None, "kind": "note", "about": 0, "card": "", "only_edit": False, "payload": {},
            "state": "done", "attempts": 1, "owner": "", "due_at": START, "created_at": START, "ended_at": START,
        }  # fmt: skip
        connection.execute(
            insert(rows),
            [
                {**over, "conversation_id": places[n % CONVERSATIONS], "number": n // CONVERSATIONS + 1}
                for n in range(OLD)
            ],
        )
        connection.execute(update(conversation).values(last_number=OLD // CONVERSATIONS))
    if request.param == "while nothing waited":
        _analyse(database)
    with database.begin() as connection:
        for place in places[: WAITING // 3]:
            for turn in range(3):
                put(connection, place, f"{turn}")
    if request.param == "while much waited":
        _analyse(database)
    return database


def _analyse(database: Database) -> None:
    with database.begin() as connection:
        connection.execute(text("ANALYZE"))


@contextmanager
def _statements(database: Database) -> Iterator[list[tuple[str, Any]]]:
    """Collects what is sent to the database meanwhile: statements and their values."""
    sent: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_more: Any) -> None:
        sent.append((statement, values))

    event.listen(database.writer, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(database.writer, "before_cursor_execute", note)


def _plan(connection: Connection, statement: str, values: Any) -> list[str]:
    """How the database goes about a statement, in its own words, a step a line."""
    explain = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
    return [str(line[-1]) for line in connection.exec_driver_sql(f"{explain} {statement}", values)]


def test_no_statement_of_a_delivery_reads_through_all_that_is_over(grown: Database) -> None:
    with _statements(grown) as sent:
        claimed = claim(grown)
        assert len(claimed) == 20
        with grown.begin() as connection:
            put(connection, claimed[0].conversation_id, "one more")
            assert outbox.done(connection, claimed[0], "one", "", START)
            assert outbox.retry(connection, claimed[1], "one", START, "busy")
            assert outbox.dead(connection, claimed[2], "one", "rejected", START)
    asked = [one for one in sent if one[0].startswith(("SELECT", "UPDATE", "WITH", "DELETE")) and "outbox" in one[0]]
    assert len(asked) >= 6
    reads_all = re.compile(r"^SCAN (outbox|older|newer)|Seq Scan on outbox")
    looks = re.compile(r"(Scan|SEARCH).*\b(older|newer)\b")
    with grown.begin() as connection:
        for statement, values in asked:
            plan = _plan(connection, statement, values)
            told = "\n".join([statement, *plan])
            assert not [step for step in plan if reads_all.search(step)], told
            # Each of those that wait asks after its neighbours in its own conversation, not among all that wait.
            for step, condition in pairwise([*plan, ""]):
                assert not looks.search(step) or "conversation_id" in step + condition, told
            if "attempts = " in statement.split("WHERE")[-1]:
                assert "pk_outbox" in told or "PRIMARY KEY" in told, told


def test_counting_what_is_not_delivered_reads_nothing_that_is(grown: Database) -> None:
    with _statements(grown) as sent, grown.begin() as connection:
        assert outbox.counts(connection) == {"waiting": WAITING}
        plans = [step for statement, values in list(sent) for step in _plan(connection, statement, values)]
    assert not [step for step in plans if re.search(r"^SCAN|Seq Scan", step)], "\n".join(plans)


def test_a_claim_finds_the_oldest_of_each_conversation_among_many_that_are_over(grown: Database) -> None:
    claimed = claim(grown, limit=100)
    assert len({one.conversation_id for one in claimed}) == len(claimed) == 30
    assert {one.payload["text"] for one in claimed} == {"0"}
