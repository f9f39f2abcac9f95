"""Nobody can tell from what is kept who answered what: not from the database, whatever is compared in it."""

import hashlib
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, text, update

from app import House
from bot.settings import Settings
from knowledge.mixing import Remark, Response
from storage import schema
from storage.box import Box
from storage.database import Database
from tests.chat.town import ELIF, INGRID, LITIA, LUCA, OUSMANE, SAMIRA, Town, town

KEY = "only-for-this-test-0123456789"
MEMBERS = (LITIA, OUSMANE, SAMIRA, INGRID, LUCA)
MORE = ("camila.ortega@sample.example", "joaquin.rivas@sample.example")
REMARK = "Zebrafish in the meeting room"
# What is new at random each time, and a cache: nothing of what was said goes into them.
RANDOM = {"card_issue": ("key", "secret"), "sealed_response": ("key", "sealed"), "remark": ("key",)}


@asynccontextmanager
async def surveyed(database: Database) -> AsyncIterator[Town]:
    """A town in which a survey of two questions runs."""
    async with town(database) as there:
        there.house = House(Settings(_env_file=None, pulse_key=KEY), database=database, now=there.clock)
        there.house.channels[there.wire.channel] = there
        there.house.postman = _postman(there)
        await there.step(ELIF, "survey plan own 14: Our meetings are worth it. | I know whom to ask.")
        await there.step(ELIF, "survey start 1")
        yield there


def _postman(there: Town) -> Any:
    there.wire._house = there.house
    return there.house.postman


def everything(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table in a fixed order, without what is random."""
    found = {}
    with database.reading() as connection:
        for table in schema.metadata.sorted_tables:
            if table.name == "text_vector":
                continue
            columns = [column for column in table.c if column.name not in RANDOM.get(table.name, ())]
            found[table.name] = sorted((tuple(row) for row in connection.execute(select(*columns))), key=repr)
    return found


def emptied(database: Database) -> None:
    with database.begin() as connection:
        names = [table.name for table in schema.metadata.sorted_tables]
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"TRUNCATE {', '.join(names)} RESTART IDENTITY CASCADE"))
            return
        for table in reversed(schema.metadata.sorted_tables):
            connection.execute(delete(table))


async def _answered(database: Database, points: dict[str, int]) -> dict[str, list[tuple[Any, ...]]]:
    async with surveyed(database) as there:
        for member, point in points.items():
            await there.step(member, "pulse")
            await there.press(member, there.lines[member][point - 1])
        return everything(database)


async def test_whatever_somebody_answers_the_database_is_the_same_but_for_what_is_sealed(database: Database) -> None:
    one = await _answered(database, dict(zip(MEMBERS, (1, 2, 3, 4, 5), strict=True)))
    emptied(database)
    other = await _answered(database, dict(zip(MEMBERS, (5, 5, 1, 1, 2), strict=True)))
    assert len(one["sealed_response"]) == len(MEMBERS)
    assert one == other


async def test_that_comparison_sees_an_answer_that_is_kept_anywhere(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = Box.put

    def leaking(box: Box, survey: int, what: Response | Remark) -> None:
        put(box, survey, what)
        if isinstance(what, Response):
            box._connection.execute(update(schema.person).values(about=f"{what.point}"))

    monkeypatch.setattr(Box, "put", leaking)
    one = await _answered(database, {LITIA: 1})
    emptied(database)
    other = await _answered(database, {LITIA: 5})
    assert {name for name in one if one[name] != other[name]} == {"person"}


async def test_what_is_sealed_says_nothing_without_the_key(database: Database) -> None:
    async with surveyed(database) as there:
        await there.step(LITIA, "pulse")
        await there.press(LITIA, there.lines[LITIA][0])
        await there.press(LITIA, there.lines[LITIA][-3])
        await there.step(OUSMANE, "pulse")
        await there.press(OUSMANE, there.lines[OUSMANE][4])
        with database.reading() as connection:
            rows = connection.execute(select(schema.sealed_response)).all()
            assert len({len(row.sealed) for row in rows}) == 1
            assert len({row.sealed for row in rows}) == len(rows)
            opened = sorted(Box(connection, there.house.key).opened(1), key=repr)
            assert {type(one) for one in opened} == {Response}
            with pytest.raises(ValueError, match="another key"):
                list(Box(connection, hashlib.sha256(b"guessed").digest()).opened(1))


async def test_a_comment_is_in_no_row_and_no_line_of_the_log(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with surveyed(database) as there:
        await there.step(LITIA, "pulse")
        await there.press(LITIA, there.lines[LITIA][0])
        await there.press(LITIA, there.lines[LITIA][-3])
        add = next(line for line in reversed(there.lines[LITIA]) if "remark" in line or "comment" in line)
        await there.press(LITIA, add, text=REMARK)
        assert "kept apart" in there.texts_of(LITIA)
        assert REMARK not in repr(everything(database))
        assert REMARK not in caplog.text
        with database.reading() as connection:
            assert Remark("", REMARK) in list(Box(connection, there.house.key).opened(1))
        await there.step(ELIF, "survey close 1")
        assert REMARK not in repr(everything(database))
        with database.reading() as connection:
            assert not connection.execute(select(schema.sealed_response)).all()
            assert not connection.execute(select(schema.response_count)).all()


async def test_a_closed_survey_leaves_counts_and_forgets_who_answered(database: Database) -> None:
    async with surveyed(database) as there:
        for member, place in zip((*MEMBERS, *MORE), (3, 3, 4, 4, 0, 4, 1), strict=True):
            await there.step(member, "pulse")
            await there.press(member, there.lines[member][place])
        await there.later(timedelta(days=15))
        with database.reading() as connection:
            counts = connection.execute(select(schema.response_count).order_by(schema.response_count.c.point)).all()
            assert [(row.item, row.region, row.point, row.count) for row in counts] == [
                ("q1", "", 1, 1), ("q1", "", 2, 1), ("q1", "", 4, 2), ("q1", "", 5, 3),
            ]  # fmt: skip
            assert {row.state for row in connection.execute(select(schema.pulse.c.state))} == {"over"}
            assert not connection.execute(select(schema.sealed_response)).all()
