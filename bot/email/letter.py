"""A neutral message as an e-mail: plain text and HTML side by side. Pure.

Every text of people is escaped in HTML and set apart in plain text, where a line of theirs never begins at the margin.
Headers are made by Python's email package from single lines, so that nothing in a text becomes a header.
"""

import hashlib
from collections.abc import Iterator
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime
from pathlib import Path
from typing import Final

from bot import literal
from bot.fitting import cleaned, fitted
from bot.templating import filled, templates
from dialogs.message import Button, Field, Message, Quote
from dialogs.wording import Say, say_in

MOST_BYTES: Final = 90_000
"""Of plain text and HTML together: Gmail cuts a letter at 102 kB."""
_LONGEST_SUBJECT = 120

TEMPLATES = templates(Path(__file__).parent / "templates")


def letter(
    message: Message, *, sender: Address, to: Address, off_url: str, key: str, at: datetime, reply_to: Address | None
) -> EmailMessage:
    """The message to one reader. `off_url` is where they stop such letters. `key` names this delivery, the same on
    every attempt: so does the Message-ID made of it, by which a mailbox knows a letter that comes twice."""
    message = fitted(cleaned(message), lambda one: _size(text(one, off_url)) + _size(html(one, off_url)), MOST_BYTES)
    # An address of other letters than ASCII's goes in no other way (RFC 6532).
    policy = SMTP if to.addr_spec.isascii() else SMTPUTF8
    # A long address at which letters are stopped, folded at 78, would be encoded and be none.
    made = EmailMessage(policy=policy.clone(max_line_length=998, cte_type="7bit"))
    made["From"] = sender
    made["To"] = to
    if reply_to is not None:
        made["Reply-To"] = reply_to
    made["Subject"] = subject(message)
    made["Date"] = format_datetime(at)
    made["Message-ID"] = f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@{sender.domain}>"
    made["List-Unsubscribe"] = f"<{off_url}>"
    if off_url.startswith("https://"):
        # RFC 8058 holds for https alone.
        made["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    # RFC 3834, and what Exchange reads instead: no answering machine answers us.
    made["Auto-Submitted"] = "auto-generated"
    made["X-Auto-Response-Suppress"] = "All"
    made.set_content(text(message, off_url))
    made.add_alternative(html(message, off_url), subtype="html")
    # Last: whatever begins with Content- goes down into the first part otherwise.
    made["Content-Language"] = message.language
    return made


def subject(message: Message) -> str:
    return literal.line(message.title or message.text, _LONGEST_SUBJECT)


def text(message: Message, off_url: str) -> str:
    """The plain text. What people wrote stands behind ">" or further in, so that it cannot pass for ours."""
    return "\n".join(_lines(message, say_in(message.language), off_url)).strip("\n") + "\n"


def html(message: Message, off_url: str) -> str:
    say = say_in(message.language)
    return filled(
        TEMPLATES,
        "letter.html",
        message=message,
        say=say,
        subject=subject(message),
        lines=str.splitlines,
        command=lambda button: command(button, message.fields),
        off_url=off_url,
    )


def command(button: Button, fields: tuple[Field, ...] = ()) -> str:
    """What a button says, as it is typed in chat: there is nothing to press in a letter."""
    line = button.say.partition(" ~")[0]
    blanks = "".join(f" <{field.label}>" for field in fields) if button.form else ""
    return f"{line}{blanks}"


def _lines(message: Message, say: Say, off_url: str) -> Iterator[str]:
    if message.title:
        yield from (message.title, "")
    yield from (message.text, "")
    if message.image:
        yield from (f"[{message.image.alt}]", "")
    for quote in message.quotes:
        yield from _quote(quote, say)
    for fact in message.facts:
        yield from _indented(say.labelled(fact.label, fact.value) if fact.label else fact.value)
    if message.facts:
        yield ""
    if message.entries_title:
        yield from (message.entries_title, "")
    for entry in message.entries:
        yield f"* {entry.title}"
        for part in (entry.text, entry.note):
            yield from _indented(part)
        for button in entry.buttons:
            yield f"  {say('email.write', label=button.label, line=command(button))}"
        yield ""
    if message.buttons:
        yield say("email.act")
        yield from (
            f"  {say('email.write', label=button.label, line=command(button, message.fields))}"
            for button in message.buttons
        )
        yield ""
    for link in message.links:
        yield say.labelled(link.label, link.url)
    if message.links:
        yield ""
    if message.note:
        yield from (message.note, "")
    # The sign behind which mail programs fold a signature away.
    yield from ("-- ", say("email.why"), say.labelled(say("email.off"), off_url))


def _quote(quote: Quote, say: Say) -> Iterator[str]:
    if quote.label:
        yield say.labelled(quote.label, "").rstrip()
    yield from (f"> {line}".rstrip() for line in quote.text.splitlines())
    yield ""


def _indented(part: str) -> Iterator[str]:
    return (f"  {line}" for line in part.splitlines())


def _size(text: str) -> int:
    # A line ends in two bytes on its way.
    return len(text.encode("utf-8", "replace")) + text.count("\n")
