"""What is too long is not lost: it comes back as a draft, in the form that sends it."""

import pytest

from knowledge.text import LONGEST_TEXT
from storage.database import Database
from tests.chat.town import ELIF, LITIA, OUSMANE, SOMEBODY_KNOWS, town

TOO_LONG = "Ours has four pages. " * 400
"""8,400 characters."""


async def test_a_long_answer_comes_back_to_be_shortened_and_is_then_sent(database: Database) -> None:
    async with town(database) as there:
        await there.step(LITIA, SOMEBODY_KNOWS)
        await there.step(LITIA, "send 1")
        await there.step(OUSMANE, "take 1")
        await there.step(OUSMANE, f"answer 1 {TOO_LONG}")
        assert {key for key, _ in there.heard} == {OUSMANE}
        told = there.texts_of(OUSMANE)
        assert "4" in told
        assert "Ours has four pages." in told
        draft = next(field.value for field in there.fields[OUSMANE] if field.name == "text")
        assert len(draft) <= LONGEST_TEXT
        assert TOO_LONG.startswith(draft.rstrip("…").rstrip())
        await there.press(OUSMANE, there.button(OUSMANE, "answer 1"), text="Ours has four pages.")
        assert "Ours has four pages." in there.texts_of(LITIA)


@pytest.mark.parametrize("said", ["reply 1 ", "edit 2 ", "flag ", "assist "])
async def test_whatever_is_written_the_form_says_the_same_line(database: Database, said: str) -> None:
    async with town(database) as there:
        await there.step(LITIA, SOMEBODY_KNOWS)
        await there.step(LITIA, "send 1")
        await there.step(OUSMANE, "take 1")
        await there.step(OUSMANE, "answer 1 Yes.")
        await there.step(LITIA, "ask How do others plan the procurement of medicines for remote clinics?")
        await there.step(LITIA, said + TOO_LONG)
        assert {key for key, _ in there.heard} == {LITIA}
        assert there.button(LITIA, said.strip())
        assert not [key for key, _ in there.heard if key == ELIF]
