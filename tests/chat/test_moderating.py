"""The queue of who moderates a network: what lies there, counted as the store has it, and nobody's words before they
are asked."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from knowledge.question import DRAFTS, OVER, State
from storage.database import Database
from storage.schema import network, question
from tests.chat.town import LITIA, NOBODY_KNOWS, OUSMANE, SOMEBODY_KNOWS, Town, town

AMINATA, DRAGAN = "aminata.coulibaly@sample.example", "dragan.ilic@sample.example"
WORDS = ("template", "fusion", "Waqa", "Suva")


async def _asked(there: Town, *wishes: str) -> None:
    """One question in the Sahel, sent as the asker wishes, and one that fits no network."""
    await there.step(LITIA, f"ask {SOMEBODY_KNOWS}")
    for wish in wishes:
        await there.step(LITIA, wish)
    await there.step(LITIA, "send 1")
    await there.step(LITIA, f"ask {NOBODY_KNOWS}")
    await there.step(LITIA, "send 2")


async def _queue(there: Town, key: str) -> str:
    await there.step(key, "queue")
    return there.texts_of(key)


async def test_it_counts_what_lies_in_their_network_as_the_store_does(database: Database) -> None:
    async with town(database) as there:
        await _asked(there)
        with database.reading() as connection:
            sahel = connection.execute(select(network.c.id).where(network.c.key == "sahel")).scalar_one()
            under_way = [state.value for state in set(State) - OVER - DRAFTS]
            there_now = select(func.count()).where(question.c.network_id == sahel, question.c.state.in_(under_way))
            assert connection.execute(there_now).scalar() == 1
        assert "En cours\u00a0: 1" in await _queue(there, AMINATA)
        assert "Nothing waits" in await _queue(there, DRAGAN)


async def test_the_words_come_with_the_offer_alone(database: Database) -> None:
    async with town(database) as there:
        await _asked(there)
        await there.later(timedelta(days=2))
        told = await _queue(there, AMINATA)
        assert "proposée" in told
        assert not any(word in told for word in WORDS)
        await there.step(AMINATA, "show 1")
        assert not any(word in there.texts_of(AMINATA) for word in WORDS)
        await there.step(AMINATA, "volunteer 1")
        assert "template" in there.texts_of(AMINATA)
        assert "Waqa" not in there.texts_of(AMINATA)
        await there.step(AMINATA, "accept 1")
        await there.step(AMINATA, "answer 1 Here is one.")
        assert "Here is one." in there.texts_of(LITIA)


@pytest.mark.parametrize("wish", ["without 1 Aminata", "within 1 gpn"])
async def test_what_its_asker_keeps_from_them_is_not_there(database: Database, wish: str) -> None:
    async with town(database) as there:
        await _asked(there, wish)
        await there.later(timedelta(days=2))
        assert "Rien n’attend" in await _queue(there, AMINATA)
        answers = []
        for number in (1, 99):
            await there.step(AMINATA, f"volunteer {number}")
            answers.append(there.texts_of(AMINATA).replace(str(number), "N"))
        assert answers[0] == answers[1]


async def test_their_own_question_is_not_there(database: Database) -> None:
    async with town(database) as there:
        await there.step(AMINATA, f"ask {SOMEBODY_KNOWS}")
        await there.step(AMINATA, "send 1")
        assert "Rien n’attend" in await _queue(there, AMINATA)


async def test_nobody_is_asked_twice_and_nothing_that_somebody_has_taken(database: Database) -> None:
    async with town(database) as there:
        await _asked(there)
        await there.later(timedelta(days=2))
        await there.step(OUSMANE, "accept 1")
        await there.step(AMINATA, "volunteer 1")
        assert "n’a besoin de personne" in there.texts_of(AMINATA)


async def test_where_it_was_routed_away_it_is_theirs_no_more(database: Database) -> None:
    async with town(database) as there:
        await _asked(there)
        with database.begin() as connection:
            crisis = connection.execute(select(network.c.id).where(network.c.key == "crisis")).scalar_one()
            connection.execute(update(question).where(question.c.id == 1).values(network_id=crisis))
        assert "Rien n’attend" in await _queue(there, AMINATA)
