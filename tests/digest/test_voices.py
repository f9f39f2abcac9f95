"""Open questions that want more voices: nobody reads them before their asker's own yes, nor after it is taken back."""

from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select, update

from storage import schema
from storage.database import Database
from tests.chat.town import ELIF, LITIA, LUCA, NOBODY_KNOWS, OUSMANE, SAMIRA, Town, town
from tests.digest.test_digest_turns import _item, posted

CAMILA, RANIA, ANJALI = (f"{name}@sample.example" for name in ("camila.ortega", "rania.khoury", "anjali.rao"))
READ = "Who knows how fusion plants are licensed in an island State?"
SECRET = f"{NOBODY_KNOWS[:-1]}, in the Kwexbury annex?"


async def opened(there: Town, words: str = READ) -> None:
    """Question 1, which nobody took, is open to more voices in these words."""
    await there.step(LITIA, f"ask {SECRET}")
    await there.step(LITIA, "send 1")
    await there.step(LITIA, f"word voices 1 {words}")
    await there.step(LITIA, "open voices 1")


async def approved(there: Town) -> None:
    """Mine Action's digest of the week, with question 1 alone in it."""
    await there.step(SAMIRA, "digest draft mine action")
    await there.step(SAMIRA, f"digest pick 1 voices:{_last(there)}")
    await there.step(SAMIRA, "digest approve 1")


def _last(there: Town) -> int:
    with there.database.reading() as connection:
        return int(connection.execute(select(func.max(schema.opening.c.id))).scalar_one())


async def _a_day(there: Town) -> set[str]:
    """Who got a digest within it."""
    got: set[str] = set()
    for _ in range(30):
        await there.later(timedelta(hours=1))
        got |= {key for key, text in there.heard if "Top 5" in text.split("\n")[0]}
    return got


async def test_to_look_is_no_yes(database: Database) -> None:
    async with town(database) as there:
        await there.step(LITIA, f"ask {SECRET}")
        await there.step(LITIA, "send 1")
        await there.step(LITIA, "voices 1")
        await there.step(LITIA, "word voices 1 Who knows about fusion?")
        for key in (SAMIRA, ELIF, OUSMANE):
            await there.step(key, "voices")
            assert "fusion" not in there.texts_of(key)
        await there.step(SAMIRA, "digest draft mine action")
        assert "fusion" not in there.texts_of(SAMIRA)
        await there.step(SAMIRA, "digest pick 1 voices:1")
        assert "could not stand" in there.texts_of(SAMIRA)


async def test_a_yes_without_a_look_shows_first(database: Database) -> None:
    async with town(database) as there:
        await there.step(LITIA, f"ask {SECRET}")
        await there.step(LITIA, "send 1")
        await there.step(LITIA, "open voices 1")
        assert "if you say yes" in there.texts_of(LITIA)
        await there.step(CAMILA, "voices")
        assert "fusión" not in there.texts_of(CAMILA)
        assert "1" not in there.texts_of(CAMILA)


async def test_another_circle_is_another_yes(database: Database) -> None:
    async with town(database) as there:
        await there.step(LITIA, f"ask {SECRET}")
        await there.step(LITIA, "send 1")
        await there.step(LITIA, f"word voices 1 {READ}")
        await there.step(LITIA, "widen 1 one un")
        await there.step(ELIF, "widen 1 one un")
        # What she was shown was for UNDP.
        await there.step(LITIA, "open voices 1")
        assert "if you say yes" in there.texts_of(LITIA)
        assert "One UN" in there.texts_of(LITIA)
        await there.step(LUCA, "voices")
        assert "fusion" not in there.texts_of(LUCA)
        await there.step(LITIA, "open voices 1")
        await there.step(LUCA, "voices")
        assert READ in there.texts_of(LUCA)


async def test_whoever_shows_their_name_to_those_asked_is_told_that_volunteers_are_and_readers_are_not(
    database: Database,
) -> None:
    async with town(database) as there:
        await there.step(LITIA, f"ask {SECRET}")
        await there.step(LITIA, "reveal 1")
        await there.step(LITIA, "send 1")
        await there.step(LITIA, "voices 1")
        assert "whoever offers to answer is told" in there.texts_of(LITIA)
        await there.step(LITIA, "open voices 1")
        await there.step(CAMILA, "voices 1")
        assert "Litia" not in there.texts_of(CAMILA)
        await there.step(CAMILA, "volunteer 1")
        assert "Litia Waqa" in there.texts_of(CAMILA)


