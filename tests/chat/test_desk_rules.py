"""What a transcript over the sample community cannot show: communities that are staffed otherwise."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from storage.changes import Kind, raise_version
from storage.database import Database
from storage.schema import person, role_grant
from tests.chat.town import ELIF, INGRID, LITIA, LUCA, NOBODY_KNOWS, OUSMANE, SAMIRA, SOMEBODY_KNOWS, grant, town


async def test_a_facilitator_of_another_circle_never_sees_a_question_that_stays_within_undp(database: Database) -> None:
    async with town(database) as there:
        # Luca is One UN; as facilitator of everywhere he comes before Elif, who is of the Crisis community.
        grant(database, LUCA, "facilitator")
        await there.step(LITIA, NOBODY_KNOWS)
        await there.step(LITIA, "send 1")
        assert NOBODY_KNOWS in there.texts_of(ELIF)
        assert not there.texts_of(LUCA)
        await there.step(LUCA, "queue")
        assert there.texts_of(LUCA) == "Nothing waits on your desk."
        for command in ("show 1", "accept 1", "assign 1 Samira Haddad (sample)"):
            await there.step(LUCA, command)
            assert there.texts_of(LUCA) == "There is no question 1 that you can do this with."


async def test_without_facilitators_the_km_team_can_take_what_it_is_brought(database: Database) -> None:
    with database.begin() as connection:
        connection.execute(delete(role_grant).where(role_grant.c.role == "facilitator"))
    async with town(database) as there:
        with database.begin() as connection:
            connection.execute(delete(role_grant).where(role_grant.c.role == "facilitator"))
        await there.step(LITIA, NOBODY_KNOWS)
        await there.step(LITIA, "send 1")
        assert "Question 1 is on your desk" in there.texts_of(INGRID)
        await there.step(INGRID, "accept 1", card="desk:1")
        assert "Question 1 is yours" in there.texts_of(INGRID)


async def test_what_an_earlier_answer_settles_leaves_the_desk(database: Database) -> None:
    async with town(database) as there:
        await there.step(LITIA, NOBODY_KNOWS)
        await there.step(LITIA, "send 1")
        await there.step(LITIA, "settle 1 1")
        assert "It is off your desk now: closed." in there.texts_of(ELIF)


async def test_what_one_facilitator_offers_on_leaves_the_desks_of_the_others(database: Database) -> None:
    async with town(database) as there:
        grant(database, ELIF, "facilitator")
        grant(database, INGRID, "facilitator")
        await there.step(LITIA, NOBODY_KNOWS)
        await there.step(LITIA, "send 1")
        assert "Question 1 is on your desk" in there.texts_of(INGRID)
        await there.press(ELIF, there.button(ELIF, "assign 1"), "desk:1", who="Samira")
        assert there.texts_of(ELIF) == "Question 1 has been offered to Samira Haddad (sample)."
        assert "It is off your desk now: offered." in there.texts_of(INGRID)


async def test_the_card_that_asks_again_changes_in_place_when_it_is_pressed(database: Database) -> None:
    async with town(database) as there:
        for key, said in (
            (LITIA, SOMEBODY_KNOWS),
            (LITIA, "send 1"),
            (OUSMANE, "prendre 1"),
            (OUSMANE, "répondre 1 oui"),
        ):
            await there.step(key, said)
        await there.later(timedelta(days=3, minutes=1))
        assert "Did it help?" in there.texts_of(LITIA)
        await there.step(LITIA, "solved 1", card="helped:1:1:again")
        # Neither card that asked still does; nothing says that there is more below.
        assert "below" not in there.texts_of(LITIA)
        assert "Question 1 is solved." in there.texts_of(LITIA)


async def test_a_time_zone_that_nobody_knows_is_read_as_utc(database: Database) -> None:
    async with town(database) as there:
        await there.step(LITIA, NOBODY_KNOWS)
        await there.step(LITIA, "send 1")
        with database.begin() as connection:
            connection.execute(update(person).where(person.c.key == ELIF).values(time_zone="Not/AZone"))
        await there.step(ELIF, "queue")
        assert "Sent 2 Mar 2026" in there.texts_of(ELIF)


async def test_of_two_people_with_one_name_the_button_means_the_one_beside_it(database: Database) -> None:
    async with town(database) as there:
        ousmane, samira = id_of(database, OUSMANE), id_of(database, SAMIRA)
        with database.begin() as connection:
            connection.execute(
                update(person).where(person.c.id.in_([ousmane, samira])).values(name="Same Name (sample)")
            )
            raise_version(connection, Kind.PERSON, ousmane, samira)
        await there.step(LITIA, SOMEBODY_KNOWS)
        await there.step(LITIA, "send 1")
        await there.step(OUSMANE, "décliner 1")
        await there.step(ELIF, "show 1")
        await there.step(ELIF, "assign 1 Same Name (sample)")
        assert "Several people are called" in there.texts_of(ELIF)
        await there.step(ELIF, "show 1")
        beside = [line for line in there.lines[ELIF] if line.startswith("assign 1 #")]
        assert beside
        await there.step(ELIF, f"assign 1 #{samira}")
        assert there.texts_of(ELIF).startswith(("Question 1 has been offered", "Same Name (sample) cannot be asked"))


@pytest.mark.parametrize("who", ["nobody", "a member", "an expert beyond the circle", "the asker"])
async def test_an_id_tells_the_desk_nothing_of_who_stands_behind_it(database: Database, who: str) -> None:
    async with town(database) as there:
        grant(database, LUCA, "expert")
        number = {
            "nobody": 999_999,
            "a member": id_of(database, INGRID),
            "an expert beyond the circle": id_of(database, LUCA),
            "the asker": id_of(database, LITIA),
        }[who]
        await there.step(LITIA, NOBODY_KNOWS)
        await there.step(LITIA, "send 1")
        await there.step(ELIF, f"assign 1 #{number}")
        assert there.texts_of(ELIF) == f"I know nobody called “#{number}”."


async def test_an_expert_who_asks_is_not_found_out_by_their_id(database: Database) -> None:
    """As by name: it looks as for one who does not answer."""
    async with town(database) as there:
        await there.step(SAMIRA, NOBODY_KNOWS)
        await there.step(SAMIRA, "send 1")
        for known in (OUSMANE, SAMIRA):
            name = name_of(database, known)
            await there.step(ELIF, f"assign 1 #{id_of(database, known)}")
            assert f"Question 1 has been offered to {name}." in there.texts_of(ELIF)
            await there.step(OUSMANE, "décliner 1")
        assert not there.texts_of(SAMIRA)


async def test_a_text_with_nothing_to_read_gets_a_sentence(database: Database) -> None:
    async with town(database) as there:
        await there.step(ELIF, "match \u200b\u200b")
        assert there.texts_of(ELIF) == "Something is missing. Write it like this: match <text>"


def id_of(database: Database, key: str) -> int:
    with database.reading() as connection:
        return int(connection.execute(select(person.c.id).where(person.c.key == key)).scalar_one())


def name_of(database: Database, key: str) -> str:
    with database.reading() as connection:
        return str(connection.execute(select(person.c.name).where(person.c.key == key)).scalar_one())
