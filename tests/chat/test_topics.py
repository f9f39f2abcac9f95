"""Topics from members from outside: whose they are and who endorses them stays hidden, whatever anybody does."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from app import House
from bot.settings import Settings
from storage.database import Database
from storage.schema import endorsement, outbox, person, proposal, topic_call
from tests.chat.town import ELIF, INGRID, LITIA, LUCA, OUSMANE, SAMIRA, Town, town

PRAKASH, NADIRA, MARISOL, JEAN, TEVITA = (
    f"{name}@sample.example"
    for name in ("prakash.adhikari", "nadira.hossain", "marisol.pena", "jeanrobert.etienne", "tevita.latu")
)
NAME = "Quillonia Canary"


async def opened(there: Town) -> None:
    """Two topics of the disaster risk network, and a call until 20 March."""
    for who, said in (
        (NADIRA, "propose topic Anticipatory action before floods"),
        (NADIRA, "under 1 disaster-risk"),
        (NADIRA, "lodge 1"),
        (JEAN, "propose topic Debris after a cyclone"),
        (JEAN, "under 2 disaster-risk"),
        (JEAN, "lodge 2"),
        (PRAKASH, "call for topics in disaster-risk until 2026-03-20 yes"),
    ):
        await there.step(who, said)


async def test_who_proposes_and_who_endorses_appears_nowhere(database: Database) -> None:
    async with town(database) as there:
        with database.begin() as connection:
            for who in (NADIRA, MARISOL):
                connection.execute(update(person).where(person.c.key == who).values(name=NAME))
        seen = []
        await opened(there)
        for who, said in (
            (MARISOL, "endorse 1"), (SAMIRA, "endorse 2"), (PRAKASH, "align 1 Resilience"), (PRAKASH, "proposals"),
            (SAMIRA, "propose 1"), (PRAKASH, "propose 1"), (PRAKASH, "call"), (MARISOL, "endorse 2"),
            (PRAKASH, "combine 2 into 1 yes"), (JEAN, "proposals"), (NADIRA, "speak 1 no"),
        ):  # fmt: skip
            await there.step(who, said)
            seen += there.heard
        await there.later(timedelta(days=19))
        seen += there.heard
        await there.step(NADIRA, "speak 1 no")
        seen += there.heard
        assert [text for _, text in seen if NAME in text] == []
        with database.reading() as connection:
            assert NAME not in str(connection.execute(select(outbox.c.payload)).all())
        # Only their own yes tells who they are, and only those who prepare the event.
        await there.step(NADIRA, "speak 1 yes")
        assert {who for who, text in there.heard if NAME in text} == {PRAKASH}


@pytest.mark.parametrize("stranger", [OUSMANE, LUCA, TEVITA])
@pytest.mark.parametrize(
    "said",
    ["propose 1", "endorse 1", "lodge 1", "abandon 1", "speak 1 yes", "under 1 crisis", "endorse 2 no"],
)
async def test_a_proposal_of_another_network_reads_like_one_that_does_not_exist(
    stranger: str, said: str, sqlite_database: Database
) -> None:
    async with town(sqlite_database) as there:
        await opened(there)
        await there.step(stranger, said.replace("1", "99").replace("2", "99"))
        unknown = there.texts_of(stranger).replace("99", "N")
        await there.step(stranger, said)
        assert there.texts_of(stranger).replace("1", "N").replace("2", "N") == unknown


@pytest.mark.parametrize("said", ["drop 1 No.", "align 1 X", "combine 1 into 2 yes", "pick 1", "call stop 1"])
async def test_only_whoever_looks_after_the_network_does_what_the_desk_does(
    said: str, sqlite_database: Database
) -> None:
    async with town(sqlite_database) as there:
        await opened(there)
        before = _kept(sqlite_database)
        # A moderator and a facilitator of other networks, and a member of this one who is neither.
        for who in (TEVITA, ELIF, JEAN):
            await there.step(who, said)
            assert _kept(sqlite_database) == before
        await there.step(TEVITA, "call for topics in disaster-risk until 2026-03-25")
        assert "do not look after" in there.texts_of(TEVITA)
        await there.step(INGRID, "align 1 Of the KM team")
        assert "Of the KM team" in there.texts_of(INGRID)


def _kept(database: Database) -> list[object]:
    with database.reading() as connection:
        return [*connection.execute(select(proposal)).all(), *connection.execute(select(topic_call)).all()]


async def test_votes_close_once_whoever_rings_and_however_late(database: Database) -> None:
    async with town(database) as there:
        await opened(there)
        for who in (SAMIRA, MARISOL):
            await there.step(who, "endorse 1")
        other = House(Settings(_env_file=None), database=database, now=there.clock)
        there.heard.clear()
        there.clock.at += timedelta(days=40)
        await asyncio.gather(there.house.tick(), other.tick())
        await other.tick()
        await there.deliver_all()
        results = [who for who, text in there.heard if "becomes an event" in text or "se convierte" in text]
        assert sorted(results) == sorted([PRAKASH, SAMIRA, MARISOL])
        assert [who for who, text in there.heard if "Would you speak" in text] == [NADIRA]


async def test_votes_before_the_date_are_not_counted(database: Database) -> None:
    async with town(database) as there:
        await opened(there)
        await there.step(SAMIRA, "endorse 1")
        await there.later(timedelta(days=17))
        assert not there.heard
        await there.step(PRAKASH, "call move 1 22 March")
        await there.later(timedelta(days=1, hours=6))
        assert not there.heard
        await there.later(timedelta(days=2))
        assert PRAKASH in {who for who, _ in there.heard}


async def test_an_endorsement_counts_once_and_moves_with_a_merger(database: Database) -> None:
    async with town(database) as there:
        await opened(there)
        for who in (SAMIRA, SAMIRA, MARISOL, NADIRA):
            await there.step(who, "endorse 2")
        for who in (SAMIRA, JEAN):
            await there.step(who, "endorse 1")
        await there.step(PRAKASH, "combine 2 into 1")
        assert "3 endorsements" in there.texts_of(PRAKASH)
        await there.step(PRAKASH, "combine 2 into 1 yes")
        # Nadira proposed 1: hers goes without saying.
        assert "3 endorsements" in there.texts_of(PRAKASH)
        # An old button means the topic, wherever it stands now.
        await there.step(ELIF, "endorse 2")
        assert "4 endorsements" in there.texts_of(ELIF)


async def test_who_voted_is_forgotten_soon_after_it_is_decided(database: Database) -> None:
    async with town(database) as there:
        await opened(there)
        await there.step(SAMIRA, "endorse 1")
        await there.step(SAMIRA, "endorse 2")
        await there.step(MARISOL, "endorse 1")
        await there.later(timedelta(days=19))
        there.clock.at += timedelta(days=8)
        await there.house.sweep()
        with database.reading() as connection:
            rows = connection.execute(select(endorsement.c.proposal_id, func.count()).group_by("proposal_id")).all()
            assert [tuple(row) for row in rows] == [(2, 1)]
        await there.step(SAMIRA, "propose 1")
        assert "2 endorsements" in there.texts_of(SAMIRA)


async def test_when_one_of_a_tie_is_taken_back_the_other_has_won(database: Database) -> None:
    async with town(database) as there:
        await opened(there)
        await there.step(SAMIRA, "endorse 1")
        await there.step(MARISOL, "endorse 2")
        await there.later(timedelta(days=19))
        assert "tie" in there.texts_of(SAMIRA)
        await there.step(NADIRA, "abandon 1")
        assert "gagne" in there.texts_of(JEAN) or "l’emporte" in there.texts_of(JEAN)


async def test_one_call_at_a_time_in_a_network(database: Database) -> None:
    async with town(database) as there:
        await opened(there)
        await there.step(PRAKASH, "call for topics in disaster-risk until 2026-04-20 yes")
        assert "already" in there.texts_of(PRAKASH)
        await there.step(PRAKASH, "call stop 1")
        await there.step(PRAKASH, "call for topics in disaster-risk until 2026-04-20 yes")
        assert "is open until" in there.texts_of(PRAKASH)


async def test_whoever_is_forgotten_takes_what_they_proposed_with_them(database: Database) -> None:
    async with town(database) as there:
        await opened(there)
        await there.step(SAMIRA, "endorse 1")
        await there.step(NADIRA, "forget me")
        await there.press(NADIRA, "forget me yes", "forget")
        await there.step(SAMIRA, "propose 1")
        assert "Anticipatory" not in there.texts_of(SAMIRA)
        await there.later(timedelta(days=19))
        assert "nothing was endorsed" in there.texts_of(PRAKASH)


@pytest.mark.parametrize(
    ("said", "closes"),
    [
        ("call for topics in disaster-risk until 20 March", "20 Mar 2026, 17:00"),
        ("call disaster-risk until 2026-03-20", "20 Mar 2026, 17:00"),
        ("call for the disaster risk network by 20/03/2026", "20 Mar 2026, 17:00"),
        ("call topics for disaster-risk until Friday", "6 Mar 2026, 17:00"),
        ("appel à sujets pour disaster-risk jusqu’au 20 mars", "20 Mar 2026, 17:00"),
        ("convocatoria de temas en disaster-risk hasta el 20 de marzo", "20 Mar 2026, 17:00"),
        ("call disaster-risk until yesterday", "later day"),
        ("call disaster-risk until whenever", "Which day"),
        ("call disaster-risk until 2027-03-20", "180 days"),
        ("call disaster-risk", "Until when?"),
    ],
)
async def test_a_call_is_read_as_people_say_it(said: str, closes: str, sqlite_database: Database) -> None:
    async with town(sqlite_database) as there:
        await there.step(PRAKASH, said)
        assert closes in there.texts_of(PRAKASH)


async def test_who_proposes_too_much_or_nothing_is_told_so(sqlite_database: Database) -> None:
    async with town(sqlite_database) as there:
        await there.step(LITIA, f"propose topic {'x' * 301}")
        assert "300" in there.texts_of(LITIA)
        await there.step(LITIA, "propose topic ?!")
        assert "few words" in there.texts_of(LITIA)
        await there.step(LITIA, "propose")
        assert "Propose a topic" in there.texts_of(LITIA)
