"""The page's memory, on a real database."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, func, insert, select

from dialogs.message import Message
from knowledge.people import Role
from storage import changes
from storage.database import Database
from storage.people import by_identity
from storage.schema import conversation, identity, network, person, role_grant
from storage.web import WebStore
from tests.web.stage import ASHA, ELENA, LUCIA, MAMADOU, add_person, settle_people

NOON = datetime(2026, 3, 6, 14, 30, tzinfo=UTC)
LATER = datetime(2026, 3, 6, 14, 31, tzinfo=UTC)

HELLO = Message("Hello").to_json()
EDITED = Message("Hello again", card="q1").to_json()


async def opened(database: Database) -> WebStore:
    settle_people(database)
    store = WebStore(database)
    await store.settle()
    return store


def count(database: Database, query: Callable[[Connection], int]) -> int:
    with database.reading() as connection:
        return query(connection)


def shown(lines: Sequence[Any]) -> list[tuple[str, int]]:
    """Each line's text with its revision."""
    return [(line.typed or line.message["text"], line.revision) for line in lines]


async def test_everybody_gets_one_identity_and_one_conversation(database: Database) -> None:
    store = await opened(database)
    await store.settle()
    with database.reading() as connection:
        assert connection.execute(select(func.count()).select_from(identity)).scalar_one() == 5
        rows = connection.execute(select(conversation).order_by(conversation.c.person_id)).all()
        assert by_identity(connection, "web", str(MAMADOU)) == MAMADOU
    assert [(row.channel, row.remote_id, row.person_id) for row in rows] == [
        ("web", f"web:{n}", n) for n in range(1, 6)
    ]
    assert rows[0].address == {}


async def test_somebody_imported_later_is_reachable_after_the_next_look(database: Database) -> None:
    store = await opened(database)
    before = count(database, changes.version)
    database.write(lambda connection: add_person(connection, 9, "Nadia Haddad"))
    await store.settle()
    assert count(database, lambda c: by_identity(c, "web", "9") or 0) == 9
    # Matchers know who can be reached: they must hear of it.
    assert count(database, changes.version) == before + 1
    await store.settle()
    assert count(database, changes.version) == before + 1


async def test_a_conversation_never_used_comes_after_one_that_was(database: Database) -> None:
    settle_people(database)
    teams = {"channel": "teams", "remote_id": "t", "person_id": ASHA, "address": {}, "used_at": LATER}
    database.write(lambda connection: connection.execute(insert(conversation), teams))
    await WebStore(database).settle()
    with database.reading() as connection:
        newest = select(conversation.c.channel).where(conversation.c.person_id == ASHA)
        assert connection.execute(newest.order_by(conversation.c.used_at.desc())).scalars().first() == "teams"


async def test_sample_people_come_first_and_then_by_name(database: Database) -> None:
    store = await opened(database)
    database.write(lambda connection: add_person(connection, 9, "Aaron Abel", sample=False))
    names = [profile.name for profile in await store.people()]
    assert names == ["Asha Naidu", "Elena Weber", "Lucía Rojas", "Mamadou Sarr", "Tomasi Vea", "Aaron Abel"]
    assert len(await store.people(limit=2)) == 2


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("lucia", [LUCIA]),
        ("LUCÍA roj", [LUCIA]),
        ("dakar", [MAMADOU]),
        ("weber geneva", [ELENA]),
        ("weber dakar", []),
        ("%", [ASHA, ELENA, LUCIA, MAMADOU, 5]),
        ("' OR 1=1 --", []),
    ],
)
async def test_people_are_found_by_name_and_office_with_or_without_accents(
    database: Database, search: str, found: list[int]
) -> None:
    store = await opened(database)
    assert [profile.id for profile in await store.people(search)] == found


async def test_a_profile_holds_every_role_once_wherever_it_was_given(database: Database) -> None:
    store = await opened(database)

    def grant(connection: Connection) -> None:
        place = {"id": 1, "key": "n", "names": {"en": "N"}, "kind": "cop", "audience": 20, "region": "global"}
        connection.execute(insert(network), {**place, "topics": [], "about": {}})
        for role, where in (("facilitator", 1), ("expert", 1), ("expert", None), ("member", None)):
            connection.execute(insert(role_grant), {"person_id": ASHA, "role": role, "network_id": where})

    database.write(grant)
    profile = await store.person(ASHA)
    assert profile is not None
    assert profile.roles == (Role.EXPERT, Role.FACILITATOR)
    assert (profile.name, profile.office, profile.time_zone) == ("Asha Naidu", "Suva, Fiji", "Pacific/Fiji")


async def test_nobody_is_there_for_a_number_that_nobody_has(database: Database) -> None:
    store = await opened(database)
    assert await store.person(99) is None
    assert await store.person(2**63 - 1) is None
    assert await store.lines(99) == []
    assert await store.revision(99) == 0


