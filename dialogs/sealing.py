"""Buttons that work once: each carries a token bound to whoever it was shown to, what it does, and the card's issue.

A button submits a line that a person could type as well. Typing says what one wants now; pressing says yes to what
stands on a card, and the card may be old: the text below an old "Send" is not what would be sent. So a pressed line
ends in a token, and is refused unless it is the newest issue of that card, shown to this person, and not yet used.
Buttons that only show something carry none: there is nothing to use up.
"""

import hmac
import re
from dataclasses import dataclass, replace

from dialogs.commands import MOVED, opens
from dialogs.message import Button, Entry, Message
from knowledge.issues import Issue, Issues

_SEALED = re.compile(r"(?P<say>.*) ~(?P<key>[0-9a-f]{16})(?P<mark>[0-9a-f]{16})", re.DOTALL)


def needs_token(say: str) -> bool:
    """Whether a button that says this changes a question, or something else that has cards."""
    command, _ = opens(say)
    return command is not None and not MOVED.isdisjoint(command.arguments) and not command.reads


def needs_issue(message: Message) -> bool:
    """Whether any of its buttons needs a token."""
    buttons = [*message.buttons, *(button for entry in message.entries for button in entry.buttons)]
    return any(needs_token(button.say) for button in buttons)


def sealed(message: Message, now: Issue | None) -> Message:
    """The message with a token of its issue on each button that needs one; None: no button does."""
    if now is None:
        return message

    def seal(button: Button) -> Button:
        if not needs_token(button.say):
            return button
        return replace(button, say=f"{button.say} ~{now.key}{_mark(now, button.say)}")

    def entry(one: Entry) -> Entry:
        return replace(one, buttons=tuple(map(seal, one.buttons)))

    return replace(
        message, buttons=tuple(map(seal, message.buttons)), entries=tuple(entry(one) for one in message.entries)
    )


@dataclass(frozen=True, slots=True)
class Pressed:
    """A pressed line, and the issue it was pressed on: None when there is no such, or it is not this line's."""

    say: str
    issue: Issue | None

    @property
    def used(self) -> bool:
        return self.issue is not None and self.say in self.issue.used


def opened(said: str, person: int, issues: Issues) -> Pressed:
    """What was pressed, without its token."""
    found = _SEALED.fullmatch(said)
    if found is None:
        return Pressed(said, None)
    issue = issues.find(person, found["key"])
    if issue is None or not hmac.compare_digest(_mark(issue, found["say"]), found["mark"]):
        return Pressed(found["say"], None)
    return Pressed(found["say"], issue)


def _mark(issue: Issue, say: str) -> str:
    """RFC 2104 with SHA-256, cut to 64 bits: more than anybody can try within the life of one card."""
    return hmac.digest(issue.secret.encode(), say.encode(), "sha256").hex()[:16]
