"""The desk's commands, where a transcript cannot show it: counts, circles, sizes, and what is kept."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from app import House
from bot.settings import Settings
from bot.slack import blocks
from bot.teams import cards
from dialogs.commands import REGISTRY, Group
from dialogs.composing import compose
from dialogs.wording import say_in
from house.operator.samples import SAMPLE
from knowledge.matching.port import Catalogue
from knowledge.notices import Notice
from knowledge.places import LANGUAGES, Audience
from knowledge.question import DRAFTS, OVER
from storage import importing
from storage.database import Database
from storage.schema import audit, desk_note, outbox, person, question, role_grant
from tests.chat.player import START, missing
from tests.chat.town import ELIF, INGRID, LITIA, NOBODY_KNOWS, OUSMANE, SAMIRA, SOMEBODY_KNOWS, Town, grant, town

CAMILA, CLARISSE, HALIMA = (
    f"{name}@sample.example" for name in ("camila.ortega", "clarisse.mbarga", "halima.souleymane")
)
SECRET = "The heron nests beside the weir"


async def _asked(there: Town, key: str, text: str, number: int) -> None:
    await there.step(key, f"ask {text}")
    await there.step(key, f"send {number}")


def test_help_in_any_language_is_whole_in_slack_and_in_teams_group_by_group() -> None:
    for language in LANGUAGES:
        for group in Group:
            shown = [one for one in REGISTRY.values() if one.listed and one.group is group]
            notice = Notice(1, "help", {"commands": shown, "group": group, "groups": list(Group)})
            message = compose(notice, say_in(language), Catalogue(1))
            for written in (blocks.render(message), cards.render(message)):
                assert missing(message, _texts_in(written)) == [], (language, group)


def _texts_in(part: object) -> str:
    """Every text anywhere in a channel's own form of a message, one after the other."""
    if isinstance(part, dict):
        return "".join(map(_texts_in, part.values()))
    if isinstance(part, list):
        return "".join(map(_texts_in, part))
    return part if isinstance(part, str) else ""


async def test_what_one_of_a_desk_takes_leaves_the_cards_of_the_others(database: Database) -> None:
    async with town(database, lambda there: grant(there, SAMIRA, "facilitator")) as there:
        with database.begin() as connection:
            # Both look after everywhere.
            crisis = role_grant.c.role == "facilitator"
            connection.execute(update(role_grant).where(crisis).values(network_id=None))
        await _asked(there, LITIA, NOBODY_KNOWS, 1)
        assert {key for key, text in there.heard if "is on your desk" in text} == {ELIF, SAMIRA}
        await there.step(SAMIRA, "accept 1")
        assert "It is off your desk now: taken." in there.texts_of(ELIF)
        assert "off your desk" not in there.texts_of(SAMIRA)


async def test_the_queue_counts_what_the_store_holds_however_much_it_shows(database: Database) -> None:
    async with town(database) as there:
        for number in range(1, 5):
            await _asked(there, LITIA, f"{NOBODY_KNOWS} Part {number}", number)
        await _asked(there, CAMILA, SOMEBODY_KNOWS, 5)
        with database.begin() as connection:
            row = dict(connection.execute(select(question).where(question.c.id == 1)).mappings().one())
            del row["id"]
            connection.execute(question.insert(), [row] * 60)
        await there.step(ELIF, "queue")
        told = there.texts_of(ELIF)
        with database.reading() as connection:
            under_way = question.c.state.not_in([one.value for one in OVER | DRAFTS])
            total = connection.execute(select(func.count()).where(under_way)).scalar_one()
            escalated = connection.execute(select(func.count()).where(question.c.state == "escalated")).scalar_one()
        assert (total, escalated) == (65, 64)
        assert f"{total} questions are under way" in told
        assert f"With the facilitation: {escalated}" in told
        assert "Page 1 of 7" in told
        pages = [told]
        for page in range(2, 8):
            await there.press(ELIF, there.button(ELIF, f"queue {page}"))
            pages.append(there.texts_of(ELIF))
        assert sum(one.count("Sent 2 Mar 2026") for one in pages) == total
        # Beyond the last page is the last.
        await there.step(ELIF, "queue 99")
        assert there.texts_of(ELIF) == pages[-1]


