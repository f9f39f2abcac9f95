"""Blocks and the broken glass tell nobody more than they must."""

import logging

import pytest

from storage.database import Database
from tests.chat.town import ELIF, INGRID, LITIA, SOMEBODY_KNOWS, Town, grant, town

OTHER = "How do others plan the procurement of medicines for remote clinics?"
REASON = "The text says that its asker fears for her life."


async def _ask(there: Town, text: str, number: int) -> None:
    await there.step(LITIA, text)
    await there.step(LITIA, f"send {number}")


async def test_two_blocks_do_not_tell_that_both_questions_are_one_persons(database: Database) -> None:
    async with town(database) as there:
        await _ask(there, SOMEBODY_KNOWS, 1)
        await _ask(there, OTHER, 2)
        told = []
        for number in (1, 2):
            await there.step(ELIF, f"block {number}")
            told.append(there.texts_of(ELIF).replace(str(number), "N"))
        assert told[0] == told[1]
        for number in (1, 2):
            await there.step(LITIA, OTHER)
            assert "stopped you from writing" in there.texts_of(LITIA)
            await there.step(ELIF, f"unblock {number}")
            told.append(there.texts_of(ELIF).replace(str(number), "N"))
        assert told[2] == told[3]
        await there.step(LITIA, OTHER)
        assert "not sent yet" in there.texts_of(LITIA)


async def test_who_was_kept_from_a_question_can_neither_block_nor_unmask_nor_learn_that_it_is_there(
    database: Database,
) -> None:
    async with town(database) as there:
        await there.step(LITIA, SOMEBODY_KNOWS)
        await there.step(LITIA, "without 1 Elif Aksoy (sample)")
        await there.step(LITIA, "send 1")
        for said in ("block {}", "unblock {}", f"unmask {{}} {REASON}"):
            await there.step(ELIF, said.format(1))
            kept = there.texts_of(ELIF)
            await there.step(ELIF, said.format(999))
            assert there.texts_of(ELIF) == kept.replace("1", "999")


async def test_nobody_breaks_the_glass_unwatched(database: Database) -> None:
    async with town(database) as there:
        await _ask(there, SOMEBODY_KNOWS, 1)
        # Facilitator and KM team in one: somebody else has to hear of it, and does.
        grant(database, INGRID, "facilitator")
        await there.step(INGRID, f"unmask 1 {REASON}")
        assert "Litia" in there.texts_of(INGRID)
        others = [text for key, text in there.heard if key != INGRID]
        assert others
        assert not any("Litia" in text for text in others)
        assert all(REASON in text for text in others)


async def test_the_log_says_who_did_what_and_no_words_of_a_member(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with town(database) as there:
        await _ask(there, SOMEBODY_KNOWS, 1)
        await there.step(ELIF, "show 1")
        await there.step(ELIF, "assign 1 #3")
        await there.step(ELIF, f"unmask 1 {REASON}")
        await there.step(INGRID, "audit 1")
        log = there.texts_of(INGRID)
        assert "show, question 1" in log
        assert "unmask, question 1" in log
        assert "mine action" not in log
        assert "Litia" not in log
        assert SOMEBODY_KNOWS not in caplog.text
        assert "Litia" not in caplog.text
