"""The outbox on both databases: who may claim what, in which order, and how long it is kept."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, select

from storage import outbox
from storage.database import Database
from storage.outbox import Claimed
from storage.schema import conversation, sent
from storage.schema import outbox as rows
from tests.postman.stage import claim, converse, dead, done, later, put, retry, row, states, texts


def test_a_conversation_gives_its_messages_one_by_one_in_order(database: Database) -> None:
    with database.begin() as connection:
        place = converse(connection, "asha")
        for number in range(4):
            put(connection, place, f"{number}")
    seen = []
    for _ in range(4):
        claimed = claim(database)
        assert len(claimed) == 1
        assert claim(database, owner="two") == []
        seen += texts(claimed)
        assert done(database, claimed[0])
    assert seen == ["0", "1", "2", "3"]
    assert claim(database) == []


def test_a_message_that_waits_for_its_retry_holds_up_those_behind_it(database: Database) -> None:
    with database.begin() as connection:
        place = converse(connection, "asha")
        put(connection, place, "first")
        put(connection, place, "second")
    (first,) = claim(database)
    assert retry(database, first, seconds=10)
    assert claim(database, 9.9) == []
    assert texts(claim(database, 10)) == ["first"]


def test_a_message_given_up_lets_the_next_one_go(database: Database) -> None:
    with database.begin() as connection:
        place = converse(connection, "asha")
        put(connection, place, "first")
        put(connection, place, "second")
    (first,) = claim(database)
    assert dead(database, first, "too_large")
    assert texts(claim(database)) == ["second"]


def test_conversations_do_not_wait_for_each_other(database: Database) -> None:
    with database.begin() as connection:
        places = [converse(connection, name) for name in ("asha", "bruno", "chen")]
        for turn in range(2):
            for place in places:
                put(connection, place, f"{place} {turn}")
    claimed = claim(database)
    assert texts(claimed) == [f"{place} 0" for place in places]
    assert done(database, claimed[1])
    assert texts(claim(database)) == [f"{places[1]} 1"]


def test_the_longest_due_go_first_when_not_all_can(database: Database) -> None:
    with database.begin() as connection:
        put(connection, converse(connection, "late"), "late", now=later(3))
        put(connection, converse(connection, "early"), "early", now=later(1))
        put(connection, converse(connection, "later"), "later", now=later(4))
    assert texts(claim(database, 5, limit=1)) == ["early"]
    assert texts(claim(database, 5, limit=1)) == ["late"]
    assert claim(database, 3.5) == []


def test_a_claim_carries_all_that_a_delivery_needs(database: Database) -> None:
    with database.begin() as connection:
        place = converse(connection, "asha", channel="teams")
        number = put(connection, place, "words", card="question-7", only_edit=True, about=7, now=later(-5))
        connection.execute(sent.insert(), {"conversation_id": place, "card": "question-7", "remote_id": "r1"})
        connection.execute(sent.insert(), {"conversation_id": place, "card": "other", "remote_id": "r2"})
    assert claim(database) == [
        Claimed(
            id=number,
            attempts=1,
            created_at=later(-5),
            conversation_id=place,
            person_id=None,
            channel="teams",
            remote_id="asha",
            address={"to": "asha"},
            payload={"text": "words"},
            kind="note",
            about=7,
            card="question-7",
            only_edit=True,
            replaces="r1",
            door="",
        )
    ]


def test_a_claim_says_whether_more_waits_behind_it(database: Database) -> None:
    with database.begin() as connection:
        place = converse(connection, "asha")
        put(connection, place, "first")
        put(connection, place, "second")
        put(connection, converse(connection, "bruno"), "only")
        put(connection, None, "to nobody")
        put(connection, None, "to nobody either")
    first, *others = claim(database)
    assert first.followed
    assert not any(one.followed for one in others)
    assert done(database, first)
    assert [one.followed for one in claim(database)] == [False]


def test_a_lease_holds_until_it_ends_and_then_anybody_may_claim(database: Database) -> None:
    with database.begin() as connection:
        put(connection, converse(connection, "asha"), "words")
    (first,) = claim(database, 0, lease=timedelta(seconds=60))
    assert claim(database, 59.9, owner="two") == []
    (second,) = claim(database, 60, owner="two")
    assert (second.id, first.attempts, second.attempts) == (first.id, 1, 2)


def test_a_message_for_somebody_without_a_conversation_is_claimable_and_says_so(database: Database) -> None:
    with database.begin() as connection:
        for text in ("first", "second"):
            put(connection, None, text)
    claimed = claim(database)
    # Without a conversation there is no order to keep either.
    assert texts(claimed) == ["first", "second"]
    assert {(one.conversation_id, one.channel, one.remote_id, one.door) for one in claimed} == {
        (None, "", "", "no_conversation")
    }
    assert all(dead(database, one, one.door) for one in claimed)


def test_what_is_written_in_a_transaction_that_fails_is_never_claimed(database: Database) -> None:
    with database.begin() as connection:
        place = converse(connection, "asha")

    def turn(connection: Connection) -> None:
        put(connection, place, "words")
        raise LookupError

    with pytest.raises(LookupError):
        database.write(turn)
    assert claim(database) == []
    with database.begin() as connection:
        put(connection, place, "said")
    # The number was given back too: the next message is the first.
    assert (row(database, claim(database)[0].id)["number"], states(database)) == (1, ["leased"])


def test_finished_messages_are_pruned_by_age_and_others_never(database: Database) -> None:
    with database.begin() as connection:
        numbers = [put(connection, converse(connection, f"{n}"), f"{n}") for n in range(5)]
    claimed = claim(database)
    assert done(database, claimed[0], seconds=1)
    assert done(database, claimed[1], seconds=100)
    assert dead(database, claimed[2])
    assert retry(database, claimed[3])
    assert database.write(lambda connection: outbox.prune(connection, later(50))) == 2
    with database.reading() as connection:
        left = list(connection.execute(select(rows.c.id).order_by(rows.c.id)).scalars())
    assert left == [numbers[1], numbers[3], numbers[4]]


def test_states_are_counted(database: Database) -> None:
    with database.reading() as connection:
        assert outbox.counts(connection) == {}
    with database.begin() as connection:
        for n in range(4):
            put(connection, converse(connection, f"{n}"), f"{n}")
        put(connection, None, "nobody")
    claimed = claim(database, limit=3)
    assert done(database, claimed[0])
    assert dead(database, claimed[1])
    with database.reading() as connection:
        assert outbox.counts(connection) == {"waiting": 2, "leased": 1, "dead": 1}


MOVES = st.lists(st.tuples(st.sampled_from(["put", "claim", "done", "retry", "dead", "wait"]), st.integers(0, 5)))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(moves=MOVES)
def test_whatever_happens_a_claimed_message_is_the_oldest_unfinished_of_its_conversation(
    sqlite_database: Database, moves: list[tuple[str, int]]
) -> None:
    database, moment, held = sqlite_database, 0.0, []
    with database.begin() as connection:
        connection.execute(delete(rows))
        connection.execute(delete(conversation))
        places = [converse(connection, f"{n}") for n in range(3)]
    for word, number in moves:
        if word == "put":
            with database.begin() as connection:
                put(connection, places[number % 3], "words", now=later(moment))
        elif word == "wait":
            moment += number * 20
        elif word == "claim":
            with database.reading() as connection:
                unfinished = select(rows.c.conversation_id, rows.c.id).where(rows.c.state.in_(["waiting", "leased"]))
                oldest = {
                    place: min(row.id for row in found if row.conversation_id == place)
                    for found in [connection.execute(unfinished).all()]
                    for place in {row.conversation_id for row in found}
                }
            claimed = claim(database, moment, owner=f"{number % 2}", limit=2)
            assert all(one.id == oldest[one.conversation_id] for one in claimed)
            held += [(one, f"{number % 2}") for one in claimed]
        elif held:
            one, owner = held.pop(number % len(held))
            if word == "dead":
                dead(database, one, owner=owner)
            elif word == "done":
                done(database, one, owner=owner, seconds=moment)
            else:
                retry(database, one, owner=owner, seconds=moment + number)