async def test_what_is_ageing_depends_on_the_calendar_alone(database: Database) -> None:
    async with town(database) as there:
        await _asked(there, LITIA, SOMEBODY_KNOWS, 1)
        for hours, ageing in ((23, 0), (25, 1)):
            there.clock.at = START + timedelta(hours=hours)
            await there.step(ELIF, "queue")
            assert f"Ageing: {ageing}" in there.texts_of(ELIF)


async def test_no_words_of_a_question_or_a_note_stand_in_the_log_and_no_note_reaches_a_member(
    database: Database,
) -> None:
    async with town(database) as there:
        await _asked(there, LITIA, SOMEBODY_KNOWS, 1)
        await _asked(there, CAMILA, SOMEBODY_KNOWS, 2)
        for said in (
            f"note 1 {SECRET}", "show 1", "assign 1 to Halima", "route 1 to network mine action", "undo",
            "merge 2 into 1", "pull in Aminata 1", "close 1", "queue",
        ):  # fmt: skip
            await there.step(ELIF, said)
        with database.reading() as connection:
            kept = connection.execute(select(audit)).all()
            assert {row.action for row in kept} >= {"note", "assign", "route", "undo", "merge", "close"}
            assert not [row for row in kept if "mine action" in str(row) or "heron" in str(row)]
            assert connection.execute(select(desk_note.c.text)).scalar_one() == SECRET
            elif_ = connection.execute(select(person.c.id).where(person.c.key == ELIF)).scalar_one()
            others = connection.execute(select(outbox.c.payload).where(outbox.c.person_id != elif_)).scalars()
            assert "heron" not in json.dumps(list(others))
        await there.step(LITIA, "data")
        assert "heron" not in there.texts_of(LITIA)


async def test_answers_are_never_merged_into_a_wider_circle_or_to_whoever_was_left_out(database: Database) -> None:
    async with town(database) as there:
        await _asked(there, LITIA, NOBODY_KNOWS, 1)
        await _asked(there, CAMILA, NOBODY_KNOWS, 2)
        with database.begin() as connection:
            connection.execute(update(question).where(question.c.id == 2).values(audience=int(Audience.ONE_UN)))
        await there.step(ELIF, "merge 2 into 1")
        apart = there.texts_of(ELIF)
        assert "cannot be merged" in apart
        with database.begin() as connection:
            camila = connection.execute(select(person.c.id).where(person.c.key == CAMILA)).scalar_one()
            connection.execute(update(question).where(question.c.id == 2).values(audience=int(Audience.UNDP)))
            connection.execute(update(question).where(question.c.id == 1).values(wishes={"excluded": [camila]}))
        await there.step(ELIF, "merge 2 into 1")
        # Which of the reasons it is would tell something of somebody.
        assert there.texts_of(ELIF) == apart
        await there.step(ELIF, "merge 1 into 2")
        assert "follows question 2" in there.texts_of(ELIF)


async def test_who_answers_for_two_and_asked_one_of_them_hears_of_neither(database: Database) -> None:
    async with town(database) as there:
        await _asked(there, LITIA, SOMEBODY_KNOWS, 1)
        await there.step(OUSMANE, "prendre 1")
        await _asked(there, OUSMANE, NOBODY_KNOWS, 2)
        await there.step(ELIF, "merge 2 into 1")
        await there.step(OUSMANE, "répondre 1 Le nôtre a quatre pages.")
        assert "quatre pages" in there.texts_of(LITIA)
        assert "question 2" not in there.texts_of(OUSMANE)
        assert "quelqu’un d’autre" not in there.texts_of(OUSMANE).lower()


async def test_an_excluded_person_is_refused_as_one_who_was_asked_before_and_hears_nothing(database: Database) -> None:
    async with town(database) as there:
        await there.step(LITIA, f"ask {SOMEBODY_KNOWS}")
        await there.step(LITIA, "without 1 Samira Haddad")
        await there.step(LITIA, "send 1")
        for said in ("assign 1 to {}", "pull in {} 1"):
            told = []
            for name in ("Samira Haddad (sample)", "Ousmane Faye (sample)"):
                await there.step(ELIF, said.format(name))
                told.append(there.texts_of(ELIF).replace(name, "N"))
                assert not there.texts_of(SAMIRA)
            assert told == ["N cannot be asked about question 1. Please name somebody else."] * 2
            await there.step(OUSMANE, "prendre 1")


