"""What is kept of a person: all of it can be read by them, and all of it goes when they are forgotten."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from storage import schema
from storage.database import Database
from storage.personal import NOBODYS, RULES
from tests.chat.town import ELIF, INGRID, LITIA, OUSMANE, SAMIRA, SOMEBODY_KNOWS, Town, town
from tests.pulse.test_keeping import everything

NAME, OFFICE, ABOUT = "Quillonia Vantress", "Thornbury outpost", "Keeps bees beside the weir"
WORDS = "Does anyone have a template for a project document on mine action in the Sahel? My kestrel is lame."
CANARIES = (NAME, "Quillonia", OFFICE, ABOUT, "kestrel", "bramble", "wren", "heron", LITIA)


def test_every_table_says_what_it_keeps_of_people() -> None:
    assert {table.name for table in RULES} | NOBODYS == set(schema.metadata.tables)
    assert not {table.name for table in RULES} & NOBODYS


def test_every_column_that_points_at_a_person_is_thought_of() -> None:
    pointing = {
        (table.name, column.name)
        for table in schema.metadata.tables.values()
        for column in table.c
        if any(key.column.table is schema.person for key in column.foreign_keys)
    }
    assert not {name for name, _ in pointing} & NOBODYS
    # Whoever else took part stays as a pseudonym: the other side's record is to stay true.
    others = {
        ("question", "expert_id"), ("flag", "moderator_id"), ("assist", "note_taker_id"), ("block", "by_id"),
        ("preference", "supervisor_id"),
    }  # fmt: skip
    named = {(table.name, column) for table, rule in RULES.items() for column in rule.hidden}
    theirs = {(table, column) for table, column in pointing if (table, column) not in others | named}
    assert theirs == {
        ("assist", "asker_id"), ("audit", "person_id"), ("block", "person_id"), ("calendar_feed", "person_id"),
        ("calendar_source", "owner_id"), ("card_issue", "person_id"),
        ("connector", "person_id"),
        ("conversation", "person_id"), ("desk_move", "person_id"), ("desk_note", "author_id"),
        ("event", "host_id"), ("evidence", "by_id"),
        ("digest", "approved_by_id"), ("digest_reminder", "person_id"), ("digest_sending", "person_id"),
        ("event", "host_id"), ("flag", "flagger_id"), ("identity", "person_id"), ("impact", "person_id"),
        ("draft_voice", "person_id"), ("item", "owner_id"), ("item_version", "by_id"),
        ("event", "host_id"), ("flag", "flagger_id"), ("identity", "person_id"), ("impact", "person_id"),
        ("draft_voice", "person_id"), ("item", "owner_id"), ("item_version", "by_id"),
        ("directory_import", "by_id"), ("expertise_check", "person_id"),
        ("flag", "flagger_id"), ("identity", "person_id"), ("impact", "person_id"),
        ("invitation", "person_id"), ("link_code", "person_id"), ("link_try", "person_id"), ("membership", "person_id"),
        ("offer", "person_id"), ("outbox", "person_id"),
        ("preference", "person_id"), ("presence", "person_id"),
        ("pulse", "person_id"), ("pulse_turn", "person_id"), ("question", "asker_id"),
        ("reaction", "author_id"), ("relay", "author_id"), ("report_turn", "person_id"), ("role_grant", "person_id"),
        ("rsvp", "person_id"), ("survey", "planned_by"),
        ("work_item", "person_id"), ("draft_voice", "person_id"), ("item", "owner_id"), ("item_version", "by_id"),
        ("endorsement", "person_id"), ("proposal", "proposer_id"), ("topic_call", "opener_id"),
        ("morning", "person_id"), ("no_morning", "person_id"),
        ("reminder", "person_id"), ("reminder_choice", "person_id"),
        ("attendance", "person_id"), ("event_question", "person_id"), ("event_wish", "person_id"),
        ("event_material", "by_id"),
    } - named  # fmt: skip


async def _lived(there: Town) -> None:
    """Litia, who is marked everywhere, did all that a member can do."""
    with there.database.begin() as connection:
        marked = {"name": NAME, "office": OFFICE, "about": ABOUT}
        connection.execute(update(schema.person).where(schema.person.c.key == LITIA).values(**marked))
        connection.execute(update(schema.version).values(number=schema.version.c.number + 1))
    await there.step(LITIA, f"ask {WORDS}")
    await there.step(LITIA, "without 1 my office")
    await there.step(LITIA, "send 1")
    expert = next(key for key in (OUSMANE, SAMIRA) if "question 1" in there.texts_of(key))
    await there.step(expert, "accept 1")
    await there.step(expert, "answer 1 Four pages are enough.")
    await there.step(LITIA, "reply 1 And the bramble?")
    await there.step(LITIA, "solved 1")
    await there.step(LITIA, "ask How would you hide a wren in a project document on mine action?")
    await there.step(LITIA, "send 2")
    await there.step(LITIA, "flag opportunity A donor would pay for a heron in small islands")
    await there.step(LITIA, "propose topic How a heron fishes between mangroves")
    await there.step(LITIA, "under 1 pacific")
    await there.step(LITIA, "lodge 1")
    await there.step(LITIA, "away 2026-04-01")
    await there.step(LITIA, "pulse stop")


async def test_nothing_of_whoever_was_forgotten_is_left_and_the_other_side_stays_true(database: Database) -> None:
    async with town(database) as there:
        await _lived(there)
        before = json.dumps(everything(database), default=str, ensure_ascii=False)
        assert all(one in before for one in CANARIES)
        await there.step(LITIA, "forget me")
        assert "cannot be undone" in there.texts_of(LITIA)
        await there.step(LITIA, "forget me no")
        assert "Nothing was removed" in there.texts_of(LITIA)
        await there.press(LITIA, "forget me yes", "forget")
        assert "you are forgotten" in there.texts_of(LITIA)
        there.clock.at += timedelta(hours=1)
        await there.house.sweep()
        after = everything(database)
        # Messages to others are theirs, and go within seven days with their outbox; they never named her.
        theirs = json.dumps(after.pop("outbox"), default=str, ensure_ascii=False)
        assert not [one for one in (NAME, "Quillonia", OFFICE, ABOUT, LITIA) if one in theirs]
        left = json.dumps(after, default=str, ensure_ascii=False)
        assert not [one for one in CANARIES if one in left]
        with database.reading() as connection:
            question = schema.question
            solved = connection.execute(select(question).where(question.c.id == 1)).one()
            assert (solved.state, solved.outcome, solved.text) == ("closed", "solved", "")
            assert connection.execute(select(question.c.state).where(question.c.id == 2)).scalar() == "withdrawn"
            answers = select(schema.relay.c.text).where(schema.relay.c.side == "expert")
            assert connection.execute(answers).scalars().all() == ["Four pages are enough."]
            kept = there.house.work(connection).catalogue
            assert [one.text for one in kept.history] == [""]
            gone = select(func.count()).where(schema.conversation.c.remote_id == there.wire.conversation(LITIA))
            assert connection.execute(gone).scalar() == 0
        # Whoever writes again is somebody new.
        await there.step(LITIA, "status")
        assert "You have no open question" in there.texts_of(LITIA)


async def test_my_data_is_all_of_mine_and_nothing_of_the_other_side(database: Database) -> None:
    async with town(database) as there:
        await _lived(there)
        await there.step(LITIA, "data")
        pieces = [text for key, text in there.heard if key == LITIA][1:]
        whole = json.loads("".join(piece.split("“", 1)[1].rsplit("”", 1)[0] for piece in pieces))
        told = json.dumps(whole, ensure_ascii=False)
        assert all(one in told for one in CANARIES)
        assert "Four pages are enough." in told
        for other in ("Ousmane", "Samira", OUSMANE, SAMIRA, '"expert_id"', '"author_id"', '"moderator_id"'):
            assert other not in told
        with database.reading() as connection:
            known = there.house.work(connection).personal.about(
                connection.execute(select(schema.person.c.id).where(schema.person.c.key == OUSMANE)).scalar_one()
            )
        assert NAME not in json.dumps(known, ensure_ascii=False)


async def test_the_last_of_the_km_team_cannot_go(database: Database) -> None:
    async with town(database) as there:
        with database.begin() as connection:
            km = schema.role_grant.c.role == "km-team"
            ingrid = select(schema.person.c.id).where(schema.person.c.key == INGRID).scalar_subquery()
            connection.execute(schema.role_grant.delete().where(km, schema.role_grant.c.person_id != ingrid))
        await there.step(INGRID, "forget me yes")
        assert "only one in the KM team" in there.texts_of(INGRID)


async def test_words_of_old_questions_are_emptied_and_what_is_counted_stays(database: Database) -> None:
    async with town(database) as there:
        await there.step(LITIA, SOMEBODY_KNOWS)
        await there.step(LITIA, "send 1")
        await there.step(LITIA, "withdraw 1")
        await there.step(ELIF, "queue")
        for days, text, audit in ((729, SOMEBODY_KNOWS, 1), (2, "", 1), (400, "", 0)):
            there.clock.at += timedelta(days=days)
            for _ in range(2):
                await there.house.sweep()
            with database.reading() as connection:
                row = connection.execute(select(schema.question)).one()
                assert (row.text, row.state) == (text, "withdrawn")
                assert connection.execute(select(func.count()).select_from(schema.audit)).scalar() == audit


@pytest.mark.parametrize("times", [1, 2])
async def test_forgetting_twice_changes_nothing_more(times: int, database: Database) -> None:
    async with town(database) as there:
        await _lived(there)
        number = there.wire._people[LITIA]
        for _ in range(times):
            with database.begin() as connection:
                there.house.work(connection).personal.forget(number)
        with database.reading() as connection:
            row = connection.execute(select(schema.person).where(schema.person.c.id == number)).one()
            assert row.key.startswith("forgotten:")
            assert not connection.execute(select(schema.identity).where(schema.identity.c.person_id == number)).all()
