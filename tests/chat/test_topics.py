"""Curated topics: merged and retired without losing what stood under them, on both databases."""

from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from house.operator.samples import SAMPLE
from storage import catalogue, importing, schema
from storage.database import Database
from tests.chat.town import ELIF, INGRID, Town, town

FROM, INTO = "debris-management", "mine-action"


def _under(database: Database, key: str) -> dict[str, set[int]]:
    with database.reading() as connection:
        return {
            table.name: {
                row.id for row in connection.execute(select(table.c.id, table.c.topics)) if key in (row.topics or ())
            }
            for table in (schema.person, schema.item, schema.network)
        }


def _seen(there: Town, text: str) -> tuple[str, ...]:
    """The topics that the matcher reads in a text."""
    with there.database.reading() as connection:
        return tuple(there.house.work(connection).matcher.seen(text).topics)


async def test_a_merge_says_first_what_it_moves_and_moves_that_and_undo_brings_exactly_that_back(
    database: Database,
) -> None:
    async with town(database) as there:
        before, other = _under(database, FROM), _under(database, INTO)
        with database.reading() as connection:
            names = {one.key: one.names for one in catalogue.load(connection).topics}
        text = f"Who knows {names[FROM]['en']} and {names[FROM]['fr']}?"
        assert FROM in _seen(there, text)
        await there.step(INGRID, f"merge topic {FROM} into {INTO}")
        told = there.texts_of(INGRID)
        for kind, word in (("person", "people"), ("item", "knowledge items"), ("network", "networks")):
            count = len(before[kind])
            assert f"{count} {word}" in told or (count == 1 and "one " in told) or not count, told
        assert _under(database, FROM) == before
        await there.press(INGRID, there.button(INGRID, f"merge topic {FROM} into {INTO} yes"))
        assert not any(_under(database, FROM).values())
        assert _under(database, INTO) == {kind: before[kind] | other[kind] for kind in before}
        # Who asks in the old words finds the other topic, and an import that still uses the old key is kept there.
        assert INTO in _seen(there, text)
        assert FROM not in _seen(there, text)
        with importing.load([Path(SAMPLE)], sample=True) as batch:
            database.write(lambda connection: importing.apply(connection, batch, there.clock.at))
        assert _under(database, INTO) == {kind: before[kind] | other[kind] for kind in before}
        assert not any(_under(database, FROM).values())
        assert INTO in _seen(there, text)
        await there.step(INGRID, "undo")
        assert "is as it was" in there.texts_of(INGRID)
        assert (_under(database, FROM), _under(database, INTO)) == (before, other)
        assert FROM in _seen(there, text)
        await there.step(INGRID, "audit")
        assert "merge topic" in there.texts_of(INGRID)


async def test_what_came_under_the_other_topic_since_stays_there_and_late_is_too_late(database: Database) -> None:
    async with town(database) as there:
        await there.step(INGRID, f"merge topic {FROM} into {INTO} yes")
        await there.later(timedelta(minutes=11))
        await there.step(INGRID, "undo")
        assert "nothing" in there.texts_of(INGRID).lower()
        assert not any(_under(database, FROM).values())
        # Its old key still means the one it went into.
        await there.step(INGRID, f"alias topic {FROM}: rubble")
        assert "“rubble” finds the topic “mine action” too now." in there.texts_of(INGRID)
        assert INTO in _seen(there, "rubble in the streets of our town")


async def test_a_renamed_topic_is_found_by_both_names_and_a_word_means_one_topic(database: Database) -> None:
    async with town(database) as there:
        await there.step(INGRID, f"rename topic {INTO} to clearing of mines")
        assert "is called “clearing of mines” now" in there.texts_of(INGRID)
        for said in ("clearing of mines", "mine action"):
            assert INTO in _seen(there, f"Who knows {said} well?")
        await there.step(INGRID, f"alias topic {FROM}: mine action")
        assert "already means the topic" in there.texts_of(INGRID)
        await there.step(INGRID, "undo")
        await there.step(INGRID, "topics mine")
        assert "clearing" not in there.texts_of(INGRID)


async def test_a_retired_topic_is_read_in_nothing_and_comes_back_whole(database: Database) -> None:
    async with town(database) as there:
        before = _under(database, INTO)
        await there.step(INGRID, "retire topic mine action")
        assert INTO not in _seen(there, "Who knows mine action well?")
        assert _under(database, INTO) == before
        await there.step(INGRID, "retire topic mine action")
        assert "is retired" in there.texts_of(INGRID)
        await there.step(INGRID, "restore topic mine action")
        assert INTO in _seen(there, "Who knows mine action well?")
        # The desk reads the list, and does not tend it.
        await there.step(ELIF, "topics mine")
        assert "mine action" in there.texts_of(ELIF).lower()
        await there.step(ELIF, "retire topic mine action")
        assert there.texts_of(ELIF).startswith("I do not know “retire topic”.")