async def test_the_first_of_the_km_team_is_named_by_a_setting_and_only_while_there_is_none(database: Database) -> None:
    async with town(database) as there:
        there.house.settings = Settings(_env_file=None, first_km=LITIA)
        await there.step(LITIA, "audit")
        assert "I do not know" in there.texts_of(LITIA)
        with database.begin() as connection:
            connection.execute(role_grant.delete().where(role_grant.c.role == "km-team"))
        await there.step(CAMILA, "audit")
        assert "No conozco" in there.texts_of(CAMILA)
        await there.step(LITIA, "audit")
        assert "grant, Litia Waqa (sample)" in there.texts_of(LITIA)
        await there.step(LITIA, "grant km team to Ingrid")
        await there.step(INGRID, "revoke km team from Litia")
        await there.step(LITIA, "audit")
        assert "I do not know" in there.texts_of(LITIA)


async def test_an_import_takes_back_no_role_that_was_granted_in_chat(database: Database) -> None:
    async with town(database) as there:
        await there.step(INGRID, "grant moderator of Sahel to Litia")
        await there.step(INGRID, "grant facilitator of crisis to Litia")
        await there.step(INGRID, "revoke facilitator of crisis from Elif")

        for _ in range(2):
            with importing.load([Path(SAMPLE)], sample=True) as batch:
                database.write(lambda connection: importing.apply(connection, batch, there.clock.at))
            with database.reading() as connection:
                litia = select(person.c.id).where(person.c.key == LITIA).scalar_subquery()
                roles = connection.execute(select(role_grant.c.role).where(role_grant.c.person_id == litia)).scalars()
                assert sorted(roles) == ["facilitator", "moderator"]
        # What the file says comes back with it.
        await there.step(ELIF, "queue")
        assert there.texts_of(ELIF) == "Nothing waits on your desk."


@pytest.mark.parametrize("said", ["Grant writing: who can teach it to us?", "Grant proposals, who has a good example?"])
async def test_a_sentence_that_begins_with_a_command_of_others_is_a_question(said: str, database: Database) -> None:
    async with town(database) as there:
        await there.step(LITIA, said)
        assert "not sent yet" in there.texts_of(LITIA)
        await there.step(LITIA, "grant facilitator of Sahel to me, will you?")
        assert "I do not know “grant”" in there.texts_of(LITIA)


async def test_two_people_of_one_name_are_told_apart_by_their_offices_and_pressed_by_name(database: Database) -> None:
    async with town(database) as there:
        with database.begin() as connection:
            twins = connection.execute(select(person.c.id).where(person.c.key.in_([HALIMA, CLARISSE]))).scalars().all()
            connection.execute(update(person).where(person.c.id.in_(twins)).values(name="Ada Twin (sample)"))
        await _asked(there, LITIA, NOBODY_KNOWS, 1)
        await there.step(ELIF, "assign 1 to Ada")
        assert "Niamey" in there.texts_of(ELIF)
        assert "Yaoundé" in there.texts_of(ELIF)
        lines = [line.partition(" ~")[0] for line in there.lines[ELIF] if line.startswith("assign 1 to Ada")]
        assert sorted(lines) == [f"assign 1 to Ada Twin (sample) #{number}" for number in sorted(twins)]
        await there.press(ELIF, there.button(ELIF, lines[0]))
        assert "offered to Ada Twin" in there.texts_of(ELIF)
        # A number beside another's name means nobody.
        await there.step(ELIF, f"assign 1 to Samira #{twins[0]}")
        assert "I know nobody called" in there.texts_of(ELIF)


def test_a_house_is_told_who_is_first(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/one.db")
    try:
        assert House(Settings(_env_file=None, first_km=LITIA), database=database).settings.first_km == LITIA
    finally:
        database.close()
