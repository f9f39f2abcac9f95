"""What comes after an event: how long somebody may say that they were there, who is asked about it, what is left of it.

`knowledge.attendance` says who was there, `knowledge.after_events` asks and passes on. Everything is of one occurrence.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from knowledge.errors import Refusal
from knowledge.event import LONGEST_LINK
from knowledge.measurement.results import Result
from knowledge.occurrences import Occurrence

OPENS = timedelta(minutes=30)
"""How long before it begins somebody may say that they are there."""
CLOSES = timedelta(hours=12)
"""How long after it ended somebody may still say that they were."""
ASKED_AFTER = timedelta(minutes=15)
"""From its end to the question whether it was useful, which never comes at a quiet hour."""
STILL_ASKED = timedelta(days=2)
"""After a silence of ours: what ended longer ago is asked about no more."""
DAYS = 7
"""How long an answer counts."""
APART = timedelta(days=13)
"""Of a series nobody is asked more often: of one every two weeks each time, whatever the hour of the question."""
TAKEN = 5
"""From so many who say that they were there, attendance counts as taken, whether or not its code was shown."""

ITEM = "useful"
"""The one item of an event's survey; its words stand in the framework."""
CODE_LENGTH = 5
CODE_LETTERS = "abcdefghjkmnpqrstuvwxyz"
"""Without i, l and o; letters alone, so that a code is not taken for an event's number: 23 bits."""


class Kind(StrEnum):
    NOTES = "notes"
    RECORDING = "recording"


@dataclass(frozen=True, slots=True)
class Held:
    """What comes after one occurrence. `code` is what participants type, "" while nobody was shown one. `ends_at` is
    when it ended as the question was planned, None before; `survey` keeps the answers, None where nobody is asked.
    The questions are planned in pages, by person: `cursor` is the last one, None when all are. `of_attended`: those who
    were there are asked, else those who said that they come. `attended` is how many were there, once it is no longer
    kept who."""

    event: int
    occurrence: str
    code: str = ""
    ends_at: datetime | None = None
    survey: int | None = None
    cursor: int | None = None
    of_attended: bool = False
    attended: int | None = None
    version: int = 0


@dataclass(frozen=True, slots=True)
class Question:
    """That somebody is to be asked whether it was useful."""

    id: int
    event: int
    occurrence: str
    person: int
    survey: int


@dataclass(frozen=True, slots=True)
class Material:
    """Notes (a text, which may hold links) or the recording (a link). `by` attached it, None once they are forgotten;
    `draft` is the knowledge item on its way that came of it."""

    id: int
    event: int
    occurrence: str
    kind: Kind
    text: str
    by: int | None
    at: datetime
    draft: int | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """Somebody who wants what is left of it. They have what was attached up to `got_at`, None for nothing."""

    id: int
    event: int
    occurrence: str
    person: int
    got_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Attendance:
    """Of one occurrence, as one reader may know it: how many were there and, for whoever looks after it, their names.
    `code` is what participants type until `until`, "" where it is not the time for it. `wanted` are how many want what
    is left of it.

    Whether it was useful: `asked` once anybody is; `counted` when answers are no longer sealed, which is at
    `counted_at`. Then `useful` is what may be told, None for nothing.
    """

    count: int
    names: tuple[str, ...] = ()
    code: str = ""
    until: datetime | None = None
    wanted: int = 0
    asked: bool = False
    counted: bool = False
    counted_at: datetime | None = None
    useful: Result | None = None


def open_now(found: Sequence[Occurrence], now: datetime) -> Occurrence | None:
    """The occurrence at which somebody may say now that they are, or were, there: of several the last to begin."""
    there = [one for one in found if not one.cancelled and one.starts_at - OPENS <= now <= one.ends_at + CLOSES]
    return there[-1] if there else None


def meant(found: Sequence[Occurrence], now: datetime, key: str = "") -> Occurrence | None:
    """The occurrence that is meant by whoever names none: the last that began, else the next."""
    there = [one for one in found if not one.cancelled and (not key or one.key == key)]
    begun = [one for one in there if one.starts_at <= now]
    return begun[-1] if begun else next(iter(there), None)


_SCHEME = re.compile(r"\b[a-z][a-z0-9+.-]*://", re.IGNORECASE)


def link(said: str) -> str:
    """The link, as it is. Raises Refusal for anything but one https link."""
    said = said.strip()
    if not re.fullmatch(r"https://[^\s<>\"]+", said, re.IGNORECASE) or len(said) > LONGEST_LINK:
        raise Refusal("event.link", said=said[:60])
    return said


def links_safe(text: str) -> str:
    """The text, as it is. Raises Refusal where a link in it is not https."""
    for found in _SCHEME.finditer(text):
        if found[0].lower() != "https://":
            raise Refusal("event.link", said=text[found.start() :].split()[0][:60])
    return text
