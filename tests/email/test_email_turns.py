"""E-mail as people meet it: chosen in chat, brought by a real mail server, stopped at the link in a letter."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from email.message import EmailMessage

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import select, update

from knowledge.digest import Way
from knowledge.mail import EMAIL, address_of
from storage import schema
from storage.database import Database
from tests.chat.town import LITIA, OUSMANE, Town, town
from tests.support.smtp import MailServer, mail_server


@asynccontextmanager
async def posted(database: Database, **more: str) -> AsyncIterator[tuple[Town, MailServer]]:
    """The sample community with a mail server."""
    async with mail_server() as server:
        told = {"smtp_host": "127.0.0.1", "smtp_port": server.port, "smtp_security": "none"}
        told |= {"smtp_from": "Our bot <bot@example.org>", "public_url": "https://bot.example.org", **more}
        async with town(database, **told) as there:
            yield there, server
            assert there.house.email is not None
            await there.house.email.close()


@asynccontextmanager
async def browser(there: Town) -> AsyncIterator[TestClient[web.Request, web.Application]]:
    assert there.house.email is not None
    application = web.Application()
    application.add_routes(there.house.email.routes())
    async with TestClient(TestServer(application)) as client:
        yield client


def off_path(letter: EmailMessage) -> str:
    found = re.fullmatch(r"<https://bot\.example\.org(/mail/[\w-]{32})>", str(letter["List-Unsubscribe"]))
    assert found is not None
    return found[1]


def way_of(there: Town, key: str) -> Way | None:
    with there.database.reading() as connection:
        work = there.house.work(connection)
        person = work.people.with_key(key)
        assert person is not None
        return work.digests.way(person.id)


async def test_whoever_chooses_e_mail_gets_a_first_letter_there_in_their_language(database: Database) -> None:
    async with posted(database) as (there, server):
        await there.step(LITIA, "digest by email")
        assert f"by e-mail, at {LITIA}" in there.texts_of(LITIA)
        await there.step(OUSMANE, "lettre les deux")
        assert "et par courriel" in there.texts_of(OUSMANE)
        (letter,), (lettre,) = server.to(LITIA), server.to(OUSMANE)
        assert letter["Subject"] == "The weekly top 5 comes by e-mail now"
        assert (letter["Content-Language"], lettre["Content-Language"]) == ("en", "fr")
        assert off_path(letter) != off_path(lettre)
        assert LITIA not in str(letter["List-Unsubscribe"])
        # Chosen again: no second first letter.
        await there.step(LITIA, "digest both")
        assert len(server.to(LITIA)) == 1


async def test_one_click_in_a_mail_program_stops_letters_and_is_told_in_chat(database: Database) -> None:
    async with posted(database) as (there, server), browser(there) as client:
        await there.step(LITIA, "digest by email")
        path = off_path(server.to(LITIA)[0])
        # What looks through letters for bad links only ever gets the page.
        looked = await client.get(path)
        assert (looked.status, "No more e-mails" in await looked.text()) == (200, True)
        assert way_of(there, LITIA) is Way.EMAIL
        there.heard.clear()
        for _ in range(2):
            pressed = await client.post(path, data={"List-Unsubscribe": "One-Click"})
            assert pressed.status == 200
        assert "You get no more" in await pressed.text()
        assert way_of(there, LITIA) is Way.OFF
        await there.deliver_all()
        assert there.texts_of(LITIA).count("somebody asked at the link") == 1


async def test_whoever_gets_both_keeps_chat(database: Database) -> None:
    async with posted(database) as (there, server), browser(there) as client:
        await there.step(LITIA, "digest both")
        await client.post(off_path(server.to(LITIA)[0]))
        assert way_of(there, LITIA) is Way.CHAT


async def test_nobody_s_address_says_nothing_and_changes_nothing(database: Database) -> None:
    async with posted(database) as (there, server), browser(there) as client:
        await there.step(LITIA, "digest by email")
        for path in ("/mail/x", "/mail/" + "a" * 32, "/mail/" + "%00" * 3, "/mail/" + "é" * 500):
            for answer in (await client.get(path), await client.post(path)):
                assert answer.status == 404
                assert "sample.example" not in await answer.text()
        assert way_of(there, LITIA) is Way.EMAIL
        assert len(server.taken) == 1


async def test_what_still_waits_is_not_sent_once_letters_are_stopped(database: Database) -> None:
    async with posted(database) as (there, server):
        server.rcpt[LITIA] = "450 4.2.1 Come back later"
        await there.step(LITIA, "digest by email")
        await there.step(LITIA, "digest off")
        server.rcpt.clear()
        await there.later(timedelta(hours=1))
        assert server.taken == []


async def test_what_the_server_puts_off_comes_later(database: Database) -> None:
    async with posted(database) as (there, server):
        server.rcpt[LITIA] = "450 4.2.1 Come back later"
        await there.step(LITIA, "digest by email")
        assert server.taken == []
        server.rcpt.clear()
        await there.later(timedelta(hours=1))
        assert len(server.to(LITIA)) == 1


async def test_a_mailbox_that_is_none_is_written_to_once_and_again_when_its_owner_says_so(database: Database) -> None:
    async with posted(database) as (there, server):
        server.rcpt[LITIA] = "550 5.1.1 No such user"
        await there.step(LITIA, "digest by email")
        with database.reading() as connection:
            letters = schema.conversation.c.channel == EMAIL
            assert connection.execute(select(schema.conversation.c.unreachable).where(letters)).scalar() == "gone"
        # Nobody else is told where somebody's letters do not arrive.
        assert {key for key, _ in there.heard} == {LITIA}
        server.rcpt.clear()
        await there.step(LITIA, "digest by chat")
        await there.step(LITIA, "digest by email")
        assert len(server.to(LITIA)) == 1


async def test_a_letter_is_no_place_to_bring_a_question_to(database: Database) -> None:
    async with posted(database) as (there, _server):
        await there.step(OUSMANE, "digest both")
        await there.step(OUSMANE, "prefer email")
        assert "Email" not in there.texts_of(OUSMANE).replace("email", "")
        with database.begin() as connection:
            chat = (schema.conversation.c.channel != EMAIL) & (schema.person.c.key == OUSMANE)
            theirs = schema.conversation.c.person_id == select(schema.person.c.id).where(chat).scalar_subquery()
            connection.execute(
                update(schema.conversation)
                .where(schema.conversation.c.channel != EMAIL, theirs)
                .values(unreachable="blocked")
            )
            work = there.house.work(connection)
            person = work.people.with_key(OUSMANE)
            assert person is not None
            assert not person.reachable
            assert work.links.channels(person.id) == []


async def test_where_no_letters_are_sent_none_is_promised(database: Database) -> None:
    async with town(database) as there:
        await there.step(LITIA, "digest by email")
        assert "cannot be sent from here" in there.texts_of(LITIA)
        await there.step(LITIA, "digest")
        assert "here in chat" in there.texts_of(LITIA)


async def test_whoever_is_in_no_import_has_no_address(database: Database) -> None:
    async with posted(database) as (there, server):
        with database.begin() as connection:
            connection.execute(
                update(schema.person).where(schema.person.c.key == LITIA).values(key="slack:T1:U1@example.org")
            )
        await there.step(LITIA, "digest by email")
        assert "no e-mail address of yours" in there.texts_of(LITIA)
        assert server.taken == []


async def test_nothing_of_an_address_is_left_of_whoever_was_forgotten(database: Database) -> None:
    async with posted(database) as (there, _server):
        await there.step(LITIA, "digest by email")
        await there.step(LITIA, "forget me")
        await there.press(LITIA, "forget me yes", "forget")
        there.clock.at += timedelta(hours=1)
        await there.house.sweep()
        with database.reading() as connection:
            rows = connection.execute(select(schema.conversation.c.address)).scalars().all()
            assert LITIA not in str(rows)


def test_only_an_address_is_one() -> None:
    assert address_of("litia.waqa@sample.example") == "litia.waqa@sample.example"
    for key in ("slack:T1:U1", "teams:a@b.org", "litia", "a b@c.org", "a@b", "a@b.org\n", "<a@b.org>", "a@b@c.org", ""):
        assert address_of(key) == ""
