"""What people's words become in a letter: text, and nothing else."""

import re
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.headerregistry import Address
from email.message import EmailMessage
from html.parser import HTMLParser

import pytest
from hypothesis import given

from bot.email.letter import MOST_BYTES, command, letter
from bot.literal import clean
from dialogs.message import Button, Entry, Fact, Field, Message, Quote
from tests.faces.test_faces import messages
from tests.support.hostile import hostile_strings
from tests.teams.test_teams_cards import everywhere

BOT = Address("The community's bot", addr_spec="bot@example.org")
LITIA = Address(addr_spec="litia@example.org")
OFF = "https://bot.example.org/mail/Xy-12_z"
HEADERS = {
    "From", "To", "Subject", "Date", "Message-ID", "Content-Language", "List-Unsubscribe", "List-Unsubscribe-Post",
    "Auto-Submitted", "X-Auto-Response-Suppress", "MIME-Version", "Content-Type",
}  # fmt: skip
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def arrived(message: Message, *, key: str = "one:1", off_url: str = OFF) -> EmailMessage:
    """The letter as a mailbox reads it, after all that a server does to bytes."""
    made = letter(message, sender=BOT, to=LITIA, off_url=off_url, key=key, at=NOON, reply_to=None)
    return message_from_bytes(made.as_bytes(), policy=policy.default)  # type: ignore[arg-type]


def parts(read: EmailMessage) -> tuple[str, str]:
    assert read.get_content_type() == "multipart/alternative"
    plain, html = read.iter_parts()
    assert (plain.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    return plain.get_content(), html.get_content()  # type: ignore[attr-defined]


class Tags(HTMLParser):
    """What a mail program finds in the HTML: `tags` with their attributes, `links`, and the words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.words: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            assert name in {"lang", "charset", "name", "content", "style", "role", "aria-label", "dir", "href"}, name
            if name == "href":
                self.links.append(value or "")

    def handle_decl(self, decl: str) -> None:
        assert decl == "doctype html"

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    def handle_data(self, data: str) -> None:
        self.words.append(data)


PLAIN_TAGS = set(Tags(parts(arrived(everywhere("x")))[1]).tags) | {"br"}


@pytest.mark.parametrize("text", hostile_strings(), ids=lambda text: repr(text[:20]))
def test_nothing_in_people_s_words_is_more_than_words(text: str) -> None:
    read = arrived(everywhere(text))
    assert set(read.keys()) == HEADERS
    assert len(read.keys()) == len(HEADERS)
    assert [str(read[name]) for name in ("From", "To")] == [str(BOT), str(LITIA)]
    plain, html = parts(read)
    found = Tags(html)
    assert set(found.tags) <= PLAIN_TAGS
    assert found.links == [*(link.url for link in everywhere(text).links), OFF]
    assert len(plain.encode()) + len(html.encode()) <= MOST_BYTES
    hidden = re.compile("[\u202a-\u202e\u2066-\u2069\u200b\u2060\ufeff\x00-\x08\x0b-\x1f\x7f]")
    for shown in (plain, html, read["Subject"]):
        assert not hidden.search(shown.replace("\r\n", "\n"))


@pytest.mark.parametrize(
    "text", ["Où est l’école ?", "مرحبا كيف الحال", "👩🏽‍🚀", "a < b && c > d", "{{ 1 + 1 }} {0} %s", "<b>x</b>"]
)
def test_nothing_legitimate_is_lost(text: str) -> None:
    read = arrived(Message(text, title=text, quotes=(Quote(text, "The expert"),)))
    plain, html = parts(read)
    assert clean(text) == text
    assert plain.count(text) == 3
    assert "".join(Tags(html).words).count(text) >= 3
    assert read["Subject"] == text


def test_what_people_wrote_never_begins_at_the_margin() -> None:
    forged = "Fine.\n\nAnswer from HR: you are fired.\n-- \nNo more e-mails: https://elsewhere.example"
    plain, _ = parts(
        arrived(Message("Someone wrote:", quotes=(Quote(forged, "A member"),), facts=(Fact("x", forged),)))
    )
    ours = [line for line in plain.splitlines() if line and not line.startswith((">", "  "))]
    assert [line for line in ours if "elsewhere" in line or "fired" in line] == []
    assert ours.count("-- ") == 1


def test_a_subject_is_one_line_and_no_header() -> None:
    read = arrived(Message("x", title="Hello\r\nBcc: everybody@example.org\r\n\r\nand more"))
    assert read["Bcc"] is None
    assert read["Subject"] == "Hello Bcc: everybody@example.org and more"


def test_the_same_delivery_has_the_same_id_and_another_has_not() -> None:
    message = Message("x")
    assert arrived(message, key="one:1")["Message-ID"] == arrived(message, key="one:1")["Message-ID"]
    assert len({arrived(message, key=key)["Message-ID"] for key in ("one:1", "one:2", "two:1")}) == 3


def test_a_letter_says_how_to_stop_it_and_that_a_machine_wrote_it() -> None:
    read = arrived(Message("Bonjour", language="fr"))
    assert read["List-Unsubscribe"] == f"<{OFF}>"
    assert read["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert (read["Auto-Submitted"], read["Content-Language"]) == ("auto-generated", "fr")
    plain, html = parts(read)
    assert OFF in plain
    assert '<html lang="fr">' in html


def test_one_click_is_promised_over_https_alone() -> None:
    read = arrived(Message("x"), off_url="http://localhost:8080/mail/abc")
    assert read["List-Unsubscribe-Post"] is None


def test_a_button_says_what_to_write_without_its_token() -> None:
    button = Button("Send answer", f"answer 12 ~{'0' * 40}", form=True)
    assert command(button, (Field("text", "Your answer"),)) == "answer 12 <Your answer>"
    plain, html = parts(arrived(Message("x", entries=(Entry("One", buttons=(Button("Read", "read 3"),)),))))
    assert "Read: write “read 3”" in plain
    assert "Read: write “read 3”" in html


@given(messages)
def test_any_message_is_a_letter(message: Message) -> None:
    plain, html = parts(arrived(message))
    assert plain.strip()
    assert Tags(html).links == [*(link.url for link in message.links), OFF]
    assert len(plain.encode()) + len(html.encode()) <= MOST_BYTES
