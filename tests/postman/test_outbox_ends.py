"""The outbox on both databases: whose word counts in the end, and what is left of a message."""

from collections.abc import Callable

import pytest
from sqlalchemy import update

from knowledge.places import Audience
from storage import changes, outbox
from storage.database import Database
from storage.outbox import CLOSED_DOORS, Claimed
from storage.people import People
from storage.schema import conversation
from tests.postman.stage import (
    START,
    claim,
    converse,
    dead,
    done,
    later,
    put,
    retry,
    row,
    stands_at,
    states,
    unreachable,
)

Late = Callable[[Database, Claimed], bool]
LATE: dict[str, Late] = {"done": done, "retry": retry, "dead": lambda database, one: dead(database, one, "blocked")}


@pytest.mark.parametrize("word", LATE)
@pytest.mark.parametrize("successor", ["one", "two"])
@pytest.mark.parametrize("since", ["claimed again", "delivered", "put off", "given up"])
def test_a_postman_whose_lease_ran_out_changes_nothing(
    database: Database, word: str, successor: str, since: str
) -> None:
    """The successor may bear the same name: then the attempt alone tells them apart."""
    with database.begin() as connection:
        place = converse(connection, "asha")
        number = put(connection, place, "words", card="card")
    (first,) = claim(database, 0)
    (second,) = claim(database, 61, owner=successor)
    if since == "delivered":
        assert done(database, second, owner=successor, remote_id="r2", seconds=62)
    elif since == "put off":
        assert retry(database, second, owner=successor, seconds=300)
    elif since == "given up":
        assert dead(database, second, owner=successor)
    before = row(database, number)
    assert not LATE[word](database, first)
    assert row(database, number) == before
    assert unreachable(database, place) == ""
    assert stands_at(database, place, "card") == ("r2" if since == "delivered" else None)


@pytest.mark.parametrize("word", LATE)
def test_a_word_said_twice_counts_once(database: Database, word: str) -> None:
    with database.begin() as connection:
        put(connection, converse(connection, "asha"), "words")
    (claimed,) = claim(database)
    assert LATE[word](database, claimed)
    assert not LATE[word](database, claimed)


def test_a_postman_that_never_claimed_it_has_no_say(database: Database) -> None:
    with database.begin() as connection:
        number = put(connection, converse(connection, "asha"), "words")
    (claimed,) = claim(database)
    assert not done(database, claimed, owner="two")
    assert row(database, number)["state"] == "leased"


def test_where_a_card_stands_is_remembered_and_moves_with_it(database: Database) -> None:
    with database.begin() as connection:
        place = converse(connection, "asha")
        other = converse(connection, "bruno")
        for text in ("new", "edited", "sent anew", "kept"):
            put(connection, place, text, card="question-1")
    for replaces, remote_id in (("", "r1"), ("r1", "r1"), ("r1", "r2"), ("r2", "")):
        (claimed,) = claim(database)
        assert claimed.replaces == replaces
        assert done(database, claimed, remote_id=remote_id)
    assert stands_at(database, place, "question-1") == "r2"
    with database.begin() as connection:
        put(connection, other, "elsewhere", card="question-1")
        put(connection, place, "no card")
    assert [one.replaces for one in claim(database)] == ["", ""]


def test_a_message_without_a_card_leaves_no_trace_in_sent(database: Database) -> None:
    with database.begin() as connection:
        place = converse(connection, "asha")
        put(connection, place, "words")
    (claimed,) = claim(database)
    assert done(database, claimed, remote_id="r1")
    assert stands_at(database, place, "") is None


@pytest.mark.parametrize("end", ["done", "dead"])
def test_the_words_are_dropped_when_a_message_is_over(database: Database, end: str) -> None:
    with database.begin() as connection:
        number = put(connection, converse(connection, "asha"), "words")
    (claimed,) = claim(database)
    assert row(database, number)["payload"] == {"text": "words"}
    assert retry(database, claimed, seconds=2)
    assert row(database, number)["payload"] == {"text": "words"}
    (claimed,) = claim(database, 2)
    assert LATE[end](database, claimed)
    over = row(database, number)
    assert (over["state"], over["payload"], over["owner"], over["lease_until"]) == (end, {}, "", None)
    assert over["ended_at"] == later(1)
    assert over["reason"] == ("" if end == "done" else "blocked")


@pytest.mark.parametrize("reason", sorted(CLOSED_DOORS | {"too_large", "rejected", "gave_up"}))
def test_only_a_reason_that_holds_for_all_closes_the_conversation(database: Database, reason: str) -> None:
    with database.begin() as connection:
        place = converse(connection, "asha")
        asha = People(connection).add("asha", "Asha", "en", "UTC", Audience.UNDP, START)
        connection.execute(update(conversation).values(person_id=asha.id))
        put(connection, place, "first")
        put(connection, place, "second")
        version = changes.version(connection)
    (first,) = claim(database)
    assert dead(database, first, reason)
    closed = reason if reason in CLOSED_DOORS else ""
    assert unreachable(database, place) == closed
    with database.reading() as connection:
        # Matchers must stop offering questions to somebody whom nothing reaches.
        assert (changes.version(connection) != version) == bool(closed)
    (second,) = claim(database)
    assert second.door == closed
    assert dead(database, second, second.door or "rejected")
    assert states(database) == ["dead", "dead"]


def test_a_door_that_opened_meanwhile_is_not_shut_again_by_what_was_claimed_before(database: Database) -> None:
    with database.begin() as connection:
        place = converse(connection, "asha", unreachable="blocked")
        put(connection, place, "first")
    (claimed,) = claim(database)
    with database.begin() as connection:  # The person wrote again.
        connection.execute(update(conversation).values(unreachable=""))
        put(connection, place, "welcome back")
    assert dead(database, claimed, claimed.door)
    assert unreachable(database, place) == ""
    assert [one.door for one in claim(database)] == [""]


def test_a_reason_of_any_length_is_kept_short(database: Database) -> None:
    with database.begin() as connection:
        number = put(connection, converse(connection, "asha"), "words")
    (claimed,) = claim(database)
    long = "é" * 5000
    assert database.write(lambda connection: outbox.retry(connection, claimed, "one", later(1), long))
    assert row(database, number)["reason"] == "é" * 200
