"""Letters on their way to a real mail server, and what its answers mean."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.channel import Delivery, Retry, Unreachable
from bot.email.room import EmailRoom
from bot.email.settings import EmailSettings
from dialogs.message import Message
from tests.support.smtp import LOGIN, mail_server

LITIA = "litia@example.org"


class Nobody:
    async def language(self, _mailbox: str) -> str | None:
        return None

    async def stop(self, _mailbox: str) -> None:
        raise AssertionError


@asynccontextmanager
async def room(port: int, **told: Any) -> AsyncIterator[EmailRoom]:
    settings = EmailSettings(
        **{"host": "127.0.0.1", "port": port, "sender": "Our bot <bot@example.org>", "security": "none",
           "public_url": "https://bot.example.org", "seconds": 3, **told}
    )  # fmt: skip
    made = EmailRoom(settings, Nobody(), now=lambda: datetime(2026, 3, 2, tzinfo=UTC))
    try:
        yield made
    finally:
        await made.close()


def delivery(number: int = 1, to: str = LITIA, text: str = "Five things.") -> Delivery:
    return Delivery(number, "mailbox", {"to": to}, Message(text, title="The weekly top 5"))


async def refusal(sent: Awaitable[object]) -> tuple[str, str]:
    """The kind of a refusal, and its reason."""
    try:
        await sent
    except (Retry, Unreachable) as refused:
        return type(refused).__name__, refused.reason
    raise AssertionError("it arrived")


async def test_a_letter_arrives_with_its_headers_and_both_parts() -> None:
    async with mail_server() as server, room(server.port) as email:
        assert await email.deliver(delivery()) == ""
        (letter,) = server.to(LITIA)
        assert letter["From"] == "Our bot <bot@example.org>"
        assert letter["Subject"] == "The weekly top 5"
        assert letter["List-Unsubscribe"] == "<https://bot.example.org/mail/mailbox>"
        assert [part.get_content_type() for part in letter.iter_parts()] == ["text/plain", "text/html"]


async def test_a_letter_brought_again_bears_the_same_id() -> None:
    async with mail_server() as server, room(server.port) as email:
        for number in (7, 7, 8):
            await email.deliver(delivery(number))
        first, again, other = (letter["Message-ID"] for letter in server.to(LITIA))
        assert first == again != other


async def test_letters_share_a_connection() -> None:
    async with mail_server() as server, room(server.port, connections=2) as email:
        await asyncio.gather(*(email.deliver(delivery(number)) for number in range(10)))
        assert len(server.to(LITIA)) == 10
        assert server.connections <= 2


@pytest.mark.parametrize(
    ("answer", "meaning"),
    [
        ("450 4.2.1 Greylisted, come back", ("Retry", "the mail server answered 450")),
        ("421 4.7.0 Too many", ("Retry", "the mail server answered 421")),
        ("452 4.2.2 Mailbox full", ("Retry", "the mail server answered 452")),
        ("550 5.1.1 No such user litia@example.org", ("Unreachable", "gone")),
        ("550 No such user", ("Unreachable", "gone")),
        ("550 5.2.1 Mailbox disabled", ("Unreachable", "gone")),
        ("550 5.7.1 Not from you", ("Unreachable", "rejected")),
        ("552 5.2.2 Mailbox full", ("Unreachable", "rejected")),
        ("552 5.3.4 Too big", ("Unreachable", "too_large")),
        ("554 5.6.0 Bad content", ("Unreachable", "rejected")),
    ],
)
async def test_an_answer_to_a_recipient_says_whether_it_is_worth_another_try(
    answer: str, meaning: tuple[str, str]
) -> None:
    async with mail_server() as server, room(server.port) as email:
        server.rcpt[LITIA] = answer
        assert await refusal(email.deliver(delivery())) == meaning
        # The next letter, to somebody else, is none the worse for it.
        await email.deliver(delivery(2, "asha@example.org"))
        assert len(server.to("asha@example.org")) == 1


@pytest.mark.parametrize(
    ("answer", "meaning"),
    [
        ("451 4.3.0 Busy", ("Retry", "the mail server answered 451")),
        ("552 5.3.4 Too big", ("Unreachable", "too_large")),
        ("554 5.7.1 It reads like spam", ("Unreachable", "rejected")),
    ],
)
async def test_so_does_an_answer_to_the_letter_itself(answer: str, meaning: tuple[str, str]) -> None:
    async with mail_server() as server, room(server.port) as email:
        server.data.append(answer)
        assert await refusal(email.deliver(delivery())) == meaning
        await email.deliver(delivery())
        assert len(server.to(LITIA)) == 1


async def test_a_sender_that_is_refused_is_the_operators_to_mend_and_nobody_s_mailbox() -> None:
    async with mail_server() as server, room(server.port) as email:
        server.mail.append("553 5.7.1 Not yours to send from")
        kind, _ = await refusal(email.deliver(delivery()))
        assert kind == "Retry"


async def test_a_server_that_is_not_there_is_tried_again() -> None:
    async with mail_server() as server:
        port = server.port
    async with room(port) as email:
        kind, _ = await refusal(email.deliver(delivery()))
        assert kind == "Retry"


async def test_a_line_that_was_cut_is_not_used_again() -> None:
    async with mail_server() as server, room(server.port, connections=1) as email:
        server.hang_up = 1
        kind, _ = await refusal(email.deliver(delivery(1)))
        assert kind == "Retry"
        await email.deliver(delivery(1))
        first, again = server.to(LITIA)
        assert first["Message-ID"] == again["Message-ID"]


@pytest.mark.parametrize("to", ["", "nobody", "a@b", "a@example.org, b@example.org", "a@example.org\r\nBcc: c@d.org"])
async def test_what_is_no_address_gets_no_letter(to: str) -> None:
    async with mail_server() as server, room(server.port) as email:
        assert await refusal(email.deliver(delivery(to=to))) == ("Unreachable", "no_conversation")
        assert server.taken == []


async def test_an_address_of_other_letters_is_written_to_where_the_server_can() -> None:
    async with mail_server() as server, room(server.port) as email:
        await email.deliver(delivery(to="josé@example.org"))
        assert len(server.to("josé@example.org")) == 1


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_letters_and_passwords_travel_encrypted(security: str, tmp_path: Path) -> None:
    user, password = (part.decode() for part in LOGIN)
    async with mail_server(security, tmp_path) as server:
        told = {"security": security, "ca_file": str(tmp_path / "ca.pem"), "user": user, "password": password}
        async with room(server.port, **told) as email:
            await email.deliver(delivery())
        assert server.secure == [True]
        async with room(server.port, **{**told, "password": "wrong"}) as email:
            assert await refusal(email.deliver(delivery())) == ("Retry", "SMTPAuthenticationError 535")
        # Its certificate is nobody's that the system trusts.
        async with room(server.port, **{**told, "ca_file": ""}) as email:
            kind, why = await refusal(email.deliver(delivery()))
            assert (kind, "SSL" in why) == ("Retry", True)
        assert len(server.taken) == 1


async def test_nothing_is_said_to_a_server_without_encryption() -> None:
    async with mail_server() as server, room(server.port, security="starttls") as email:
        kind, _ = await refusal(email.deliver(delivery()))
        assert kind == "Retry"
        assert server.taken == []


def test_a_letter_never_leaves_this_machine_in_the_clear() -> None:
    with pytest.raises(ValueError, match="encrypted only"):
        EmailSettings(host="mail.example.org", sender="bot@example.org", public_url="https://x.org", security="none")
