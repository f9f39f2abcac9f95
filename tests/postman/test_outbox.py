"""The outbox on both databases: who may claim what, and whose word counts in the end."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, select, update

from storage import catalogue, outbox
from storage.database import Database
from storage.outbox import CLOSED_DOORS, Claimed
from storage.schema import conversation, sent
from storage.schema import outbox as rows
from tests.postman.stage import claim, converse, later, put, row, states


def texts(claimed: list[Claimed]) -> list[str]:
    return [str(one.payload["text"]) for one in claimed]


def done(database: Database, claimed: Claimed, *, owner: str = "one", remote_id: str = "", seconds: float = 1) -> bool:
    return database.write(lambda connection: outbox.done(connection, claimed, owner, remote_id, later(seconds)))


def retry(database: Database, claimed: Claimed, *, owner: str = "one", seconds: float = 10) -> bool:
    return database.write(lambda connection: outbox.retry(connection, claimed, owner, later(seconds), "busy"))


def dead(database: Database, claimed: Claimed, reason: str = "rejected", *, owner: str = "one") -> bool:
    return database.write(lambda connection: outbox.dead(connection, claimed, owner, reason, later(1)))


def unreachable(database: Database, place: int) -> str:
    with database.reading() as connection:
        found = select(conversation.c.unreachable).where(conversation.c.id == place)
        return str(connection.execute(found).scalar_one())


def stands_at(database: Database, place: int, card: str) -> str | None:
    with database.reading() as connection:
        return connection.execute(
            select(sent.c.remote_id).where(sent.c.conversation_id == place, sent.c.card == card)
        ).scalar()


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


def test_a_lease_holds_until_it_ends_and_then_anybody_may_claim(database: Database) -> None:
    with database.begin() as connection:
        put(connection, converse(connection, "asha"), "words")
    (first,) = claim(database, 0, lease=timedelta(seconds=60))
    assert claim(database, 59.9, owner="two") == []
    (second,) = claim(database, 60, owner="two")
    assert (second.id, first.attempts, second.attempts) == (first.id, 1, 2)


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
        put(connection, place, "first")
        put(connection, place, "second")
        version = catalogue.version(connection)
    (first,) = claim(database)
    assert dead(database, first, reason)
    closed = reason if reason in CLOSED_DOORS else ""
    assert unreachable(database, place) == closed
    with database.reading() as connection:
        # Matchers must stop offering questions to somebody whom nothing reaches.
        assert (catalogue.version(connection) != version) == bool(closed)
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


def test_a_reason_of_any_length_is_kept_short(database: Database) -> None:
    with database.begin() as connection:
        number = put(connection, converse(connection, "asha"), "words")
    (claimed,) = claim(database)
    long = "é" * 5000
    assert database.write(lambda connection: outbox.retry(connection, claimed, "one", later(1), long))
    assert row(database, number)["reason"] == "é" * 200


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
        assert outbox.counts(connection) == {"waiting": 2, "leased": 1, "done": 1, "dead": 1}


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
