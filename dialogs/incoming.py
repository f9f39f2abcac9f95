"""What a channel heard, in the form every turn understands."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Scope(StrEnum):
    """Where it was said. Only a personal conversation may carry a private question."""

    PERSONAL = "personal"
    GROUP = "group"
    CHANNEL = "channel"


LARGEST_FILE = 10_000_000
"""Bytes of one file: "10 MB", as the sentence says that refuses more."""
MOST_FILES = 5
"""Files read of one message."""


@dataclass(frozen=True, slots=True)
class File:
    """A file that came with what was said; its content is there for this turn alone.

    name        as its sender called it, without a path.
    media_type  as the channel says, "" = unknown. Nobody checked it.
    content     all of it; b"" where it could not be had.
    trouble     why not: a catalogue key without its `file.trouble.` prefix (too_large, gone, not_allowed, later, slow,
                too_many, empty); "" when all is well.
    """

    name: str
    media_type: str = ""
    content: bytes = field(default=b"", repr=False)
    trouble: str = ""

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self.content)


@dataclass(frozen=True, slots=True)
class Incoming:
    """One thing that one person did on one channel: typed a line, or pressed a button.

    channel       the channel's name: "teams", "web", later "slack".
    key           the channel's own id of this activity; a second one with the same key is not heard.
    sender        the person's id on that channel (Teams: the AAD object id, else the channel account's id).
    conversation  the channel's id of the conversation.
    address       all the channel needs to write there again, JSON-ready (Teams: service URL, bot, tenant …).
    arrived_at    when it reached us, UTC.
    text          what was typed, without a mention of the bot; "" for a press.
    say, values   of a pressed button: the command line it carries, and the form's fields by name.
    twin          a digest that is equal for a redelivery under a new id (Teams does that after 15 s); "" = none.
    pressed_card  the `Message.card` of the card that was pressed, if the channel can tell; "" otherwise.
    files         what came along with the text, as far as the channel could get it. Only of a personal conversation.
    greeting      True when nothing was done but the bot installed or its chat opened. A channel may tell so twice.
    home          in a group or channel: the id and address of the place itself, where everybody there reads; else None.
    name, locale, time_zone   what the channel says of the person, for a first acquaintance; "" = unknown.
    """

    channel: str
    key: str
    sender: str
    conversation: str
    address: Mapping[str, Any]
    arrived_at: datetime
    text: str = ""
    say: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    twin: str = ""
    pressed_card: str = ""
    files: tuple[File, ...] = ()
    greeting: bool = False
    scope: Scope = Scope.PERSONAL
    home: tuple[str, Mapping[str, Any]] | None = None
    name: str = ""
    locale: str = ""
    time_zone: str = ""


@dataclass(frozen=True, slots=True)
class Posted:
    """A message that this turn put in the outbox: for whom, and its JSON (`Message.to_json`)."""

    conversation: int
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Heard:
    """What became of an Incoming, after commit.

    `duplicate` means nothing was done. `refused` means a refusal was worded. `posted` are all the messages put
    in the outbox by this turn, to anybody; `conversation` is our id of the speaker's own conversation
    (None when nothing was kept), so a channel can answer a press with the card that replaces the pressed one.
    """

    conversation: int | None
    posted: tuple[Posted, ...] = ()
    duplicate: bool = False
    refused: bool = False
