"""What fails when the clock rings holds up nothing else, and is tried again."""

from datetime import timedelta
from typing import Any

import pytest

from house import rings
from knowledge import moving_on
from knowledge.ports import Work
from storage.database import Database
from tests.chat.town import LITIA, SAMIRA, SOMEBODY_KNOWS, town


async def test_one_question_that_cannot_be_moved_on_holds_up_no_other(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    async with town(database) as there:
        for key, number in ((LITIA, 1), (SAMIRA, 2)):
            await there.step(key, SOMEBODY_KNOWS)
            await there.step(key, f"send {number}", f"ask:{number}")
        due = moving_on.due

        def failing(work: Work, number: int) -> Any:
            if number == 1:
                raise RuntimeError(SOMEBODY_KNOWS)
            return due(work, number)

        with pytest.MonkeyPatch.context() as patched:
            _planted(patched, failing)
            await there.later(timedelta(days=2))
        assert "failing 1 failed: RuntimeError" in caplog.text
        assert SOMEBODY_KNOWS not in caplog.text
        assert there.texts_of(SAMIRA)
        assert not there.texts_of(LITIA)
        caplog.clear()
        await there.later(timedelta(seconds=15))
        assert there.texts_of(LITIA)


def _planted(patched: pytest.MonkeyPatch, failing: Any) -> None:
    planted = [(find, failing if move is moving_on.due else move) for find, move in rings.RINGS]
    patched.setattr(rings, "RINGS", planted)
