"""A button counts once, for whoever it was shown to, and only on the newest issue of its card."""

import asyncio
from datetime import timedelta

import pytest

from app import House
from bot.settings import Settings
from storage.database import Database
from tests.chat.town import ELIF, LITIA, OUSMANE, SAMIRA, SOMEBODY_KNOWS, Town, town

SECRET = "I was told by my own director to look away."


async def _offered(there: Town) -> str:
    """Litia's question is sent; whose offer it is."""
    await there.step(LITIA, SOMEBODY_KNOWS)
    await there.step(LITIA, "send 1", card="question:1")
    return next(key for key in (OUSMANE, SAMIRA) if "question 1" in there.texts_of(key))


async def test_an_old_preview_sends_nothing_that_it_does_not_show(database: Database) -> None:
    async with town(database) as there:
        await there.step(LITIA, SOMEBODY_KNOWS)
        old = there.button(LITIA, "send 1")
        await there.step(LITIA, f"edit 1 {SECRET} {SOMEBODY_KNOWS}")
        await there.press(LITIA, old, "question:1")
        assert [key for key, _ in there.heard] == [LITIA]
        assert "out of date" in there.texts_of(LITIA)
        await there.step(LITIA, "send 1", card="question:1")
        assert "Sent." in there.texts_of(LITIA)


async def test_a_press_that_is_submitted_again_changes_nothing(database: Database) -> None:
    async with town(database) as there:
        expert = await _offered(there)
        accept = there.button(expert, "accept 1")
        await there.press(expert, accept, "offer:1")
        await there.press(expert, accept, "offer:1")
        assert {key for key, _ in there.heard} == {expert}
        answer = there.button(expert, "answer 1")
        await there.press(expert, answer, "offer:1", text="Ask the appraisal committee for one page.")
        assert "Ask the appraisal committee" in there.texts_of(LITIA)
        await there.press(expert, answer, "offer:1", text="Ask the appraisal committee for one page.")
        assert not there.texts_of(LITIA)
        # What was written is there to be copied.
        assert "Ask the appraisal committee" in there.texts_of(expert)


async def test_a_button_refused_for_want_of_words_can_be_pressed_again(database: Database) -> None:
    async with town(database) as there:
        expert = await _offered(there)
        await there.step(expert, "accept 1", card="offer:1")
        answer = there.button(expert, "answer 1")
        await there.press(expert, answer, "offer:1", text="")
        assert not there.texts_of(LITIA)
        await there.press(expert, answer, "offer:1", text="One page is enough.")
        assert "One page is enough." in there.texts_of(LITIA)


@pytest.mark.parametrize("number", [1, 999])
async def test_not_yours_reads_exactly_like_not_found(number: int, database: Database) -> None:
    async with town(database) as there:
        expert = await _offered(there)
        stranger = SAMIRA if expert == OUSMANE else OUSMANE
        theirs = there.button(expert, "accept 1")
        await there.press(stranger, theirs.replace("accept 1 ", f"accept {number} "), "offer:1")
        foreign = there.texts_of(stranger)
        assert {key for key, _ in there.heard} == {stranger}
        await there.step(stranger, f"accept {number}")
        assert there.texts_of(stranger) == foreign
        await there.step(stranger, "accept 4711")
        assert there.texts_of(stranger) == foreign.replace(str(number), "4711")


async def test_a_token_is_good_for_its_own_action_only(database: Database) -> None:
    async with town(database) as there:
        expert = await _offered(there)
        token = there.button(expert, "decline 1").rpartition(" ")[2]
        for line in (f"accept 1 {token}", f"pass 1 {token}", f"decline 2 {token}", "accept 1", "accept 1 ~" + "0" * 32):
            await there.press(expert, line, "offer:1")
            assert {key for key, _ in there.heard} == {expert}
        await there.step(expert, "decline 1", card="offer:1")
        await there.press(expert, f"accept 1 {token}", "offer:1")
        assert {key for key, _ in there.heard} == {expert}


async def test_of_two_who_press_at_once_one_takes_it_and_the_other_is_told_kindly(database: Database) -> None:
    async with town(database) as there:
        await _offered(there)
        await there.later(timedelta(hours=30))
        both = [key for key in there.lines if any(line.startswith("accept 1 ~") for line in there.lines[key])]
        assert len(both) == 2
        # Two replicas, each with its own memory, on threads of their own.
        other = House(Settings(_env_file=None), database=database, now=there.clock)
        there.heard.clear()
        await asyncio.gather(
            *(
                house.hear(there.wire.incoming(key, say=there.button(key, "accept 1"), pressed_card="offer:1"))
                for house, key in zip((there.house, other), both, strict=True)
            )
        )
        await there.deliver_all()
        told = [there.texts_of(key) for key in both]
        assert sum("[Send answer]" in text or "[Envoyer la réponse]" in text for text in told) == 1
        late = next(text for text in told if "[…]" not in text)
        assert "already" in late or "déjà" in late
        assert there.texts_of(LITIA).count("has taken it") == 1


async def test_what_only_shows_something_can_be_pressed_again(database: Database) -> None:
    async with town(database) as there:
        await _offered(there)
        for _ in range(2):
            await there.press(LITIA, "status 1")
            assert "Your question 1" in there.texts_of(LITIA)


async def test_an_old_card_of_a_flag_submits_and_publishes_nothing(database: Database) -> None:
    async with town(database) as there:
        await there.step(OUSMANE, "flag partnership A donor would clear mines with farmers; mine action.")
        await there.step(OUSMANE, "place 1 mine-action")
        old = there.button(OUSMANE, "submit 1")
        await there.step(OUSMANE, f"rephrase 1 {SECRET}")
        await there.press(OUSMANE, old, "flag:1")
        assert {key for key, _ in there.heard} == {OUSMANE}
        await there.step(OUSMANE, "submit 1", card="flag:1")
        approve = there.button(SAMIRA, "approve 1")
        await there.step(OUSMANE, "rephrase 1 Other words, which no moderator has read.")
        await there.press(SAMIRA, approve, "moderate:1")
        assert {key for key, _ in there.heard} == {SAMIRA}
        await there.step(SAMIRA, "approve 1", card="moderate:1")
        assert "Other words" in there.texts_of(ELIF)


async def test_a_question_that_is_too_long_is_kept_as_a_draft_to_be_shortened(database: Database) -> None:
    async with town(database) as there:
        await there.step(LITIA, f"ask {SOMEBODY_KNOWS} " + "And what about the annexes? " * 200)
        assert "4000" in there.texts_of(LITIA)
        assert {key for key, _ in there.heard} == {LITIA}
        await there.press(LITIA, there.button(LITIA, "edit 1"), "question:1", text=SOMEBODY_KNOWS)
        assert "Exactly what will be sent" in there.texts_of(LITIA)
        assert "annexes" not in there.texts_of(LITIA)