async def test_what_is_typed_and_delivered_stands_in_order(database: Database) -> None:
    store = await opened(database)
    await store.append(ASHA, "k1", "Hi", NOON)
    assert await store.deliver(ASHA, 7, HELLO, "", LATER) is not None
    lines = await store.lines(ASHA)
    assert shown(lines) == [("Hi", 1), ("Hello", 2)]
    assert [line.at for line in lines] == [NOON, LATER]
    assert [line.key for line in lines] == ["k1", ""]
    assert await store.lines(MAMADOU) == []


async def test_the_same_submission_is_shown_once(database: Database) -> None:
    store = await opened(database)
    await store.append(ASHA, "k1", "Hi", NOON)
    await store.append(ASHA, "k1", "Hi", LATER)
    assert shown(await store.lines(ASHA)) == [("Hi", 1)]


async def test_what_failed_is_marked_until_it_is_sent_again(database: Database) -> None:
    store = await opened(database)
    await store.append(ASHA, "k1", "Hi", NOON)
    await store.fail(ASHA, "k1")
    assert [(line.failed, line.revision) for line in await store.lines(ASHA)] == [(True, 2)]
    await store.append(ASHA, "k1", "Hi", LATER)
    assert [(line.failed, line.revision) for line in await store.lines(ASHA)] == [(False, 3)]


async def test_the_same_delivery_is_shown_once(database: Database) -> None:
    store = await opened(database)
    first = await store.deliver(ASHA, 7, HELLO, "", NOON)
    assert await store.deliver(ASHA, 7, HELLO, "", LATER) == first
    assert shown(await store.lines(ASHA)) == [("Hello", 1)]


async def test_a_replacement_keeps_the_place_and_gets_the_next_revision(database: Database) -> None:
    store = await opened(database)
    first = await store.deliver(ASHA, 7, HELLO, "", NOON)
    await store.append(ASHA, "k1", "Hi", NOON)
    assert first is not None
    assert await store.deliver(ASHA, 8, EDITED, first, LATER) == first
    assert shown(await store.lines(ASHA)) == [("Hello again", 3), ("Hi", 2)]


async def test_a_replacement_delivered_twice_changes_the_line_once(database: Database) -> None:
    store = await opened(database)
    first = await store.deliver(ASHA, 7, HELLO, "", NOON)
    assert first is not None
    for _ in range(2):
        assert await store.deliver(ASHA, 8, EDITED, first, LATER) == first
    # A worker that lost its lease may still bring the original.
    assert await store.deliver(ASHA, 7, HELLO, "", LATER) == first
    assert shown(await store.lines(ASHA)) == [("Hello again", 2)]


@pytest.mark.parametrize("replaces", ["999999", "q1", "-1", "9" * 30, "٣"])
async def test_there_is_nothing_to_replace_under_an_id_that_is_not_there(database: Database, replaces: str) -> None:
    store = await opened(database)
    assert await store.deliver(ASHA, 8, EDITED, replaces, NOON) is None
    assert await store.lines(ASHA) == []


async def test_a_message_never_replaces_somebody_elses_nor_what_was_typed(database: Database) -> None:
    store = await opened(database)
    others = await store.deliver(MAMADOU, 7, HELLO, "", NOON)
    await store.append(ASHA, "k1", "Hi", NOON)
    typed = str((await store.lines(ASHA))[0].id)
    assert others is not None
    assert await store.deliver(ASHA, 8, EDITED, others, NOON) is None
    assert await store.deliver(ASHA, 9, EDITED, typed, NOON) is None
    assert shown(await store.lines(MAMADOU)) == [("Hello", 1)]


async def test_a_person_without_a_conversation_cannot_be_delivered_to(database: Database) -> None:
    store = await opened(database)
    with pytest.raises(KeyError):
        await store.deliver(99, 7, HELLO, "", NOON)


async def test_changes_come_by_revision_and_can_be_read_in_parts(database: Database) -> None:
    store = await opened(database)
    first = await store.deliver(ASHA, 1, HELLO, "", NOON)
    for number in range(2, 6):
        await store.deliver(ASHA, number, Message(f"m{number}").to_json(), "", NOON)
    assert first is not None
    await store.deliver(ASHA, 6, EDITED, first, NOON)
    assert shown(await store.changes(ASHA, 3)) == [("m4", 4), ("m5", 5), ("Hello again", 6)]
    assert shown(await store.changes(ASHA, 0, limit=2)) == [("m2", 2), ("m3", 3)]
    assert await store.changes(ASHA, 6) == []
    assert await store.revision(ASHA) == 6
    assert shown(await store.lines(ASHA, limit=2)) == [("m4", 4), ("m5", 5)]


async def test_text_from_any_alphabet_comes_back_as_it_was(database: Database) -> None:
    store = await opened(database)
    text = "¿Qué? 何 مرحبا 👩‍👩‍👧\n\"' \\ </script>"
    await store.append(ASHA, "k1", text, NOON)
    await store.deliver(ASHA, 7, Message(text).to_json(), "", NOON)
    assert [word for word, _ in shown(await store.lines(ASHA))] == [text, text]


async def test_only_people_are_listed(database: Database) -> None:
    assert await WebStore(database).people() == []
    assert count(database, lambda c: c.execute(select(func.count()).select_from(person)).scalar_one()) == 0
