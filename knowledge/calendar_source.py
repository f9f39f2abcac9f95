"""A calendar that events are read from: a file somebody sent, an address read once, or one that is followed."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from knowledge.errors import Refusal
from knowledge.places import Audience

EVERY = timedelta(hours=1)
"""How often a calendar that is followed is asked for news."""
FIRST_RETRY = timedelta(minutes=15)
LONGEST_RETRY = timedelta(days=1)
GIVEN_UP = timedelta(days=7)
"""How long a calendar may fail before nobody asks for it any more."""
ASKED = timedelta(days=7)
"""How long what was read waits for its owner's yes, or a word which zone is meant."""


class Kind(StrEnum):
    FILE = "file"
    URL = "url"
    SUBSCRIPTION = "subscription"


class State(StrEnum):
    """Where a calendar stands.

    READING  it was handed in, and has to be fetched or read
    ASKING   it was read, and its owner has to say yes, or which zone is meant
    READ     what was read is in the calendar, or with the moderators
    LIVE     followed: asked for news at `due_at`
    STOPPED  its owner wants no more of it
    DEAD     it failed for so long that nobody asks any more, or could not be read at all
    """

    READING = "reading"
    ASKING = "asking"
    READ = "read"
    LIVE = "live"
    STOPPED = "stopped"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Source:
    """`owner` handed it in, None once they are forgotten. `network` and `audience` are those of its events. `zone` is
    what its owner chose for times in a zone nobody knows. `etag` and `modified` are what the far side said last.
    `failures` in a row since `failing_since`; `problem` is the last one, as a word. Times are UTC; `due_at` None: the
    clock has nothing to do with it. `content` is a file that has not been read yet."""

    id: int
    kind: Kind
    owner: int | None
    network: int | None
    audience: Audience
    created_at: datetime
    url: str = ""
    content: bytes | None = None
    state: State = State.READING
    zone: str = ""
    etag: str = ""
    modified: str = ""
    failures: int = 0
    failing_since: datetime | None = None
    problem: str = ""
    read_at: datetime | None = None
    due_at: datetime | None = None

    def succeeded(self, now: datetime, etag: str = "", modified: str = "") -> "Source":
        """It was asked and answered, with news or without."""
        follows = self.kind is Kind.SUBSCRIPTION
        return replace(
            self,
            state=State.LIVE if follows else self.state,
            etag=etag,
            modified=modified,
            failures=0,
            failing_since=None,
            problem="",
            read_at=now,
            due_at=now + EVERY if follows else None,
        )

    def failed(self, now: datetime, problem: str) -> "Source":
        """It could not be had. What is followed is asked again later, each time after twice as long; whatever was never
        read at all, or fails for too long, is given up."""
        since = self.failing_since or now
        if self.state is not State.LIVE or now - since > GIVEN_UP:
            return replace(self, state=State.DEAD, problem=problem, failing_since=since, due_at=None, content=None)
        wait = min(FIRST_RETRY * 2 ** min(self.failures, 10), LONGEST_RETRY)
        return replace(self, failures=self.failures + 1, failing_since=since, problem=problem, due_at=now + wait)

    def asking(self, now: datetime) -> "Source":
        return replace(self, state=State.ASKING, due_at=now + ASKED)

    def done(self) -> "Source":
        return replace(self, state=State.READ, content=None, due_at=None)

    def stopped(self) -> "Source":
        if self.state not in (State.READING, State.ASKING, State.LIVE):
            raise Refusal("calendar.unknown", source=self.id)
        return replace(self, state=State.STOPPED, content=None, due_at=None)

    def in_zone(self, zone: str, now: datetime) -> "Source":
        """Its owner said which zone is meant: it is read anew."""
        return replace(self, zone=zone, state=State.READING, due_at=now, etag="", modified="")
