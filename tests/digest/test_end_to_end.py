"""From a private question to everybody's mailbox: what two yeses released, and nothing else."""

from datetime import timedelta

from sqlalchemy import select

from knowledge.item import Use
from storage import schema
from storage.database import Database
from tests.chat.town import ELIF, LITIA, OUSMANE, SAMIRA, Town
from tests.digest.test_digest_turns import posted

HALIMA = "halima.souleymane@sample.example"
ASKED = (
    "How do we hand over a demining dog team to a national authority at the end of a project? Our office in Suva must."
)
ANSWER = "Start a year before the end: the salaries of the handlers move to the national budget first, the dogs after."
AGAIN = "Comment transférer une équipe de chiens démineurs à l’autorité nationale à la fin d’un projet ?"
WORDED = "How do we hand over a demining dog team to a national authority when a project ends?"


async def _published(there: Town) -> int:
    """Litia asks, Ousmane answers, both say yes, Samira publishes; returns the item's number."""
    await there.step(LITIA, ASKED)
    await there.step(LITIA, "send 1")
    await there.step(OUSMANE, "accept 1")
    await there.step(OUSMANE, f"answer 1 {ANSWER}")
    await there.step(LITIA, "solved 1")
    await there.later(timedelta(hours=1))
    await there.step(LITIA, f"reword 1 {WORDED}")
    await there.step(LITIA, "consent 1")
    await there.step(OUSMANE, "consent 1")
    # He had read other words: nothing is published that somebody did not agree to.
    await there.step(SAMIRA, "publish draft 1")
    assert "has not agreed to draft 1 as it stands now" in there.texts_of(SAMIRA)
    await there.step(SAMIRA, "ask again 1")
    await there.step(OUSMANE, "consent 1")
    await there.step(SAMIRA, "publish draft 1")
    with there.database.reading() as connection:
        found = select(schema.item.c.id).where(schema.item.c.question == WORDED)
        return int(connection.execute(found).scalar_one())


async def test_a_solved_question_becomes_an_item_is_used_in_french_and_stands_in_the_digest(database: Database) -> None:
    async with posted(database, None) as (there, server):
        item = await _published(there)
        # A colleague asks nearly the same in French, gets it, and says that it answers it.
        await there.step(
            HALIMA, "Comment transférer une équipe de chiens démineurs à l’autorité nationale à la fin d’un projet ?"
        )
        assert WORDED in there.texts_of(HALIMA)
        await there.step(HALIMA, f"settle 2 {item}")
        with database.reading() as connection:
            uses = there.house.work(connection).items.uses(item)
        assert uses[Use.ANSWERED] == 1
        # Nobody hears of it before the facilitator says so.
        await there.step(ELIF, "digest both")
        await there.step(OUSMANE, "digest by email")
        server.taken.clear()
        await there.step(SAMIRA, "digest draft mine action")
        assert WORDED in there.texts_of(SAMIRA)
        await there.step(SAMIRA, f"digest pick 1 item:{item}")
        await there.later(timedelta(hours=26))
        assert server.taken == []
        await there.step(SAMIRA, "digest approve 1")
        heard: list[tuple[str, str]] = []
        for _ in range(4):
            await there.later(timedelta(hours=12))
            heard += [(key, text) for key, text in there.heard if "Top 5" in text]
        # Chat for who reads there, a letter for who wants one, both for who wants both; each once, in their language.
        assert sorted(key for key, _ in heard) == [ELIF, SAMIRA]
        assert sorted(to for to, _ in server.taken) == [ELIF, OUSMANE]
        (letter,) = server.to(OUSMANE)
        assert letter["Subject"] == "Top 5 de la semaine : Réseau Lutte antimines"
        bodies = [part.get_content() for part in letter.iter_parts()]  # type: ignore[attr-defined]
        # What goes out is the agreed wording, and nothing that names or places anybody.
        for text in (*bodies, *(text for _, text in heard)):
            assert WORDED in text
            assert f"read {item}" in text or "[" in text
            for private in ("Suva", "Litia", "Ousmane", "Halima", "question 1", "question 2"):
                assert private not in text