async def test_what_is_open_to_one_circle_stays_in_it_when_its_question_goes_further(database: Database) -> None:
    async with town(database) as there:
        await opened(there)
        await there.step(LITIA, "widen 1 one un")
        await there.step(ELIF, "widen 1 one un")
        await there.step(LUCA, "voices 1")
        assert "There is no question 1" in there.texts_of(LUCA)


async def test_whoever_answers_it_is_never_shown_the_question_as_it_was_sent(database: Database) -> None:
    async with town(database) as there:
        read = "Who knows how a fusion plant gets its licence?"
        await opened(there, read)
        for line in ("volunteer 1", "I shall look at it tomorrow", "answer 1 Ask the regulator.", "volunteer 1"):
            await there.step(CAMILA, line)
            assert "Kwexbury" not in there.texts_of(CAMILA)
        await there.step(LITIA, "solved 1")
        await there.later(timedelta(hours=1))
        for key in (CAMILA, LITIA):
            # The draft of a knowledge item, before either said anything to it.
            assert read in there.texts_of(key)
            assert "Kwexbury" not in there.texts_of(key)


@pytest.mark.parametrize("wish", ["without 1 my office", "without 1 Samira", "region 1"])
async def test_whoever_keeps_some_out_cannot_open_it_and_is_not_pressed_to(database: Database, wish: str) -> None:
    async with town(database) as there:
        await there.step(LITIA, f"ask {SECRET}")
        await there.step(LITIA, wish)
        await there.step(LITIA, "send 1")
        for line in ("voices 1", "open voices 1", f"word voices 1 {READ}"):
            await there.step(LITIA, line)
            assert "keep some people out" in there.texts_of(LITIA)
        await there.step(ELIF, "suggest voices 1")
        assert "keep some people out" in there.texts_of(ELIF)
        assert not there.texts_of(LITIA)


async def test_other_words_than_were_approved_go_to_nobody(database: Database) -> None:
    async with town(database) as there:
        await opened(there)
        await approved(there)
        await there.step(LITIA, "word voices 1 Buy my fusion plants!")
        await there.step(LITIA, "open voices 1")
        assert not await _a_day(there)
        # They are a candidate like any other: for whoever makes the next one to approve.
        await there.later(timedelta(days=7))
        await there.step(SAMIRA, "digest draft mine action")
        assert "Buy my fusion plants!" in there.texts_of(SAMIRA)


@pytest.mark.parametrize("end", ["stop voices 1", "withdraw 1", "forget me"])
async def test_taken_back_before_the_morning_it_comes_to_nobody(database: Database, end: str) -> None:
    async with town(database) as there:
        await opened(there)
        await approved(there)
        await there.step(LITIA, end)
        if end == "forget me":
            await there.step(LITIA, "forget me yes")
        assert not await _a_day(there)


@pytest.mark.parametrize("end", ["stop voices 1", "withdraw 1", "word voices 1 Anything else?", "solved 1", "block 1"])
async def test_taken_back_afterwards_it_goes_where_it_was_read(database: Database, end: str) -> None:
    async with town(database) as there:
        with database.begin() as connection:
            _item(connection, 1, audience=20)
            connection.execute(update(schema.version).values(number=schema.version.c.number + 1))
        await opened(there)
        await there.step(SAMIRA, "digest draft mine action")
        await there.step(SAMIRA, "digest pick 1 voices:1")
        await there.step(SAMIRA, "digest pick 1 item:1001")
        await there.step(SAMIRA, "digest approve 1")
        assert await _a_day(there) == {OUSMANE, SAMIRA, ELIF}
        if end == "solved 1":
            await there.step(OUSMANE, "volunteer 1")
            await there.step(OUSMANE, "answer 1 Ask the regulator.")
        await there.step(ELIF if end == "block 1" else LITIA, end)
        await there.later(timedelta(seconds=15))
        for key in (OUSMANE, SAMIRA, ELIF):
            now = next(text for who, text in there.heard if who == key and "Top 5" in text)
            assert "fusion" not in now
            assert "Question 1?" in now
        # Once: what is mended is not shown again and again.
        await there.later(timedelta(seconds=15))
        assert not there.heard
        await there.step(CAMILA, "voces")
        assert "fusion" not in there.texts_of(CAMILA)


async def test_what_a_letter_brought_cannot_be_called_back_and_is_not_sent_again(database: Database) -> None:
    async with posted(database, lambda _database: None) as (there, server):
        await there.step(OUSMANE, "digest email")
        await opened(there)
        await approved(there)
        server.taken.clear()
        assert await _a_day(there)
        letters = len(server.taken)
        assert letters
        await there.step(LITIA, "stop voices 1")
        await there.later(timedelta(minutes=1))
        assert len(server.taken) == letters


async def test_whoever_offers_to_answer_reads_no_more_than_everybody(database: Database) -> None:
    async with town(database) as there:
        await opened(there)
        await there.step(CAMILA, "volunteer 1")
        shown = [text for key, text in there.heard if key == CAMILA]
        # Nor does whom they pass it on to: they could be in league.
        await there.step(CAMILA, "pass 1 to Rania")
        shown += [text for key, text in there.heard if key in (CAMILA, RANIA)]
        await there.step(RANIA, "accept 1")
        await there.step(RANIA, "answer 1 Ask the regulator.")
        await there.step(ANJALI, "volunteer 1")
        await there.step(ANJALI, "answer 1 Ask a lawyer.")
        await there.step(LITIA, "stop voices 1")
        await there.step(LITIA, "solved 1 all")
        shown += [text for key, text in there.heard if key in (CAMILA, RANIA, ANJALI)]
        assert sum(READ in text for text in shown) >= 4
        assert not any("Kwexbury" in text for text in shown)


async def test_a_plain_member_answers_and_is_thanked_like_an_expert(database: Database) -> None:
    async with town(database) as there:
        await opened(there)
        await there.step(CAMILA, "volunteer 1")
        await there.step(CAMILA, "volunteer 1")
        assert "La pregunta 1 es suya" in there.texts_of(CAMILA)
        await there.step(CAMILA, "answer 1 Ask the regulator.")
        assert "Ask the regulator." in there.texts_of(LITIA)
        await there.step(CAMILA, "volunteer 1")
        assert "Puede añadir algo aquí" in there.texts_of(CAMILA)
        await there.step(LITIA, "solved 1")
        assert "la resolvió" in there.texts_of(CAMILA)


async def test_whoever_said_no_is_not_asked_again_by_themselves(database: Database) -> None:
    async with town(database) as there:
        await opened(there)
        await there.step(ELIF, "assign 1 to Rania")
        await there.step(RANIA, "decline 1")
        await there.step(RANIA, "volunteer 1")
        assert "no longer offered to you" in there.texts_of(RANIA)
        await there.step(RANIA, "voices")
        assert READ not in there.texts_of(RANIA)


async def test_who_may_not_write_to_others_may_not_offer_to_answer(database: Database) -> None:
    async with town(database) as there:
        await opened(there)
        await there.step(CAMILA, "¿Quién sabe de desminado en el Sahel?")
        await there.step(CAMILA, "send 2")
        await there.step(ELIF, "block 2")
        await there.step(CAMILA, "volunteer 1")
        assert "La pregunta 1 es suya" not in there.texts_of(CAMILA)
        assert not there.texts_of(LITIA)


async def test_whoever_makes_a_digest_is_shown_nothing_of_a_circle_they_are_not_of(database: Database) -> None:
    async with town(database) as there:
        with database.begin() as connection:
            _item(connection, 1, audience=20)
            _item(connection, 2, audience=30)
            rows = select(schema.person.c.id).where(schema.person.c.key == LUCA).scalar_subquery()
            climate = select(schema.network.c.id).where(schema.network.c.key == "climate-nature").scalar_subquery()
            moderator = {"person_id": rows, "role": "moderator", "network_id": climate}
            connection.execute(insert(schema.role_grant).values(**moderator))
            connection.execute(update(schema.network).where(schema.network.c.id == climate).values(audience=30))
            connection.execute(update(schema.version).values(number=schema.version.c.number + 1))
        await opened(there)
        # Luca is of a sister agency, and makes the digest together with Anjali, who is of UNDP.
        await there.step(LUCA, "digest draft climate")
        assert "Question 2?" in there.texts_of(LUCA)
        assert "Question 1?" not in there.texts_of(LUCA)
        assert "fusion" not in there.texts_of(LUCA)
        refusals = set()
        for key in ("item:1001", "item:4711", "voices:1", "voices:4711"):
            await there.step(LUCA, f"digest pick 1 {key}")
            refusals.add(there.texts_of(LUCA).replace(key, ""))
        assert len(refusals) == 1
        for key in ("item:1001", "voices:1", "item:1002"):
            await there.step(ANJALI, f"digest pick 1 {key}")
        for line in ("digest show 1", "digest preview 1 as Anjali"):
            await there.step(LUCA, line)
            assert "Question 2?" in there.texts_of(LUCA)
            assert "Question 1?" not in there.texts_of(LUCA)
            assert "fusion" not in there.texts_of(LUCA)
        await there.step(LUCA, "digest title 1 1 Mine now")
        assert "1" in there.texts_of(LUCA)
        await there.step(ANJALI, "digest show 1")
        assert "Mine now" not in there.texts_of(ANJALI)
